"""The occluder network's training from its pictures to weights and card."""

from dataclasses import dataclass
from pathlib import Path

from videoedit.datasets.celeba import load_faces
from videoedit.train.job import TrainJob
from videoedit.train.loop import fit
from videoedit.train.occluder.export import export_occluder
from videoedit.train.occluder.task import MARGIN, OccluderTask, OccluderTrainConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class OccluderJob(TrainJob):
    """One run of the training; `data` is CelebA, see `load_faces`."""

    iterations: int = 6000
    limit: int = 0
    """Use so many pictures; 0 for all."""


def run_occluder(job: OccluderJob, *, compiled: bool) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    loop = job.begin()
    config = OccluderTrainConfig(iterations=job.iterations)
    size = config.network.crop_size
    faces = load_faces(job.data, partition="train", size=size, margin=MARGIN, limit=job.limit)
    task = OccluderTask(config, faces, compiled=compiled)
    done = fit(task, loop)
    if job.export:
        export_occluder(task.average, Path(job.out), job.export)
    return done

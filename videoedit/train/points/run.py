"""The points network's training from its pictures to weights and card."""

from dataclasses import dataclass
from pathlib import Path

from videoedit.train.job import TrainJob
from videoedit.train.loop import fit
from videoedit.train.pictures import load_celeba, load_lfw
from videoedit.train.points.export import export_points
from videoedit.train.points.task import AlignedFaces, PointsTask, PointsTrainConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsJob(TrainJob):
    """One run of the training; `data` holds `lfw/images.tar` and `celeba/`."""

    faces: str
    """CSV of the teacher's faces for LFW."""
    iterations: int = 12_000


def run_points(job: PointsJob) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    loop = job.begin(log_every=200)
    data = Path(job.data)
    pictures = load_celeba(data / "celeba", partition=0)
    pictures += load_lfw(data / "lfw" / "images.tar", job.faces, held_out=False)
    config = PointsTrainConfig(iterations=job.iterations)
    task = PointsTask(config, AlignedFaces.of(pictures, config.network.crop_size))
    done = fit(task, loop)
    if job.export:
        export_points(task.average, Path(job.out), job.export)
    return done

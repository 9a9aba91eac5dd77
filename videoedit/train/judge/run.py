"""The judge's training from its configuration to the card."""

from dataclasses import dataclass
from pathlib import Path

from videoedit.datasets.celeba import load_faces
from videoedit.nets.classifier import ClassifierConfig
from videoedit.train.job import TrainJob
from videoedit.train.judge.export import export_classifier, reliability_table
from videoedit.train.judge.task import ClassifierTask, ClassifierTrainConfig
from videoedit.train.loop import fit
from videoedit.whole_files import write_whole

_SIZE = 128
_MARGIN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeJob(TrainJob):
    """One run of the training; `data` is CelebA, see `load_faces`."""

    iterations: int = 3400
    limit: int = 0
    """Use so many pictures of each partition; 0 for all."""


def run_judge(job: JudgeJob, *, compiled: bool) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    loop = job.begin()
    faces = load_faces(job.data, partition="train", size=_SIZE, margin=_MARGIN, limit=job.limit)
    network = ClassifierConfig(attributes=faces.attributes, crop_size=_SIZE)
    task = ClassifierTask(ClassifierTrainConfig(network=network, iterations=job.iterations), faces, compiled=compiled)
    done = fit(task, loop)
    if job.export:
        val = load_faces(job.data, partition="val", size=_SIZE, limit=job.limit)
        table = reliability_table(export_classifier(task.average, val, Path(job.out), job.export))
        write_whole(Path(job.out, f"{job.export}-table.md"), f"{table}\n".encode())
    return done

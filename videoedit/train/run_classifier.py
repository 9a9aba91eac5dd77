"""The judge's training from its configuration to the card."""

from dataclasses import dataclass
from pathlib import Path

import torch

from videoedit.datasets.celeba import load_faces
from videoedit.nets.classifier import ClassifierConfig
from videoedit.train.classifier import ClassifierTask, ClassifierTrainConfig
from videoedit.train.export_classifier import export_classifier, reliability_table
from videoedit.train.loop import LoopConfig, fit

_SIZE = 128
_MARGIN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeJob:
    """One run of the training command."""

    data: str
    """Folder of CelebA; see `load_faces`."""
    out: str
    """Folder of checkpoints; a training that is found there is resumed."""
    iterations: int = 3400
    """Steps over which the learning rate falls to zero."""
    minutes: float = 0.0
    """Stop this run after so many minutes; 0 for no limit."""
    export: str | None = None
    """Write weights, card and table of this name at the end, in `out`."""
    limit: int = 0
    """Use so many pictures of each partition; 0 for all."""
    num_threads: int = 0
    """Threads; 0 for all cores."""


def run_judge(job: JudgeJob, *, compiled: bool) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    if job.num_threads:
        torch.set_num_threads(job.num_threads)
    faces = load_faces(job.data, partition="train", size=_SIZE, margin=_MARGIN, limit=job.limit)
    network = ClassifierConfig(attributes=faces.attributes, crop_size=_SIZE)
    task = ClassifierTask(ClassifierTrainConfig(network=network, iterations=job.iterations), faces, compiled=compiled)
    done = fit(task, LoopConfig(out=job.out, iterations=job.iterations, minutes=job.minutes))
    if job.export:
        val = load_faces(job.data, partition="val", size=_SIZE, limit=job.limit)
        table = reliability_table(export_classifier(task.average, val, Path(job.out), job.export))
        Path(job.out, f"{job.export}-table.md").write_text(table + "\n", encoding="utf-8")
    return done

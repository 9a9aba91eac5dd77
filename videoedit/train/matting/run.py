"""The matting network's training from its pictures to weights and card."""

from dataclasses import dataclass
from pathlib import Path

from videoedit.datasets.celeba import load_faces
from videoedit.edit.elegant import ElegantEditor
from videoedit.nets.checkpoint import load_network
from videoedit.nets.matting import MattingNetwork
from videoedit.resources import load_card
from videoedit.train.job import TrainJob
from videoedit.train.loop import fit
from videoedit.train.matting.export import export_matting
from videoedit.train.matting.scenes import MARGIN
from videoedit.train.matting.task import MattingTask, MattingTrainConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class MattingJob(TrainJob):
    """One run of the training; `data` is CelebA, see `load_faces`."""

    iterations: int = 3000
    limit: int = 0
    """Use so many pictures; 0 for all."""
    editor: str = "elegant"
    """Takes off what is worn: name of an embedded model, or path of a card."""
    begin_from: str | None = None
    """Name of an embedded model, or path of a card, whose weights to begin with."""
    learning_rate: float = 2e-3
    """The highest."""


def run_matting(job: MattingJob, *, compiled: bool) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    loop = job.begin()
    config = MattingTrainConfig(iterations=job.iterations, learning_rate=job.learning_rate)
    size = config.network.crop_size
    faces = load_faces(job.data, partition="train", size=size, margin=MARGIN, limit=job.limit)
    task = MattingTask(config, faces, ElegantEditor.from_card(job.editor, "cpu"), compiled=compiled)
    if job.begin_from:
        task.begin_with(load_network(MattingNetwork(config.network), load_card(job.begin_from, "matting")))
    done = fit(task, loop)
    if job.export:
        export_matting(task.average, Path(job.out), job.export)
    return done

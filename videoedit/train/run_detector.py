"""The face detector's training from its data to the ONNX file and its card."""

from dataclasses import dataclass
from pathlib import Path

import torch

from videoedit.nets.detector import DetectorConfig
from videoedit.resources import ModelCard
from videoedit.train.detector import DetectorTask, DetectorTrainConfig
from videoedit.train.export_detector import export_detector
from videoedit.train.export_elegant import WEIGHTS_LICENCE
from videoedit.train.loop import CHECKPOINT_NAME, LoopConfig, fit


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorJob:
    """One run of the training command."""

    data: str
    """Folder that holds `lfw/images.tar` and `celeba/`."""
    faces: str
    """CSV of the teacher's faces for LFW."""
    out: str
    """Folder of checkpoints; a training that is found there is resumed."""
    iterations: int = 6400
    """Steps over which the learning rate falls to zero."""
    minutes: float = 0.0
    """Stop this run after so many minutes; 0 for no limit."""
    export: str | None = None
    """Write the ONNX file and card of this name at the end, in `out`."""
    num_threads: int = 0
    """Threads; 0 for all cores."""


def run_detector(job: DetectorJob) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    if job.num_threads:
        torch.set_num_threads(job.num_threads)
    data = Path(job.data)
    config = DetectorTrainConfig(
        lfw=str(data / "lfw" / "images.tar"),
        lfw_faces=job.faces,
        celeba=str(data / "celeba"),
        iterations=job.iterations,
    )
    loop = LoopConfig(out=job.out, iterations=job.iterations, minutes=job.minutes)
    done = fit(DetectorTask(config), loop)
    if job.export:
        export_detector(Path(job.out) / CHECKPOINT_NAME, DetectorConfig(), card_of(job.export, Path(job.out)))
    return done


def card_of(name: str, folder: Path) -> ModelCard:
    """Return the detector's card; the export fills in the checksum."""
    return ModelCard(
        name=name,
        kind="detector",
        file=f"{name}.onnx",
        sha256="0" * 64,
        licence=WEIGHTS_LICENCE,
        description="Small face detector with five points in SCRFD's layout, taught by YuNet on LFW and CelebA",
        folder=folder,
    )

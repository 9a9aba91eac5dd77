"""The face detector's training from its data to the ONNX file and its card."""

from dataclasses import dataclass
from pathlib import Path

from videoedit.nets.detector import DetectorConfig
from videoedit.resources import ModelCard
from videoedit.train.detector import DetectorTask, DetectorTrainConfig
from videoedit.train.export import UNKNOWN_SHA256, WEIGHTS_LICENCE
from videoedit.train.export_detector import export_detector
from videoedit.train.job import TrainJob
from videoedit.train.loop import CHECKPOINT_NAME, fit


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorJob(TrainJob):
    """One run of the training; `data` holds `lfw/images.tar` and `celeba/`."""

    faces: str
    """CSV of the teacher's faces for LFW."""
    iterations: int = 6400


def run_detector(job: DetectorJob) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    loop = job.begin()
    data = Path(job.data)
    config = DetectorTrainConfig(
        lfw=str(data / "lfw" / "images.tar"),
        lfw_faces=job.faces,
        celeba=str(data / "celeba"),
        iterations=job.iterations,
    )
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
        sha256=UNKNOWN_SHA256,
        licence=WEIGHTS_LICENCE,
        description="Small face detector with five points in SCRFD's layout, taught by YuNet on LFW and CelebA",
        folder=folder,
    )

"""The face detector's training from its data to the ONNX file and its card."""

from dataclasses import dataclass
from pathlib import Path

from videoedit.nets.detector import DetectorConfig
from videoedit.resources import ModelCard
from videoedit.train.detector.export import export_detector
from videoedit.train.detector.scenes import SceneConfig
from videoedit.train.detector.task import DetectorTask, DetectorTrainConfig
from videoedit.train.export import UNKNOWN_SHA256, WEIGHTS_LICENCE
from videoedit.train.job import TrainJob
from videoedit.train.loop import CHECKPOINT_NAME, fit, load_checkpoint, take_up


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorJob(TrainJob):
    """One run of the training; `data` holds `lfw/images.tar` and `celeba/`."""

    faces: str
    """CSV of the teacher's faces for LFW."""
    celeba_faces: str = ""
    """CSV of faces to take instead of CelebA's own table; empty for none."""
    distractors: str = ""
    """Tar of what was taken for faces and is none; empty for none."""
    begin_from: str | None = None
    """Checkpoint of another training to begin with, where `out` holds none yet."""
    iterations: int = 13_000
    learning_rate: float = 2e-3
    """The highest."""
    batch_size: int = 16
    """Scenes per step."""
    num_workers: int = 1
    """Processes that compose scenes."""
    only_points: bool = False
    """Teach nothing but where the points lie."""
    device: str = "auto"
    """Where the network learns."""


def run_detector(job: DetectorJob) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    loop = job.begin()
    task, checkpoint = DetectorTask(_config_of(job)), Path(job.out) / CHECKPOINT_NAME
    if job.begin_from and not checkpoint.exists():
        other = Path(job.begin_from)
        take_up(load_checkpoint(other), task.begin_with, other)
    done = fit(task, loop)
    if job.export:
        export_detector(checkpoint, DetectorConfig(), card_of(job.export, Path(job.out)))
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


def _config_of(job: DetectorJob) -> DetectorTrainConfig:
    data = Path(job.data)
    return DetectorTrainConfig(
        lfw=str(data / "lfw" / "images.tar"),
        lfw_faces=job.faces,
        celeba=str(data / "celeba"),
        celeba_faces=job.celeba_faces,
        distractors=job.distractors,
        batch_size=job.batch_size,
        iterations=job.iterations,
        learning_rate=job.learning_rate,
        num_workers=job.num_workers,
        only_points=job.only_points,
        scenes=SceneConfig(mirrored=0.0) if job.only_points else SceneConfig(),  # the teacher's points are not even
        device=job.device,
    )

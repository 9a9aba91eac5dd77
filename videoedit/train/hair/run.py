"""The hair network's training from its pictures to weights and card."""

import logging
from dataclasses import dataclass
from pathlib import Path

from videoedit.datasets.celeba import FaceSet, load_faces
from videoedit.edit.elegant import ElegantEditor
from videoedit.errors import ConfigError
from videoedit.train.hair.export import export_hair
from videoedit.train.hair.task import MARGIN, HairTask, HairTrainConfig
from videoedit.train.hair.teacher import ATTRIBUTE, Marks, marks_of
from videoedit.train.job import TrainJob
from videoedit.train.loop import fit

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HairJob(TrainJob):
    """One run of the training; `data` is CelebA, see `load_faces`."""

    iterations: int = 3000
    limit: int = 0
    """Use so many pictures; 0 for all."""
    editor: str = "elegant"
    """Takes bangs off: name of an embedded model, or path of a card."""


def run_hair(job: HairJob, *, compiled: bool) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all.

    Raises:
        ConfigError: The editor takes crops of another size, or no bangs off; or no picture's hair could be marked.
    """
    loop = job.begin()
    config = HairTrainConfig(iterations=job.iterations)
    size, editor = config.network.crop_size, ElegantEditor.from_card(job.editor, "cpu")
    if editor.crop_size != size:
        raise ConfigError(f"--editor {job.editor} takes crops of {editor.crop_size} px; give one that takes {size}")
    editor.edit_without(ATTRIBUTE)  # which it may refuse, before much is read
    faces = load_faces(job.data, partition="train", size=size, margin=MARGIN, limit=job.limit)
    task = HairTask(config, faces, _marks_of(faces, editor, job.data), compiled=compiled)
    done = fit(task, loop)
    if job.export:
        export_hair(task.average, Path(job.out), job.export)
    return done


def _marks_of(faces: FaceSet, editor: ElegantEditor, data: str) -> Marks:
    marks = marks_of(faces, editor)
    logger.info("%s: hair of %d of %d pictures is marked", data, len(marks.rows), len(faces.images))
    if not len(marks.rows):
        raise ConfigError(f"hair is seen well enough in none of {len(faces.images)} pictures; use more of them")
    return marks

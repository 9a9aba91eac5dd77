"""`videoedit eval model` from its settings to the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from videoedit.datasets.celeba import FaceSet, load_faces
from videoedit.edit.attributes import attribute_of
from videoedit.edit.elegant import ElegantEditor
from videoedit.evaluate.model import edit_pairs, evaluate_pairs, judge_sources, reconstruction_psnr
from videoedit.evaluate.pairs import Pair, draw_pairs, write_pairs
from videoedit.evaluate.report import Report
from videoedit.judge.attributes import AttributeJudge
from videoedit.video.stills import write_image

_NUM_SHEET_ROWS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelJob:
    """What is evaluated, on what."""

    model: str
    judge: str
    data: str
    split: str
    attributes: tuple[str, ...]
    """Names or aliases; empty for all that the model edits."""
    seed: int = 0
    limit: int = 0
    """Use so many pictures; 0 for all."""
    device: str = "auto"
    pairs: Path | None = None
    """CSV of the pairs to write."""
    sheet: Path | None = None
    """Picture to write: the first pairs of every edit."""


def evaluate_model(job: ModelJob) -> Report:
    """Edit every picture of the split once per attribute, and judge."""
    editor = ElegantEditor.from_card(job.model, job.device)
    judge = AttributeJudge.from_card(job.judge)
    faces = load_faces(job.data, partition=job.split, size=editor.crop_size, limit=job.limit)
    names = [attribute_of(name, editor.attributes) for name in job.attributes] or list(editor.attributes)
    pairs = {name: draw_pairs(faces, name, job.seed) for name in names}
    if job.pairs:
        write_pairs([pair for one in pairs.values() for pair in one], faces, job.pairs)
    if job.sheet:
        write_image(job.sheet, _sheet([pair for one in pairs.values() for pair in _first(one)], faces, editor))
    judged = judge_sources(faces, judge)
    results = [
        result
        for name in tqdm(names, unit="attribute")
        for result in evaluate_pairs(pairs[name], faces, editor, judge, judged)
    ]
    return Report(
        model=job.model,
        split=job.split,
        seed=job.seed,
        num_pictures=len(faces.names),
        reconstruction_psnr=reconstruction_psnr(faces, editor),
        results=results,
    )


def _first(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the first pairs of each direction, in file order."""
    chosen = [[pair for pair in pairs if pair.direction == way][:_NUM_SHEET_ROWS] for way in ("add", "remove")]
    return [pair for way in chosen for pair in way]


def _sheet(
    pairs: Sequence[Pair], faces: FaceSet, editor: ElegantEditor
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return source | exemplar | edited, ten pairs to a column."""
    rows = []
    for pair in pairs:
        edited, _ = edit_pairs([pair], faces, editor)
        rows.append(np.concatenate([faces.images[pair.source], faces.images[pair.exemplar], edited[0]], axis=1))
    blank = np.zeros_like(rows[0])
    columns = [rows[i : i + _NUM_SHEET_ROWS] for i in range(0, len(rows), _NUM_SHEET_ROWS)]
    filled = [column + [blank] * (_NUM_SHEET_ROWS - len(column)) for column in columns]
    return np.concatenate([np.concatenate(column, axis=0) for column in filled], axis=1)

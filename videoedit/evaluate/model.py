"""Evaluate an editor on a labelled split: every picture edited once per attribute, and judged.

Shapes: N pictures of S x S; n attributes of the judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.align.regions import region_mask
from videoedit.datasets.celeba import FaceSet
from videoedit.edit.base import Edit, FaceEditor
from videoedit.evaluate import metrics
from videoedit.evaluate.pairs import Pair
from videoedit.frames import Image
from videoedit.streams import in_batches
from videoedit.tensors import from_model, to_model

WEAK = 0.2
"""Attributes less correlated than this with the edited one should not move."""
_BATCH = 64
_QUALITIES = (95, 90)
"""JPEG qualities of the two re-encodings whose judgements bound the judge's own noise."""


class Judge(Protocol):
    """What is asked of a judge."""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names in the order of the probabilities."""
        ...

    def probabilities(self, crops: Tensor) -> Tensor:
        """Return (B, n) of crops (B, 3, S, S)."""
        ...

    def threshold(self, attribute: str) -> float:
        """Return the probability above which an attribute is said to be there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One attribute in one direction."""

    attribute: str
    direction: str
    count: int
    """Pictures edited."""
    success: float
    """Share judged to have the attribute after adding, or not to have it after removing."""
    interval: tuple[float, float]
    """95 % bootstrap interval of `success`."""
    real: float
    """The same share on real pictures that have, or lack, the attribute."""
    weak_flips: float | None
    """Flips beyond the judge's noise, mean over attributes correlated below `WEAK`; None where there are none."""
    worst_weak: tuple[str, float] | None
    """The one of them that flips most."""
    correlated: dict[str, float]
    """Flips beyond the judge's noise of the attributes correlated more strongly."""
    outside: float
    """Mean |residual| outside the attribute's region."""
    inside_share: float
    """Share of the squared residual inside the region."""
    fidelity: tuple[float, float, float] | None
    """Spearman's rho between the exemplar's eye band and the change of the source's, for L*, a*, b*; adding only."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The judge's answers on the unedited set."""

    said: NDArray[np.bool_]
    """(N, n) on the pictures."""
    noise: NDArray[np.float64]
    """(n,) share of pictures whose label flips between two re-encodings."""


def judge_sources(faces: FaceSet, judge: Judge) -> Judged:
    """Judge every picture, and how much two re-encodings of it differ."""
    first, second = (
        _said(np.stack([_recompressed(image, quality) for image in faces.images]), judge) for quality in _QUALITIES
    )
    return Judged(_said(faces.images, judge), metrics.flips(first, second))


def evaluate_pairs(
    pairs: Sequence[Pair], faces: FaceSet, editor: FaceEditor, judge: Judge, judged: Judged
) -> list[Result]:
    """Edit and judge the pairs of one attribute, each direction apart."""
    results = []
    for direction in ("add", "remove"):
        chosen = [pair for pair in pairs if pair.direction == direction]
        if chosen:
            edited, residuals = edit_pairs(chosen, faces, editor)
            results.append(_result(chosen, faces, (edited, residuals), judge, judged))
    return results


def edit_pairs(
    pairs: Sequence[Pair], faces: FaceSet, editor: FaceEditor
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the edited pictures (N, S, S, 3) and the residuals (N, 3, S, S)."""
    edited, residuals = [], []
    for batch in in_batches(pairs, _BATCH):
        sources = to_model(faces.images[[pair.source for pair in batch]])
        residual = editor.residuals(sources, _edits(batch, faces, editor))
        edited.append(from_model(sources + residual))
        residuals.append(residual.numpy())
    return np.concatenate(edited), np.concatenate(residuals)


def reconstruction_psnr(faces: FaceSet, editor: FaceEditor) -> float:
    """Return the mean PSNR in dB between pictures and what the editor makes of them with no edit."""
    values = []
    for start in range(0, len(faces.images), _BATCH):
        x = to_model(faces.images[start : start + _BATCH])
        residuals = editor.residuals(x, []).double().numpy()
        values += [metrics.psnr(residual, np.zeros_like(residual)) for residual in residuals]
    return float(np.mean(values))


def _edits(batch: Sequence[Pair], faces: FaceSet, editor: FaceEditor) -> list[Edit]:
    """Return one edit that gives every face of a batch its own exemplar; the pairs share their attribute."""
    attribute = batch[0].attribute
    codes = [editor.edit_like(faces.images[pair.exemplar], attribute).code for pair in batch]
    return [Edit(attribute, torch.cat(codes))]


def _result(
    pairs: Sequence[Pair],
    faces: FaceSet,
    made: tuple[NDArray[np.uint8], NDArray[np.float32]],
    judge: Judge,
    judged: Judged,
) -> Result:
    attribute, direction = pairs[0].attribute, pairs[0].direction
    column = judge.attributes.index(attribute)
    wanted = direction == "add"
    rows = [pair.source for pair in pairs]
    said = _said(made[0], judge)
    success = (said[:, column] == wanted).astype(np.float64)
    labels = np.stack([faces.column(name) for name in judge.attributes], axis=1)
    real = judged.said[labels[:, column] == (1 if wanted else -1), column] == wanted
    moved = metrics.flips(judged.said[rows], said) - judged.noise
    strength = np.abs(metrics.correlations(labels, column))
    weak = {name: float(moved[i]) for i, name in enumerate(judge.attributes) if strength[i] < WEAK}
    strong = {n: float(moved[i]) for i, n in enumerate(judge.attributes) if strength[i] >= WEAK and i != column}
    outside, inside = metrics.locality(made[1], region_mask(attribute, made[1].shape[-1]))
    return Result(
        attribute=attribute,
        direction=direction,
        count=len(pairs),
        success=float(success.mean()),
        interval=metrics.bootstrap_interval(success, seed=0),
        real=float(real.mean()),
        weak_flips=float(np.mean(list(weak.values()))) if weak else None,
        worst_weak=max(weak.items(), key=lambda item: item[1], default=None),
        correlated=strong,
        outside=outside,
        inside_share=inside,
        fidelity=_fidelity(pairs, faces, made[0]) if attribute == "Eyeglasses" and wanted else None,
    )


def _fidelity(pairs: Sequence[Pair], faces: FaceSet, edited: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Correlate the exemplars' eye bands with the changes of the sources'."""
    exemplars = np.stack([metrics.eye_band_lab(faces.images[pair.exemplar]) for pair in pairs])
    sources = np.stack([metrics.eye_band_lab(faces.images[pair.source]) for pair in pairs])
    changes = np.stack([metrics.eye_band_lab(image) for image in edited]) - sources
    rho = [metrics.spearman(exemplars[:, i], changes[:, i]) for i in range(3)]
    return rho[0], rho[1], rho[2]


def _said(images: NDArray[np.uint8], judge: Judge) -> NDArray[np.bool_]:
    """Return (N, n): what the judge says at its thresholds."""
    parts = [judge.probabilities(to_model(images[i : i + _BATCH])) for i in range(0, len(images), _BATCH)]
    thresholds = np.array([judge.threshold(name) for name in judge.attributes])
    said: NDArray[np.bool_] = torch.cat(parts).numpy() > thresholds
    return said


def _recompressed(image: Image, quality: int) -> Image:
    _, encoded = cv2.imencode(".jpg", np.ascontiguousarray(image[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)
    return np.ascontiguousarray(decoded[:, :, ::-1])

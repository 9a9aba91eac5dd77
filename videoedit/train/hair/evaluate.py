"""Measure the hair network on faces it was not trained on, by whether their pictures are labelled to show bangs.

Shapes: N faces, crops (N, 3, S, S), masks (N, S, S).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from videoedit.align.forehead import share_covered
from videoedit.align.templates import template_points
from videoedit.datasets.celeba import FaceSet
from videoedit.nets.mask import TEMPLATE
from videoedit.tensors import to_model
from videoedit.train.hair.teacher import ATTRIBUTE

Finder: TypeAlias = Callable[[Tensor], Tensor]
"""Gives the share of hair of every pixel, (N, S, S), of crops (N, 3, S, S) in [-1, 1]."""

GROUPS: Final = ("Black_Hair", "Brown_Hair", "Blond_Hair", "Gray_Hair", "Wearing_Hat")

_WORN: Final = 0.2
"""Share of a forehead that must be covered for bangs to be told."""
_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class Figures:
    """One row: faces of one kind of hair."""

    name: str
    counts: tuple[int, int]
    """Of faces with bangs, and without."""
    shares: tuple[float, float]
    """Mean of what of their foreheads is marked; NaN where there are none."""
    told: tuple[float, float]
    """Share of them that is told right."""


def evaluate_hair(finder: Finder, faces: FaceSet) -> list[Figures]:
    """Measure what of foreheads is marked, over all and for each of `GROUPS` that the labels know."""
    side = faces.images.shape[1]
    points_xy = template_points(TEMPLATE, side)
    batches = (to_model(faces.images[start : start + _BATCH]) for start in range(0, len(faces.images), _BATCH))
    shares = np.array([share_covered(one, points_xy) for batch in batches for one in finder(batch).numpy()])
    worn = faces.column(ATTRIBUTE) == 1
    groups = {"all": np.ones_like(worn)} | {
        name: faces.column(name) == 1 for name in GROUPS if name in faces.attributes
    }
    return [_row(name, shares[rows & worn], shares[rows & ~worn]) for name, rows in groups.items()]


def as_table(rows: Sequence[Figures]) -> str:
    """Return rows in Markdown."""
    lines = [
        "| | with bangs | without | covered, with | without | told, with | without |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        figures = " | ".join("–" if np.isnan(share) else f"{share:.1%}" for share in (*row.shares, *row.told))
        lines.append(f"| {row.name} | {row.counts[0]} | {row.counts[1]} | {figures} |")
    return "\n".join(lines)


def _row(name: str, worn: NDArray[np.float64], bare: NDArray[np.float64]) -> Figures:
    return Figures(
        name, (len(worn), len(bare)), (_mean(worn), _mean(bare)), (_mean(worn > _WORN), _mean(bare <= _WORN))
    )


def _mean(values: NDArray[np.generic]) -> float:
    return float(values.mean()) if len(values) else float("nan")

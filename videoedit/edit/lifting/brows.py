"""Brows that an attribute changes: it is drawn on a face whose brows lie as a man's do, and taken back to its own.

The other editor draws brows where those of its training lie, and people who speak raise theirs; drawn on the face as it
is, there would be two pairs. So it is shown the face with its brows bent to where it draws them, and what it has drawn
is bent as the face's own brows are, a little lower if they lie higher than a man's: so is the face itself.
Shapes: F faces, S the side of the crops; shapes of brows are (20, 2) in the frame of a face, `align.brows`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

from videoedit.align.brows import INNER, Brows, bending
from videoedit.detect.outlines import BrowsFinder
from videoedit.edit.lifting.base import Map, seen_from_front
from videoedit.faces import Points
from videoedit.tensors import bent, change_of, from_model

_MEN: Final = np.tile([-0.208, -0.282, -0.323, -0.312, -0.280, -0.159, -0.217, -0.244, -0.229, -0.158], 2)
_WOMEN: Final = np.tile([-0.258, -0.333, -0.366, -0.341, -0.295, -0.205, -0.264, -0.284, -0.256, -0.168], 2)
"""Mean heights (20,) of the points of brows, of 3,591 men and 5,380 women who look straight out of pictures of CelebA's
training partition, as MediaPipe's Face Landmarker finds them."""
_MOST_LEVELLED: Final = 0.2
"""Distances between the eyes by which brows are moved at most before the other editor sees them."""
_MOST_LOWERED: Final = 2.0
"""By how much the face's own are lowered at most, in differences between women and men."""
_DARKER: Final = 0.1
"""What may be drawn between brows: so much darker, in units of [-1, 1], or they would grow together."""
_BETWEEN: Final = (0.06, 0.12, 0.05)
"""What is between them: so far from their inner ends, so much higher, and how soft its border is."""


@dataclass(frozen=True, slots=True, eq=False)
class Levelling:
    """How faces are shown to the other editor, and how what it draws is taken back; all as `tensors.bent` reads it."""

    shown: Tensor
    """(F, 2, S, S), how the faces are bent that it sees."""
    back: Tensor
    """(F, 2, S, S), how what it draws is bent."""
    lowered: Tensor
    """(F, 2, S, S), how the faces themselves are bent."""
    between: Tensor
    """(F, 1, S, S) in 0..1: what is between the brows that it sees."""

    def level(self, x: Tensor) -> Tensor:
        """Return faces (F, 3, S, S) as the other editor is to see them."""
        return bent(x, self.shown)

    def taken_back(self, layers: Tensor, level: Tensor) -> Tensor:
        """Return what it has drawn on them, (F, 4, S, S), as it lies on faces that are bent by `lowered`."""
        light = change_of(layers, level).mean(dim=1, keepdim=True)
        lighter = self.between * (-_DARKER - light).clamp(min=0.0)
        return bent(torch.cat([layers[:, :3] + lighter, layers[:, 3:]], dim=1), self.back)


class BrowLevelling:
    """Finds brows, and how faces are bent for an attribute that changes them."""

    def __init__(self, finder: BrowsFinder) -> None:
        """Take what finds brows."""
        self._finder = finder

    def of(self, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Levelling:
        """Return how faces x (F, 3, S, S) with these points are levelled, who get an attribute by strengths (F,)."""
        found = self._finder.find(list(from_model(x)), points_xy)
        ways = [_ways(*one, x.shape[-1]) for one in zip(found, strengths.tolist(), strict=True)]
        return Levelling(*(torch.from_numpy(np.stack(maps)).to(x) for maps in zip(*ways, strict=True)))


def _ways(brows: Brows, strength: float, size: int) -> tuple[Map, Map, Map, Map]:
    """Return the maps of `Levelling` for one face."""
    trust = seen_from_front(brows)
    if not trust:
        nothing = np.zeros((2, size, size), np.float32)
        return nothing, nothing, nothing, nothing[:1]
    higher = _MEN - brows.shape[:, 1]
    level = _shifted(brows, trust * higher.clip(-_MOST_LEVELLED, _MOST_LEVELLED))
    lowered = _shifted(brows, trust * min(strength, 1.0) * higher.clip(0.0, _MOST_LOWERED * (_MEN - _WOMEN)))
    between = np.float32(trust) * _between(level, size)
    return bending(brows, level, size), bending(level, lowered, size), bending(brows, lowered, size), between[None]


def _shifted(brows: Brows, lower: Points) -> Brows:
    """Return brows whose points lie lower by so much, (20,)."""
    return brows.shaped(brows.shape + np.stack([np.zeros_like(lower), lower], axis=1))


def _between(brows: Brows, size: int) -> Map:
    """Return (S, S) in 0..1: what is between brows."""
    aside, higher, soft = _BETWEEN
    inner = brows.shape[list(INNER)] + [[aside, -higher], [aside, 0.0], [-aside, -higher], [-aside, 0.0]]
    outline = brows.placed(inner[[0, 2, 3, 1]])
    filled = np.zeros((size, size), np.float32)
    cv2.fillConvexPoly(filled, np.round(outline * 16.0).astype(np.int32), 1.0, shift=4)
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), max(soft * brows.unit, 0.1)), np.float32)

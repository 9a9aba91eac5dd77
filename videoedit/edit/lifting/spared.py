"""What an edit of the whole face leaves: teeth, most of the eyes, the forehead, half of the cheeks.

A network of few pixels draws the first two dull, and leaves stains on the others.
Lengths are distances between the eyes, heights above them. Shapes: F faces, S the side of the crops.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from videoedit.align.eyes import from_eyes
from videoedit.align.lips import Lips, opening
from videoedit.detect.outlines import LipsFinder
from videoedit.edit.lifting.base import Map, rising, seen_from_front
from videoedit.faces import Points
from videoedit.tensors import from_model

_EYE: Final = (0.27, 0.13)
"""Half width and half height of an eye."""
_SOFT: Final = 0.35
"""Share of it over which its border fades."""
_KEPT: Final = 0.6
"""Share of what is drawn on eyes that is left out."""
_CHEEKS: Final = 0.5
"""The same on cheeks."""
_FOREHEAD: Final = (0.4, 0.8)
"""Heights from which it begins, and from which it is whole; as the next."""
_BESIDE: Final = (0.3, 0.42)
"""Distances from the middle from which cheeks are."""
_ABOVE_JAW: Final = (-0.95, -0.7)
_BELOW_EYES: Final = (0.15, 0.3)
"""Depths from which they are."""


class Sparing:
    """Finds what is left as it is."""

    def __init__(self, finder: LipsFinder) -> None:
        """Take what finds lips."""
        self._finder = finder

    def of(self, x: Tensor, points_xy: Sequence[Points], *, has_beard: bool) -> Tensor:
        """Return how far faces x (F, 3, S, S) with these points stay as they are, (F, 1, S, S) in 0..1.

        Where there may be a beard to take away, cheeks do not.
        """
        mouths = self._finder.find(list(from_model(x)), points_xy)
        maps = [_spared(lips, x.shape[-1], 0.0 if has_beard else _CHEEKS) for lips in mouths]
        return torch.from_numpy(np.stack(maps)[:, None]).to(x)


def _spared(lips: Lips, side: int, cheeks: float) -> Map:
    across, above = from_eyes(lips.face_xy, side)
    maps = (
        rising(above, _FOREHEAD),
        cheeks * rising(np.abs(across), _BESIDE) * rising(above, _ABOVE_JAW) * rising(-above, _BELOW_EYES),
        _KEPT * _eyes(across, above),
        _teeth(lips, side),
    )
    return np.asarray(np.maximum.reduce(maps), np.float32)


def _eyes(across: Map, above: Map) -> Map:
    """Return (S, S) in 0..1: where eyes are."""
    half_width, half_height = _EYE
    away = [np.hypot((across - middle) / half_width, above / half_height) for middle in (-0.5, 0.5)]
    return np.asarray(np.clip((1.0 - np.minimum(*away)) / _SOFT, 0.0, 1.0), np.float32)


def _teeth(lips: Lips, side: int) -> Map:
    """Return (S, S) in 0..1: what is seen between lips, where they can be told."""
    return np.float32(seen_from_front(lips)) * opening(lips, side)

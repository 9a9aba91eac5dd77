"""What an edit of the whole face leaves: teeth, and most of the eyes, which a network of few pixels draws dull.

Shapes: F faces, S the side of the crops.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from videoedit.align.eyes import from_eyes
from videoedit.align.lips import Lips, opening
from videoedit.detect.outlines import LipsFinder
from videoedit.edit.lifting.base import Map, seen_from_front
from videoedit.faces import Points
from videoedit.tensors import from_model

_EYE: Final = (0.27, 0.13)
"""Half width and half height of an eye, in distances between both."""
_SOFT: Final = 0.35
"""Share of it over which its border fades."""
_KEPT: Final = 0.6
"""Share of what is drawn on eyes that is left out."""


class Sparing:
    """Finds what is left as it is."""

    def __init__(self, finder: LipsFinder) -> None:
        """Take what finds lips."""
        self._finder = finder

    def of(self, x: Tensor, points_xy: Sequence[Points]) -> Tensor:
        """Return how far faces x (F, 3, S, S) with these points stay as they are, (F, 1, S, S) in 0..1."""
        mouths = self._finder.find(list(from_model(x)), points_xy)
        maps = [np.maximum(_KEPT * _eyes(lips.face_xy, x.shape[-1]), _teeth(lips, x.shape[-1])) for lips in mouths]
        return torch.from_numpy(np.stack(maps)[:, None]).to(x)


def _eyes(points_xy: Points, side: int) -> Map:
    """Return (S, S) in 0..1: where eyes are."""
    across, above = from_eyes(points_xy, side)
    half_width, half_height = _EYE
    away = [np.hypot((across - middle) / half_width, above / half_height) for middle in (-0.5, 0.5)]
    return np.asarray(np.clip((1.0 - np.minimum(*away)) / _SOFT, 0.0, 1.0), np.float32)


def _teeth(lips: Lips, side: int) -> Map:
    """Return (S, S) in 0..1: what is seen between lips, where they can be told."""
    return np.float32(seen_from_front(lips)) * opening(lips, side)

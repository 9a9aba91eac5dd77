"""What an edit of the whole face leaves: teeth, most of the eyes, the forehead, half of the cheeks, what is beyond.

A network of few pixels draws the first two dull, and leaves stains on the others.
Lengths are distances between the eyes, heights above them. Shapes: F faces, S the side of the crops.
"""

import math
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
from videoedit.track.yaw import yaw_of

_EYE: Final = (0.27, 0.13, 0.6)
"""Half width and half height of an eye, and the share of what is drawn on it that is left out."""
_PAINTED: Final = (0.31, 0.17, 0.85)
"""The same where a face is made female: on lids and beside them lie shades and lashes, and stains."""
_SOFT: Final = 0.35
"""Share of it over which its border fades."""
_CHEEKS: Final = 0.5
"""Share of what is drawn on cheeks that is left out."""
_FOREHEAD: Final = (0.4, 0.8)
"""Heights from which it begins, and from which it is whole; as the next."""
_BESIDE: Final = (0.3, 0.42)
"""Distances from the middle from which cheeks are."""
_ABOVE_JAW: Final = (-0.95, -0.7)
_BELOW_EYES: Final = (0.15, 0.3)
"""Depths from which they are."""
_HEAD: Final = (1.05, 0.9)
"""Half width of a face seen from the front, and how far its eyes lie before its middle."""
_EDGE: Final = 0.12
"""Distance over which what is drawn ends at its edges."""


class Sparing:
    """Finds what is left as it is."""

    def __init__(self, finder: LipsFinder) -> None:
        """Take what finds lips."""
        self._finder = finder

    def of(self, x: Tensor, points_xy: Sequence[Points], *, is_removal: bool) -> Tensor:
        """Return how far faces x (F, 3, S, S) with these points stay as they are, (F, 1, S, S) in 0..1.

        Where a man's looks go there may be a beard to take away: cheeks do not stay then.
        """
        mouths = self._finder.find(list(from_model(x)), points_xy)
        maps = [_spared(lips, x.shape[-1], is_removal=is_removal) for lips in mouths]
        return torch.from_numpy(np.stack(maps)[:, None]).to(x)


def _spared(lips: Lips, side: int, *, is_removal: bool) -> Map:
    across, above = from_eyes(lips.face_xy, side)
    cheeks = rising(np.abs(across), _BESIDE) * rising(above, _ABOVE_JAW) * rising(-above, _BELOW_EYES)
    maps = (
        rising(above, _FOREHEAD),
        np.zeros_like(cheeks) if is_removal else _CHEEKS * cheeks,
        _eyes(across, above, _PAINTED if is_removal else _EYE),
        _beyond(across, yaw_of(lips.face_xy)),
        _teeth(lips, side),
    )
    return np.asarray(np.maximum.reduce(maps), np.float32)


def _eyes(across: Map, above: Map, eye: tuple[float, float, float]) -> Map:
    """Return (S, S) in 0..1: how far eyes of such a half width and half height stay, by a share at most."""
    half_width, half_height, kept = eye
    away = [np.hypot((across - middle) / half_width, above / half_height) for middle in (-0.5, 0.5)]
    return np.asarray(kept * np.clip((1.0 - np.minimum(*away)) / _SOFT, 0.0, 1.0), np.float32)


def _beyond(across: Map, yaw: float) -> Map:
    """Return (S, S) in 0..1: what lies beyond both edges of a face turned so far, those of a cylinder."""
    half_width, forward = _HEAD
    turned = math.radians(yaw)
    out = across * math.cos(turned) + forward * math.sin(turned)  # from the cylinder's middle
    return rising(np.abs(out), (half_width - _EDGE, half_width))


def _teeth(lips: Lips, side: int) -> Map:
    """Return (S, S) in 0..1: what is seen between lips, where they can be told."""
    return np.float32(seen_from_front(lips)) * opening(lips, side)

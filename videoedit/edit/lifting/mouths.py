"""What shape a mouth has that smiles as another does, or no longer smiles.

Shapes are (40, 2) in the frame of a face, see `align.lips`; level ones have their corners at one height.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.align.lips import (
    CORNERS,
    INNER_LOWER,
    INNER_UPPER,
    MIRRORED,
    OUTER_LOWER,
    OUTER_UPPER,
    Lips,
    gap_of,
    width_of,
)
from videoedit.align.part import symmetrical
from videoedit.edit.lifting.base import falling
from videoedit.faces import Points

Floats: TypeAlias = NDArray[np.float64]

_MIDDLE: Final = len(INNER_UPPER) // 2
_SMILES: Final = (4.86, -0.80, -3.60, -2.81)
"""Weights of the width of a mouth, of how far its upper lip hangs below the corners, and of the way from the nose to
the corners, in distances between the eyes, and a constant, by which smiles are told: least squares over the 8,950
frontal pictures of CelebA's training partition, 1 for smiles, -1 for others. It is right of 88 %."""
_SMILING: Final = (-0.4, 0.2)
"""Where a smile begins, and where there is a whole one to take away."""
_HINTED: Final = (-0.7, -0.3)
"""Where there is nothing to take away, and where there may be a whole one."""
_NEUTRAL: Final = (0.76, -0.015, 0.47)
"""The same of mouths that do not smile, width, upper lip, way from the nose: a little beyond their means, 0.80, -0.01
and 0.45, because cheeks and eyes still tell something of the smile."""
_THICKER: Final = (1.25, 1.1)
"""How much thicker upper and lower lip are without a smile."""
_CLOSING: Final = 0.27
"""How much less open."""
_OUTWARD: Final = (0.03, 0.12)
"""Least and most of the way of a smile's corners, if the face has none; as the next in distances between the eyes."""
_UPWARD: Final = (0.04, 0.14)
_THINNER: Final = (0.85, 0.9)
"""Of upper and lower lip that smile."""
_OPEN: Final = (0.7, 0.6)
"""How far a smile is open: these shares of how far the exemplar's is, and of how far the face's own mouth."""


@dataclass(frozen=True, slots=True, eq=False)
class Mouth:
    """The lips of a face, with their slant apart."""

    lips: Lips

    @property
    def shape(self) -> Points:
        """(40, 2), level: without its slant."""
        return self.lips.shape - self.slant

    @property
    def slant(self) -> Points:
        """(40, 2), how much lower each point is because one corner is lower than the other."""
        shape = self.lips.shape
        left, right = shape[list(CORNERS)]
        slope = (right[1] - left[1]) / max(right[0] - left[0], 1e-6)
        return np.stack([np.zeros(len(shape)), slope * shape[:, 0]], axis=1)

    def wanted(self, shape: Points, amount: float) -> Lips:
        """Return its lips on the way to another level shape."""
        return self.lips.shaped(self.shape + amount * (shape - self.shape) + self.slant)

    @property
    def figures(self) -> tuple[float, float, float]:
        """Width, how far the upper lip hangs below the corners, and their way from the nose."""
        shape, lips = self.shape, self.lips
        from_nose = float((lips.middle - lips.face_xy[2]) @ lips.axes[1]) / lips.unit
        return width_of(shape), float(shape[INNER_UPPER[_MIDDLE], 1]), from_nose

    @property
    def smile(self) -> float:
        """How far it smiles, 0 to 1."""
        return 1.0 - falling(self._told, _SMILING)

    @property
    def hint(self) -> float:
        """How far it may smile, if only with the eyes, 0 to 1."""
        return 1.0 - falling(self._told, _HINTED)

    @property
    def _told(self) -> float:
        return float(np.dot(_SMILES, (*self.figures, 1.0)))

    def unsmiling(self) -> Points:
        """Return the shape of the mouth without its smile: narrower, lower corners, lips that are fuller and shut."""
        (width, hang, way), smile, shape = self.figures, self.smile, self.shape
        usual_width, usual_hang, usual_way = _NEUTRAL
        thicker = [1.0 + smile * (more - 1.0) for more in _THICKER]
        gap = gap_of(shape)
        closed = max(gap - _CLOSING * smile, 0.0) / max(gap, 1e-6)
        arch = 1.0 - np.linspace(-1.0, 1.0, len(INNER_UPPER)) ** 2
        upper = shape[INNER_UPPER, 1] + smile * min(usual_hang - hang, 0.0) * arch
        wider = 1.0 + smile * min(usual_width - width, 0.0) / max(width, 1e-6)
        lower = np.array([0.0, smile * max(usual_way - way, 0.0)])
        return np.asarray(_composed(shape, wider, upper, closed * _gaps(shape), thicker) + lower, np.float64)

    def smiling(self, giver: Self) -> Points:
        """Return the shape of the mouth as it smiles as another does; where that is askew it is seen from one side."""
        (width, _, way), (giver_width, _, giver_way) = self.figures, giver.figures
        shape, other, missing = self.shape, symmetrical(giver.shape, MIRRORED), 1.0 - self.smile
        (least_out, most_out), (least_up, most_up) = _OUTWARD, _UPWARD
        outward = float(np.clip((giver_width - width) / 2.0, missing * least_out, most_out))
        upward = float(np.clip(way - giver_way, missing * least_up, most_up))
        wider = (width + 2.0 * outward) / max(width, 1e-6)
        scale = (width + 2.0 * outward) / max(giver_width, 1e-6)
        given, own = _OPEN
        gaps = given * scale * _gaps(other) + own * _gaps(shape)
        higher = np.array([0.0, upward])
        return np.asarray(_composed(shape, wider, scale * other[INNER_UPPER, 1], gaps, _THINNER) - higher, np.float64)


def _composed(shape: Points, wider: float, upper: Floats, gaps: Floats, thickness: Sequence[float]) -> Points:
    """Return a shape from its inner upper line (11,), from how far it is open below, and its own lips' thickness."""
    made = shape * [wider, 1.0]
    thick_upper = np.maximum(shape[INNER_UPPER, 1] - shape[OUTER_UPPER, 1], 0.0)
    thick_lower = np.maximum(shape[OUTER_LOWER, 1] - shape[INNER_LOWER, 1], 0.0)
    made[INNER_LOWER, 1] = upper + gaps
    made[INNER_UPPER, 1] = upper
    made[OUTER_UPPER, 1] = upper - thickness[0] * thick_upper
    made[OUTER_LOWER, 1] = upper + gaps + thickness[1] * thick_lower
    for outer, inner in zip(CORNERS, (INNER_UPPER[0], INNER_UPPER[-1]), strict=True):
        made[outer, 1] = 0.0
        made[inner, 1] = shape[inner, 1]
    return made


def _gaps(shape: Points) -> Floats:
    """Return how far lips are open from corner to corner, (11,)."""
    return np.maximum(shape[INNER_LOWER, 1] - shape[INNER_UPPER, 1], 0.0)

"""The outlines of brows in the frame of a face, and how a face is bent so that they are raised or lowered.

Brows are 20 points: of the one on the left of the picture the upper edge from its outer end to its inner one, then the
lower edge in the same order; then the other, outer end first again.
Coordinates: as of `align.part`, the origin between the eyes. Shapes: S the side of the crop.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.align.part import Part
from videoedit.align.splines import Surroundings

Map: TypeAlias = NDArray[np.float32]

NUM_BROWS: Final = 20
LEFT, RIGHT = tuple(range(NUM_BROWS // 2)), tuple(range(NUM_BROWS // 2, NUM_BROWS))
"""Points of the brow on the left of the picture, and of the other."""
MIRRORED: Final = (*RIGHT, *LEFT)
"""Which point of a face is seen as which of its mirror image."""

INNER: Final = (4, 9, 14, 19)
"""Inner ends: upper and lower edge of the one on the left, then of the other."""

_REACH: Final = (1.35, 0.75, 0.4)
"""How far a face is bent around its brows, to the sides, up and down, in distances between the eyes."""
_ABOVE_EYES: Final = 0.25
"""Middle of that above the eyes."""
_EYES: Final = np.array([[side * x, y] for side in (-1, 1) for x in (0.28, 0.4, 0.5, 0.6, 0.72) for y in (-0.09, 0.02)])
"""Points of upper lids and eyes, which stay."""


@dataclass(frozen=True, slots=True, eq=False)
class Brows(Part):
    """The brows of one face."""


def bending(brows: Brows, wanted: Brows, size: int) -> Map:
    """Return (2, S, S), as `tensors.bent` reads it: how a face is bent so that its brows lie as others do."""
    eyes = brows.placed(_EYES)
    middle = brows.placed(np.array([0.0, -_ABOVE_EYES]))
    surroundings = Surroundings(middle, brows.unit, brows.axes, _REACH)
    to, of = (np.concatenate([points, eyes]) for points in (wanted.xy, brows.xy))
    return surroundings.shifts(to, of, size)

"""The forehead, on which hair may hang: which part of a crop it is, and how much of it is covered.

Lengths are distances between the eyes, heights above them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from videoedit.align.eyes import from_eyes
from videoedit.faces import Points

HALF_WIDTH: Final = 0.7
_BOTTOM: Final = 0.2
_TOP: Final = 0.75


def share_covered(marks: NDArray[np.generic], points_xy: Points) -> float:
    """Return how much of a forehead marks (S, S) in 0..1 cover; 0 where the crop shows none of it.

    Args:
        marks: What covers it.
        points_xy: (5, 2) of the face in its crop.
    """
    across, above = from_eyes(points_xy, marks.shape[-1])
    forehead = (np.abs(across) < HALF_WIDTH) & (above > _BOTTOM) & (above < _TOP)
    return float(marks[forehead].mean()) if forehead.any() else 0.0

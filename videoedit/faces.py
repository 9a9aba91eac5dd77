"""What is known about a face in one frame, and about one face through time.

Points are in the order: eye, eye, nose tip, mouth corner, mouth corner; of each pair the
one on the left of the *image* comes first.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]  # (P, 2) x right, y down; (0, 0) the centre of the top-left pixel


NOBODY: Final = -1
"""Number of a person who is none of those whose pictures were given."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One detected face."""

    box_xyxy: NDArray[np.float64]
    """(4,) left, top, right, bottom, in pixels of the frame."""
    points_xy: Points
    """(5, 2) in pixels of the frame, in the order of the module."""
    score: float
    """The detector's confidence, 0 to 1."""

    def __post_init__(self) -> None:
        if self.box_xyxy.shape != (4,) or self.points_xy.shape != (5, 2):
            raise ValueError(
                f"a face has a (4,) box and (5, 2) points, got {self.box_xyxy.shape}, {self.points_xy.shape}"
            )

    @property
    def size(self) -> float:
        """Longer side of the box, in pixels."""
        left, top, right, bottom = self.box_xyxy
        return float(max(right - left, bottom - top))


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person's face in one frame, known by an id that stays through the shot."""

    id: int
    face: Face
    look: NDArray[np.float32] | None = None
    """(D,) what tells the person from others nearby; None where nobody looked."""
    person: int = NOBODY
    """Number among the people whose pictures were given."""
    is_chosen: bool = True
    """False where the face is to be left alone."""

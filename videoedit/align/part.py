"""A part of a face that is told by points: where it is in the frame of the face.

Coordinates: pixels of a crop, (0, 0) the centre of its top-left pixel; in the frame of a face, distances between its
eyes, x along them, y down.
Shapes: P points.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Points


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of one face."""

    xy: Points
    """(P, 2) in pixels."""
    face_xy: Points
    """(5, 2), the five points of the face."""

    @property
    def unit(self) -> float:
        """Distance between the eyes in pixels."""
        return max(float(np.hypot(*(self.face_xy[1] - self.face_xy[0]))), 1e-6)

    @property
    def axes(self) -> NDArray[np.float64]:
        """(2, 2), what is right and down for the face."""
        right = (self.face_xy[1] - self.face_xy[0]) / self.unit
        return np.array([right, [-right[1], right[0]]])

    @property
    def middle(self) -> Points:
        """(2,), the origin of its shape: between the eyes, if a part has no better."""
        middle: Points = self.face_xy[:2].mean(axis=0)
        return middle

    @property
    def shape(self) -> Points:
        """(P, 2) in the frame of the face."""
        shape: Points = (self.xy - self.middle) @ self.axes.T / self.unit
        return shape

    def shaped(self, shape: Points) -> Self:
        """Return the same part with another shape (P, 2), its origin where this one's is."""
        return replace(self, xy=self.placed(shape))

    def placed(self, shape: Points) -> Points:
        """Return where points of the frame of the face (N, 2) lie, in pixels."""
        placed: Points = self.middle + self.unit * shape @ self.axes
        return placed


def symmetrical(shape: Points, mirrored: tuple[int, ...]) -> Points:
    """Return the mean of a shape and its mirror image; `mirrored` tells which point is seen as which."""
    mean: Points = (shape + shape[list(mirrored)] * [-1.0, 1.0]) / 2.0
    return mean

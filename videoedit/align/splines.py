"""How a face is bent smoothly around one of its parts: thin-plate splines that fade (Bookstein, PAMI 1989).

Coordinates: pixels of a crop. Shapes: S the side of the crop, P points, N places.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Points
from videoedit.ramps import smoothstep

Map: TypeAlias = NDArray[np.float32]

_FALL: Final = 0.25
"""Share of the reach over which bending fades."""
_ANCHORS: Final = 16
"""Points on its border that stay."""
_STIFF: Final = 1e-3
"""What points may be missed by, so that two that coincide do no harm."""
_STEP: Final = 3
"""Pixels between the places where a spline is evaluated."""


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The half ellipses around a part of a face in which it is bent."""

    middle: Points
    """(2,) in pixels."""
    unit: float
    """Distance between the eyes in pixels."""
    axes: NDArray[np.float64]
    """(2, 2), what is right and down for the face."""
    reach: tuple[float, float, float]
    """To the sides, up and down, in distances between the eyes."""

    def shifts(self, to: Points, of: Points, size: int) -> Map:
        """Return (2, S, S), as `tensors.bent` reads it: points `of` (P, 2) come to `to`, the border stays."""
        border = self._border()
        left, top = np.clip(np.floor(border.min(axis=0)), 0, size - 2).astype(int)
        right, bottom = np.clip(np.ceil(border.max(axis=0)) + 1, (left + 2, top + 2), size).astype(int)
        places = np.stack(np.meshgrid(np.arange(left, right + 1, _STEP), np.arange(top, bottom + 1, _STEP)), axis=2)
        knots = np.concatenate([to, border])
        ways = np.concatenate([of - to, np.zeros_like(border)])
        coarse = spline(knots, ways, places.reshape(-1, 2), self.unit).reshape(places.shape).astype(np.float32)
        x, y = np.meshgrid(*((np.arange(edge) / _STEP).astype(np.float32) for edge in (right - left, bottom - top)))
        fine = cv2.remap(coarse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        shifts = np.zeros((2, size, size), np.float32)
        shifts[:, top:bottom, left:right] = fine.transpose(2, 0, 1)
        return self._fading(size) * shifts

    def _border(self) -> Points:
        """Return (16, 2)."""
        turns = np.linspace(0.0, 2.0 * np.pi, _ANCHORS, endpoint=False)
        across, along = np.cos(turns), np.sin(turns)
        sideways, up, down = self.reach
        outline = np.stack([sideways * across, np.where(along < 0.0, up, down) * along], axis=1)
        border: Points = self.middle + self.unit * outline @ self.axes
        return border

    def _fading(self, size: int) -> Map:
        """Return (S, S): 1 around the part, smoothly 0 at the border of what is bent."""
        sideways, up, down = self.reach
        y, x = np.mgrid[:size, :size]
        across, along = (
            ((x - self.middle[0]) * axis[0] + (y - self.middle[1]) * axis[1]) / self.unit for axis in self.axes
        )
        away = np.hypot(across / sideways, along / np.where(along < 0.0, up, down))
        return np.asarray(smoothstep(np.clip((1.0 - away) / _FALL, 0.0, 1.0)), np.float32)


def spline(to: Points, values: Points, places: Points, unit: float, stiff: float = _STIFF) -> NDArray[np.float64]:
    """Return at places (N, 2) the thin-plate spline that has values (P, 2) at points (P, 2), or is near them."""
    knots, at = to / unit, places / unit
    plane = np.column_stack([np.ones(len(knots)), knots])
    system = np.zeros((len(knots) + 3, len(knots) + 3))
    system[: len(knots), : len(knots)] = _bumps(knots, knots) + stiff * np.eye(len(knots))
    system[: len(knots), len(knots) :], system[len(knots) :, : len(knots)] = plane, plane.T
    weights = np.linalg.solve(system, np.concatenate([values, np.zeros((3, 2))]))
    found: NDArray[np.float64] = np.column_stack([_bumps(at, knots), np.ones(len(at)), at]) @ weights
    return found


def _bumps(places: Points, knots: Points) -> NDArray[np.float64]:
    """Return r² log r² / 2 of the distances between places (N, 2) and knots (P, 2), (N, P)."""
    ends = np.square(places).sum(axis=1)[:, None] + np.square(knots).sum(axis=1)
    squares = np.maximum(ends - 2.0 * places @ knots.T, 0.0)
    bumps: NDArray[np.float64] = 0.5 * squares * np.log(squares + 1e-12)
    return bumps

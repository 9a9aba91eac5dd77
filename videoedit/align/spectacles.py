"""Where glasses lie on a face: a flat frame, bent a little, before the eyes, as the five points place it.

Coordinates: on the frame, distances between the eyes, x to the right of the picture, y down, z toward the camera, the
origin between the eyes; on pictures, pixels, (0, 0) the centre of the top-left pixel.
Shapes: S the side of the crop, P points.
"""

from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Points
from videoedit.track.yaw import yaw_of

Array: TypeAlias = NDArray[np.float64]

FORWARD: Final = 0.16
"""Of the frame before the eyes."""
_BEND: Final = 0.12
"""By how much it lies further back at a distance of 1 from its middle."""
_MOST: Final = 50.0
"""Degrees of yaw beyond which five points do not tell it."""
TURNED: Final = 18.0
"""Degrees of yaw from which on the far half of a pair is not seen well enough."""
_ACROSS: Final = np.linspace(-1.1, 1.1, 9)
"""Places on the frame by which it is found in a picture."""
SPAN: Final = (-0.4, 0.6)
"""From above to below the eyes, where glasses lie."""


def bent(x: Array, y: Array) -> Array:
    """Return places (P, 3) before the eyes of points on the flat frame, (P,) each."""
    return np.stack([x, y, FORWARD - _BEND * x**2], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """How a pair of glasses sits, against straight and in its place."""

    yaw: float = 0.0
    """Degrees, as all turns."""
    nod: float = 0.0
    roll: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    """In distances between the eyes, in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """How a frame stands in a picture."""

    origin_xy: Array
    scale: float
    """Pixels of a distance between the eyes, seen from the front."""
    axes: Array
    """(2, 3): picture from frame, at scale 1."""

    @classmethod
    def of(cls, points_xy: Points, sitting: Sitting | None = None) -> Self:
        """Place a frame on a face with these five points."""
        sits = sitting or Sitting()
        right = points_xy[1] - points_xy[0]
        yaw = float(np.clip(yaw_of(points_xy) + sits.yaw, -_MOST, _MOST))
        turn, nod = np.radians(yaw), np.radians(sits.nod)
        roll = float(np.arctan2(right[1], right[0])) + np.radians(sits.roll)
        flat = np.array([[np.cos(turn), 0, np.sin(turn)], [np.sin(turn) * np.sin(nod), np.cos(nod), -np.sin(nod)]])
        rolled = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
        scale = float(np.hypot(*right)) / float(np.cos(turn)) * sits.scale
        origin = points_xy[:2].mean(axis=0) + scale * np.asarray(sits.shift)
        return cls(origin, scale, rolled @ flat)

    def seen(self, points: Array) -> Array:
        """Return where points (P, 3) of the frame lie in the picture, (P, 2)."""
        seen: Array = self.origin_xy + self.scale * points @ self.axes.T
        return seen


def carried(
    layer: NDArray[np.float32],
    wearer_xy: Points,
    taker_xy: Points,
    *,
    span: tuple[float, float] = SPAN,
    is_mirrored: bool = True,
) -> NDArray[np.float32]:
    """Return a layer (C, S, S) of what one face wears as it lies on another; nothing lies beyond its border.

    Args:
        layer: On the crop of the face that wears it.
        wearer_xy: (5, 2), five points of that face in its crop.
        taker_xy: (5, 2), of the other face in its own.
        span: From above to below the eyes, where it lies.
        is_mirrored: It is the same on both sides, as glasses are: of a face that is turned, the near half is put on
            twice.
    """
    yaw = yaw_of(wearer_xy)
    across, down = _frame_from_picture(Pose.of(taker_xy), layer.shape[-1], span)
    if is_mirrored and abs(yaw) > TURNED:
        across = -np.sign(yaw) * np.abs(across)
    return _seen_at(layer, wearer_xy, across, down)


def exchanged(layer: NDArray[np.float32], wearer_xy: Points) -> NDArray[np.float32]:
    """Return a layer (C, S, S) of what a face with these points (5, 2) wears with left and right of it exchanged."""
    across, down = _frame_from_picture(Pose.of(wearer_xy), layer.shape[-1], SPAN)
    return _seen_at(layer, wearer_xy, -across, down)


def _seen_at(layer: NDArray[np.float32], wearer_xy: Points, across: Array, down: Array) -> NDArray[np.float32]:
    """Return what a layer (C, S, S) shows at points of its flat frame, (S·S,) across and down."""
    side = layer.shape[-1]
    source = Pose.of(wearer_xy).seen(bent(across, down)).reshape(side, side, 2).astype(np.float32)
    x, y = source[..., 0], source[..., 1]
    moved = cv2.remap(layer.transpose(1, 2, 0), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.ascontiguousarray(moved.reshape(side, side, -1).transpose(2, 0, 1), dtype=np.float32)


def _frame_from_picture(pose: Pose, side: int, span: tuple[float, float]) -> tuple[Array, Array]:
    """Return for every pixel of a crop the point of the flat frame that is seen there, (S·S,) across and down.

    The way back from the picture is a quadratic of the place in it, as near as a frame is flat.
    """
    across, down = (axis.ravel() for axis in np.meshgrid(_ACROSS, np.linspace(*span, 5)))
    seen = pose.seen(bent(across, down)) / side
    terms, *_ = np.linalg.lstsq(_terms(*seen.T), np.stack([across, down], axis=1), rcond=None)  # (6, 2)
    rows, columns = (axis.ravel() / side for axis in np.mgrid[:side, :side])
    found = _terms(columns, rows) @ terms
    return found[:, 0], found[:, 1]


def _terms(x: Array, y: Array) -> Array:
    """Return the terms of a quadratic, (P, 6), at places (P,) each."""
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)

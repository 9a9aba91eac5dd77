"""How a face moved from one of its crops to the next: what the steadied alignment has left of its motion.

The alignment is a smooth path, the head is not, so a face drifts a little in its crop. What belongs to the face, and is
averaged over time, must be moved along, or it swims on it.

Coordinates: pixels of the crop, (0, 0) the centre of the top-left pixel. Shapes: S the side of the crop.
"""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import Transform, compose, fit_similarity, inverse, resize_transform, transform_points

_SIDE: Final = 128
"""Motion is sought on crops of at most this side."""
_FACE: Final = (0.2, 0.25, 0.8, 0.85)
"""Where it is sought: left, top, right, bottom, as shares of the side."""
_GRID: Final = 10
"""Points in a row and in a column."""
_WINDOW: Final = 15
_LEVELS: Final = 2
_AGREEING: Final = 0.6
"""Share of the points that are taken for the head's; lids and lips go their own ways."""
_ROUNDS: Final = 3
_AT_ONCE: Final = 4
"""Layers that OpenCV moves in one call."""
_CUBIC: Final = 2
"""How many pixels away a resampled one may take from."""
_LEAST_FOUND: Final = 0.5
_FARTHEST: Final = 0.1
"""Share of the side that aligned faces do not move beyond; where they seem to, they are not followed."""


def motion_between(before: Image, after: Image) -> Transform:
    """Return `after_from_before`, the similarity by which a face moved between two crops (S, S, 3).

    Sparse flow (Lucas and Kanade), to which the points that agree are fitted; the identity where too few are found.
    """
    points = _grid(min(len(before), _SIDE))
    moved, is_found = _flow(points, _grey(before), _grey(after))
    if is_found.mean() < _LEAST_FOUND:
        return np.eye(2, 3)
    points, moved = points[is_found], moved[is_found]
    agrees = np.ones(len(points), np.bool_)
    for _ in range(_ROUNDS):
        small = fit_similarity(points[agrees], moved[agrees])
        errors = np.linalg.norm(transform_points(small, points) - moved, axis=1)
        agrees = errors <= np.quantile(errors, _AGREEING)
    if np.linalg.norm(transform_points(small, points) - points, axis=1).max() > _FARTHEST * min(len(before), _SIDE):
        return np.eye(2, 3)
    return _resized(small, len(before) / min(len(before), _SIDE))


def moved_along(layers: NDArray[np.float32], to_from: Transform, size: int) -> NDArray[np.float32]:
    """Resample what belongs to a face where the face has moved; its edges go on beyond its border.

    Args:
        layers: (C, s, s), over the whole crop at any resolution.
        to_from: Motion in pixels of the crop.
        size: Side of the crop.

    Returns:
        (C, s, s); the same array where nothing moved.
    """
    if np.array_equal(to_from, np.eye(2, 3)):
        return layers
    side = layers.shape[-1]
    motion = _resized(to_from, side / size)
    rows = _rows_of_change(layers, motion)
    within = motion + np.array([[0.0, 0.0, motion[0, 1] * rows.start], [0.0, 0.0, (motion[1, 1] - 1.0) * rows.start]])
    moved = np.zeros_like(layers)
    for first in range(0, len(layers), _AT_ONCE):
        some = np.s_[first : first + _AT_ONCE, rows]
        if layers[some].any():
            moved[some] = _moved(layers[some], within)
    return moved


def _rows_of_change(layers: NDArray[np.float32], motion: Transform) -> slice:
    """Return the rows outside which layers (C, s, s) are 0 before and after a motion."""
    changed = np.flatnonzero(layers.any(axis=(0, 2)))
    if not len(changed):
        return slice(0, 0)
    side = layers.shape[-1]
    corners = np.array([[0.0, 0.0], [side, 0.0], [0.0, side], [side, side]])
    border = math.ceil(np.abs(transform_points(motion, corners) - corners).max()) + _CUBIC
    return slice(max(int(changed[0]) - border, 0), int(changed[-1]) + 1 + border)


def _moved(layers: NDArray[np.float32], motion: Transform) -> NDArray[np.float32]:
    warped = cv2.warpAffine(
        cv2.merge(list(layers)),
        motion,
        layers.shape[:0:-1],
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.stack(cv2.split(warped))


def _grid(side: int) -> Points:
    left, top, right, bottom = (edge * (side - 1) for edge in _FACE)
    return np.stack(np.meshgrid(np.linspace(left, right, _GRID), np.linspace(top, bottom, _GRID)), -1).reshape(-1, 2)


def _grey(crop: Image) -> Image:
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    if len(crop) > _SIDE:
        grey = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)


def _flow(points_xy: Points, before: Image, after: Image) -> tuple[Points, NDArray[np.bool_]]:
    """Return where points went, and which of them were found."""
    start = points_xy.astype(np.float32)
    moved, is_found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, start, start.copy(), winSize=(_WINDOW, _WINDOW), maxLevel=_LEVELS
    )
    return np.asarray(moved, np.float64), np.asarray(is_found).ravel() == 1


def _resized(transform: Transform, factor: float) -> Transform:
    """Write a motion in pixels `factor` times as fine."""
    fine_from_coarse = resize_transform((factor, factor))
    return compose(fine_from_coarse, compose(transform, inverse(fine_from_coarse)))

"""Similarity transforms between five-point faces, and boxes.

Coordinates: pixels, x right, y down, (0, 0) the centre of the top-left pixel.
A transform is a (2, 3) matrix; `a_from_b` takes points of b to points of a.
"""

from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Face, Points

Transform: TypeAlias = NDArray[np.float64]  # (2, 3)


def fit_similarity(source_xy: Points, target_xy: Points) -> Transform:
    """Find the rotation, scale and shift that best take source to target.

    Least squares over all points; a mirrored source is not flipped back.

    Args:
        source_xy: (P, 2) points, P at least 2, not all equal.
        target_xy: (P, 2) points, in the same order.

    Returns:
        (2, 3) matrix `target_from_source`.

    Raises:
        ValueError: The points of the source coincide.
    """
    source_mean, target_mean = source_xy.mean(axis=0), target_xy.mean(axis=0)
    source, target = source_xy - source_mean, target_xy - target_mean
    spread = np.square(source).sum()
    if spread == 0:
        raise ValueError("source points coincide, no similarity is defined")
    cos = (source * target).sum() / spread
    sin = (source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum() / spread
    linear = np.array([[cos, -sin], [sin, cos]])
    shift = target_mean - linear @ source_mean
    return np.column_stack([linear, shift])


def inverse(a_from_b: Transform) -> Transform:
    """Return `b_from_a`."""
    linear = np.linalg.inv(a_from_b[:, :2])
    return np.column_stack([linear, -linear @ a_from_b[:, 2]])


def compose(a_from_b: Transform, b_from_c: Transform) -> Transform:
    """Return `a_from_c`: first b_from_c, then a_from_b."""
    linear = a_from_b[:, :2] @ b_from_c[:, :2]
    return np.column_stack([linear, a_from_b[:, :2] @ b_from_c[:, 2] + a_from_b[:, 2]])


def transform_points(a_from_b: Transform, points_xy: Points) -> Points:
    """Take (P, 2) points of b to points of a."""
    moved: Points = points_xy @ a_from_b[:, :2].T + a_from_b[:, 2]
    return moved


def scale_of(a_from_b: Transform) -> float:
    """Return how many pixels of a one pixel of b becomes (a similarity)."""
    return float(np.sqrt(abs(np.linalg.det(a_from_b[:, :2]))))


def resize_transform(scale_xy: tuple[float, float]) -> Transform:
    """Return `big_from_small` of a resize by `scale_xy`, which keeps picture edges, not pixel centres, in place."""
    scale_x, scale_y = scale_xy
    return np.array([[scale_x, 0.0, (scale_x - 1) / 2], [0.0, scale_y, (scale_y - 1) / 2]])


def iou(a_xyxy: NDArray[np.float64], b_xyxy: NDArray[np.float64]) -> float:
    """Return intersection over union of two (4,) boxes; 0 where they do not meet."""
    intersection = _area_of_intersection(a_xyxy, b_xyxy)
    union = _area(a_xyxy) + _area(b_xyxy) - intersection
    return intersection / union if union > 0 else 0.0


def overlap_of_smaller(a_xyxy: NDArray[np.float64], b_xyxy: NDArray[np.float64]) -> float:
    """Return the share of the smaller of two (4,) boxes that lies in the other; 0 where it has no area."""
    smaller = min(_area(a_xyxy), _area(b_xyxy))
    return _area_of_intersection(a_xyxy, b_xyxy) / smaller if smaller > 0 else 0.0


def _area(box_xyxy: NDArray[np.float64]) -> float:
    return float(np.prod(box_xyxy[2:] - box_xyxy[:2]))


def _area_of_intersection(a_xyxy: NDArray[np.float64], b_xyxy: NDArray[np.float64]) -> float:
    left_top = np.maximum(a_xyxy[:2], b_xyxy[:2])
    right_bottom = np.minimum(a_xyxy[2:], b_xyxy[2:])
    return float(np.prod(np.maximum(right_bottom - left_top, 0.0)))


def moved_face(face: Face, to_from: Transform) -> Face:
    """Take a face to other coordinates, its box upright again; where that mirrors it, left and right change places."""
    corners = transform_points(to_from, face.box_xyxy.reshape(2, 2))
    box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    points = transform_points(to_from, face.points_xy)
    if np.linalg.det(to_from[:, :2]) < 0:
        points = points[[1, 0, 2, 4, 3]]
    return replace(face, box_xyxy=box, points_xy=points)

"""Detection in every n-th picture only; in between, faces are followed by the motion of their points.

Motion is sparse optical flow (Lucas and Kanade) on grey pictures, around each face's points; a similarity fitted to it
moves the face. Where the flow and its way back disagree, or the face has changed, the detector looks again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.detect.base import FaceDetector
from videoedit.faces import Face, Points
from videoedit.frames import Image
from videoedit.geometry import fit_similarity, moved_face

_GREY_SIDE: Final = 320
"""Longer side of the pictures in which motion is sought, in pixels."""
_GRID: Final = 5
"""Points in a row and in a column of the grid over a face."""
_WINDOW: Final = 15
_LEVELS: Final = 3
_ASTRAY: Final = 0.7
"""Pixels between a point and its way there and back above which it is lost."""
_LEAST_KEPT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Effort:
    """What finding faces may cost."""

    every: int
    """The detector runs in every n-th picture."""
    side: int
    """Longer side of the picture that it sees, in pixels."""


class SparseDetector:
    """A detector for pictures in the order of a video; remembers the one before.

    `effort` is asked at every picture, so that it may change while it runs.
    """

    def __init__(self, detector: FaceDetector, effort: Callable[[], Effort]) -> None:
        self._detector, self._effort = detector, effort
        self._faces: list[Face] = []
        self._grey: Image | None = None
        self._num_followed = 0

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        """Return one list of faces per RGB picture, in its own pixels."""
        return [self._next(image) for image in images]

    def _next(self, image: Image) -> list[Face]:
        effort = self._effort()
        if effort.every == 1:
            self._grey = None
            return self._detected(image, effort.side)
        grey, scale = _grey_of(image)
        followed = None
        if self._grey is not None and self._grey.shape == grey.shape and self._num_followed + 1 < effort.every:
            followed = [_followed(face, self._grey, grey, scale) for face in self._faces]
        self._grey = grey
        if followed is None or None in followed:
            return self._detected(image, effort.side)
        self._num_followed += 1
        self._faces = [face for face in followed if face is not None]
        return self._faces

    def _detected(self, image: Image, side: int) -> list[Face]:
        self._num_followed = 0
        scale = min(1.0, side / max(image.shape[:2]))
        if scale < 1.0:
            height, width = image.shape[:2]
            size_wh = round(width * scale), round(height * scale)
            small = np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            factors = width / size_wh[0], height / size_wh[1]
            self._faces = [_enlarged(face, factors) for face in self._detector.detect([small])[0]]
        else:
            self._faces = self._detector.detect([image])[0]
        return self._faces


def _grey_of(image: Image) -> tuple[Image, float]:
    """Return a small grey picture, and its pixels for one of the picture."""
    scale = min(1.0, _GREY_SIDE / max(image.shape[:2]))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if scale < 1.0:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, dtype=np.uint8), scale


def _enlarged(face: Face, factors_xy: tuple[float, float]) -> Face:
    """Take a face from a reduced picture to the whole one; edges, not pixel centres, are what a resize keeps."""
    factors = np.array(factors_xy)
    box, points = ((xy + 0.5) * factors - 0.5 for xy in (face.box_xyxy.reshape(2, 2), face.points_xy))
    return Face(box.reshape(4), points, face.score)


def _followed(face: Face, before: Image, after: Image, scale: float) -> Face | None:
    """Move a face as the picture moved around it; None where that cannot be told."""
    grid = _grid_over(face) * scale
    moved, is_kept = _flow(grid, before, after)
    if is_kept.mean() < _LEAST_KEPT:
        return None
    after_from_before = fit_similarity(grid[is_kept] / scale, moved[is_kept] / scale)
    return moved_face(face, after_from_before)


def _grid_over(face: Face) -> Points:
    """Spread points over the middle of a face, where it and not the background is seen."""
    low, high = face.points_xy.min(axis=0), face.points_xy.max(axis=0)
    margin = 0.15 * (high - low)
    xs, ys = (np.linspace(low[i] - margin[i], high[i] + margin[i], _GRID) for i in (0, 1))
    return np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)


def _flow(points_xy: Points, before: Image, after: Image) -> tuple[Points, NDArray[np.bool_]]:
    """Return where points went, and which of them come back to where they were."""
    start = points_xy.astype(np.float32)
    forth, is_found = _flow_one_way(start, before, after)
    back, is_back = _flow_one_way(forth, after, before)
    is_kept = is_found & is_back & (np.linalg.norm(back - start, axis=1) < _ASTRAY)
    return forth.astype(np.float64), is_kept


def _flow_one_way(
    points_xy: NDArray[np.float32], before: Image, after: Image
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    moved, is_found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points_xy, points_xy.copy(), winSize=(_WINDOW, _WINDOW), maxLevel=_LEVELS
    )
    return np.asarray(moved, np.float32), np.asarray(is_found).ravel() == 1

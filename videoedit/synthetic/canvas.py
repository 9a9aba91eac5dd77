"""What is narrower than a pixel is drawn larger, and shrunk. Points are in the picture's pixels, (P, 2)."""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Canvas: TypeAlias = NDArray[np.uint8]  # (4 S, 4 S)
Map: TypeAlias = NDArray[np.float32]  # (S, S), shares of pixels

_FINER: Final = 4
"""How many times larger."""


def blank(size: int) -> Canvas:
    """Return a canvas of nothing, for a picture of such a side."""
    return np.zeros((size * _FINER, size * _FINER), np.uint8)


def fill(canvas: Canvas, outline_xy: NDArray[np.float64], value: int) -> None:
    """Fill an outline."""
    cv2.fillPoly(canvas, [_finely(outline_xy)], value)


def draw_line(canvas: Canvas, line_xy: NDArray[np.float64], width: float) -> None:
    """Draw a line, so many of the picture's pixels wide."""
    cv2.polylines(canvas, [_finely(line_xy)], False, 255, max(1, round(width * _FINER)))


def shrunk(canvas: Canvas) -> Map:
    """Return the share of each of the picture's pixels that is drawn on."""
    size = canvas.shape[0] // _FINER
    return np.asarray(cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA) / 255.0, dtype=np.float32)


def _finely(points_xy: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.round((points_xy + 0.5) * _FINER - 0.5).astype(np.int32)

"""Fine lines and pores drawn on faces, which small pictures of faces have lost and large ones show.

Shapes: pictures (S, S, 3), maps (S, S). Lengths are distances between the eyes.
"""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.align.eyes import from_eyes
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.synthetic.canvas import blank, draw_line, shrunk
from videoedit.synthetic.noise import uneven

Map: TypeAlias = NDArray[np.float32]  # (S, S)

_MOST_LINES: Final = 7
"""Of a kind on a side."""
_NUM_POINTS: Final = 9
"""Of a line."""
_FOLDED: Final = np.array([0.75, 1.0, 1.1], np.float32)
"""Shares of red, green and blue that a fold of skin takes: it is redder than its surroundings."""


def aged(face: Image, points_xy: Points, rng: Generator) -> Image:
    """Return a face (S, S, 3) with lines beside, below and above its eyes, and pores.

    `points_xy` is (5, 2) in its pixels.
    """
    size = face.shape[0]
    apart = float(np.linalg.norm(points_xy[1] - points_xy[0]))
    relief = _lines(size, points_xy, apart, rng) + rng.uniform(0.0, 0.15) * uneven(
        size, rng.uniform(0.008, 0.03) * apart, rng
    )
    across, above = from_eyes(points_xy, size)
    near = np.clip(3.0 * (1.0 - np.hypot(across / 1.3, (above + 0.3) / 1.6)), 0, 1)
    picture = face.astype(np.float32) * (1.0 - (near * np.clip(relief, -0.3, 0.5))[..., None] * _FOLDED)
    if rng.random() < 0.5:
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(1.0, 2.5))
        picture += rng.uniform(0.3, 1.5) * (picture - soft)
    return np.asarray(np.clip(picture + 0.5, 0, 255), np.uint8)


def _lines(size: int, points_xy: Points, apart: float, rng: Generator) -> Map:
    """Return the share of the light that lines take, negative where skin beside them is in it."""
    dark: Map = np.zeros((size, size), np.float32)
    right = (points_xy[1] - points_xy[0]) / apart
    basis = np.stack([right, (-right[1], right[0])])  # of the face's axes in pixels
    for side, eye in ((-1, points_xy[0]), (1, points_xy[1])):
        for kind in (_beside, _below, _above):
            for _ in range(int(rng.integers(0, _MOST_LINES))):
                line = eye + (kind(rng) * (side, 1)) @ basis * apart
                dark = np.maximum(dark, _drawn(size, line, apart, rng))
    beside = np.roll(dark, (1, 1), (0, 1))
    return np.asarray(dark - rng.uniform(0, 0.5) * beside, np.float32)


def _beside(rng: Generator) -> NDArray[np.float64]:
    """Draw a line (P, 2) that runs outward from an eye's outer corner."""
    start, length, slope = rng.uniform(0.25, 0.45), rng.uniform(0.1, 0.4), rng.uniform(-0.6, 0.9)
    t = np.linspace(0, 1, _NUM_POINTS)
    return np.stack([start + length * t, slope * (0.1 + length * t) + rng.uniform(-0.1, 0.1) * t**2], axis=1)


def _below(rng: Generator) -> NDArray[np.float64]:
    """Draw an arc (P, 2) below an eye."""
    return _arc(rng, rng.uniform(0.1, 0.5), rng.uniform(0.0, 0.15))


def _above(rng: Generator) -> NDArray[np.float64]:
    """Draw an arc (P, 2) above an eye, up to the forehead's middle."""
    return _arc(rng, -rng.uniform(0.1, 0.8), -rng.uniform(0.0, 0.1))


def _arc(rng: Generator, low: float, sag: float) -> NDArray[np.float64]:
    middle, half = rng.uniform(-0.15, 0.3), rng.uniform(0.08, 0.35)
    t = np.linspace(-1, 1, _NUM_POINTS)
    return np.stack([middle + half * t, low + rng.uniform(-0.15, 0.25) * half * t + sag * (1 - t**2)], axis=1)


def _drawn(size: int, line: NDArray[np.float64], apart: float, rng: Generator) -> Map:
    """Draw one line, softly."""
    canvas = blank(size)
    draw_line(canvas, line, rng.uniform(0.006, 0.022) * apart)
    soft = cv2.GaussianBlur(shrunk(canvas), (0, 0), rng.uniform(0.4, 1.4))
    return np.asarray(rng.uniform(0.05, 0.4) * soft, np.float32)

"""Drawn faces whose brows are known, for tests."""

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.align.brows import LEFT, RIGHT, Brows
from videoedit.align.templates import template_points
from videoedit.faces import Points

SIZE = 256
SKIN, HAIR = 0.4, -0.6


def drawn_brows(height: float, *, thick: float = 0.08, face_xy: Points | None = None) -> Brows:
    """Return level brows whose middle lies so high above the eyes, in distances between them."""
    across = np.linspace(-0.85, -0.2, 5)
    left = np.stack([np.tile(across, 2), -height + np.repeat([-thick / 2, thick / 2], 5)], axis=1)
    xy = template_points("elegant", SIZE) if face_xy is None else face_xy
    return Brows(np.zeros((20, 2)), xy).shaped(np.concatenate([left, left * [-1.0, 1.0]]))


def face_with(brows: Brows, colour: float = HAIR) -> NDArray[np.float32]:
    """Return a face (1, 3, S, S) in -1..1 of one colour, with brows on it."""
    return np.where(mask_of(brows) > 0, colour, SKIN).astype(np.float32)[None, None].repeat(3, axis=1)


def mask_of(brows: Brows) -> NDArray[np.uint8]:
    """Return (S, S): 1 within brows."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    for half in (list(LEFT), list(RIGHT)):
        outline = np.concatenate([brows.xy[half[:5]], brows.xy[half[5:]][::-1]])
        cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    return mask

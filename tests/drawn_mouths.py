"""Drawn mouths whose lips are known, for tests."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.align.lips import INNER_LOWER, INNER_UPPER, NUM_LIPS, OUTER_LOWER, OUTER_UPPER, Lips
from videoedit.align.templates import template_points
from videoedit.faces import Points
from videoedit.frames import Image

SIZE = 256
SKIN, LIP, TEETH = (205, 160, 140), (170, 80, 75), (235, 230, 225)
THICK = (0.09, 0.15)


def drawn_lips(
    *,
    width: float,
    gap: float,
    lower: float = 0.0,
    arch: float = 0.0,
    face_xy: Points | None = None,
) -> Lips:
    """Return lips of a face that looks straight out of a crop; all in distances between the eyes.

    Args:
        width: From corner to corner.
        gap: How far the mouth is open in the middle.
        lower: How much lower than usual the corners are.
        arch: How far the upper lip hangs below them.
        face_xy: Five points of the face.
    """
    xy = template_points("elegant", SIZE) if face_xy is None else face_xy
    across = np.linspace(-1.0, 1.0, 11)
    round_ = 1.0 - across**2
    upper_thick, lower_thick = THICK
    shape = np.zeros((NUM_LIPS, 2))
    shape[OUTER_UPPER, 1] = arch * round_ - upper_thick * round_
    shape[OUTER_LOWER, 1] = (arch + gap + lower_thick) * round_
    shape[INNER_UPPER, 1] = arch * round_
    shape[INNER_LOWER, 1] = (arch + gap) * round_
    for half, share in ((OUTER_UPPER, 1.0), (OUTER_LOWER, 1.0), (INNER_UPPER, 0.9), (INNER_LOWER, 0.9)):
        shape[half, 0] = across * share * width / 2.0
    middle = np.tile(xy[3:].mean(axis=0), (NUM_LIPS, 1))
    return Lips(middle, xy).shaped(shape + np.array([0.0, lower]))


def drawn_mouth(
    lips: Lips, *, skin: Sequence[int] = SKIN, lip: Sequence[int] = LIP, teeth: Sequence[int] = TEETH
) -> Image:
    """Draw a face of one colour with these lips, and teeth where they are open."""
    picture = np.empty((SIZE, SIZE, 3), np.uint8)
    picture[:] = skin
    for upper, lower, colour in ((OUTER_UPPER, OUTER_LOWER, lip), (INNER_UPPER, INNER_LOWER, teeth)):
        outline = np.concatenate([lips.xy[upper], lips.xy[lower][::-1]])
        if colour is lip or (lips.xy[lower] - lips.xy[upper])[:, 1].max() > 1:
            cv2.fillPoly(picture, [np.round(outline * 16).astype(np.int32)], tuple(colour), cv2.LINE_AA, 4)
    return picture


def facing(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much of a picture (S, S, 3) in 0..1 is tooth: by its blue, of which skin and lips have little."""
    return np.asarray((picture[..., 2] - SKIN[2] / 255) / ((TEETH[2] - SKIN[2]) / 255), np.float32)

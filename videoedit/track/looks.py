"""How a face looks, in a few numbers: enough to tell two people in one scene apart, and a face from what hides it.

A look is a vector; the squared distance of two looks is what they differ. It holds the face's light and dark at its
own contrast, and its colours on a coarse grid. It is no recognition: light and pose change it.
"""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.align.crop import warp_image
from videoedit.align.templates import crop_from_points
from videoedit.faces import Points
from videoedit.frames import Image

Look: TypeAlias = NDArray[np.float32]  # (D,)

LOOK_SIZE: Final = 32
"""Side in pixels of the aligned crop that is looked at."""
ALIKE: Final = 0.45
"""Looks of one person five frames apart differ less in 9 of 10 cases, looks of two people more in 19 of 20."""

_PATTERN: Final = 16
_COLOURS: Final = 4
_LAB_FROM_CODES: Final = np.array([100.0 / 256.0, 1.0, 1.0], np.float32)
_COLOUR_VARIANCE: Final = 150.0
"""Mean squared difference of Lab colours (lightness 0..100) that counts as much as an opposite pattern does twice."""


def look_of_crop(crop: Image) -> Look:
    """Describe an aligned crop (32, 32, 3)."""
    grey = cv2.resize(crop, (_PATTERN, _PATTERN), interpolation=cv2.INTER_AREA).astype(np.float32).mean(axis=2)
    pattern = (grey - grey.mean()).ravel()
    pattern /= np.sqrt(2.0) * max(float(np.linalg.norm(pattern)), 1.0)
    small = cv2.resize(crop, (_COLOURS, _COLOURS), interpolation=cv2.INTER_AREA).astype(np.uint8)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32) * _LAB_FROM_CODES
    colours = lab.ravel() / np.sqrt(_COLOUR_VARIANCE * lab.size)
    return np.concatenate([pattern, colours]).astype(np.float32)


def look_of_points(image: Image, points_xy: Points, template: str) -> Look:
    """Describe the face of a picture whose five points are known, in the picture's pixels, on an alignment."""
    return look_of_crop(warp_image(image, crop_from_points(points_xy, template, LOOK_SIZE), LOOK_SIZE))


def difference(a: Look, b: Look) -> float:
    """Return the squared distance of two looks; see `ALIKE`."""
    return float(np.square(a - b).sum())

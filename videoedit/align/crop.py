"""Band-limited warp of a picture into a network's crop; training and editing both use it.

Coordinates: (0, 0) is the centre of the top-left pixel, in the picture and in the crop.
"""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.geometry import Transform, compose, inverse, resize_transform, scale_of

_MAX_OVERSAMPLING: Final = 16
"""Faces more than this many times larger than the crop alias a little instead of costing ever more."""


def warp_image(image: Image, crop_from_image: Transform, size: int) -> Image:
    """Resample a picture into a square crop; what is reduced is averaged first.

    Args:
        image: (H, W, 3) uint8.
        crop_from_image: (2, 3) similarity.
        size: Side of the crop in pixels.

    Returns:
        (size, size, 3) uint8. Beyond the picture its border pixels are repeated.
    """
    oversampling = min(math.ceil(1.0 / scale_of(crop_from_image) - 1e-6), _MAX_OVERSAMPLING)
    if oversampling <= 1:
        return _warp(image, crop_from_image, size, cv2.INTER_CUBIC)
    crop_from_fine = inverse(resize_transform((oversampling, oversampling)))
    fine_from_image = compose(inverse(crop_from_fine), crop_from_image)
    fine = _warp(image, fine_from_image, size * oversampling, cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(fine, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def bent_picture(
    picture: NDArray[np.float32], shifts: NDArray[np.float32], left_top: tuple[int, int] = (0, 0)
) -> NDArray[np.float32]:
    """Return a part of a picture whose every pixel shows what lay so far from it; as `tensors.bent`, for pictures.

    Args:
        picture: (H, W, 3).
        shifts: (h, w, 2), to the right and down, in pixels; where they are 0 nothing changes.
        left_top: Where in the picture the part begins.
    """
    height, width = shifts.shape[:2]
    left, top = left_top
    y, x = np.mgrid[top : top + height, left : left + width].astype(np.float32)
    moved = cv2.remap(picture, x + shifts[..., 0], y + shifts[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _warp(image: Image, crop_from_image: Transform, size: int, interpolation: int) -> Image:
    warped = cv2.warpAffine(image, crop_from_image, (size, size), flags=interpolation, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)

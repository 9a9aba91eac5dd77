"""A face's crop straight from a frame's planes: only its surroundings are converted to RGB."""

import numpy as np

from videoedit.align.crop import warp_image
from videoedit.colour import Box, on_chroma_grid, region_rgb, to_image
from videoedit.frames import Frame, Image
from videoedit.geometry import Transform, inverse, transform_points
from videoedit.tone import to_sdr

_BORDER = 4
"""Pixels around the crop that the interpolation may reach, in pixels of the frame."""


def crop_of_frame(frame: Frame, crop_from_frame: Transform, size: int) -> Image:
    """Convert and resample one face.

    Args:
        frame: Any direct format.
        crop_from_frame: (2, 3) similarity.
        size: Side of the crop in pixels.

    Returns:
        (size, size, 3) uint8. Beyond the picture its border pixels are repeated.
    """
    left, top, right, bottom = box_of_crop(frame, crop_from_frame, size, _BORDER)
    region = to_image(to_sdr(region_rgb(frame, (left, top, right, bottom)), frame.format))
    crop_from_region = crop_from_frame.copy()
    crop_from_region[:, 2] += crop_from_frame[:, :2] @ [left, top]
    return warp_image(region, crop_from_region, size)


def box_of_crop(frame: Frame, crop_from_frame: Transform, size: int, border: int = 0) -> Box:
    """Return the upright box around a crop, on the chroma grid and inside the picture; never empty.

    Right and bottom are exclusive.
    """
    return box_of_part(frame, crop_from_frame, (0.0, 0.0, size - 1.0, size - 1.0), border)


def box_of_part(
    frame: Frame, crop_from_frame: Transform, part_xyxy: tuple[float, float, float, float], border: int = 0
) -> Box:
    """Return the same around a part of a crop, given by the centres of its first and last pixels."""
    x0, y0, x1, y1 = part_xyxy
    corners = np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]], dtype=np.float64)
    on_frame = transform_points(inverse(crop_from_frame), corners)
    width, height = frame.size_wh
    left, top = np.floor(on_frame.min(axis=0)).astype(int) - border
    right, bottom = np.ceil(on_frame.max(axis=0)).astype(int) + 1 + border
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    box = (left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height))
    return on_chroma_grid(box, frame.format, frame.size_wh)

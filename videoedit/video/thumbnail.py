"""A small upright RGB picture of a frame for the detector, by swscale."""

from typing import Any

import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from videoedit.colour import to_image
from videoedit.frames import Frame, Image, PixelFormat
from videoedit.geometry import Transform, compose, resize_transform
from videoedit.tone import is_hdr, to_sdr


def thumbnail(frame: Frame, max_side: int) -> tuple[Image, Transform]:
    """Reduce a frame, averaging, and turn it upright; a frame that is small already keeps its size.

    Args:
        frame: Straight from the reader.
        max_side: Longer side of the result in pixels.

    Returns:
        (h, w, 3) uint8 RGB, and `frame_from_thumbnail`.
    """
    width, height = frame.size_wh
    shrink = min(1.0, max_side / max(width, height))
    small_wh = max(round(width * shrink), 1), max(round(height * shrink), 1)
    picture = frame.origin.reformat(
        width=small_wh[0],
        height=small_wh[1],
        format="rgb48le" if is_hdr(frame.format) else "rgb24",
        interpolation=Interpolation.AREA,
    )
    image = _as_shown(picture.to_ndarray(), frame.format)
    frame_from_small = resize_transform((width / small_wh[0], height / small_wh[1]))
    upright = np.ascontiguousarray(frame.upright(image))
    return upright, compose(frame_from_small, stored_from_upright(frame, small_wh))


def _as_shown(samples: NDArray[Any], pixel_format: PixelFormat) -> Image:
    """Return RGB as a standard screen shows it."""
    if not is_hdr(pixel_format):
        return np.asarray(samples, dtype=np.uint8)
    return to_image(to_sdr(samples.astype(np.float32) / np.float32(65535), pixel_format))


def stored_from_upright(frame: Frame, size_wh: tuple[int, int]) -> Transform:
    """Return the transform that undoes how a frame is shown, turned and mirrored.

    Args:
        frame: Tells how it is shown.
        size_wh: Width and height of the stored picture, which may be reduced.
    """
    width, height = size_wh
    right, bottom = width - 1.0, height - 1.0
    stored_from_turned = {
        0: np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        90: np.array([[0.0, -1.0, right], [1.0, 0.0, 0.0]]),
        180: np.array([[-1.0, 0.0, right], [0.0, -1.0, bottom]]),
        270: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, bottom]]),
    }[frame.rotation % 360]
    if not frame.is_mirrored:
        return stored_from_turned
    shown_right = bottom if frame.rotation % 180 else right
    return compose(stored_from_turned, np.array([[-1.0, 0.0, shown_right], [0.0, 1.0, 0.0]]))

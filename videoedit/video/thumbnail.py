"""A small RGB picture of a frame for the detector, by swscale."""

import numpy as np
from av.video.reformatter import Interpolation

from videoedit.frames import Frame, Image
from videoedit.geometry import Transform, resize_transform


def thumbnail(frame: Frame, max_side: int) -> tuple[Image, Transform]:
    """Reduce a frame, averaging; a frame that is small already keeps its size.

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
        width=small_wh[0], height=small_wh[1], format="rgb24", interpolation=Interpolation.AREA
    )
    image = np.asarray(picture.to_ndarray(), dtype=np.uint8)
    return image, resize_transform((width / small_wh[0], height / small_wh[1]))

"""A live frame as FFmpeg's picture for an encoder, and as what a screen shows; both upright."""

import av
import numpy as np

from videoedit.frames import Frame, Image
from videoedit.video.shape import shape_of

_MATRICES = {"bt709": 1, "bt601": 5, "bt2020": 9}
"""AVColorSpace by the project's name."""


def picture_of(frame: Frame, pixel_format: str) -> av.VideoFrame:
    """Put a frame into a picture with even sides; it has no time yet."""
    if frame.rotation:
        upright = av.VideoFrame.from_ndarray(shown(frame), format="rgb24")
        return upright.reformat(upright.width // 2 * 2, upright.height // 2 * 2, pixel_format)
    return shape_of(frame, pixel_format, whole_chroma=True).picture_of(frame)


def shown(frame: Frame) -> Image:
    """Return a whole frame as a screen shows it, (h, w, 3)."""
    picture = shape_of(frame, frame.format.name.replace("yuvj", "yuv"), whole_chroma=False).picture_of(frame)
    if frame.format.matrix in _MATRICES:
        picture.colorspace = _MATRICES[frame.format.matrix]  # untagged pictures would all be taken for BT.601
    image = np.asarray(picture.to_ndarray(format="rgb24"), dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(image, frame.rotation // 90))

"""A live frame as FFmpeg's picture for an encoder, and as what a screen shows; both upright."""

from fractions import Fraction

import av
import numpy as np

from videoedit.frames import Frame, Image
from videoedit.video.writing.shape import Wanted, is_turned, shape_of, upright

_MATRICES = {"bt709": 1, "bt601": 5, "bt2020": 9}
"""AVColorSpace by the project's name."""


def picture_of(frame: Frame, pixel_format: str) -> av.VideoFrame:
    """Put a frame into a picture with even sides; it has no time yet."""
    return _upright_picture(frame, pixel_format, needs_whole_chroma=True)


def shown(frame: Frame) -> Image:
    """Return a whole frame as a screen shows it, (h, w, 3)."""
    frame = upright(frame) if is_turned(frame) else frame
    picture = _upright_picture(frame, frame.format.name.replace("yuvj", "yuv"), needs_whole_chroma=False)
    if frame.format.matrix in _MATRICES:
        picture.colorspace = _MATRICES[frame.format.matrix]  # untagged pictures would all be taken for BT.601
    return np.asarray(picture.to_ndarray(format="rgb24"), dtype=np.uint8)


def _upright_picture(frame: Frame, pixel_format: str, *, needs_whole_chroma: bool) -> av.VideoFrame:
    wanted = Wanted(
        pixel_format=pixel_format,
        scale=Fraction(1),
        aspect=Fraction(1),
        keeps_orientation=False,
        keeps_aspect=True,
        needs_whole_chroma=needs_whole_chroma,
    )
    return shape_of(frame, wanted).picture_of(frame)

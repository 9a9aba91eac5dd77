"""Frames as the encoder takes them: its pixel format, its kind of size, everything else as it was.

Shapes: (h, w) the samples of one plane.
"""

from dataclasses import dataclass
from typing import Final

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation

from videoedit.frames import Frame, Plane

_MATRIX: Final = {"rgb": 0, "bt709": 1, "bt601": 6, "bt2020": 9}
"""AVColorSpace of the project's matrices."""
_SWSCALE: Final = {1: Colorspace.ITU709, 5: Colorspace.ITU601, 6: Colorspace.ITU601, 9: Colorspace.BT2020}
"""swscale's own numbers for them."""
_LIMITED, _FULL = 1, 2
_HD_LINES: Final = 720
_CAREFUL: Final = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT

TAGS: Final = ("colorspace", "color_range", "color_primaries", "color_trc")
"""Names of the colour tags, of pictures and of encoders alike."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What becomes of every frame of a video on its way to the encoder."""

    size_wh: tuple[int, int]
    """Width and height of the encoded pictures; at most a chroma sample more than the frames'."""
    pixel_format: str
    tags: dict[str, int]
    """The colour tags of the encoded pictures."""

    def picture_of(self, frame: Frame) -> av.VideoFrame:
        """Put a frame's planes into a picture for the encoder; it has no time yet."""
        picture = _picture(_padded(frame, self.size_wh), self.size_wh, frame.format.name.replace("yuvj", "yuv"))
        if picture.format.name != self.pixel_format:
            picture = _converted(picture, frame, self)
        for name, value in self.tags.items():
            setattr(picture, name, value)
        return picture


def shape_of(frame: Frame, pixel_format: str, *, whole_chroma: bool) -> Shape:
    """Settle the shape of a video by its first frame.

    Args:
        frame: Straight from the reader.
        pixel_format: What the encoder is given.
        whole_chroma: True where the encoder refuses sizes that cut through a chroma sample.
    """
    width, height = frame.size_wh
    if whole_chroma:
        encoded = av.VideoFormat(pixel_format)
        step_x, step_y = 4 // encoded.chroma_width(4), 4 // encoded.chroma_height(4)
        width, height = -(-width // step_x) * step_x, -(-height // step_y) * step_y
    return Shape((width, height), pixel_format, _tags_of(frame, pixel_format))


def _tags_of(frame: Frame, pixel_format: str) -> dict[str, int]:
    """Return the frame's own tags, but where the kind of colours changes."""
    tags = {name: int(getattr(frame.origin, name)) for name in TAGS}
    if frame.format.is_full_range:
        tags["color_range"] = _FULL
    if av.VideoFormat(pixel_format).is_rgb:
        return tags | {"colorspace": _MATRIX["rgb"], "color_range": _FULL}
    if frame.format.matrix == "rgb":
        matrix = "bt709" if frame.size_wh[1] >= _HD_LINES else "bt601"
        return tags | {"colorspace": _MATRIX[matrix], "color_range": _LIMITED}
    return tags


def _padded(frame: Frame, size_wh: tuple[int, int]) -> tuple[Plane, ...]:
    """Repeat the last column and row of every plane up to the size, where it is larger."""
    if size_wh == frame.size_wh:
        return frame.planes
    width, height = size_wh
    shift_x, shift_y = frame.format.chroma_shift_xy
    luma, *chroma = frame.planes
    small = (-(-height >> shift_y), -(-width >> shift_x))
    return _grown(luma, (height, width)), *(_grown(plane, small) for plane in chroma)


def _grown(plane: Plane, shape_hw: tuple[int, int]) -> Plane:
    rows, columns = (np.minimum(np.arange(new), old - 1) for new, old in zip(shape_hw, plane.shape, strict=True))
    grown: Plane = plane[rows][:, columns]
    return grown


def _picture(planes: tuple[Plane, ...], size_wh: tuple[int, int], name: str) -> av.VideoFrame:
    picture = av.VideoFrame(*size_wh, name)
    for plane, samples in zip(picture.planes, planes, strict=True):
        view = np.frombuffer(memoryview(plane), samples.dtype).reshape(plane.height, -1)
        view[:, : plane.width] = samples
    return picture


def _converted(picture: av.VideoFrame, frame: Frame, shape: Shape) -> av.VideoFrame:
    """Let swscale change the pixel format; which matrix and range are meant is said even where nothing is tagged."""
    picture.colorspace = _MATRIX[frame.format.matrix]
    picture.color_range = _FULL if frame.format.is_full_range else _LIMITED
    matrix = shape.tags["colorspace"]
    if matrix not in _SWSCALE:
        matrix = _MATRIX[frame.format.matrix]
    return picture.reformat(
        format=shape.pixel_format,
        dst_colorspace=_SWSCALE.get(matrix),
        dst_color_range=_FULL if shape.tags["color_range"] == _FULL else _LIMITED,
        interpolation=_CAREFUL,
    )

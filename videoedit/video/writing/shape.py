"""Frames as the encoder takes them: its pixel format and kind of size, turned and scaled where that is needed."""

from dataclasses import dataclass, replace
from fractions import Fraction
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
_TURNED_FORMAT: Final = {f"yuv422p{depth}": f"yuv440p{depth}" for depth in ("", "10le", "12le")}

TAGS: Final = ("colorspace", "color_range", "color_primaries", "color_trc")
"""Names of the colour tags, of pictures and of encoders alike."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What becomes of every frame of a video on its way to the encoder."""

    size_wh: tuple[int, int]
    """Width and height of the encoded pictures."""
    padded_wh: tuple[int, int]
    """The same before scaling: the upright or stored size, at most a chroma sample more than the frames'."""
    pixel_format: str
    tags: dict[str, int]
    """The colour tags of the encoded pictures."""
    aspect: Fraction
    """Width of an encoded pixel as a multiple of its height."""
    turns: bool
    """True where pictures are turned for display, since the container cannot say it."""

    def picture_of(self, frame: Frame) -> av.VideoFrame:
        """Put a frame's planes into a picture for the encoder; it has no time yet."""
        frame = upright(frame) if self.turns else frame
        name = frame.format.name.replace("yuvj", "yuv")
        picture = _picture(_padded(frame, self.padded_wh), self.padded_wh, name)
        if (name, self.padded_wh) != (self.pixel_format, self.size_wh):
            picture = _converted(picture, frame, self)
        for tag, value in self.tags.items():
            setattr(picture, tag, value)
        return picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What decides the shape beside the first frame."""

    pixel_format: str
    scale: Fraction
    """Factor of width and height."""
    aspect: Fraction
    """Width of a stored pixel as a multiple of its height."""
    keeps_orientation: bool
    """False where pictures have to be turned for display."""
    keeps_aspect: bool
    """False where pixels have to be square."""
    needs_whole_chroma: bool
    """True where the encoder refuses sizes that cut through a chroma sample."""


def shape_of(frame: Frame, wanted: Wanted) -> Shape:
    """Settle the shape of a video by its first frame."""
    turns = is_turned(frame) and not wanted.keeps_orientation
    shown = upright(frame) if turns else frame
    aspect = 1 / wanted.aspect if turns and frame.rotation % 180 else wanted.aspect
    stretch = 1 if wanted.keeps_aspect else aspect
    padded = shown.size_wh
    size = max(round(padded[0] * wanted.scale * stretch), 1), max(round(padded[1] * wanted.scale), 1)
    if wanted.needs_whole_chroma:
        padded = _whole(padded, wanted.pixel_format) if size == padded else padded
        size = _whole(size, wanted.pixel_format)
    return Shape(size, padded, wanted.pixel_format, _tags_of(shown, wanted.pixel_format), aspect / stretch, turns=turns)


def is_turned(frame: Frame) -> bool:
    """Tell whether a frame is shown otherwise than it is stored."""
    return (frame.rotation, frame.is_mirrored) != (0, False)


def upright(frame: Frame) -> Frame:
    """Return the frame as it is shown, by moving samples; an odd side is made even first where chroma is shared.

    Turned by a quarter, chroma that was halved from left to right is halved from top to bottom.
    """
    frame = replace(frame, planes=_padded(frame, _whole(frame.size_wh, frame.format.name)))
    planes = tuple(np.ascontiguousarray(frame.upright(plane)) for plane in frame.planes)
    pixel_format = frame.format
    if frame.rotation % 180:
        shift_x, shift_y = pixel_format.chroma_shift_xy
        name = pixel_format.name.replace("yuvj", "yuv")
        pixel_format = replace(pixel_format, name=_TURNED_FORMAT.get(name, name), chroma_shift_xy=(shift_y, shift_x))
    return replace(frame, planes=planes, format=pixel_format, rotation=0, is_mirrored=False)


def _whole(size_wh: tuple[int, int], pixel_format: str) -> tuple[int, int]:
    """Enlarge a size to whole chroma samples."""
    described = av.VideoFormat(pixel_format)
    step_x, step_y = 4 // described.chroma_width(4), 4 // described.chroma_height(4)
    return -(-size_wh[0] // step_x) * step_x, -(-size_wh[1] // step_y) * step_y


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
    """Let swscale change format and size; which matrix and range are meant is said even where nothing is tagged."""
    picture.colorspace = _MATRIX[frame.format.matrix]
    picture.color_range = _FULL if frame.format.is_full_range else _LIMITED
    matrix = shape.tags["colorspace"]
    if matrix not in _SWSCALE:
        matrix = _MATRIX[frame.format.matrix]
    return picture.reformat(
        width=shape.size_wh[0],
        height=shape.size_wh[1],
        format=shape.pixel_format,
        dst_colorspace=_SWSCALE.get(matrix),
        dst_color_range=_FULL if shape.tags["color_range"] == _FULL else _LIMITED,
        interpolation=_CAREFUL,
    )

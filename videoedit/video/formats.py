"""FFmpeg's pixel formats and colour tags as the project's `PixelFormat`, with the defaults for untagged video."""

from typing import Final

import av

from videoedit.frames import PixelFormat

_MATRICES: Final = {1: "bt709", 5: "bt601", 6: "bt601", 4: "bt601", 9: "bt2020", 10: "bt2020"}
"""AVColorSpace to matrix; 2 (unspecified) and the rest go by the picture's height."""
_FULL_RANGE: Final = 2  # AVCOL_RANGE_JPEG
_HDR_TRANSFERS: Final = {16: "PQ", 18: "HLG"}
_HD_LINES: Final = 720

DIRECT: Final = {
    f"yuv{sampling}p{suffix}": (depth, shifts)
    for sampling, shifts in (("420", (1, 1)), ("422", (1, 0)), ("444", (0, 0)))
    for suffix, depth in (("", 8), ("10le", 10), ("12le", 12))
} | {f"yuvj{sampling}p": (8, shifts) for sampling, shifts in (("420", (1, 1)), ("422", (1, 0)), ("444", (0, 0)))}
"""Formats whose planes are edited in place: depth and chroma shifts by FFmpeg's name."""

_NEAREST: Final = {
    "gray": "yuv420p",
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "p010le": "yuv420p10le",
    "yuyv422": "yuv422p",
}


def direct_format(name: str) -> str:
    """Return the direct format that holds what `name` holds, or itself where it is direct.

    >>> direct_format("nv12"), direct_format("yuv422p10le"), direct_format("rgb24")
    ('yuv420p', 'yuv422p10le', 'yuv444p')
    """
    return name if name in DIRECT else _NEAREST.get(name, "yuv444p")


def format_of(picture: av.VideoFrame) -> PixelFormat:
    """Describe a picture of a direct format; untagged video is limited range, BT.709 from 720 lines, BT.601 below."""
    name = picture.format.name
    depth, shifts = DIRECT[name]
    default = "bt709" if picture.height >= _HD_LINES else "bt601"
    is_full_range = name.startswith("yuvj") or int(picture.color_range) == _FULL_RANGE
    return PixelFormat(name, depth, shifts, _MATRICES.get(int(picture.colorspace), default), is_full_range)


def hdr_name(picture: av.VideoFrame) -> str | None:
    """Return PQ or HLG for a high-dynamic-range picture, else None."""
    return _HDR_TRANSFERS.get(int(picture.color_trc))

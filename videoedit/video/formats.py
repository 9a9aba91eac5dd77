"""FFmpeg's pixel formats and colour tags as the project's `PixelFormat`, with the defaults for untagged video."""

from typing import Final

import av

from videoedit.frames import PixelFormat, VideoInfo

_MATRICES: Final = {1: "bt709", 5: "bt601", 6: "bt601", 4: "bt601", 9: "bt2020"}
"""AVColorSpace to matrix; 2 (unspecified) and the rest go by the picture's height."""
_STRANGE: Final = {8: "YCgCo", 10: "BT.2020 with constant luminance", 14: "ICtCp", 15: "IPT-C2"}
"""AVColorSpace of what is neither R'G'B' nor linear in it by a known matrix."""
_FULL_RANGE: Final = 2  # AVCOL_RANGE_JPEG
_TRANSFERS: Final = {16: "pq", 18: "hlg"}
"""AVColorTransferCharacteristic of high dynamic range; all others are taken for a standard screen's."""
_PRIMARIES: Final = {9: "bt2020", 11: "p3", 12: "p3"}
_HD_LINES: Final = 720

_SHIFTS: Final = {"420": (1, 1), "422": (1, 0), "444": (0, 0)}
_DEPTHS: Final = {"": 8, "10le": 10, "12le": 12}

DIRECT: Final = (
    {
        f"yuv{sampling}p{suffix}": (depth, shifts)
        for sampling, shifts in _SHIFTS.items()
        for suffix, depth in _DEPTHS.items()
    }
    | {f"yuvj{sampling}p": (8, shifts) for sampling, shifts in _SHIFTS.items()}
    | {f"gbrp{suffix}": (depth, (0, 0)) for suffix, depth in _DEPTHS.items()}
)
"""Formats whose planes are edited in place: depth and chroma shifts by FFmpeg's name."""


def direct_format(name: str) -> str:
    """Return the direct format that holds what `name` holds (to 12 bit, without alpha), or itself where it is direct.

    >>> direct_format("nv12"), direct_format("yuv422p10le"), direct_format("rgb24"), direct_format("yuva444p16le")
    ('yuv420p', 'yuv422p10le', 'gbrp', 'yuv444p12le')
    """
    if name in DIRECT:
        return name
    described = av.VideoFormat(name)
    if described.has_palette:
        return "gbrp"
    depth = max((component.bits for component in described.components), default=8)
    suffix = "" if depth <= 8 else "10le" if depth <= 10 else "12le"
    if described.is_rgb:
        return f"gbrp{suffix}"
    shrinks = 4 // described.chroma_width(4), 4 // described.chroma_height(4)
    sampling = {(2, 2): "420", (2, 1): "422"}.get(shrinks, "420" if len(described.components) < 3 else "444")
    return f"yuv{sampling}p{suffix}"


def has_transparency(name: str) -> bool:
    """Tell whether pictures of a format have samples that say how opaque they are.

    >>> has_transparency("yuva420p"), has_transparency("yuv420p")
    (True, False)
    """
    return any(component.is_alpha for component in av.VideoFormat(name).components)


def expected_format(info: VideoInfo) -> str:
    """Return the direct format that a video's frames will have, as far as its header tells."""
    return "yuv420p" if info.pixel_format == "unknown" else direct_format(info.pixel_format)


def strange_colours(picture: av.VideoFrame) -> str | None:
    """Name the kind of colours of a picture whose planes are no Y'CbCr or RGB, None for all others."""
    return _STRANGE.get(int(picture.colorspace))


def format_of(picture: av.VideoFrame) -> PixelFormat:
    """Describe a picture of a direct format; untagged video is limited range, BT.709 from 720 lines, BT.601 below."""
    name = picture.format.name
    depth, shifts = DIRECT[name]
    light = _TRANSFERS.get(int(picture.color_trc), "sdr"), _PRIMARIES.get(int(picture.color_primaries), "bt709")
    if name.startswith("gbr"):
        return PixelFormat(name, depth, shifts, "rgb", True, *light)
    default = "bt709" if picture.height >= _HD_LINES else "bt601"
    is_full_range = name.startswith("yuvj") or int(picture.color_range) == _FULL_RANGE
    matrix = _MATRICES.get(int(picture.colorspace), default)
    return PixelFormat(name, depth, shifts, matrix, is_full_range, *light)

"""What each kind of file can hold, by the ending of its name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from videoedit.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One kind of output file."""

    muxer: str
    """FFmpeg's name of the format."""
    encoders: tuple[str, ...]
    """Video encoders whose streams it holds; hardware encoders by the software encoder that stands in for them."""
    automatic: tuple[str, ...] = ("libx264", "libx265")
    """Encoders to choose from where none is asked for, the usual one first."""
    keeps_orientation: bool = False
    """True where the file can say that its pictures are shown turned or mirrored."""
    keeps_aspect: bool = False
    """True where the file itself says how wide a pixel is; in others only some encoders do."""
    subtitle: str | None
    """Encoder for text subtitles of another kind; None where it holds no text."""
    audio: str
    """Encoder for sound that has to be encoded."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the muxer."""


_AS_IT_IS: Final = {"avoid_negative_ts": "disabled"}
"""Matroska would else begin everything later where the sound has samples before 0, as AAC has."""

_MP4: Final = Container(
    muxer="mp4",
    encoders=("libx264", "libx265", "libsvtav1", "libvpx-vp9"),
    keeps_orientation=True,
    keeps_aspect=True,
    subtitle="mov_text",
    audio="aac",
    options={"movflags": "+faststart"},
)
_MOV: Final = Container(
    muxer="mov",
    encoders=("libx264", "libx265", "prores_ks"),
    keeps_orientation=True,
    keeps_aspect=True,
    subtitle="mov_text",
    audio="aac",
    options={"movflags": "+faststart"},
)
_MKV: Final = Container(
    muxer="matroska",
    encoders=("libx264", "libx265", "libsvtav1", "libvpx-vp9", "prores_ks", "ffv1"),
    keeps_orientation=True,
    subtitle="subrip",
    audio="aac",
    options=_AS_IT_IS,
)
_WEBM: Final = Container(
    muxer="webm",
    encoders=("libvpx-vp9", "libsvtav1"),
    automatic=("libvpx-vp9", "libsvtav1"),
    subtitle="webvtt",
    audio="libopus",
    options=_AS_IT_IS,
)
_TS: Final = Container(muxer="mpegts", encoders=("libx264", "libx265"), subtitle=None, audio="aac")

CONTAINERS: Final[Mapping[str, Container]] = MappingProxyType(
    {".mp4": _MP4, ".m4v": _MP4, ".mov": _MOV, ".mkv": _MKV, ".webm": _WEBM}
    | dict.fromkeys((".ts", ".mts", ".m2ts"), _TS)
)
"""Kinds of output by ending, in lower case."""


PICTURE_SUFFIXES: Final = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""Endings of the pictures that are read and written."""


def is_picture(path: str | Path) -> bool:
    """Tell a picture from a video by its ending."""
    return Path(path).suffix.lower() in PICTURE_SUFFIXES


def container_of(path: str | Path) -> Container:
    """Return the kind of file that a path's ending asks for.

    Raises:
        ConfigError: No such file is written.
    """
    suffix = Path(path).suffix.lower()
    if suffix in CONTAINERS:
        return CONTAINERS[suffix]
    reason = (
        "AVI keeps no times of its frames" if suffix == ".avi" else f"{suffix or 'a name without ending'} is not known"
    )
    raise ConfigError(f"cannot write {path}: {reason}; end the name in {', '.join(CONTAINERS)}")


def writable_suffix(path: str | Path) -> str:
    """Return the path's own ending where such files are written, else .mkv, which holds nearly everything.

    >>> writable_suffix("a/clip.MOV"), writable_suffix("clip.avi"), writable_suffix("a.jpg")
    ('.MOV', '.mkv', '.jpg')
    """
    suffix = Path(path).suffix
    return suffix if suffix.lower() in CONTAINERS or is_picture(path) else ".mkv"

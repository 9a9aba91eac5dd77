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
    copies: tuple[str, ...] | None = None
    """Codecs of sound and subtitles that it takes as they are; None where the muxer itself refuses the others."""
    holds_attachments: bool = False
    """True where whole files, as fonts and covers, lie beside the streams."""
    holds_chapters: bool = True
    holds_covers: bool = True
    own_tags: frozenset[str] | None = None
    """Names of metadata that have a place of their own in it; None where all names are alike."""
    any_tags: Mapping[str, str] | None = None
    """Options of the muxer with which other names are written too, but no cover; None where there are none."""
    has_own_clock: bool = False
    """True where beginnings and lengths are rounded to a clock of the whole file."""
    has_letters: bool = False
    """True where a language is three letters and nothing else."""
    has_numbered_languages: bool = False
    """True where the muxer writes numbers of an old list instead."""
    codec_tags: Mapping[str, str] = field(default_factory=dict)
    """Names for codecs' streams, where some players do not know the muxer's own."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the muxer."""


_MP4_TAGS: Final = (
    "title artist album_artist composer album date comment genre copyright grouping lyrics description synopsis show "
    "episode_id network keywords track disc season_number episode_sort compilation media_type hd_video "
    "gapless_playback location creation_time"
)
_MOV_TAGS: Final = "title artist album date comment genre copyright make model location creation_time"
_FAST_START: Final = {"movflags": "+faststart"}
_ANY_TAGS: Final = {"movflags": "+faststart+use_metadata_tags"}
"""Writes Apple's list of named metadata, which fewer players read."""
_AS_IT_IS: Final = {"avoid_negative_ts": "disabled"}
"""Matroska would else begin everything later where the sound has samples before 0, as AAC has."""

_MP4: Final = Container(
    muxer="mp4",
    codec_tags={"hevc": "hvc1"},
    encoders=("libx264", "libx265", "libsvtav1", "libvpx-vp9"),
    keeps_orientation=True,
    keeps_aspect=True,
    subtitle="mov_text",
    audio="aac",
    own_tags=frozenset(_MP4_TAGS.split()),
    has_letters=True,
    any_tags=_ANY_TAGS,
    has_own_clock=True,
    options=_FAST_START,
)
_MOV: Final = Container(
    muxer="mov",
    codec_tags={"hevc": "hvc1"},
    encoders=("libx264", "libx265", "prores_ks"),
    keeps_orientation=True,
    keeps_aspect=True,
    subtitle="mov_text",
    audio="aac",
    holds_covers=False,
    own_tags=frozenset(_MOV_TAGS.split()),
    has_letters=True,
    has_numbered_languages=True,
    any_tags=_ANY_TAGS,
    has_own_clock=True,
    options=_FAST_START,
)
_MKV: Final = Container(
    muxer="matroska",
    encoders=("libx264", "libx265", "libsvtav1", "libvpx-vp9", "prores_ks", "ffv1"),
    keeps_orientation=True,
    subtitle="subrip",
    audio="aac",
    holds_attachments=True,
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
_TS: Final = Container(
    muxer="mpegts",
    encoders=("libx264", "libx265"),
    subtitle=None,
    audio="aac",
    copies=("aac", "ac3", "eac3", "dts", "mp2", "mp3", "opus", "dvb_subtitle", "dvb_teletext"),
    holds_chapters=False,
    own_tags=frozenset(),
    has_letters=True,
)

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

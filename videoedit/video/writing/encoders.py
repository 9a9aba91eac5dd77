"""The video encoders, and how the wishes for quality and speed are put to each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""Speeds by their names in libx264, fastest first; every encoder translates them into its own."""

Options: TypeAlias = dict[str, str]
OptionsOf: TypeAlias = Callable[[int | None, int], Options]
"""Private options of a level of quality, and of a place in `PRESETS`."""

_LAMBDA: Final = 118
"""FFmpeg counts `global_quality` in this many parts of a quantiser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """One of FFmpeg's video encoders."""

    options: OptionsOf
    worst: int | None = 51
    """The worst level; 0 is the best, and lossless where the encoder can. None where there is no choice."""
    usual: int | None
    """The level where none is asked for, about as good as libx264 at crf 18; None leaves it to the encoder."""
    has_crf: bool = True
    """True where the levels are what FFmpeg calls crf."""
    has_presets: bool = True
    software: str | None = None
    """What stands in for a hardware encoder where it does not open."""
    needs_whole_chroma: bool = False
    """True where width and height must be multiples of the chroma sampling."""
    says_aspect: bool = False
    """True where the stream itself says how wide a pixel is."""


def _x264(level: int | None, speed: int) -> Options:
    """Only `qp` is lossless at every depth."""
    return {"preset": PRESETS[speed], **({"crf": str(level)} if level else {"qp": "0"})}


def _x265(level: int | None, speed: int) -> Options:
    params = "log-level=error" if level else "log-level=error:lossless=1"
    return {"preset": PRESETS[speed], "crf": str(level), "x265-params": params}


def _svtav1(level: int | None, speed: int) -> Options:
    """Its presets from 10 on made small pictures that do not decode, and lossless ones that are not."""
    preset = (9, 9, 8, 8, 7, 6, 4, 3, 2)[speed]
    return {"preset": str(preset), **({"crf": str(level)} if level else {"svtav1-params": "lossless=1"})}


def _vp9(level: int | None, speed: int) -> Options:
    deadline = "realtime" if PRESETS[speed] in ("ultrafast", "superfast") else "good"
    cpu_used = (8, 7, 5, 5, 4, 2, 1, 1, 0)[speed]
    quality = {"crf": str(level)} if level else {"lossless": "1"}
    return {"deadline": deadline, "cpu-used": str(cpu_used), "row-mt": "1", **quality}


def _prores(level: int | None, speed: int) -> Options:  # noqa: ARG001 - all encoders are asked alike
    """Fix the quantiser where a quality is asked for; else the profile sets the bit rate."""
    if level is None:
        return {"vendor": "apl0"}
    return {"vendor": "apl0", "flags": "+qscale", "global_quality": str(_LAMBDA * (level + 1))}


def _ffv1(level: int | None, speed: int) -> Options:  # noqa: ARG001 - all encoders are asked alike
    return {"level": "3", "slicecrc": "1"}


def _nvenc(level: int | None, speed: int) -> Options:
    preset = f"p{(1, 1, 2, 3, 3, 4, 5, 6, 7)[speed]}"
    return {"preset": preset, **({"tune": "hq", "rc": "vbr", "cq": str(level)} if level else {"tune": "lossless"})}


def _qsv(level: int | None, speed: int) -> Options:
    """Quick Sync has no speed above veryfast and no lossless level."""
    return {"preset": PRESETS[max(speed, PRESETS.index("veryfast"))], "global_quality": str(max(level or 0, 1))}


def _hardware(options: OptionsOf, software: str) -> Encoder:
    says_aspect = software != "libsvtav1"
    return Encoder(options=options, usual=20, software=software, needs_whole_chroma=True, says_aspect=says_aspect)


FOR_HIGH_RANGE: Final[tuple[str, ...]] = ("libx265", "libsvtav1")
"""Software encoders whose streams players expect HDR in."""

ENCODERS: Final[dict[str, Encoder]] = {
    "libx264": Encoder(options=_x264, usual=18, needs_whole_chroma=True, says_aspect=True),
    "libx265": Encoder(options=_x265, usual=20, needs_whole_chroma=True, says_aspect=True),
    "libsvtav1": Encoder(options=_svtav1, worst=63, usual=24),
    "libvpx-vp9": Encoder(options=_vp9, worst=63, usual=24),
    "prores_ks": Encoder(options=_prores, worst=30, usual=None, has_crf=False, has_presets=False),
    "ffv1": Encoder(options=_ffv1, worst=None, usual=None, has_crf=False, has_presets=False),
    "h264_nvenc": _hardware(_nvenc, "libx264"),
    "hevc_nvenc": _hardware(_nvenc, "libx265"),
    "av1_nvenc": _hardware(_nvenc, "libsvtav1"),
    "h264_qsv": _hardware(_qsv, "libx264"),
    "hevc_qsv": _hardware(_qsv, "libx265"),
    "av1_qsv": _hardware(_qsv, "libsvtav1"),
}
"""Encoders by FFmpeg's name."""

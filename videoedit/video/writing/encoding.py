"""How the result is encoded: what the user wishes, and what comes of it for one file."""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

import av
from av.codec.codec import UnknownCodecError, find_best_pix_fmt_of_list

from videoedit.errors import ConfigError
from videoedit.registry import unknown_name
from videoedit.video.writing.containers import container_of
from videoedit.video.writing.encoders import ENCODERS, FOR_HIGH_RANGE, PRESETS, Encoder, Options

logger = logging.getLogger(__name__)

_LOSSES: Final = 0b111111  # resolution, depth, colour space, alpha, colours, chroma; higher bits tell of surplus
_DEPTH: Final = 0b10

Audio: TypeAlias = Literal["copy", "encode", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig:
    """Choices of the video encoder, and what happens to the sound."""

    encoder: str = "auto"
    """A name in `ENCODERS`; `auto` takes the usual one of the output's container that holds the pixels."""
    crf: int | None = None
    """Constant rate factor on the encoder's own scale; 0 is lossless where the encoder can."""
    quality: int | None = None
    """The same on a scale that all encoders share: 0 worst, 100 best. At most one of the two."""
    preset: str = "medium"
    """Speed against size, one of `PRESETS`."""
    pixel_format: str | None = None
    """FFmpeg's name; None keeps the source's."""
    scale: Fraction = Fraction(1)
    """Factor of width and height."""
    fps: Fraction | None = None
    """Constant frame rate; None keeps every frame at its time."""
    audio: Audio = "copy"
    """Carry the packets of all audio streams as they are, encode them anew, or leave them out."""
    num_threads: int = 0
    """Threads of the encoder; 0 lets it choose."""

    def __post_init__(self) -> None:
        if self.encoder != "auto" and self.encoder not in ENCODERS:
            raise ConfigError(unknown_name("video encoder", self.encoder, ["auto", *ENCODERS]))
        if self.crf is not None and self.quality is not None:
            raise ConfigError("--crf and --output-video-quality say the same; leave one of them out")
        if self.quality is not None and not 0 <= self.quality <= 100:
            raise ConfigError(f"--output-video-quality must be in 0..100, got {self.quality}")
        if not Fraction(1, 16) <= self.scale <= 16:
            raise ConfigError(f"--scale must be in 0.0625..16, got {float(self.scale):g}")
        if self.audio not in get_args(Audio):
            raise ConfigError(unknown_name("--audio", self.audio, get_args(Audio)))
        if self.preset not in PRESETS:
            raise ConfigError(unknown_name("preset", self.preset, PRESETS))
        if self.encoder != "auto":
            level_of(self, self.encoder)


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """What one file is encoded with."""

    name: str
    pixel_format: str
    """Name of the format that the encoder is given."""
    options: Options
    remarks: tuple[str, ...]
    """What is not as asked for, or not as in the source; a line each."""

    @property
    def encoder(self) -> Encoder:
        """The table's entry."""
        return ENCODERS[self.name]


def choose_encoder(
    config: EncoderConfig, path: str | Path, pixel_format: str, *, has_high_range: bool = False
) -> EncoderChoice:
    """Settle encoder, pixel format and options for one output.

    Args:
        config: The user's wishes.
        path: Output, whose ending decides what can be used.
        pixel_format: FFmpeg's name of the source's format.
        has_high_range: True for HDR, which players expect in other streams.

    Raises:
        ConfigError: The wishes do not go together.
    """
    wanted = (config.pixel_format or pixel_format).replace("yuvj", "yuv")  # its range is a tag of its own
    _check_pixel_format(wanted)
    name, remarks = _encoder_for(config, path, wanted, has_high_range=has_high_range)
    given, losses = best_format(name, wanted)
    if config.pixel_format and given != wanted:
        raise ConfigError(f"{name} does not encode {wanted} (but {', '.join(_formats_of(name))}); change --pix-fmt")
    if losses:
        remarks.append(f"{name} does not hold {wanted}: converted to {given}")
    if config.encoder == "auto" and not config.pixel_format and av.VideoFormat(given).is_rgb:
        remarks.append("RGB is kept, which few players show; --pix-fmt yuv420p makes what all show")
    return EncoderChoice(name, given, _options(config, name, given), tuple(remarks))


def best_format(encoder: str, pixel_format: str) -> tuple[str, int]:
    """Return the encoder's format that loses least of another one, and FFmpeg's flags of what it loses."""
    best, losses = find_best_pix_fmt_of_list(_formats_of(encoder), pixel_format)
    if best is None:
        raise ConfigError(f"{encoder} encodes nothing like {pixel_format}; choose another --output-video-encoder")
    return best.name, int(losses) & _LOSSES


def level_of(config: EncoderConfig, name: str) -> int | None:
    """Return the quality on the encoder's own scale.

    Raises:
        ConfigError: It is out of range, or the encoder has no such choice.
    """
    encoder = ENCODERS[name]
    if not encoder.has_presets and config.preset != "medium":
        raise ConfigError(f"{name} has no speeds; leave --output-video-preset out")
    if config.crf is None and config.quality is None:
        return encoder.usual
    if encoder.worst is None:
        raise ConfigError(f"{name} is always lossless; leave --crf and --output-video-quality out")
    if config.quality is not None:
        return round((100 - config.quality) / 100 * encoder.worst)
    if not encoder.has_crf:
        raise ConfigError(f"{name} has no crf; say --output-video-quality 0 to 100 instead")
    if config.crf is None or not 0 <= config.crf <= encoder.worst:
        raise ConfigError(f"--crf must be in 0..{encoder.worst} for {name}, got {config.crf}")
    return config.crf


def _check_pixel_format(name: str) -> None:
    try:
        av.VideoFormat(name)
    except ValueError as error:
        raise ConfigError(f"no pixel format {name!r}; --pix-fmt takes FFmpeg's names, as yuv420p10le") from error


def _options(config: EncoderConfig, name: str, pixel_format: str) -> Options:
    options = ENCODERS[name].options(level_of(config, name), PRESETS.index(config.preset))
    if name == "prores_ks":
        options["profile"] = "hq" if pixel_format.startswith("yuv422") else "4444"
    return options


def _encoder_for(
    config: EncoderConfig, path: str | Path, pixel_format: str, *, has_high_range: bool
) -> tuple[str, list[str]]:
    """Return the encoder's name, and what is to be said about it."""
    container = container_of(path)
    if config.encoder == "auto":
        fitting = tuple(name for name in FOR_HIGH_RANGE if name in container.encoders) if has_high_range else ()
        usual = fitting or container.automatic
        name = _least_lossy(usual, pixel_format)
        return name, [] if name == usual[0] else [f"{usual[0]} does not hold {pixel_format}: {name} is used"]
    stand_in = ENCODERS[config.encoder].software or config.encoder
    if stand_in not in container.encoders:
        raise ConfigError(
            f"{config.encoder} does not go into {Path(path).suffix}; use {' or '.join(container.encoders)}, "
            "or another ending"
        )
    if does_open(config.encoder):
        return config.encoder, []
    if stand_in == config.encoder:
        raise ConfigError(f"{config.encoder} is not in this build of FFmpeg; choose another --output-video-encoder")
    return stand_in, [f"{config.encoder} does not open on this machine: {stand_in} is used"]


def _least_lossy(names: Iterable[str], pixel_format: str) -> str:
    """Return the encoder that loses least, depth counting most; the first of equals."""
    available = [name for name in names if does_open(name)]
    if not available:
        raise ConfigError("this build of FFmpeg has none of the usual encoders; choose one by --output-video-encoder")
    losses = {name: best_format(name, pixel_format)[1] for name in available}
    return min(available, key=lambda name: (losses[name] & _DEPTH, losses[name]))


@cache
def _formats_of(encoder: str) -> tuple[str, ...]:
    """Return the formats in the computer's memory that an encoder takes."""
    formats = av.Codec(encoder, "w").video_formats or ()
    return tuple(one.name for one in formats if one.components)


@cache
def does_open(encoder: str) -> bool:
    """Tell whether an encoder is there, which for hardware only opening it shows."""
    os.environ.setdefault("SVT_LOG", "1")  # else SVT-AV1 prints its settings at every start
    try:
        context = av.CodecContext.create(encoder, "w")
        if not ENCODERS[encoder].software or not isinstance(context, av.VideoCodecContext):
            return True
        context.width, context.height, context.pix_fmt = 256, 256, _formats_of(encoder)[0]
        context.time_base = Fraction(1, 25)
        context.open()
    except (av.FFmpegError, UnknownCodecError):
        return False
    return True

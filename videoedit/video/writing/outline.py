"""What a video will be encoded as, settled by its first frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from videoedit.frames import Frame
from videoedit.tone import is_hdr
from videoedit.video.hdr import keeping_light
from videoedit.video.writing.containers import container_of
from videoedit.video.writing.encoding import EncoderChoice, EncoderConfig, choose_encoder
from videoedit.video.writing.failures import failures_told, ffmpeg_speaking
from videoedit.video.writing.shape import Shape, Wanted, is_turned, shape_of, upright


@dataclass(frozen=True, slots=True)
class Outline:
    """Encoder and form of one output."""

    choice: EncoderChoice
    shape: Shape
    remarks: tuple[str, ...]
    """A line for whatever is not as asked for, or not as in the source."""

    def __str__(self) -> str:
        size = "{}×{}".format(*self.shape.size_wh)
        options = ", ".join(f"{name} {value}" for name, value in self.choice.options.items())
        return f"{size} {self.shape.pixel_format} by {self.choice.name} ({options})"

    def open(self, context: Any) -> None:
        """Open an encoder, whose clock is set, for these pictures.

        Raises:
            av.FFmpegError: It does not take them, as too large ones.
        """
        context.width, context.height = self.shape.size_wh
        context.pix_fmt = self.shape.pixel_format
        context.sample_aspect_ratio = self.shape.aspect
        for tag, value in self.shape.tags.items():
            setattr(context, tag, value)
        with ffmpeg_speaking():
            context.open()

    def check(self, path: Path) -> None:
        """See that the encoder opens.

        Raises:
            MediaError: It does not.
        """
        context = av.CodecContext.create(self.choice.name, "w")
        context.options = dict(self.choice.options)
        context.time_base = Fraction(1, 25)
        with failures_told(path):
            self.open(context)


def outline_of(frame: Frame, aspect: Fraction, config: EncoderConfig, path: Path) -> Outline:
    """Settle how a video is encoded.

    Args:
        frame: The first.
        aspect: Width of a stored pixel as a multiple of its height.
        config: The user's wishes.
        path: Output, whose ending decides what can be used.

    Raises:
        ConfigError: The wishes do not go together.
    """
    kind = container_of(path)
    turns = is_turned(frame) and not kind.keeps_orientation
    stored = upright(frame) if turns else frame
    choice = choose_encoder(config, path, stored.format.name, has_high_range=is_hdr(frame.format))
    choice = keeping_light(choice, frame.origin)
    wanted = Wanted(
        pixel_format=choice.pixel_format,
        scale=config.scale,
        aspect=aspect,
        keeps_orientation=kind.keeps_orientation,
        keeps_aspect=kind.keeps_aspect or choice.encoder.says_aspect,
        needs_whole_chroma=choice.encoder.needs_whole_chroma,
    )
    shape = shape_of(frame, wanted)
    return Outline(choice, shape, (*choice.remarks, *_remarks(frame, choice, shape, aspect)))


def _remarks(frame: Frame, choice: EncoderChoice, shape: Shape, aspect: Fraction) -> Iterator[str]:
    """Yield a line for whatever of the form is not kept as it was, unasked."""
    if sorted(shape.padded_wh) != sorted(frame.size_wh):
        sizes = "{}×{} becomes {}×{}".format(*frame.size_wh, *shape.padded_wh)
        yield f"{choice.name} takes no odd size: the last column or row is repeated, {sizes}"
    if (aspect == 1) != (shape.aspect == 1):
        sizes = "{}×{}".format(*shape.size_wh)
        yield f"{choice.name} cannot say here that pixels are not square: pictures are stretched to {sizes}"

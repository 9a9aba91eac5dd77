"""The flags that say how a video is encoded, and what they mean."""

import argparse
from fractions import Fraction
from typing import TYPE_CHECKING

from videoedit.errors import ConfigError

if TYPE_CHECKING:
    from videoedit.video.writing.encoding import EncoderConfig


def add_encoder_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says how a video is encoded; every command that writes video has these flags."""
    encoding = parser.add_argument_group("encoding")
    encoding.add_argument(
        "--output-video-encoder",
        default="auto",
        metavar="NAME",
        help="auto (libx264, in webm libvpx-vp9), libx265, libsvtav1, prores_ks, ffv1, h264_nvenc, hevc_qsv, …",
    )
    encoding.add_argument(
        "--crf", type=int, metavar="N", help="the encoder's own scale, 0 is lossless (default 18 for libx264)"
    )
    encoding.add_argument("--output-video-quality", type=int, metavar="Q", help="instead of --crf: 0 worst, 100 best")
    encoding.add_argument(
        "--output-video-preset", default="medium", metavar="NAME", help="ultrafast to veryslow (default medium)"
    )
    encoding.add_argument("--pix-fmt", metavar="NAME", help="pixel format of the result (default: the source's)")
    encoding.add_argument(
        "--scale", "--output-video-scale", metavar="FACTOR", default="1", help="of width and height, as 0.5 (default 1)"
    )
    encoding.add_argument(
        "--fps",
        "--output-video-fps",
        metavar="RATE",
        help="constant rate, as 25 or 30000/1001 (default: every time kept)",
    )
    encoding.add_argument(
        "--audio",
        choices=("copy", "encode", "none"),
        default="copy",
        help="sound as it is, by the container's usual encoder, or left out (default copy)",
    )


def encoder_config_of(args: argparse.Namespace) -> "EncoderConfig":
    """Translate the flags of `add_encoder_flags`."""
    from videoedit.video.writing.encoding import EncoderConfig
    from videoedit.video.writing.rate import fps_of

    return EncoderConfig(
        encoder=args.output_video_encoder,
        crf=args.crf,
        quality=args.output_video_quality,
        preset=args.output_video_preset,
        pixel_format=args.pix_fmt,
        scale=scale_of(args.scale),
        fps=fps_of(args.fps) if args.fps else None,
        audio=args.audio,
    )


def scale_of(text: str) -> Fraction:
    """Read a factor.

    >>> scale_of("0.5"), scale_of("2/3")
    (Fraction(1, 2), Fraction(2, 3))

    Raises:
        ConfigError: It is no number.
    """
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(f"--scale must be a factor, as 0.5, got {text!r}") from error

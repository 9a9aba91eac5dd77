"""Flags of long videos that go on where they were broken off; `run` and `batch` have them."""

import argparse
from typing import Final

from videoedit.cli.flags import Flags
from videoedit.errors import ConfigError

_SEGMENT_FRAMES: Final = 300


def add_resume_flags(flags: Flags) -> None:
    """Add what lets a long video go on where it was broken off."""
    flags.add_argument("--resume", action="store_true", help="edit in segments; after a stop, go on from the last one")
    flags.add_argument(
        "--segment-frames", type=int, metavar="N", help=f"frames of a segment (default {_SEGMENT_FRAMES})"
    )


def segment_frames_of(args: argparse.Namespace) -> int:
    """Return how long segments are.

    Raises:
        ConfigError: It was said, but nothing is edited in segments.
    """
    if args.segment_frames is not None and not args.resume:
        raise ConfigError("--segment-frames is for --resume; give both, or neither")
    return _SEGMENT_FRAMES if args.segment_frames is None else int(args.segment_frames)

"""What FFmpeg says when it cannot write, as one line for the user."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import av

from videoedit.errors import MediaError


@contextlib.contextmanager
def failures_told(path: Path) -> Iterator[None]:
    """Raise what goes wrong with a target as a `MediaError` about it."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot write {path}: {_reason(error)}; check the disk and the encoder's settings") from error


@contextlib.contextmanager
def ffmpeg_speaking() -> Iterator[None]:
    """Let errors carry what FFmpeg says of them; only for short, since its threads wait for Python's to be heard."""
    heard = logging.getLogger("libav")
    level = heard.level
    heard.setLevel(logging.CRITICAL + 1)
    av.logging.set_level(av.logging.ERROR)
    try:
        yield
    finally:
        av.logging.set_level(None)
        heard.setLevel(level)


def _reason(error: av.FFmpegError | OSError) -> str:
    """Return FFmpeg's own words, and the kind of error."""
    kind = error.strerror or str(error)
    said = getattr(error, "log", None)
    return f"{said[2].strip().rstrip('.')} ({kind})" if said else kind

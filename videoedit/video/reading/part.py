"""Which part of a video is meant: from one place to another, each a moment or the number of a frame."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from videoedit.errors import ConfigError

_FRAME: Final = re.compile(r"(\d+)f", re.ASCII)
_SECONDS: Final = re.compile(r"(\d+(?:\.\d+)?|\.\d+)s?", re.ASCII)
_CLOCK: Final = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:\.\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a video, counted from its first frame: one of the two is set."""

    seconds: Fraction | None = None
    frame: int | None = None

    def __str__(self) -> str:
        return f"frame {self.frame}" if self.seconds is None else f"{float(self.seconds):g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """All frames from `start` on that begin before `end`."""

    start: Place = field(default_factory=lambda: Place(frame=0))
    end: Place | None = None

    def __post_init__(self) -> None:
        if self.end and _is_before(self.end, self.start):
            raise ConfigError("--end must lie after --start")

    def __str__(self) -> str:
        return f"from {self.start} on" if self.end is None else f"from {self.start} up to {self.end}"

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.has_start and self.end is None

    @property
    def has_start(self) -> bool:
        """Whether anything before it is left out."""
        return self.start.frame != 0


def part_of(start: str | None, end: str | None) -> Part:
    """Read both ends as a user writes them; None takes the video's own."""
    return Part(
        start=Place(frame=0) if start is None else place_of(start, "--start"),
        end=None if end is None else place_of(end, "--end"),
    )


def _is_before(end: Place, start: Place) -> bool:
    """Tell whether nothing lies between two places; only a moment and a frame cannot be told before reading."""
    if end.seconds is not None:
        return end.seconds <= (start.seconds or 0)
    return end.frame is not None and end.frame <= (start.frame or 0)


def place_of(text: str, flag: str) -> Place:
    """Read a place as a user writes it.

    >>> place_of("1:02:03.5", "--start").seconds, place_of("3.2s", "--start").seconds, place_of("120f", "--end").frame
    (Fraction(7447, 2), Fraction(16, 5), 120)

    Raises:
        ConfigError: It is none.
    """
    if match := _FRAME.fullmatch(text):
        return Place(frame=int(match[1]))
    if match := _SECONDS.fullmatch(text):
        return Place(seconds=Fraction(match[1]))
    if match := _CLOCK.fullmatch(text):
        return Place(seconds=int(match[1] or 0) * 3600 + int(match[2]) * 60 + Fraction(match[3]))
    raise ConfigError(f"{flag} must be seconds (3.2), a time (1:02:03.5) or a frame (120f), got {text!r}")

"""Another frame rate by showing frames longer, twice or not at all; no frame is made up."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import floor, gcd
from typing import Final

from videoedit.errors import ConfigError
from videoedit.frames import Frame

_MAX_TICKS: Final = 10**6
"""Ticks per second up to which a clock is made to hold the start and the new rate alike."""


class ConstantRate:
    """Remembers the frame on screen, to show it at as many ticks of the new rate as it lasts.

    Each frame goes to the tick nearest to its time; of several that meet at one, the last is shown.
    """

    def __init__(self, fps: Fraction) -> None:
        self._fps = fps
        self._start = Fraction(0)
        self._tick = 0
        self._shown: Frame | None = None

    def take(self, frame: Frame) -> Iterator[Frame]:
        """Take the next frame; yield what was on screen before it."""
        if self._shown is None:
            self._start = frame.time
        else:
            yield from self._show_until(frame.time)
        self._shown = frame

    def finish(self) -> Iterator[Frame]:
        """Yield the last frame for as long as it is shown, at least once where nothing was."""
        if self._shown is not None:
            yield from self._show_until(self._shown.time + self._shown.duration)
            if self._tick == 0:
                yield from self._show_until(self._start + 1 / self._fps)

    def _show_until(self, time: Fraction) -> Iterator[Frame]:
        if self._shown is None:
            return
        step = 1 / self._fps
        while self._tick < floor((time - self._start) / step + Fraction(1, 2)):
            yield replace(self._shown, time=self._start + self._tick * step, duration=step, index=self._tick)
            self._tick += 1


def clock_of(fps: Fraction, start: Fraction) -> Fraction:
    """Return seconds per tick of a clock that holds the start and every frame exactly, where one is fine enough.

    >>> clock_of(Fraction(30000, 1001), Fraction(23, 1000))
    Fraction(1, 30000)
    """
    step = 1 / fps
    denominator = step.denominator * start.denominator
    shared = gcd(step.numerator * start.denominator, start.numerator * step.denominator)
    clock = Fraction(shared, denominator)
    return clock if clock.denominator <= _MAX_TICKS else Fraction(1, 90_000)


def fps_of(text: str) -> Fraction:
    """Read a frame rate.

    >>> fps_of("29.97"), fps_of("30000/1001"), fps_of("25")
    (Fraction(30000, 1001), Fraction(30000, 1001), Fraction(25, 1))

    Raises:
        ConfigError: It is no number, or none between 1 and 240.
    """
    try:
        fps = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(f"--fps must be a number or a fraction, as 25 or 30000/1001, got {text!r}") from error
    if not 1 <= fps <= 240:
        raise ConfigError(f"--fps must be in 1..240, got {text}")
    ntsc = Fraction(round(fps) * 1000, 1001)
    return ntsc if fps.denominator != 1 and abs(fps - ntsc) < Fraction(1, 200) else fps

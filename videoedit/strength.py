"""How strong an edit is, over time."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Final

from videoedit.errors import ConfigError

MAX_STRENGTH: Final = 1.5
"""Beyond this an exaggerated edit falls apart."""

_FORM: Final = "--strength must be a number, or TIME:STRENGTH pairs such as 0:0,2s:1"


@dataclass(frozen=True, slots=True)
class Keyframes:
    """Strengths at some moments; between two it changes evenly, before the first and after the last it stays."""

    seconds: tuple[float, ...]
    """From the video's first frame, ascending; at least one."""
    values: tuple[float, ...]
    """0 to 1.5, one for each of `seconds`."""

    def __post_init__(self) -> None:
        for value in self.values:
            check_strength(value)
        is_rising = all(a < b for a, b in pairwise(self.seconds))
        if not (self.seconds[0] >= 0 and is_rising and isfinite(self.seconds[-1])):  # which not-a-number fails
            times = ", ".join(f"{seconds:g}" for seconds in self.seconds)
            raise ConfigError(f"times of --strength must ascend from 0 or later, got {times}")

    def __str__(self) -> str:
        return ",".join(f"{seconds:g}:{value:g}" for seconds, value in zip(self.seconds, self.values, strict=True))

    def __format__(self, spec: str) -> str:
        return str(self)

    def at(self, seconds: float) -> float:
        """Return the strength at a moment, in seconds from the first frame.

        >>> Keyframes((0.0, 2.0), (0.0, 1.0)).at(0.5)
        0.25
        """
        after = bisect_right(self.seconds, seconds)
        if after in (0, len(self.seconds)):
            return self.values[0 if after == 0 else -1]
        start, end = self.seconds[after - 1], self.seconds[after]
        share = (seconds - start) / (end - start)
        return self.values[after - 1] + share * (self.values[after] - self.values[after - 1])


def read_strength(text: str) -> float | Keyframes:
    """Read what a user writes.

    >>> read_strength("0.8")
    0.8
    >>> read_strength("0:0,2s:1")
    Keyframes(seconds=(0.0, 2.0), values=(0.0, 1.0))

    Raises:
        ConfigError: It is neither a number nor ascending times with strengths of 0..1.5.
    """
    try:
        if ":" not in text:
            return check_strength(float(text))
        pairs = [part.split(":") for part in text.split(",")]
        times, values = zip(*((float(time.removesuffix("s")), float(value)) for time, value in pairs), strict=True)
    except ValueError as error:
        raise ConfigError(f"{_FORM}, got {text!r}") from error
    return Keyframes(times, values)


def strength_at(strength: float | Keyframes, seconds: float) -> float:
    """Return the strength at a moment, whether it changes or not."""
    return strength.at(seconds) if isinstance(strength, Keyframes) else strength


def check_strength(strength: float) -> float:
    """Return a strength that an edit can have.

    Raises:
        ConfigError: It is not within 0..1.5.
    """
    if not 0.0 <= strength <= MAX_STRENGTH:
        raise ConfigError(f"--strength must be in 0..{MAX_STRENGTH}, got {strength:g}")
    return strength

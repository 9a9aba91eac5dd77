"""Figures over time, as they are measured."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Frame


@dataclass(frozen=True, slots=True)
class Point:
    """One figure at one moment."""

    time: float
    """Seconds on the source's clock."""
    value: float
    track: int | None = None
    """Whose face; None for the whole frame."""


Series: TypeAlias = dict[str, list[Point]]


def mean_of(points: list[Point] | None) -> float | None:
    """Return the mean value; None where nothing was measured."""
    return float(np.mean([point.value for point in points])) if points else None


class Clock:
    """Counts frames of both videos and compares the times of those shown together."""

    def __init__(self) -> None:
        self.num_source = 0
        self.num_edited = 0
        self.num_pairs = 0
        self.differences: list[Fraction] = []
        """Seconds by which each edited frame is shown later than its source."""

    def add(self, source: Frame | None, edited: Frame | None) -> None:
        """Take the next two frames shown at the same time, or one that has no counterpart."""
        self.num_source += source is not None
        self.num_edited += edited is not None
        if source is not None and edited is not None:
            self.num_pairs += 1
            self.differences.append(edited.time - source.time)

    @property
    def largest_difference(self) -> Fraction | None:
        """Return the largest |difference| in seconds; None where no frames are shown together."""
        return max(map(abs, self.differences), default=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of one face in one frame."""

    index: int
    """Of the source's frame."""
    has_before: bool
    has_after: bool


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """Who a face is before and after the edit, (E,) each."""

    source: NDArray[np.float64]
    edited: NDArray[np.float64]


def longest_dropout(verdicts: list[Verdict], wanted: bool) -> int:
    """Return the longest run of neighbouring frames of one track in which the edit did not succeed."""
    longest = run = 0
    last = None
    for verdict in verdicts:
        is_next = last is not None and verdict.index == last + 1
        failed = verdict.has_after != wanted
        run = (run + 1 if is_next else 1) if failed else 0
        longest, last = max(longest, run), verdict.index
    return longest

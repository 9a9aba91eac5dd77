"""Frames of two videos side by side, and how far pictures and sound have moved against each other."""

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Frame
from videoedit.video.reading.packets import Sound

MAX_LAG: Final = 3
"""Frames by which pictures are looked for before and after their own time."""

_SMALL_WH: Final = (64, 36)
_STILL: Final = 0.25
"""Pictures that change by less from one to the next, in codes of 256, cannot be told apart."""
_SILENT: Final = 1e-4
_MAX_DELAY: Final = 2.0


def paired(source: Iterable[Frame], edited: Iterable[Frame]) -> Iterator[tuple[Frame | None, Frame | None]]:
    """Put together the frames shown at the same time, within half a frame; None where one has no counterpart."""
    ours, theirs = iter(source), iter(edited)
    before, after = next(ours, None), next(theirs, None)
    while before is not None or after is not None:
        is_early = after is None or (before is not None and before.time + _half(before) < after.time)
        is_late = before is None or (after is not None and after.time < before.time - _half(before))
        yield (None if is_late else before), (None if is_early else after)
        if not is_late:
            before = next(ours, None)
        if not is_early:
            after = next(theirs, None)


def _half(frame: Frame) -> Fraction:
    return (frame.duration or Fraction(1, 25)) / 2


class LagMeter:
    """Finds by how many frames the pictures come late, whatever their time stamps say."""

    def __init__(self) -> None:
        self._sources: deque[NDArray[np.float32]] = deque(maxlen=2 * MAX_LAG + 1)
        self._edits: deque[NDArray[np.float32]] = deque(maxlen=2 * MAX_LAG + 1)
        self._errors: NDArray[np.float64] = np.zeros(2 * MAX_LAG + 1)
        self._motion = 0.0
        self._count = 0

    def add(self, source: Frame, edited: Frame) -> None:
        """Take the next pair of frames shown at the same time."""
        self._sources.append(_small(source))
        self._edits.append(_small(edited))
        if len(self._sources) < 2 * MAX_LAG + 1:
            return
        middle = self._edits[MAX_LAG]
        self._errors += [float(np.abs(middle - before).mean()) for before in reversed(self._sources)]
        self._motion += float(np.abs(self._sources[MAX_LAG] - self._sources[MAX_LAG - 1]).mean())
        self._count += 1

    @property
    def is_long_enough(self) -> bool:
        """Whether there were frames enough to look for them before and after their time."""
        return self._count > 0

    def frames(self) -> int | None:
        """Return the lag in frames, negative where the pictures come early; None where nothing moves to tell."""
        if not self.is_long_enough or self._motion / self._count < _STILL:
            return None
        return int(np.argmin(self._errors)) - MAX_LAG


def sound_delay(source: Sound, edited: Sound) -> float | None:
    """Return by how many seconds the sound comes later, each on its file's clock; None where one is silent.

    Both have one rate, whose step is the precision. Delays of more than two seconds are not found.
    """
    if min(np.abs(source.samples).max(), np.abs(edited.samples).max()) < _SILENT:
        return None
    length = 1 << (len(source.samples) + len(edited.samples)).bit_length()
    spectrum = np.fft.rfft(edited.samples, length) * np.conj(np.fft.rfft(source.samples, length))
    likeness = np.fft.irfft(spectrum, length)
    reach = min(round(_MAX_DELAY * source.rate), length // 2 - 1)
    lags = np.concatenate([np.arange(0, reach + 1), np.arange(-reach, 0)])
    best = int(lags[np.argmax(likeness[lags])])
    return best / source.rate + float(edited.start - source.start)


def _small(frame: Frame) -> NDArray[np.float32]:
    luma = frame.planes[0]
    small = cv2.resize(luma, _SMALL_WH, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32) / np.float32(2 ** (frame.format.depth - 8))

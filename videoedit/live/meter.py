"""How a live session goes: rates, drops and latency, in memory that does not grow with its length."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BINS: Final = 10_000
"""Milliseconds that are told apart; longer latencies count as this much."""
_CURVE_SECONDS: Final = 3600
"""Seconds of the curve that are kept, the newest."""


@dataclass(frozen=True, slots=True)
class Second:
    """What happened within one second of a session."""

    second: int
    fps_in: float
    fps_out: float
    latency_p50_ms: float
    latency_max_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A session so far, or all of it."""

    seconds: float
    num_in: int
    """Frames that the source gave."""
    num_out: int
    """Frames that were edited and passed on."""
    num_dropped: int
    """Frames that a newer one overtook before their turn."""
    num_faces: int
    """Faces edited, over all frames."""
    latency_p50_ms: float
    """Half of the frames took no longer from their arrival to the sink."""
    latency_p95_ms: float
    latency_max_ms: float

    @property
    def fps_in(self) -> float:
        """Frames per second of the source."""
        return self.num_in / self.seconds if self.seconds else 0.0

    @property
    def fps_out(self) -> float:
        """Frames per second to the sink."""
        return self.num_out / self.seconds if self.seconds else 0.0


class Meter:
    """Counts; times are in seconds of the session's clock."""

    def __init__(self, start: float) -> None:
        self.curve: deque[Second] = deque(maxlen=_CURVE_SECONDS)
        self._start = start
        self._counts = np.zeros(_BINS + 1, np.int64)  # frames by latency in whole milliseconds
        self._num_faces = 0
        self._second = 0
        self._latencies: list[float] = []
        self._num_in_before = 0

    def passed(self, latency: float, num_faces: int, num_in: int, now: float) -> Second | None:
        """Count a frame that reached the sink.

        Args:
            latency: Seconds since it arrived.
            num_faces: Faces edited in it.
            num_in: Frames that have arrived so far.
            now: The moment.

        Returns:
            The second that has just ended, if one has.
        """
        ended = self._turned(num_in, now)
        self._counts[min(round(latency * 1000), _BINS)] += 1
        self._num_faces += num_faces
        self._latencies.append(latency * 1000)
        return ended

    @property
    def num_out(self) -> int:
        """Frames that reached the sink."""
        return int(self._counts.sum())

    def _turned(self, num_in: int, now: float) -> Second | None:
        """Close the running second where `now` lies beyond it; seconds without a frame leave a gap."""
        second = int(now - self._start)
        if second == self._second or not self._latencies:
            return None
        length = max(second - self._second, 1)
        latencies = np.array(self._latencies)
        ended = Second(
            second=self._second,
            fps_in=(num_in - self._num_in_before) / length,
            fps_out=len(latencies) / length,
            latency_p50_ms=float(np.median(latencies)),
            latency_max_ms=float(latencies.max()),
        )
        self.curve.append(ended)
        self._second, self._num_in_before, self._latencies = second, num_in, []
        return ended

    def figures(self, num_in: int, num_dropped: int, now: float) -> Figures:
        """Sum up."""
        return Figures(
            seconds=now - self._start,
            num_in=num_in,
            num_out=self.num_out,
            num_dropped=num_dropped,
            num_faces=self._num_faces,
            latency_p50_ms=_percentile(self._counts, 0.5),
            latency_p95_ms=_percentile(self._counts, 0.95),
            latency_max_ms=_percentile(self._counts, 1.0),
        )


def _percentile(counts: NDArray[np.int64], share: float) -> float:
    """Return the bin below or in which a share of all lies; 0 where there is nothing."""
    total = counts.sum()
    return float(np.searchsorted(np.cumsum(counts), share * total)) if total else 0.0

"""Time as live work sees it, so that tests can run it by hand."""

import time
from collections.abc import Iterator
from typing import Final, Protocol

_SLICE: Final = 0.1
"""Seconds after which a long wait looks whether it is still wanted."""


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> float:
        """Return seconds since some moment."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class SystemClock:
    """The machine's own clock, which no change of the date disturbs."""

    def now(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)


def wait_until(moment: float, clock: Clock) -> Iterator[None]:
    """Wait in slices, giving None between them so that the consumer can end the wait."""
    while (left := moment - clock.now()) > 0:
        clock.sleep(min(left, _SLICE))
        if left > _SLICE:
            yield None

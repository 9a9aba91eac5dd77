"""A slot between two threads that holds the newest frame alone: older ones are dropped, none overtakes another."""

import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Final

from videoedit.clock import Clock
from videoedit.frames import Frame

_IDLE_SECONDS: Final = 0.05
"""So long the consumer waits for a frame before it looks after its keys."""
_PATIENCE_SECONDS: Final = 5.0
"""So long a source may take to end after the consumer has."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A frame, and when it came."""

    frame: Frame
    time: float
    """Seconds of the live loop's clock."""


class NewestSlot:
    """What the source puts in and the consumer takes out; safe between threads."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._arrival: Arrival | None = None
        self._failure: BaseException | None = None
        self._is_closed = False
        self.num_in = 0
        self.num_dropped = 0

    def put(self, arrival: Arrival) -> None:
        """Leave a frame; one that still lies there is dropped."""
        with self._condition:
            self.num_in += 1
            self.num_dropped += self._arrival is not None
            self._arrival = arrival
            self._condition.notify()

    def close(self, failure: BaseException | None = None) -> None:
        """Say that nothing follows, and why."""
        with self._condition:
            self._failure, self._is_closed = failure, True
            self._condition.notify()

    def take(self, seconds: float) -> Arrival | None:
        """Take the newest frame out, waiting up to `seconds` for one; None where none came.

        Raises:
            EOFError: The source has ended and its last frame is taken.
            BaseException: What ended the source.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._arrival is not None or self._is_closed, seconds)
            arrival, self._arrival = self._arrival, None
            if arrival is None and self._is_closed:
                raise self._failure or EOFError
            return arrival


def newest(
    frames: Iterable[Frame | None], slot: NewestSlot, clock: Clock, when_idle: Callable[[], None]
) -> Generator[Arrival]:
    """Run a source in a thread of its own and give the newest of its frames, whenever one is asked for.

    Args:
        frames: The source; None where it has nothing yet.
        slot: Where the frames are left; counts what is dropped.
        clock: Stamps arrivals.
        when_idle: Called about 20 times a second while no frame comes.
    """
    stopped = threading.Event()
    thread = threading.Thread(target=_fill, args=(frames, slot, clock, stopped), name="source", daemon=True)
    thread.start()
    try:
        while True:
            arrival = slot.take(_IDLE_SECONDS)
            if arrival is None:
                when_idle()
            else:
                yield arrival
    except EOFError:
        return
    finally:
        stopped.set()
        thread.join(_PATIENCE_SECONDS)


def _fill(frames: Iterable[Frame | None], slot: NewestSlot, clock: Clock, stopped: threading.Event) -> None:
    """Leave every frame in the slot; keep the error that ended the source, if one did."""
    try:
        for frame in frames:
            if frame is not None:
                slot.put(Arrival(frame, clock.now()))
            if stopped.is_set():
                break
    except BaseException as error:  # noqa: BLE001 - handed on to the consumer
        slot.close(error)
    else:
        slot.close()

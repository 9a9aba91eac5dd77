"""The slot and its thread: the newest wins, errors arrive, nothing is left running."""

import itertools
import threading
from collections.abc import Iterator

import pytest

from tests.live.stand_ins import HandClock, frame_at
from videoedit.clock import SystemClock, wait_until
from videoedit.errors import MediaError
from videoedit.frames import Frame
from videoedit.live.newest import Arrival, NewestSlot, newest


def put(slot: NewestSlot, *indices: int) -> None:
    for index in indices:
        slot.put(Arrival(frame_at(index), 0.0))


def test_newest_wins_and_what_it_overtakes_is_counted() -> None:
    slot = NewestSlot()
    put(slot, 0, 1, 2)
    arrival = slot.take(0.0)
    assert arrival is not None
    assert arrival.frame.index == 2
    assert (slot.num_in, slot.num_dropped) == (3, 2)
    assert slot.take(0.0) is None


def test_last_frame_is_given_before_the_end_is_told() -> None:
    slot = NewestSlot()
    put(slot, 7)
    slot.close()
    arrival = slot.take(0.0)
    assert arrival is not None
    assert arrival.frame.index == 7
    with pytest.raises(EOFError):
        slot.take(0.0)


def test_frames_of_a_thread_come_in_order_and_are_all_accounted_for() -> None:
    slot = NewestSlot()
    source = iter([frame_at(i) for i in range(300)])
    taken = [arrival.frame.index for arrival in newest(source, slot, SystemClock(), lambda: None)]
    assert taken == sorted(set(taken))
    assert taken[-1] == 299
    assert slot.num_in == 300 == len(taken) + slot.num_dropped


def test_error_of_the_source_reaches_the_consumer() -> None:
    def source() -> Iterator[Frame]:
        yield frame_at(0)
        raise MediaError("unplugged")

    with pytest.raises(MediaError, match="unplugged"):
        list(newest(source(), NewestSlot(), SystemClock(), lambda: None))


def test_thread_ends_with_its_consumer_even_where_no_frame_comes() -> None:
    def source() -> Iterator[Frame | None]:
        yield frame_at(0)
        yield from itertools.repeat(None)

    arrivals = newest(source(), NewestSlot(), SystemClock(), lambda: None)
    next(arrivals)
    arrivals.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "source"]


def test_consumer_is_called_while_it_waits() -> None:
    called = threading.Event()

    def source() -> Iterator[Frame | None]:
        while not called.is_set():
            yield None
        yield frame_at(0)

    assert len(list(newest(source(), NewestSlot(), SystemClock(), called.set))) == 1


def test_long_wait_is_taken_in_slices() -> None:
    clock = HandClock()
    assert list(wait_until(1.05, clock)) == [None] * 10
    assert clock.time == pytest.approx(1.05)
    assert list(wait_until(0.5, clock)) == []

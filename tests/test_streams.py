"""Streams keep order, pass errors on, and stop when the consumer stops."""

import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from videoedit.streams import in_batches, look_around, prefetch


def test_prefetch_keeps_every_item_and_their_order() -> None:
    assert list(prefetch(range(100), 3)) == list(range(100))


def test_prefetch_passes_errors_on_after_the_items_before_them() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("disk gone")

    stream = prefetch(source(), 2)
    assert next(stream) == 1
    with pytest.raises(OSError, match="disk gone"):
        next(stream)


def test_prefetch_stops_its_thread_when_closed() -> None:
    stream = prefetch(itertools.count(), 2)
    assert next(stream) == 0
    stream.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name == "prefetch"]


def test_prefetch_runs_ahead_but_no_further_than_its_size() -> None:
    taken = []

    def source() -> Iterator[int]:
        for item in range(20):
            taken.append(item)
            yield item

    stream = prefetch(source(), 3)
    assert next(stream) == 0
    deadline = time.monotonic() + 2
    while len(taken) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    assert len(taken) == 5  # one consumed, three on the shelf, one in hand
    stream.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("radius", [0, 1, 3, 50])
def test_look_around_shows_every_item_once_among_its_neighbours(radius: int) -> None:
    seen = [(list(window), centre) for window, centre in look_around(range(20), radius)]
    assert [window[centre] for window, centre in seen] == list(range(20))
    for item, (window, _) in enumerate(seen):
        assert window == list(range(max(item - radius, 0), min(item + radius, 19) + 1))


@pytest.mark.parametrize("size", [0, -1])
def test_sizes_below_one_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        next(prefetch([1], size))
    with pytest.raises(ValueError, match="at least 1"):
        next(in_batches([1], size))

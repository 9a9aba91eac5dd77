"""Streams between stages: work ahead in a thread, take items in batches, look at their neighbours.

All keep the order, hold a bounded number of items, and end when either side ends.
"""

import queue
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, Protocol, TypeVar

T = TypeVar("T")

_POLL_SECONDS: Final = 0.1


class Watch(Protocol):
    """Looks on while a stage works: gives back the stage's items as they are."""

    def __call__(self, stage: str, items: Iterable[T], /) -> Iterator[T]:
        """Return an iterator over the items of the stage of this name."""
        ...


def unwatched(stage: str, items: Iterable[T], /) -> Iterator[T]:  # noqa: ARG001 - nobody asks for the name
    """Look on at nothing."""
    return iter(items)


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Group items; the last batch may be shorter, none is empty.

    >>> list(in_batches("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def begun(items: Iterable[T]) -> Iterator[T]:
    """Take the first item now, so that what the source knows from then on can be asked; give all items.

    >>> list(begun("ab")), list(begun(""))
    (['a', 'b'], [])
    """
    iterator = iter(items)
    first = list(islice(iterator, 1))
    return chain(first, iterator)


def look_around(items: Iterable[T], before: int, after: int | None = None) -> Iterator[tuple[Sequence[T], int]]:
    """Show every item among its neighbours: up to `before` before it, `after` after it (or as many), fewer at the ends.

    Returns:
        Pairs of the window, which is only valid until the next one is asked for, and the item's place in it.

    >>> [(list(window), centre) for window, centre in look_around("abc", 1)]
    [(['a', 'b'], 0), (['a', 'b', 'c'], 1), (['b', 'c'], 1)]
    """
    ahead = before if after is None else after
    window: deque[T] = deque()
    centre = 0
    for item in items:
        window.append(item)
        if len(window) - centre > ahead:
            yield window, centre
            centre = _advance(window, centre, before)
    while centre < len(window):
        yield window, centre
        centre = _advance(window, centre, before)


def prefetch(items: Iterable[T], size: int) -> Generator[T]:
    """Take items in a thread of their own, at most `size` ahead.

    An error of the source is raised where the consumer asks for the item it prevented. When the consumer stops,
    the thread stops too, and has ended before the generator's `close` returns.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    shelf: queue.Queue[tuple[T] | None] = queue.Queue(size)
    stopped = threading.Event()
    failures: list[BaseException] = []
    thread = threading.Thread(target=_fill, args=(items, shelf, stopped, failures), name="prefetch", daemon=True)
    thread.start()
    try:
        while (entry := shelf.get()) is not None:
            yield entry[0]
        if failures:
            raise failures[0]
    finally:
        stopped.set()
        thread.join()


def _advance(window: deque[T], centre: int, before: int) -> int:
    """Forget what lies before the window of the next item; return that item's place."""
    if centre < before:
        return centre + 1
    window.popleft()
    return centre


def _fill(
    items: Iterable[T], shelf: "queue.Queue[tuple[T] | None]", stopped: threading.Event, failures: list[BaseException]
) -> None:
    """Put every item on the shelf, then None; keep the error that ended the source, if one did."""
    try:
        for item in items:
            if not _put((item,), shelf, stopped):
                break
    except BaseException as error:  # noqa: BLE001 - handed on to the consumer
        failures.append(error)
    finally:
        _put(None, shelf, stopped)


def _put(entry: tuple[T] | None, shelf: "queue.Queue[tuple[T] | None]", stopped: threading.Event) -> bool:
    """Wait for room on the shelf; return False where the consumer has stopped."""
    while not stopped.is_set():
        try:
            shelf.put(entry, timeout=_POLL_SECONDS)
        except queue.Full:
            continue
        return True
    return False

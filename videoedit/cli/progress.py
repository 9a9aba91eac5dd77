"""Progress bars; the only place that knows about a terminal's width."""

from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

from videoedit.cli.interruption import until_interrupted

T = TypeVar("T")


def bar_of_frames(frames: Iterable[T], total: int) -> Iterable[T]:
    """Show frames done and time left on stderr."""
    return _bar(frames, total)


def passing_bar_of_frames(frames: Iterable[T], total: int) -> Iterable[T]:
    """Show the same for one file of many, and leave nothing behind."""
    return _bar(frames, total, leave=False)


def _bar(frames: Iterable[T], total: int, *, leave: bool = True) -> Iterable[T]:
    """Show a bar where stderr is a terminal: in a log its turns would be lines without an end."""
    shape = {"total": total or None, "unit": "frame", "dynamic_ncols": True, "leave": leave}
    bar: Iterable[T] = tqdm(until_interrupted(frames), disable=None, **shape)
    return bar

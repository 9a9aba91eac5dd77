"""Progress bars; the only place that knows about a terminal's width."""

from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

from videoedit.cli.interruption import until_interrupted

T = TypeVar("T")


def bar_of_frames(frames: Iterable[T], total: int) -> Iterable[T]:
    """Show frames done and time left on stderr."""
    bar: Iterable[T] = tqdm(until_interrupted(frames), total=total or None, unit="frame", dynamic_ncols=True)
    return bar


def passing_bar_of_frames(frames: Iterable[T], total: int) -> Iterable[T]:
    """Show the same for one file of many, and leave nothing behind."""
    bar: Iterable[T] = tqdm(
        until_interrupted(frames), total=total or None, unit="frame", dynamic_ncols=True, leave=False
    )
    return bar

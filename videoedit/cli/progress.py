"""Progress bars; the only place that knows about a terminal's width."""

from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def bar_of_frames(frames: Iterable[T], total: int) -> Iterable[T]:
    """Show frames done and time left on stderr."""
    bar: Iterable[T] = tqdm(frames, total=total or None, unit="frame", dynamic_ncols=True)
    return bar

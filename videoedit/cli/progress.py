"""Progress bars; the only place that knows about a terminal's width."""

from collections.abc import Iterable

from tqdm import tqdm

from videoedit.pipeline import EditedFrame


def bar_of_frames(frames: Iterable[EditedFrame], total: int) -> Iterable[EditedFrame]:
    """Show frames done and time left on stderr."""
    bar: Iterable[EditedFrame] = tqdm(frames, total=total or None, unit="frame", dynamic_ncols=True)
    return bar

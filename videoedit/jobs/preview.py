"""A look at an edit before the whole video is made: before | after | what was added | where it may change.

Shapes: T moments, h x w the frame as it is shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from videoedit.colour import region_rgb, to_image
from videoedit.composite.masks import border_mask
from videoedit.composite.residual import warp_back
from videoedit.errors import MediaError
from videoedit.frames import Image
from videoedit.pipeline import EditedFrame
from videoedit.video.reader import VideoReader
from videoedit.wishes import EditConfig, build_pipeline


def preview_sheet(path: str, times: Sequence[Fraction], config: EditConfig) -> Image:
    """Edit a video up to the last moment asked for, and show those moments.

    Args:
        path: Video.
        times: Seconds from the first frame; each shows the frame on screen then.
        config: The edit.

    Returns:
        (T h, 4 w, 3) uint8, one row per moment in the order of time.

    Raises:
        MediaError: The video ends before one of the moments.
    """
    pipeline = build_pipeline(config)
    size = pipeline.editor.crop_size
    mask = border_mask(size, config.pipeline.feather)
    with VideoReader(path) as reader:
        rows = [_row(shown, mask) for shown in _at(pipeline.run(reader), sorted(times))]
    if len(rows) < len(times):
        raise MediaError(f"{path} ends before {float(max(times)):.2f} s; ask for an earlier moment with --at")
    return np.concatenate(rows, axis=0)


def _at(frames: Iterable[EditedFrame], times: Sequence[Fraction]) -> Iterator[EditedFrame]:
    """Yield the frame that is on screen at each of the sorted moments."""
    waiting = list(times)
    start: Fraction | None = None
    for shown in frames:
        start = shown.source.time if start is None else start
        end = shown.source.time + shown.source.duration - start
        while waiting and waiting[0] < end:
            yield shown
            waiting.pop(0)
        if not waiting:
            return


def _row(shown: EditedFrame, mask: NDArray[np.float32]) -> Image:
    """Return before | after | difference around grey | mask."""
    box = (0, 0, *shown.source.size_wh)
    before, after = region_rgb(shown.source, box), region_rgb(shown.frame, box)
    where = np.zeros_like(before)
    for placement in shown.placements:
        where = np.maximum(where, warp_back(np.repeat(mask[..., None], 3, axis=2), placement.crop_from_frame, box))
    turns = shown.source.rotation // 90
    pictures = (before, after, after - before + np.float32(0.5), where)
    return np.concatenate([np.rot90(to_image(picture), turns) for picture in pictures], axis=1)

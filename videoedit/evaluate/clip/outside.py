"""What changed where nothing should: samples outside the faces' rectangles, in codes of 8 bit.

Coordinates: boxes are (left, top, right, bottom) in luma pixels, right and bottom exclusive, on the chroma grid.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.colour import Box, chroma_box, plane_deltas, region_rgb
from videoedit.frames import Frame

BLOCK: Final = 16
"""Side of the blocks whose mean change is looked at, in samples."""
_PEAK: Final = 2.0**8 - 1


@dataclass(frozen=True, slots=True)
class Outside:
    """One frame's changes outside the boxes."""

    psnr: float | None
    """Of luma in dB; None where no sample differs, or none lies outside."""
    largest: float
    """Largest change of a sample of any plane."""
    largest_block: float
    """Largest change of a block's mean; an encoder's errors cancel out there, an edit does not."""


def outside_of(source: Frame, edited: Frame, boxes: Sequence[Box]) -> Outside:
    """Compare two frames of one size; chroma only where both have it at the same sampling."""
    own = [boxes, *([chroma_box(box, source.format) for box in boxes] for _ in range(2))]
    largest, largest_block, psnr = 0.0, 0.0, None
    for index, (whole, inside) in enumerate(zip(_changes(source, edited), own, strict=True)):
        if whole is None:
            continue
        weights = np.ones(whole.shape, np.float32)
        for left, top, right, bottom in inside:
            weights[top:bottom, left:right] = 0.0
        change = whole * weights  # (h, w)
        largest = max(largest, float(np.abs(change).max()))
        largest_block = max(largest_block, _largest_block(change, weights))
        if index == 0:
            psnr = _psnr(change, weights)
    return Outside(psnr, largest, largest_block)


def _changes(source: Frame, edited: Frame) -> Iterator[NDArray[np.float32] | None]:
    """Give the change of each plane of the source; None where the other's is sampled otherwise.

    Frames whose codes mean different colours, as RGB and Y'CbCr, are compared by their colours.
    """
    scales = [np.float32(2 ** (frame.format.depth - 8)) for frame in (source, edited)]
    if _meaning(source) != _meaning(edited):
        before, after = (region_rgb(frame, (0, 0, *frame.size_wh)) for frame in (source, edited))
        yield from (change / scales[0] for change in plane_deltas(after - before, source.format))
        return
    for old, new in zip(source.planes, edited.planes, strict=True):
        is_alike = old.shape == new.shape
        yield np.asarray(new / scales[1] - old / scales[0], dtype=np.float32) if is_alike else None


def _meaning(frame: Frame) -> tuple[str, bool]:
    return frame.format.matrix, frame.format.is_full_range


def _largest_block(change: NDArray[np.float32], weights: NDArray[np.float32]) -> float:
    """Return the largest |mean| of a block; blocks that lie mostly inside do not count."""
    height, width = (max(side // BLOCK, 1) for side in change.shape)
    total, share = (cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA) for part in (change, weights))
    means = np.divide(total, share, out=np.zeros_like(total), where=share > 0.5)
    return float(np.abs(means).max())


def _psnr(change: NDArray[np.float32], weights: NDArray[np.float32]) -> float | None:
    count = float(weights.sum(dtype=np.float64))
    error = float(np.square(change).sum(dtype=np.float64))
    return 10.0 * float(np.log10(_PEAK**2 * count / error)) if error > 0 else None

"""What changed where nothing should: samples outside the faces' rectangles, in codes of 8 bit.

Coordinates: boxes are (left, top, right, bottom) in luma pixels, right and bottom exclusive, on the chroma grid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.colour import Box, chroma_box
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
    planes = zip(source.planes, edited.planes, strict=True)
    own = [(0, boxes)] + [(index, [chroma_box(box, source.format) for box in boxes]) for index in (1, 2)]
    scales = [np.float32(2 ** (frame.format.depth - 8)) for frame in (source, edited)]
    largest, largest_block, psnr = 0.0, 0.0, None
    for (before, after), (index, inside) in zip(planes, own, strict=True):
        if before.shape != after.shape:
            continue
        weights = np.ones(before.shape, np.float32)
        for left, top, right, bottom in inside:
            weights[top:bottom, left:right] = 0.0
        change = np.asarray((after / scales[1] - before / scales[0]) * weights, dtype=np.float32)  # (h, w)
        largest = max(largest, float(np.abs(change).max()))
        largest_block = max(largest_block, _largest_block(change, weights))
        if index == 0:
            psnr = _psnr(change, weights)
    return Outside(psnr, largest, largest_block)


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

"""Where a new scene begins, told from the detector's small pictures.

Two pictures belong to different scenes where both their colours and their structure differ. Structure is compared
after the best global shift, which a pan survives, and without brightness, which most flashes survive; and a scene
begins only where what was before is found in none of the next pictures, which a short flash does not achieve.
Dissolves are not cuts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.streams import look_around

T = TypeVar("T")

FLASH: Final = 2
"""Frames: what lasts no longer, and is followed by what was before, is no scene."""

_SIZE_WH: Final = (64, 36)
_BINS: Final = 8
_COLOURS: Final = 0.12
"""Share of the pixels that must have another colour."""
_STRUCTURE: Final = 0.3
"""What the correlation of the pictures must lack to 1."""
_LENIENCE: Final = 0.5
"""Share of these thresholds for pictures that are not next to one another; the same scene comes back far closer."""
_FLAT: Final = 4.0
"""Standard deviation of grey codes below which a picture has no structure to compare."""


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """What is kept of a picture to compare it with others."""

    grey: NDArray[np.float32]
    """(36, 64) means of the picture's cells."""
    colours: NDArray[np.float32]
    """Histogram of lightness and chroma, sums to 1."""

    @classmethod
    def of(cls, image: Image) -> Self:
        """Reduce a picture of any size."""
        small = np.asarray(cv2.resize(image, _SIZE_WH, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
        counts = [cv2.calcHist([lab], channels, None, bins, ranges) for channels, bins, ranges in _HISTOGRAMS]
        colours = np.concatenate([count.ravel() / small[..., 0].size for count in counts])
        return cls(small.astype(np.float32).mean(axis=2), colours.astype(np.float32))

    def differs_from(self, other: Self, lenience: float = 1.0) -> bool:
        """Say whether the two can hardly be pictures of one scene; less than 1 asks for less difference."""
        has_other_colours = _colour_distance(self, other) > lenience * _COLOURS
        return has_other_colours and _structure_distance(self, other) > lenience * _STRUCTURE


_HISTOGRAMS: Final = (
    ([0, 1, 2], [_BINS] * 3, [0, 256] * 3),
    ([1, 2], [2 * _BINS] * 2, [64, 192] * 2),  # finer in the middle, where the colours of dark pictures lie
)
_NUM_COARSE: Final = _BINS**3


def number_scenes(items: Iterable[tuple[T, Image]], ahead: int = FLASH) -> Iterator[tuple[T, int]]:
    """Give every item the number of its scene, from 0.

    Args:
        items: Anything with its picture, in order.
        ahead: Pictures looked at beyond the item, up to `FLASH`; with 0 a flash that drowns the picture counts as cut.
    """
    signed = ((item, Signature.of(image)) for item, image in items)
    scene = 0
    for window, centre in look_around(signed, FLASH + 1, ahead):
        signatures = [signature for _, signature in window]
        scene += _is_cut(signatures[:centre], signatures[centre:])
        yield window[centre][0], scene


def _is_cut(before: Sequence[Signature], after: Sequence[Signature]) -> bool:
    """Say whether a scene begins with the first of `after`."""
    if not before or not after[0].differs_from(before[-1]):
        return False
    return all(new.differs_from(old, _LENIENCE) for new in after for old in before)


def _colour_distance(a: Signature, b: Signature) -> float:
    """Return the share of pixels that changed colour, by the coarser or the finer histogram."""
    shared = np.minimum(a.colours, b.colours)
    return 1.0 - float(min(shared[:_NUM_COARSE].sum(), shared[_NUM_COARSE:].sum()))


def _structure_distance(a: Signature, b: Signature) -> float:
    """Return 1 less the correlation of either picture's middle with the other, at the best shift."""
    return 1.0 - max(_found_in(a.grey, b.grey), _found_in(b.grey, a.grey))


def _found_in(whole: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    height, width = other.shape
    middle = other[height // 4 : -height // 4, width // 4 : -width // 4]
    if middle.std() < _FLAT:
        return 1.0 if whole.std() < _FLAT else 0.0
    return float(cv2.matchTemplate(whole, middle, cv2.TM_CCOEFF_NORMED).max())

"""Steady residuals: what is added to a face is averaged over its neighbours in time, where the face looked alike.

Residuals lie in face coordinates, and are moved along where the face still moves in its crop (`track/motion.py`), so an
edit stays on the face whatever the head does. Where the crops differ nevertheless (a blink, a turning head, a cut)
neighbours do not count, so nothing ghosts.

Shapes: S the side of the crop; similarity is judged on a coarse grid of g x g cells.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.geometry import Transform, compose, inverse
from videoedit.streams import look_around
from videoedit.track.motion import motion_between, moved_along
from videoedit.track.smoothing import Placement

T = TypeVar("T")

RESIDUAL_SIGMAS: Final = {"off": 0.0, "low": 0.8, "medium": 1.5, "high": 2.5}
"""Standard deviation of the window in frames, by the name of the setting."""

_GRID: Final = 16
_ALIKE: Final = 10.0
"""Cells that differ by this many of 256 codes count a third as much."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceEdit:
    """One face of one frame and what is to be added to it."""

    placement: Placement
    crop: Image
    """(S, S, 3), as the editor saw it."""
    residual: NDArray[np.float32]
    """(3, 4 or 6, S, S), as the editor gives it."""

    @property
    def key(self) -> tuple[int, int]:
        """Scene and track, by which a face is the same in other frames."""
        return self.placement.scene, self.placement.track_id

    def coarse(self) -> NDArray[np.float32]:
        """Return the crop's means on the coarse grid, (g, g, 3)."""
        return np.asarray(cv2.resize(self.crop, (_GRID, _GRID), interpolation=cv2.INTER_AREA), dtype=np.float32)


def alike(look: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how alike two coarse crops (g, g, 3) are in every cell, 1 down to 0, as (g, g)."""
    difference = np.abs(look - other).mean(axis=2)
    likeness: NDArray[np.float32] = np.exp(-np.square(difference / _ALIKE))
    return likeness


def steady_residuals(
    edited: Iterable[tuple[T, Sequence[FaceEdit]]], sigma: float
) -> Iterator[tuple[T, list[FaceEdit]]]:
    """Average every track's residuals over a symmetric window, holding no more than the window.

    Args:
        edited: Frames, or anything else, with their edited faces, in order.
        sigma: Standard deviation of the window in frames; 0 leaves the residuals as they are.
    """
    if sigma == 0:
        yield from ((item, list(faces)) for item, faces in edited)
        return
    for window, centre in look_around(_linked(edited), residual_reach(sigma)):
        item, links = window[centre]
        yield item, [replace(own.face, residual=_average(own, window, centre, sigma)) for own in links.values()]


def residual_reach(sigma: float) -> int:
    """Return how many frames before and after a frame take part in its average."""
    return math.ceil(2.0 * sigma)


@dataclass(frozen=True, slots=True, eq=False)
class _Link:
    """A face, and how it moved since the frame before."""

    face: FaceEdit
    look: NDArray[np.float32]
    """(g, g, 3)."""
    from_before: Transform | None
    """To this frame's crop from that of the frame before; None where the face was not there."""


_Links: TypeAlias = Mapping[tuple[int, int], _Link]
"""One frame's faces by their keys."""


def _linked(edited: Iterable[tuple[T, Sequence[FaceEdit]]]) -> Iterator[tuple[T, _Links]]:
    before: _Links = {}
    for item, faces in edited:
        before = {face.key: _link(face, before.get(face.key)) for face in faces}
        yield item, before


def _link(face: FaceEdit, before: _Link | None) -> _Link:
    return _Link(face, face.coarse(), None if before is None else motion_between(before.face.crop, face.crop))


def _average(own: _Link, window: Sequence[tuple[object, _Links]], centre: int, sigma: float) -> NDArray[np.float32]:
    """Average one track around the centre, cell by cell by likeness and closeness in time."""
    size = own.face.residual.shape[-1]
    total, weights = own.face.residual.copy(), np.ones((size, size), np.float32)
    for away, other, own_from_other in _neighbours(own, window, centre):
        look = moved_along(other.look.transpose(2, 0, 1), own_from_other, size).transpose(1, 2, 0)
        counts = alike(look, own.look) * math.exp(-0.5 * (away / sigma) ** 2)  # (g, g)
        weight = np.asarray(cv2.resize(counts, weights.shape, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
        total += weight * moved_along(other.face.residual, own_from_other, size)
        weights += weight
    return total / weights


def _neighbours(
    own: _Link, window: Sequence[tuple[object, _Links]], centre: int
) -> Iterator[tuple[int, _Link, Transform]]:
    """Give the face in the frames around, as far as it is there without a gap: how far away, the face, its motion."""
    for way in (-1, 1):
        here, own_from_here = own, np.eye(2, 3)
        for index in range(centre + way, -1 if way < 0 else len(window), way):
            there = window[index][1].get(own.face.key)
            later = here if way < 0 else there
            if there is None or later is None or later.from_before is None:
                break
            own_from_here = compose(own_from_here, later.from_before if way < 0 else inverse(later.from_before))
            here = there
            yield abs(index - centre), there, own_from_here

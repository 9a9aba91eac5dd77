"""Steady residuals: what is added to a face is averaged over its neighbours in time, where the face looked alike.

Residuals lie in face coordinates, so a still edit is a still picture there whatever the head does. Where the crops
differ (a blink, a turning head, a cut) neighbours do not count, so nothing ghosts.

Shapes: S the side of the crop; similarity is judged on a coarse grid of g x g cells.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.streams import look_around
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
    """(3, S, S)."""

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
    for window, centre in look_around(edited, residual_reach(sigma)):
        yield _steadied(window, centre, sigma)


def residual_reach(sigma: float) -> int:
    """Return how many frames before and after a frame take part in its average."""
    return math.ceil(2.0 * sigma)


def _steadied(window: Sequence[tuple[T, Sequence[FaceEdit]]], centre: int, sigma: float) -> tuple[T, list[FaceEdit]]:
    item, faces = window[centre]
    if sigma == 0:
        return item, list(faces)
    return item, [replace(face, residual=_average(face, window, centre, sigma)) for face in faces]


def _average(
    face: FaceEdit, window: Sequence[tuple[object, Sequence[FaceEdit]]], centre: int, sigma: float
) -> NDArray[np.float32]:
    """Average one track around the centre, cell by cell by likeness and closeness in time."""
    own = face.coarse()
    total = np.zeros_like(face.residual)
    weights = np.zeros(face.residual.shape[1:], np.float32)
    for time, (_, others) in enumerate(window):
        for other in others:
            if (other.placement.scene, other.placement.track_id) != (face.placement.scene, face.placement.track_id):
                continue
            counts = alike(other.coarse(), own) * math.exp(-0.5 * ((time - centre) / sigma) ** 2)  # (g, g)
            weight = np.asarray(
                cv2.resize(counts, weights.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32
            )
            total += weight * other.residual
            weights += weight
    return total / weights

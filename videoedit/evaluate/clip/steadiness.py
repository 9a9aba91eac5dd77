"""How still an edit is: flicker in face coordinates, error after following the motion, wobble of the landmarks.

Shapes: S the side of an aligned crop; colours in codes of 8 bit.
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Points
from videoedit.frames import Image

T = TypeVar("T")

_CUT: Final = 40.0
"""Crops that differ by more on average are of two shots."""


@dataclass(frozen=True, slots=True, eq=False)
class CropPair:
    """One face of one frame before and after the edit, cut out at the same place."""

    source: Image
    """(S, S, 3)."""
    edited: Image
    """(S, S, 3)."""

    @property
    def residual(self) -> NDArray[np.float32]:
        """Return what was added, (S, S, 3)."""
        return self.edited.astype(np.float32) - self.source


class Triples(Generic[T]):
    """Hands out what a track shows in three consecutive frames."""

    def __init__(self) -> None:
        self._last: dict[int, list[tuple[int, T]]] = {}

    def add(self, track: int, index: int, value: T) -> tuple[T, T, T] | None:
        """Take a track's value in frame `index`; return the last three if their frames follow each other."""
        last = [entry for entry in self._last.get(track, []) if entry[0] >= index - 2]
        last = [*last, (index, value)][-3:]
        self._last[track] = last
        return (last[0][1], last[1][1], last[2][1]) if len(last) == 3 else None

    def last(self, track: int, index: int) -> T | None:
        """Return what a track showed in frame `index`, where that was its latest."""
        latest = self._last.get(track, [])
        return latest[-1][1] if latest and latest[-1][0] == index else None


def flicker(before: CropPair, middle: CropPair, after: CropPair, where: NDArray[np.bool_]) -> float | None:
    """Return how far the middle residual is from the mean of its neighbours, on average; None across a cut.

    An edit that alternates between +a and -a flickers by 2a, one that fades evenly by 0.

    Args:
        before: The face one frame earlier.
        middle: The face.
        after: The face one frame later.
        where: (S, S) pixels that count.
    """
    if is_cut(before, middle) or is_cut(middle, after):
        return None
    away = middle.residual - 0.5 * (before.residual + after.residual)
    return float(np.abs(away[where]).mean())


def is_cut(before: CropPair, after: CropPair) -> bool:
    """Say whether two neighbouring crops of the source belong to different shots."""
    return float(np.abs(after.source.astype(np.float32) - before.source).mean()) > _CUT


@dataclass(frozen=True, slots=True)
class WarpErrors:
    """What is left after the frame before is moved along with the source's motion; means of absolute codes."""

    edit: float
    """Of the residual."""
    edited: float
    """Of the edited picture."""
    source: float
    """Of the source itself, by which the motion was found."""
    slip_edited: float
    """Pixels by which edges seem to move against the motion: the edited picture's error over its own contrast."""
    slip_source: float
    """The same of the source."""


class FlowMeter:
    """Follows the motion of the source by dense optical flow."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def errors(self, before: CropPair, after: CropPair, where: NDArray[np.bool_]) -> WarpErrors | None:
        """Compare a face with the frame before it, moved along; None across a cut."""
        if is_cut(before, after):
            return None
        greys = [cv2.cvtColor(pair.source, cv2.COLOR_RGB2GRAY) for pair in (after, before)]
        flow = np.asarray(self._flow.calc(*greys, None))  # type: ignore[call-overload]  # (S, S, 2)
        y, x = np.indices(greys[0].shape, dtype=np.float32)

        def left_over(earlier: NDArray[np.generic], later: NDArray[np.generic]) -> NDArray[np.float32]:
            was, now = earlier.astype(np.float32), later.astype(np.float32)
            moved = cv2.remap(was, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
            error: NDArray[np.float32] = np.abs(now - moved)[where]  # (P, 3)
            return error

        edited, source = left_over(before.edited, after.edited), left_over(before.source, after.source)
        return WarpErrors(
            edit=float(left_over(before.residual, after.residual).mean()),
            edited=float(edited.mean()),
            source=float(source.mean()),
            slip_edited=_slip(edited, _slopes(after.edited)[where]),
            slip_source=_slip(source, _slopes(after.source)[where]),
        )


def _slopes(picture: Image) -> NDArray[np.float32]:
    """Return by how many codes each channel of a picture changes from one pixel to the next, (S, S, 3)."""
    across, down = (cv2.Sobel(picture, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _slip(errors: NDArray[np.float32], slopes: NDArray[np.float32]) -> float:
    """Return the shift in pixels that explains errors (P, 3) best where a picture has slopes (P, 3): 0 without any."""
    steepness = float(np.square(slopes).sum())
    return float((errors * slopes).sum()) / steepness if steepness else 0.0


def wobble(before: Points, middle: Points, after: Points) -> float:
    """Return how far five points are from the mean of their neighbours in time, as a share of the eyes' distance.

    Root of the mean square over the points, (5, 2) each.
    """
    away = middle - 0.5 * (before + after)
    eyes = float(np.linalg.norm(middle[1] - middle[0]))
    return float(np.sqrt(np.square(away).sum(axis=1).mean())) / max(eyes, 1e-6)

"""The outlines of lips in the frame of a face, and how a face is bent so that they get another shape.

Lips are 40 points: the outer outline from the corner on the left of the picture along the lower lip to the other corner
and back along the upper lip, then the inner outline in the same order.
Coordinates: pixels of a crop, (0, 0) the centre of its top-left pixel; in the frame of a face, distances between its
eyes, x along them, y down, the origin between the corners of the mouth.
Shapes: S the side of the crop, P points.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.align.crop import bent_picture
from videoedit.align.part import Part
from videoedit.align.splines import Surroundings, spline
from videoedit.colour import Box
from videoedit.faces import Points

Map: TypeAlias = NDArray[np.float32]
Picture: TypeAlias = NDArray[np.float32]

NUM_LIPS: Final = 40
_RING: Final = NUM_LIPS // 2
CORNERS: Final = (0, _RING // 2)
"""Outer corners of the mouth, the one on the left of the picture first."""
_LOWER_RING: Final = tuple(range(_RING // 2 + 1))
_UPPER_RING: Final = (0, *range(_RING - 1, _RING // 2 - 1, -1))
OUTER_UPPER, OUTER_LOWER = list(_UPPER_RING), list(_LOWER_RING)
"""11 points each, from the left corner to the right."""
INNER_UPPER, INNER_LOWER = ([_RING + place for place in half] for half in (_UPPER_RING, _LOWER_RING))
_TURNED_RING: Final = (*range(_RING // 2, -1, -1), *range(_RING - 1, _RING // 2, -1))
MIRRORED: Final = (*_TURNED_RING, *(_RING + place for place in _TURNED_RING))
"""Which point of a face is seen as which of its mirror image."""

_REACH: Final = (0.85, 0.55, 0.75)
"""How far a face is bent around its mouth, to the sides, up and down, in distances between the eyes."""
_BELOW_CORNERS: Final = 0.1
"""Middle of that below the corners."""
_LOOSE: Final = 1e-2
"""What points of what is between lips may be missed by."""
_LEAST_GAP: Final = 0.02
"""How far lips that show something are open at least, in distances between the eyes."""
_SEAM: Final = 0.7
"""Standard deviation in pixels of the blur between upper and lower lip, and of the opening between them."""
_WITHIN: Final = 0.2
"""Share of its thickness within a lip where the edge of one that closes comes from, so that no tooth comes along."""
_CLOSES: Final = 0.05
"""By how much less a mouth is open that plainly closes, in distances between the eyes."""
_SEEN: Final = 3.0
"""Pixels by which lips are open between which something is plainly seen."""
_FULL: Final = np.iinfo(np.uint8).max
"""What is wholly within an outline that is drawn in eight bits."""
_NEAR: Final = 0.07
"""Width of what is near the line between them, in distances between the eyes."""


@dataclass(frozen=True, slots=True, eq=False)
class Lips(Part):
    """The lips of one face."""

    @property
    def middle(self) -> Points:
        """(2,), between the corners."""
        middle: Points = self.xy[list(CORNERS)].mean(axis=0)
        return middle


def opening(lips: Lips, size: int) -> Map:
    """Return (S, S) in 0..1: what is seen between lips."""
    outline = np.concatenate([lips.xy[INNER_UPPER], lips.xy[INNER_LOWER][::-1]])
    seen = np.float32(min(gap_of(lips.shape) * lips.unit / _SEEN, 1.0))  # else a polygon without height is a line
    return np.asarray(cv2.GaussianBlur(_filled(outline, size), (0, 0), _SEAM) * seen, np.float32)


def around(points_xy: Points, grown: float, soft: float, size: int) -> Map:
    """Return (S, S) in 0..1: the hull of points (P, 2) and so many pixels around it, with a blurred edge."""
    hull = np.asarray(cv2.convexHull(points_xy.astype(np.float32))[:, 0], np.float64)
    side = 2 * round(grown) + 1
    filled = cv2.dilate(_filled(hull, size), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), max(soft, 0.1)), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Bending:
    """How a face is bent so that its lips get another outline; maps are (2, S, S), as `tensors.bent` reads them.

    Above the line between the lips one map says where things come from, below it another, because a mouth may close:
    teeth that were between the lips are then between them no more.
    """

    upper: Map
    lower: Map
    below: Map
    """(S, S) in 0..1: what is below the line."""
    line: Map
    """(S, S) in 0..1: what is near it."""

    @property
    def shifts(self) -> Map:
        """Both maps in one, (2, S, S); near the line it shows something of what was between the lips."""
        return (1.0 - self.below) * self.upper + self.below * self.lower

    def bent(self, face: Picture, box: Box) -> Picture:
        """Return a box of a face (S, S, 3) that shows nothing of it, (h, w, 3); see `between_lips`."""
        left, top, right, bottom = box
        part = np.s_[top:bottom, left:right]
        upper, lower = (
            bent_picture(face, half.transpose(1, 2, 0)[part], (left, top)) for half in (self.upper, self.lower)
        )
        below = self.below[part][..., None]
        return np.asarray(((1.0 - below) * upper + below * lower).clip(0.0, 1.0), np.float32)


def bending(lips: Lips, wanted: Lips, size: int) -> Bending:
    """Find the splines that give lips another outline, and fade around the mouth."""
    distance, axes = lips.unit, lips.axes
    surroundings = Surroundings(lips.middle + _BELOW_CORNERS * distance * axes[1], distance, axes, _REACH)
    closing = _WITHIN * float(np.clip((gap_of(lips.shape) - gap_of(wanted.shape)) / _CLOSES, 0.0, 1.0))
    halves: list[Map] = []
    for outer, inner in ((OUTER_UPPER, INNER_UPPER), (OUTER_LOWER, INNER_LOWER)):
        edge = lips.xy[inner] + closing * (lips.xy[outer] - lips.xy[inner])
        to = np.concatenate([wanted.xy[outer], wanted.xy[inner]])
        halves.append(surroundings.shifts(to, np.concatenate([lips.xy[outer], edge]), size))
    upper, lower = halves
    between = (wanted.xy[INNER_UPPER] + wanted.xy[INNER_LOWER]) / 2.0
    return Bending(upper, lower, _below(between, axes, size), _near(between, distance, size))


def width_of(shape: Points) -> float:
    """Return how wide a mouth is, in the shape's units."""
    return float(shape[CORNERS[1], 0] - shape[CORNERS[0], 0])


def gap_of(shape: Points) -> float:
    """Return how far lips are open in the middle, in the shape's units."""
    middle = len(INNER_UPPER) // 2
    return max(float(shape[INNER_LOWER[middle], 1] - shape[INNER_UPPER[middle], 1]), 0.0)


def between_lips(giver: Picture, giver_lips: Lips, lips: Lips, box: Box) -> Picture:
    """Return what is between one face's lips as it would be seen between another's, in a box of its crop (h, w, 3).

    It hangs from the upper lip as teeth do: a lower lip that closes hides it, and it is higher only where the mouth is
    open further.

    Args:
        giver: (S, S, 3), the face whose teeth are seen.
        giver_lips: Where they are seen there.
        lips: Of the other face.
        box: Left, top, right, bottom; right and bottom are exclusive.
    """
    shape, giver_shape = lips.shape, giver_lips.shape
    wider = width_of(shape) * lips.unit / max(width_of(giver_shape) * giver_lips.unit, 1e-6)
    giver_gap = max(gap_of(giver_shape), _LEAST_GAP) * giver_lips.unit
    height = max(wider * giver_gap, gap_of(shape) * lips.unit)
    upper, giver_upper = lips.xy[INNER_UPPER], giver_lips.xy[INNER_UPPER]
    to = np.concatenate([upper, upper + height * lips.axes[1]])
    way = np.concatenate([giver_upper, giver_upper + giver_gap * giver_lips.axes[1]]) - to
    left, top, right, bottom = box
    places = np.stack(np.meshgrid(np.arange(left, right), np.arange(top, bottom)), axis=2).astype(np.float64)
    found = places + spline(to, way, places.reshape(-1, 2), lips.unit, _LOOSE).reshape(places.shape)
    x, y = found.astype(np.float32).transpose(2, 0, 1)
    moved = cv2.remap(giver, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved.clip(0.0, 1.0), np.float32)


def _below(between: Points, axes: NDArray[np.float64], size: int) -> Map:
    """Return (S, S) in 0..1: what is below a line (P, 2) between the lips, which goes on level beside them."""
    right, down = 2.0 * size * axes
    ends = between[0] - right, between[-1] + right
    outline = np.concatenate([[ends[0]], between, [ends[1], ends[1] + down, ends[0] + down]])
    return np.asarray(cv2.GaussianBlur(_filled(outline, size), (0, 0), _SEAM), np.float32)


def _near(between: Points, distance: float, size: int) -> Map:
    """Return (S, S) in 0..1: what is near a line (P, 2) between the lips."""
    drawn = np.zeros((size, size), np.uint8)
    width = max(round(_NEAR * distance), 1)
    cv2.polylines(drawn, [np.round(between * 16.0).astype(np.int32)], False, _FULL, width, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.GaussianBlur(drawn.astype(np.float32) / _FULL, (0, 0), _SEAM), np.float32)


def _filled(outline: Points, size: int) -> Map:
    """Return (S, S) in 0..1: the inside of a polygon (P, 2)."""
    filled = np.zeros((size, size), np.uint8)  # edges are smooth in eight bits alone
    cv2.fillPoly(filled, [np.round(outline * 16.0).astype(np.int32)], _FULL, lineType=cv2.LINE_AA, shift=4)
    return filled.astype(np.float32) / np.float32(_FULL)

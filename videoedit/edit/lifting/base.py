"""What every way of lifting promises, and what they share: layers, their colours, the light on a face.

A layer is (F, 4, S, S), as `tensors.change_of` reads it: colours in -1..1 times their cover, and the cover in 0..1.
Shapes: F faces, S the side of the crops.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.align.eyes import from_eyes
from videoedit.align.part import Part
from videoedit.edit.base import Worn
from videoedit.faces import Points
from videoedit.tensors import mean_around
from videoedit.track.yaw import yaw_of

Map: TypeAlias = NDArray[np.float32]

MOST_TURNED: Final = 45.0
"""Degrees of yaw up to which enough is seen of what an exemplar wears."""
_TURNED: Final = (35.0, 50.0)
"""Degrees of yaw over which bending fades: parts of profiles are not seen from the front."""
_LEAST_UNIT: Final = 8.0
"""Pixels between the eyes below which a face has no parts to be bent."""
_SKIN: Final = (0.36, 0.48, 0.64, 0.62)
"""Box of nose and cheeks on the crop, by which the light of two pictures is compared: left, top, right, bottom."""
_BRIGHTER: Final = 0.5
"""Power of the ratio of their brightness with which a layer's own grows: skins differ too, not light alone."""
_GAINS: Final = (0.5, 1.6)


class Lifting(Protocol):
    """Lifts one attribute off an exemplar and lays it on faces."""

    def lift(self, wearer: Tensor, bare: Tensor, points_xy: Points) -> Worn | None:
        """Return what an exemplar wears; None where it is not seen well enough.

        Args:
            wearer: The exemplar's crop, (1, 3, S, S) in -1..1.
            bare: The same face without the attribute.
            points_xy: (5, 2) of the face in its crop.
        """
        ...

    def lay(self, worn: Worn, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return what is worn as it lies on faces x (F, 3, S, S) with these points, by strengths (F,), (F, 4, S, S)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Bent:
    """How faces are bent before the other editor sees them."""

    residual: Tensor
    """(F, 6, S, S), as `tensors.change_of` reads it."""
    drawn: Tensor
    """(F,), share of its strength with which the other editor still makes the edit."""
    free: Tensor
    """(F, 1, S, S) in 0..1: where it draws."""
    points: Sequence[Points]
    """(5, 2) of each face when it is bent."""


class Bends(Protocol):
    """Moves what a face has of its own, as an exemplar's is placed."""

    def lift(self, wearer: Tensor, points_xy: Points) -> Worn | None:
        """Return what an exemplar's place is told by; None where it is not seen well enough.

        Args:
            wearer: The exemplar's crop, (1, 3, S, S) in -1..1.
            points_xy: (5, 2) of the face in its crop.
        """
        ...

    def bend(self, worn: Worn | None, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Bent:
        """Return how faces x (F, 3, S, S) are bent by strengths (F,); without an exemplar, to what they lack."""
        ...


@runtime_checkable
class TellsWearers(Lifting, Protocol):
    """A lifting of what cannot be taken off a face that has none without changing it: so it is asked who has any."""

    def wearing(self, x: Tensor, points_xy: Sequence[Points]) -> Tensor:
        """Return how far, and where, faces wear something that must come off first, (F, 1, S, S) in 0..1.

        Args:
            x: The faces' crops, (F, 3, S, S) in -1..1.
            points_xy: (5, 2) of each face in its crop.
        """
        ...


@runtime_checkable
class Clears(Lifting, Protocol):
    """A lifting of what an editor takes off with things of its own in its place: it knows what of that is none."""

    def clearing(self, x: Tensor, bare: Tensor, points_xy: Sequence[Points]) -> Tensor:
        """Return how far, and where, what an editor takes off a face has gone, (F, 1, S, S) in 0..1.

        Args:
            x: The faces' crops, (F, 3, S, S) in -1..1.
            bare: The same as the editor draws them at strength 1.
            points_xy: (5, 2) of each face in its crop.
        """
        ...


@runtime_checkable
class Mends(Lifting, Protocol):
    """A lifting of what leaves traces where it is taken off a face, and knows where."""

    def mend(self, x: Tensor, bare: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return what covers the traces, (F, 4, S, S).

        Args:
            x: The faces' crops, (F, 3, S, S) in -1..1.
            bare: The same with that taken off.
            points_xy: (5, 2) of each face in its crop.
            strengths: By which it is taken off, (F,).
        """
        ...


def each_worn(worn: Worn, count: int) -> list[tuple[Map, Points]]:
    """Return layer (C, S, S) and points of what each of so many faces is given."""
    sources = list(zip(worn.layer.cpu().numpy(), worn.points.numpy(), strict=True))
    return sources * (count // len(sources))


def of_each(points_xy: Sequence[Points], x: Tensor, of: Callable[[Map, Map], Map]) -> Tensor:
    """Return a map (F, 1, S, S) of what lies how far across and above the eyes of each of the faces (F, 3, S, S)."""
    return torch.from_numpy(np.stack([of(*from_eyes(xy, x.shape[-1])) for xy in points_xy])).to(x)[:, None]


def around(values: Tensor, share: float) -> Tensor:
    """Return the mean of values (F, C, S, S) around each, weighted by a tent as wide as twice a share of their side."""
    side = 2 * round(share * values.shape[-1] / 2.0) + 1
    for _ in range(2):
        values = mean_around(values, side)
    return values


def skin_of(x: Tensor) -> Tensor:
    """Return the colour of the skin of faces (F, 3, S, S), (F, 3) in 0..1."""
    left, top, right, bottom = (round(edge * x.shape[-1]) for edge in _SKIN)
    return (x[:, :, top:bottom, left:right].flatten(2).median(dim=2).values + 1.0) / 2.0


def light_of(x: Tensor) -> Tensor:
    """Return how bright the skin of faces (F, 3, S, S) is, (F, 1), 0 being black."""
    left, top, right, bottom = (round(edge * x.shape[-1]) for edge in _SKIN)
    skin = x[:, :, top:bottom, left:right].flatten(1).median(dim=1, keepdim=True).values
    return ((skin + 1.0) / 2.0).clamp(min=0.05)


def over(below: Tensor, above: Tensor) -> Tensor:
    """Lay residuals (F, 4, S, S) over others; both as `tensors.change_of` reads them."""
    left = 1.0 - above[:, 3:]
    return torch.cat([left * below[:, :3] + above[:, :3], 1.0 - left * (1.0 - below[:, 3:])], dim=1)


def lit(layers: Tensor, worn: Worn, x: Tensor) -> Tensor:
    """Return layers (F, 4, S, S) as bright as the skin of the faces that they lie on lets them."""
    gains = (light_of(x) / worn.light).pow(_BRIGHTER).clamp(*_GAINS)[:, :, None, None]
    return recoloured(layers, gains, torch.zeros_like(gains))


def faded(layers: Tensor, strengths: Tensor) -> Tensor:
    """Return layers (F, 4, S, S) as far as strengths (F,) below 1 say."""
    return layers * strengths.clamp(max=1.0).to(layers)[:, None, None, None]


def recoloured(layers: Tensor, gains: Tensor, shifts: Tensor) -> Tensor:
    """Multiply the light that layers (F, 4, S, S) give, 0 being none and 1 white, by gains, and add shifts to it.

    Both are (F, 1 or 3, 1, 1).
    """
    added, cover = layers[:, :3], layers[:, 3:]
    light = gains * (added + cover) / 2.0 + shifts * cover
    return torch.cat([2.0 * torch.minimum(light.clamp(min=0.0), cover) - cover, cover], dim=1)


def seen_from_front(part: Part) -> float:
    """Return how far a part of a face is seen well enough to be bent, 0 to 1."""
    return falling(abs(yaw_of(part.face_xy)), _TURNED) if part.unit >= _LEAST_UNIT else 0.0


def ramp(values: Tensor, ends: tuple[float, float]) -> Tensor:
    """Return 0 up to the first end, 1 from the second on, and the line between."""
    return ((values - ends[0]) / (ends[1] - ends[0])).clamp(0.0, 1.0)


def rising(values: Map, ends: tuple[float, float]) -> Map:
    """Return 0 up to the first end, 1 from the second on, and the line between, of a map (S, S)."""
    return np.asarray(np.clip((values - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0), np.float32)


def falling(value: float, ends: tuple[float, float]) -> float:
    """Return 1 up to the first end, 0 from the second on, and the line between."""
    return float(np.clip((ends[1] - value) / (ends[1] - ends[0]), 0.0, 1.0))

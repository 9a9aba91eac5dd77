"""Mustaches: what is darker than the same lip without one, moved as nose and mouth lie."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

from videoedit.edit.base import Worn
from videoedit.edit.lifting.base import MOST_TURNED, Map, each_worn, faded, light_of, lit
from videoedit.faces import Points
from videoedit.track.yaw import yaw_of

_MIDDLE: Final = 0.72
"""Of a mustache, on the way from the tip of the nose to the middle of the mouth."""
_HALF: Final = (0.85, 0.38)
"""Its half width in widths of the mouth, and its half height in ways from nose to mouth: nostrils are as dark."""
_SOFT: Final = 0.025
"""How soft its border is, as a share of the side."""
_DARK: Final = 0.05
"""Added to both lights before they are compared, or black would be compared with black."""
_GREY: Final = 0.5
"""Share of its own hue that a mustache loses: part of it is the light of the exemplar."""
_LEAST_COVER: Final = 0.1
"""Mean of the cover in the place of a mustache from which there is one."""


class MustacheLifting:
    """Lifts by what a lip with and without a mustache differ in."""

    def lift(self, wearer: Tensor, bare: Tensor, points_xy: Points) -> Worn | None:
        """Return the mustache of an exemplar; see `Lifting`."""
        place = torch.from_numpy(_place(points_xy, wearer.shape[-1])).to(wearer)
        with_one, without = ((picture[0].clamp(-1.0, 1.0) + 1.0) / 2.0 for picture in (wearer, bare))  # (3, S, S)
        left = ((with_one + _DARK) / (without + _DARK)).mean(dim=0).clamp(0.0, 1.0)
        cover = place * (1.0 - left)
        if float(cover.sum() / place.sum()) < _LEAST_COVER or abs(yaw_of(points_xy)) > MOST_TURNED:
            return None
        light = (with_one - (1.0 - cover) * without).clamp(min=0.0).minimum(cover)
        grey = light.mean(dim=0, keepdim=True)
        layer = torch.cat([torch.lerp(light, grey, _GREY).mul(2.0).sub(cover), cover[None]])
        points = torch.from_numpy(points_xy)[None]
        return Worn(layer[None], points, light_of(wearer))

    def lay(self, worn: Worn, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return mustaches as they lie on faces; see `Lifting`."""
        moved = [_moved(*one, xy) for one, xy in zip(each_worn(worn, len(x)), points_xy, strict=True)]
        return faded(lit(torch.from_numpy(np.stack(moved)).to(x), worn, x), strengths)


def _place(points_xy: Points, side: int) -> Map:
    """Return (S, S) in 0..1: where a mustache is on a face with these points."""
    nose, left, right = points_xy[2:]
    mouth, line = (left + right) / 2, right - left
    middle = nose + _MIDDLE * (mouth - nose)
    half = _HALF[0] * np.hypot(*line), _HALF[1] * np.hypot(*(mouth - nose))
    place = np.zeros((side, side), np.float32)
    angle = float(np.degrees(np.arctan2(line[1], line[0])))
    cv2.ellipse(place, (middle.tolist(), (2 * half[0], 2 * half[1]), angle), 1.0, -1)
    return np.asarray(cv2.GaussianBlur(place, (0, 0), _SOFT * side), np.float32)


def _moved(layer: Map, wearer_xy: Points, taker_xy: Points) -> Map:
    """Take a layer (4, S, S) from one face to another by the tip of the nose and the corners of the mouth."""
    side = layer.shape[-1]
    taker_from_wearer = cv2.getAffineTransform(wearer_xy[2:].astype(np.float32), taker_xy[2:].astype(np.float32))
    moved = cv2.warpAffine(np.ascontiguousarray(layer.transpose(1, 2, 0)), taker_from_wearer, (side, side))
    return np.ascontiguousarray(moved.transpose(2, 0, 1), dtype=np.float32)

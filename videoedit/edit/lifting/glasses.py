"""Glasses: a network lifts them, and they are turned as a frame before the eyes is."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from videoedit.align.spectacles import TURNED, carried
from videoedit.edit.base import Worn
from videoedit.edit.lifting.base import MOST_TURNED, each_worn, faded, light_of, lit, ramp
from videoedit.faces import Points
from videoedit.nets.matting import MattingNetwork
from videoedit.track.yaw import yaw_of

_SURE: Final = (0.08, 0.6)
"""Covers up to the first share are none, from the second on whole: what the network is not sure of it lifts faintly."""
_LEAST_COVER: Final = 0.01
"""Share of each half of the crop that glasses cover at least."""
_LOPSIDED: Final = 0.4
"""Where something hides half of them, one half covers less than this share of what the other does."""


class GlassesLifting:
    """Lifts by the matting network."""

    is_drawn_below = False

    def __init__(self, network: MattingNetwork) -> None:
        self._network = network

    def lift(self, wearer: Tensor, bare: Tensor, points_xy: Points) -> Worn | None:
        """Return the glasses of an exemplar; see `Lifting`."""
        layer = sure(self._network.lift(wearer, bare))
        if not is_whole(layer, yaw_of(points_xy)):
            return None
        points = torch.from_numpy(points_xy)[None]
        return Worn(layer, points, light_of(wearer), points)

    def lay(self, worn: Worn, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return glasses as they lie on faces; see `Lifting`."""
        moved = [carried(*one, xy) for one, xy in zip(each_worn(worn, len(x)), points_xy, strict=True)]
        return faded(lit(torch.from_numpy(np.stack(moved)).to(x), worn, x), strengths)


def sure(layer: Tensor) -> Tensor:
    """Return a layer (F, 4, S, S) in which faint covers are none, and those that are nearly whole are."""
    cover = layer[:, 3:]
    whole = ramp(cover, _SURE)
    return torch.cat([layer[:, :3] * (whole / cover.clamp(min=_SURE[0])), whole], dim=1)


def is_whole(layer: Tensor, yaw: float) -> bool:
    """Tell whether a layer (1, 4, S, S) holds glasses, all that is needed of them, of a face turned so far."""
    halves = [float(half.mean()) for half in layer[0, 3].chunk(2, dim=1)]
    if abs(yaw) > TURNED:
        return abs(yaw) <= MOST_TURNED and halves[0 if yaw > 0 else 1] > _LEAST_COVER
    return min(halves) > max(_LEAST_COVER, _LOPSIDED * max(halves))

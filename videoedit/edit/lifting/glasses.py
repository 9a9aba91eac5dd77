"""Glasses: a network lifts them, and they are turned as a frame before the eyes is.

Where thin rims have been taken off a face, the network tells where they were, and what shines through is covered with
the skin beside it. Wide ones hid more of the face than the skin beside them tells. Eyes that are seen through lenses
stay as they are.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from videoedit.align.eyes import from_eyes
from videoedit.align.spectacles import TURNED, carried, exchanged
from videoedit.edit.base import Worn
from videoedit.edit.inpainting import inpainted
from videoedit.edit.lifting.base import MOST_TURNED, Map, around, each_worn, faded, light_of, lit, of_each, over, ramp
from videoedit.faces import Points
from videoedit.nets.matting import MattingNetwork
from videoedit.tensors import greatest_around, mean_around
from videoedit.track.yaw import yaw_of

_SURE: Final = (0.08, 0.35)
"""Covers up to the first share are none, from the second on whole: what the network is not sure of it lifts faintly."""
_SURE_BEYOND: Final = (0.3, 0.6)
"""The same beyond the lenses."""
_BEYOND: Final = (0.9, 1.1)
"""Distances from the middle of a face at which the lenses end, in those between its eyes."""
_LEAST_COVER: Final = 0.01
"""Share of each half of the crop that glasses cover at least."""
_LOPSIDED: Final = 0.4
"""Where something hides half of them, one half covers less than this share of what the other does."""
_LEAST_CHANGE: Final = 0.003
"""Mean change of the crop's middle by which glasses are known to have come off; of bare faces, 95 % change by less."""
_UNEVEN: Final = 15 / 256
"""How far the sides of a pair may differ, as a share of the crop's side."""
_ONE_SIDED: Final = (0.1, 0.4)
"""Covers of the other side up to the first of which what lies on one alone is nothing of the pair."""
_SOLID: Final = (0.35, 0.8)
"""Covers of rims, no longer lenses."""
_WIDE: Final = 9 / 256
"""Width from which on a rim is wide, as a share of the crop's side."""
_MARGIN: Final = 3 / 256
"""How far beside a rim there are traces of it."""
_BELOW_EYES: Final = (0.1, 0.25)
"""Distances between the eyes below these, from which on nothing dark is looked for that is no trace."""
_DARKER: Final = 0.06
"""What is darker by this than the skin around, in a crop's units, is brow or lash."""
_EYE: Final = (0.38, 0.26)
"""Half the width and the height of an eye and its lids, in distances between the eyes."""
_EDGE: Final = 0.4
"""Share of these over which they end."""
_HIDDEN: Final = (0.4, 0.7)
"""Covers over which an eye is hidden."""


class GlassesLifting:
    """Lifts by the matting network."""

    def __init__(self, network: MattingNetwork) -> None:
        self._network = network

    def lift(self, wearer: Tensor, bare: Tensor, points_xy: Points) -> Worn | None:
        """Return the glasses of an exemplar; see `Lifting`."""
        layer = even(sure(self._lifted_of_views(wearer, bare), points_xy), points_xy)
        if not is_whole(layer, yaw_of(points_xy)):
            return None
        points = torch.from_numpy(points_xy)[None]
        return Worn(layer, points, light_of(wearer))

    def _lifted_of_views(self, x: Tensor, bare: Tensor) -> Tensor:
        """Return the mean layer of four views of faces, mirrored and a pixel on: what one view misses others show."""
        there, moved = self._network.lift(_views(x), _views(bare)).chunk(2)
        plain, mirrored = (0.5 * (there + moved.roll((-1, -1), (2, 3)))).chunk(2)
        return 0.5 * (plain + mirrored.flip(3))

    def lay(self, worn: Worn, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return glasses as they lie on faces; see `Lifting`."""
        moved = [carried(*one, xy) for one, xy in zip(each_worn(worn, len(x)), points_xy, strict=True)]
        return faded(lit(torch.from_numpy(np.stack(moved)).to(x), worn, x), strengths)

    def mend(self, x: Tensor, bare: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return the eyes that lenses show, and skin where thin rims were; see `Mends`.

        The eyes are those of the face whatever the strengths; there is nothing to be taken off them.
        """
        layers = torch.zeros_like(x[:, :1]).repeat(1, 4, 1, 1)
        band = self._network.config.band
        taken_off = (bare - x)[:, :, band].abs().mean(dim=(1, 2, 3)) > _LEAST_CHANGE
        if taken_off.any():
            points = [xy for xy, has in zip(points_xy, taken_off, strict=True) if has]
            skin, eyes = self._skin_and_eyes(x[taken_off], bare[taken_off], points)
            layers[taken_off] = over(torch.cat([eyes * x[taken_off], eyes], dim=1), faded(skin, strengths[taken_off]))
        return layers

    def _skin_and_eyes(self, x: Tensor, bare: Tensor, points_xy: Sequence[Points]) -> tuple[Tensor, Tensor]:
        """Return a layer of skin over thin rims, (F, 4, S, S), and where eyes are seen, (F, 1, S, S)."""
        layer = self._network.lift(x, bare)
        mask = _beside_thin(ramp(layer[:, 3:], _SURE))
        skin = inpainted(bare, 1.0 - mask)
        darkening = ramp((skin - bare).mean(dim=1, keepdim=True), (0.0, _DARKER))
        mask = mask * (1.0 - _upper(x.shape[2], points_xy).to(x) * darkening)
        return torch.cat([mask * skin, mask], dim=1), _seen_eyes(layer[:, 3:], points_xy)


def _views(x: Tensor) -> Tensor:
    """Return pictures (F, C, S, S), their mirror images, and all of them a pixel to the right and down, (4 F, ...)."""
    both = torch.cat([x, x.flip(3)])
    return torch.cat([both, both.roll((1, 1), (2, 3))])


def _seen_eyes(cover: Tensor, points_xy: Sequence[Points]) -> Tensor:
    """Return where eyes are that nothing covers (F, 1, S, S), in 0..1."""

    def of_eyes(across: Map, above: Map) -> Map:
        away = np.hypot((np.abs(across) - 0.5) / _EYE[0], above / _EYE[1])
        return np.asarray(np.clip((1.0 - away) / _EDGE, 0.0, 1.0), np.float32)

    near = greatest_around(cover, _odd(2 * _MARGIN * cover.shape[-1]))
    return of_each(points_xy, cover, of_eyes) * (1.0 - ramp(around(near, _MARGIN), _HIDDEN))


def _beside_thin(cover: Tensor) -> Tensor:
    """Return where thin rims are under a cover (F, 1, S, S), and a little beside them, (F, 1, S, S) in 0..1."""
    solid = ramp(cover, _SOLID)
    width = _odd(_WIDE * cover.shape[-1])
    wide = greatest_around(-greatest_around(-solid, width), width + 2)
    grown = greatest_around(solid * (1.0 - wide), _odd(2 * _MARGIN * cover.shape[-1]))
    return mean_around(grown, 3)


def _upper(size: int, points_xy: Sequence[Points]) -> Tensor:
    """Return how far rows of crops of a size may show brows or eyes of faces, (F, 1, S, 1) in 0..1."""
    eyes = torch.from_numpy(np.stack(points_xy))[:, :2].float()  # (F, 2, 2)
    below = torch.arange(size) - eyes[..., 1].mean(dim=1, keepdim=True)  # (F, S)
    apart = torch.linalg.vector_norm(eyes[:, 1] - eyes[:, 0], dim=1, keepdim=True)
    return (1.0 - ramp(below / apart, _BELOW_EYES))[:, None, :, None]


def _odd(pixels: float) -> int:
    return 2 * round((pixels - 1) / 2) + 1


def sure(layer: Tensor, points_xy: Points) -> Tensor:
    """Return a layer (1, 4, S, S) in which faint covers are none, and those that are nearly whole are.

    Beyond the lenses, where there are temples and hair, more of them are faint.
    """
    across, _ = from_eyes(points_xy, layer.shape[-1])
    beyond = ramp(torch.from_numpy(np.abs(across)).to(layer), _BEYOND)
    faint, full = (inner + beyond * (outer - inner) for inner, outer in zip(_SURE, _SURE_BEYOND, strict=True))
    cover = layer[:, 3:]
    whole = ((cover - faint) / (full - faint)).clamp(0.0, 1.0)
    return torch.cat([layer[:, :3] * (whole / cover.clamp(min=_SURE[0])), whole], dim=1)


def even(layer: Tensor, points_xy: Points) -> Tensor:
    """Return a layer (1, 4, S, S) without what lies on one side of a face alone, which is hair or background.

    Of a face that is turned too far nothing is left out: one half is enough of it.
    """
    if abs(yaw_of(points_xy)) > TURNED:
        return layer
    other = torch.from_numpy(exchanged(layer[0, 3:].cpu().numpy(), points_xy))[None].to(layer)
    near = greatest_around(other, _odd(_UNEVEN * layer.shape[-1]))
    return layer * ramp(near, _ONE_SIDED)


def is_whole(layer: Tensor, yaw: float) -> bool:
    """Tell whether a layer (1, 4, S, S) holds glasses, all that is needed of them, of a face turned so far."""
    halves = [float(half.mean()) for half in layer[0, 3].chunk(2, dim=1)]
    if abs(yaw) > TURNED:
        return abs(yaw) <= MOST_TURNED and halves[0 if yaw > 0 else 1] > _LEAST_COVER
    return min(halves) > max(_LEAST_COVER, _LOPSIDED * max(halves))

"""Hair on a face: which part of each pixel it is, what light it gives, and its colour.

Shapes: F faces, S the side of the crops.
"""

from typing import Final

import torch
from torch import Tensor

from videoedit.edit.inpainting import inpainted
from videoedit.edit.lifting.base import around, ramp, skin_of
from videoedit.tensors import greatest_around

_SURE: Final = (0.05, 0.95)
"""Marks up to which a pixel is skin, and from which it is hair, if all around it are."""
_FAINT: Final = 0.02
"""What others count where colours are told."""
_LIKE_SKIN: Final = 0.25
"""Distance from the colour of the skin up to which something beside hair is skin."""
_ASIDE: Final = (0.15, 0.35)
"""Distances from the line between both from which a pixel may be hair of any colour, and from which it is."""
_REACH: Final = 0.012
"""How far strands reach beyond the marks, and how far within them their colour is told, as a share of the side."""
_TOLD: Final = (0.2, 0.4)
"""Distances of the colours of hair and skin from which pixels may be told by them, and from which they are."""
_MIDDLING: Final = (0.3, 0.6)
"""Between these shares of it, from the darkest on, is hair of middling brightness."""
_HOLE: Final = 0.03
"""Half width of a hole in hair, as a share of the side, that is no skin but what shines."""
_DENSE: Final = (0.75, 0.9)
"""Shares of hair around a pixel up to which it may be a hole, and from which it is none."""
_LEAST: Final = 0.004
"""Share of a crop that hair must cover to tell its colour."""


def strands_of(x: Tensor, marks: Tensor) -> Tensor:
    """Return hair as a layer (F, 4, S, S), as `tensors.change_of` reads it.

    A pixel between the colours of hair and skin near it is so much of each (compositing equation).

    Args:
        x: Faces, (F, 3, S, S) in -1..1.
        marks: (F, S, S) in 0..1, where there is hair.
    """
    light, marked = (x + 1.0) / 2.0, marks[:, None]
    least, most = _SURE
    plain_skin = skin_of(x)
    plain_hair = colour_of(x, marks)
    plain_hair = torch.where(plain_hair.isnan(), plain_skin, plain_hair)
    from_skin, from_hair = (
        (light - colour[:, :, None, None]).norm(dim=1, keepdim=True) for colour in (plain_skin, plain_hair)
    )
    sure_hair = (-_spread(-marked) >= most) & (from_hair < from_skin)
    hair = _filled_in(light, sure_hair, plain_hair)
    skin = _filled_in(light, (marked <= least) & (from_skin < _LIKE_SKIN), plain_skin)
    way = hair - skin
    along = ((light - skin) * way).sum(dim=1, keepdim=True) / way.square().sum(dim=1, keepdim=True).clamp(min=1e-4)
    along = along.clamp(0.0, 1.0)
    aside = (light - skin - along * way).norm(dim=1, keepdim=True)  # of strands in shadow, of fair hair
    share = along.maximum(ramp(aside, _ASIDE))
    told = ramp(way.norm(dim=1, keepdim=True), _TOLD)
    cover = torch.lerp(marked, share * _spread(marked), told)
    cover = cover.maximum(ramp(around(cover, _HOLE), _DENSE) * marked)
    seen = (light - (1.0 - cover) * skin).clamp(min=0.0).minimum(cover)
    return torch.cat([2.0 * seen - cover, cover], dim=1)


def colour_of(x: Tensor, marks: Tensor) -> Tensor:
    """Return the colour (F, 3) in 0..1 of hair of middling brightness; NaN where there is too little of it.

    Args:
        x: Faces, (F, 3, S, S) in -1..1.
        marks: (F, S, S) in 0..1, how far each pixel is hair that counts.
    """
    within = -_spread(-marks[:, None])[:, 0]  # at the edge of hair there is skin, too
    weights = within.maximum(_FAINT * marks).flatten(1)  # (F, P)
    light = (x.flatten(2) + 1.0) / 2.0  # (F, 3, P)
    order = light.mean(dim=1).argsort(dim=1)
    sums = weights.gather(1, order).cumsum(dim=1)
    whole = sums[:, -1:]
    near = ((sums > _MIDDLING[0] * whole) & (sums <= _MIDDLING[1] * whole)).to(x) * weights.gather(1, order)
    sorted_light = light.gather(2, order[:, None].expand_as(light))
    colours = (sorted_light * near[:, None]).sum(dim=2) / near.sum(dim=1, keepdim=True).clamp(min=1e-6)
    area = marks.flatten(1).sum(dim=1, keepdim=True)
    return torch.where(area < _LEAST * marks.shape[1:].numel(), torch.nan, colours)


def _filled_in(light: Tensor, known: Tensor, plain: Tensor) -> Tensor:
    """Return the colour that is known of some pixels (F, 1, S, S) at every pixel; far from them, a plain one (F, 3)."""
    colours = torch.where(known, light, plain[:, :, None, None])
    return inpainted(colours, torch.where(known, 1.0, _FAINT).to(light))


def _spread(marked: Tensor) -> Tensor:
    """Return marks (F, 1, S, S) that reach a little farther."""
    side = 2 * round(_REACH * marked.shape[-1]) + 1
    return greatest_around(marked, side)

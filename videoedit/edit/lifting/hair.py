"""Hair on a face: which part of each pixel it is, what light it gives, and its colour.

Shapes: F faces, S the side of the crops.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from videoedit.edit.inpainting import inpainted
from videoedit.edit.lifting.base import ramp, skin_of

_SURE: Final = (0.05, 0.95)
"""Marks up to which a pixel is skin, and from which it is hair, if all around it are."""
_FAINT: Final = 0.02
"""What others count where colours are told."""
_REACH: Final = 0.012
"""How far strands reach beyond the marks, and how far within them their colour is told, as a share of the side."""
_TOLD: Final = (0.1, 0.25)
"""Distances of the colours of hair and skin from which pixels may be told by them, and from which they are."""
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
    hair = inpainted(light, torch.where(-_spread(-marked) >= most, 1.0, _FAINT * marked))
    skin = _skin_beside(light, marked <= least)
    way = hair - skin
    share = ((light - skin) * way).sum(dim=1, keepdim=True) / way.square().sum(dim=1, keepdim=True).clamp(min=1e-4)
    told = ramp(way.norm(dim=1, keepdim=True), _TOLD)
    cover = torch.lerp(marked, share.clamp(0.0, 1.0) * _spread(marked), told)
    seen = (light - (1.0 - cover) * skin).clamp(min=0.0).minimum(cover)
    return torch.cat([2.0 * seen - cover, cover], dim=1)


def colour_of(x: Tensor, marks: Tensor) -> Tensor:
    """Return the colour (F, 3) in 0..1 of hair of middling brightness; NaN where there is too little of it.

    Args:
        x: Faces, (F, 3, S, S) in -1..1.
        marks: (F, S, S) in 0..1, how far each pixel is hair that counts.
    """
    light, weights = (x.flatten(2) + 1.0) / 2.0, marks.flatten(1)  # (F, 3, P), (F, P)
    order = light.mean(dim=1).argsort(dim=1)
    sums = weights.gather(1, order).cumsum(dim=1)
    whole = sums[:, -1:]
    near = ((sums > 0.35 * whole) & (sums <= 0.65 * whole)).to(x) * weights.gather(1, order)
    sorted_light = light.gather(2, order[:, None].expand_as(light))
    colours = (sorted_light * near[:, None]).sum(dim=2) / near.sum(dim=1, keepdim=True).clamp(min=1e-6)
    return torch.where(whole < _LEAST * marks[0].numel(), torch.nan, colours)


def _skin_beside(light: Tensor, bare: Tensor) -> Tensor:
    """Return the colour of skin at every pixel of pictures (F, 3, S, S), from the bare ones of skin's own colour."""
    skin = skin_of(2.0 * light - 1.0)[:, :, None, None]
    alike = ((light - skin).norm(dim=1, keepdim=True) < 0.25) & bare
    return inpainted(torch.where(alike, light, skin), torch.where(alike, 1.0, _FAINT).to(light))


def _spread(marked: Tensor) -> Tensor:
    """Return marks (F, 1, S, S) that reach a little farther."""
    side = 2 * round(_REACH * marked.shape[-1]) + 1
    return functional.max_pool2d(marked, side, 1, side // 2)

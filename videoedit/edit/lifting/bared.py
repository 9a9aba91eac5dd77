"""Foreheads from which bangs were taken off: where they have gone, and what is left of them at the temples.

Lengths are distances between the eyes, heights above them. Shapes: F faces, S the side of the crops.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from videoedit.edit.inpainting import inpainted
from videoedit.edit.lifting.base import Map, light_of, of_each, ramp, rising
from videoedit.faces import Points
from videoedit.tensors import greatest_around, mean_around

_BROWS: Final = (0.3, 0.5)
"""Heights up to which brows may show up where bangs were, and from which whatever looks like hair is hair."""
_DARKER: Final = (0.01, 0.07)
"""Darkening, in a range of 1, against the darker of the patch before and of skin: up to the first what is drawn may be
forehead, from the second on it is none."""
_CHEEKS: Final = (0.27, 0.48, 0.73, 0.66)
"""Box of both cheeks on the crop, by which the light of skin is told: left, top, right, bottom."""
_STAIN: Final = (0.25, 0.5)
"""Shares of it by which what is left of hair is darker that may be skin in shadow, and that is a stain."""
_TEMPLES: Final = (0.5, 0.75)
"""Half widths from which stains are done away with; nearer to the middle they may be brows, or lines of a forehead."""
_TIPS: Final = (0.4, 0.55)
"""Heights up to which stains become skin, and from which the hair stays that was there."""
_TIPS_SIDES: Final = (0.85, 1.0)
"""Half widths up to which they become skin, and from which they belong to the hair beside a face."""
_TIPS_END: Final = (0.2, 0.3)
"""Heights up to which there are brows, and from which there are none."""
_TAKEN: Final = (0.02, 0.06)
"""Brightening, in a range of 1, up to which nothing was taken off, and from which something was."""
_LEAST_KNOWN: Final = 1e-3
"""What pixels count that may not be skin where skin is filled in."""
_PATCH: Final = 0.04
"""Side of a patch, as a share of the crop's."""


def where_bared(x: Tensor, bare: Tensor, marks: Tensor, left: Tensor, points_xy: Sequence[Points]) -> Tensor:
    """Return where there is no hair any more, and nothing darker than hair and skin instead, (F, 1, S, S) in 0..1.

    At the temples, where what is left is neither hair nor skin, the hair stays.

    Args:
        x: The faces' crops, (F, 3, S, S) in -1..1.
        bare: The same as an editor draws them without bangs.
        marks: Where the first have hair, (F, S, S) in 0..1.
        left: Where the others have any.
        points_xy: (5, 2) of each face in its crop.
    """
    hair, left = marks[:, None], left[:, None]
    light = _light_of_patches(torch.cat([x, bare])).chunk(2)
    darker = light[0].minimum(light_of(x)[:, :, None, None]) - light[1]
    gone = (1.0 - left) * (1.0 - ramp(darker, _DARKER))
    gone = gone.maximum(of_each(points_xy, x, lambda _, above: 1.0 - rising(above, _BROWS)))
    stains = hair * _darker_than_skin(x, x + gone * (bare - x))
    return gone * (1.0 - stains * of_each(points_xy, x, _where_hair_stays))


def skin_for_tips(x: Tensor, bare: Tensor, marks: Tensor, points_xy: Sequence[Points]) -> Tensor:
    """Return a layer (F, 4, S, S) of skin, see `lifting.base`, where tips of hair at the temples went in part.

    Args:
        x: The faces' crops, (F, 3, S, S) in -1..1.
        bare: The same with bangs taken off.
        marks: Where the first have hair, (F, S, S) in 0..1.
        points_xy: (5, 2) of each face in its crop.
    """
    hair, dark = marks[:, None], _darker_than_skin(x, bare)
    light = _light_of_patches(torch.cat([x, bare])).chunk(2)
    taken = ramp(light[1] - light[0], _TAKEN)
    cover = hair * dark * taken * of_each(points_xy, x, _where_tips_go)
    side = _side_of_patch(x)
    known = (1.0 - greatest_around(dark, side)) * taken.maximum(1.0 - hair)
    return torch.cat([cover * inpainted(bare, known.clamp(min=_LEAST_KNOWN)), cover], dim=1)


def _light_of_patches(x: Tensor) -> Tensor:
    """Return how bright patches of faces (F, 3, S, S) are, (F, 1, S, S) in 0..1."""
    side = _side_of_patch(x)
    light = (x.mean(dim=1, keepdim=True) + 1.0) / 2.0
    return mean_around(light, side)


def _side_of_patch(x: Tensor) -> int:
    """Return it in pixels of faces (F, 3, S, S)."""
    return 2 * round(_PATCH * x.shape[-1] / 2) + 1


def _where_hair_stays(across: Map, above: Map) -> Map:
    """Return how far what is left of hair is given back."""
    return rising(np.abs(across), _TEMPLES) * rising(above, _TIPS)


def _where_tips_go(across: Map, above: Map) -> Map:
    """Return how far it becomes skin."""
    beside = rising(np.abs(across), _TEMPLES) * (1.0 - rising(np.abs(across), _TIPS_SIDES))
    return beside * rising(above, _TIPS_END) * (1.0 - rising(above, _TIPS))


def _darker_than_skin(x: Tensor, cleared: Tensor) -> Tensor:
    """Return how far faces (F, 3, S, S) from which hair was taken off are too dark for skin, (F, 1, S, S)."""
    return ramp(1.0 - _light_of_patches(cleared) / _light_of_skin(x), _STAIN)


def _light_of_skin(x: Tensor) -> Tensor:
    """Return how bright skin is at each column of faces (F, 3, S, S) by that of both cheeks, (F, 1, 1, S) in 0..1."""
    left, top, right, bottom = _CHEEKS
    side = x.shape[-1]
    rows, middle = slice(round(top * side), round(bottom * side)), (left + right) / 2.0
    lights = [
        x[:, :, rows, round(start * side) : round(end * side)].mean(dim=1).flatten(1).median(dim=1).values
        for start, end in ((left, middle), (middle, right))
    ]
    across = (torch.arange(side).to(x) / side - left) / (right - left)
    along = ramp(across, (0.25, 0.75))  # between the middles of the cheeks
    both = torch.lerp(lights[0][:, None], lights[1][:, None], along)
    return ((both + 1.0) / 2.0).clamp(min=0.02)[:, None, None]

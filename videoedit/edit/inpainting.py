"""Inpainting: what is not known of a picture, from what is around it."""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

_SMALLEST: Final = 4
"""Side in pixels below which a picture is not halved any more."""
_TRUST: Final = 2.0
"""A quarter of known pixels, so many times, is as good as a known one."""


def inpainted(picture: Tensor, known: Tensor) -> Tensor:
    """Fill a picture in by pulling it up to halves of its size and pushing these down again.

    Gortler, Grzeszczuk, Szeliski and Cohen, "The Lumigraph", SIGGRAPH 1996, section 3.4.

    Args:
        picture: (F, C, H, W).
        known: How far each pixel is to stay, (F, 1, H, W) in 0..1.
    """
    if min(picture.shape[2:]) <= _SMALLEST:
        return picture
    pooled = functional.avg_pool2d(torch.cat([picture * known, known], dim=1), 2)
    share = pooled[:, -1:]
    half = inpainted(pooled[:, :-1] / share.clamp(min=1e-6), (_TRUST * share).clamp(max=1.0))
    around = functional.interpolate(half, size=picture.shape[2:], mode="bilinear")
    return torch.lerp(around, picture, known)

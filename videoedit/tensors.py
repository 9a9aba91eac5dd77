"""The only bridge between uint8 pictures and the networks' float tensors.

`Image` is (H, W, 3) uint8 RGB; a crop batch is (B, 3, H, W) float32 in [-1, 1].
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.frames import Image


def to_model(images: Sequence[Image] | NDArray[np.uint8]) -> Tensor:
    """Stack pictures of one size into (B, 3, H, W) float32 in [-1, 1].

    Colour by colour in memory too, as the weights are: a network given one face of mixed colours takes twice as long.
    """
    stacked = np.ascontiguousarray(np.stack(tuple(images)))  # (B, H, W, 3)
    planar = torch.from_numpy(stacked).permute(0, 3, 1, 2).contiguous()  # (B, 3, H, W)
    return planar.float().div_(127.5).sub_(1.0)


def change_of(residuals: Tensor, crops: Tensor) -> Tensor:
    """Return what residuals (B, 3 or 4, H, W) change in crops (B, 3, H, W): what they add, less what they cover.

    The fourth channel is the share of the crop's own colours that the other three take the place of, as of skin behind
    the rim of glasses; without it nothing is covered.
    """
    if residuals.shape[1] == 3:
        return residuals
    return residuals[:, :3] - residuals[:, 3:] * crops


def from_model(crops: Tensor) -> NDArray[np.uint8]:
    """Return (B, H, W, 3) uint8; values outside [-1, 1] are cut off."""
    scaled = crops.detach().float().clamp(-1.0, 1.0).add(1.0).mul(127.5).round()
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()  # (B, H, W, 3)

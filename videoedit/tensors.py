"""The only bridge between uint8 pictures and the networks' float tensors.

`Image` is (H, W, 3) uint8 RGB; a crop batch is (B, 3, H, W) float32 in [-1, 1].
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from videoedit.frames import Image

BENT_FROM: Final = 4
"""First of the channels of a residual by which a face is bent; those before are what is added and covered."""


def to_model(images: Sequence[Image] | NDArray[np.uint8]) -> Tensor:
    """Stack pictures of one size into (B, 3, H, W) float32 in [-1, 1].

    Colour by colour in memory too, as the weights are: a network given one face of mixed colours takes twice as long.
    """
    stacked = np.ascontiguousarray(np.stack(tuple(images)))  # (B, H, W, 3)
    planar = torch.from_numpy(stacked).permute(0, 3, 1, 2).contiguous()  # (B, 3, H, W)
    return planar.float().div_(127.5).sub_(1.0)


def change_of(residuals: Tensor, crops: Tensor) -> Tensor:
    """Return what residuals (B, 3, 4 or 6, H, W) change in crops (B, 3, H, W): what they add, less what they cover.

    The fourth channel is the share of the crop's own colours that the first three take the place of, as of skin behind
    the rim of glasses; without it nothing is covered. The last two are how the face is bent before, see `bent`.
    """
    if residuals.shape[1] == 3:
        return residuals
    added, cover, shifts = residuals[:, :3], residuals[:, 3:BENT_FROM], residuals[:, BENT_FROM:]
    if not shifts.shape[1]:
        return added - cover * crops
    below = bent(crops, shifts)
    return added - cover * below + (below - crops)


def bent(crops: Tensor, shifts: Tensor) -> Tensor:
    """Return crops (B, 3, H, W) whose every pixel shows what lay so far from it.

    Args:
        crops: In any range.
        shifts: (B, 2, H, W), to the right and down, in pixels; where they are 0 nothing changes.
    """
    height, width = crops.shape[2:]
    rows, columns = (torch.arange(side, device=crops.device, dtype=crops.dtype) for side in (height, width))
    x, y = columns[None, None] + shifts[:, 0], rows[None, :, None] + shifts[:, 1]  # (B, H, W)
    grid = torch.stack([2.0 * x / (width - 1) - 1.0, 2.0 * y / (height - 1) - 1.0], dim=3)
    moved = functional.grid_sample(crops, grid, mode="bicubic", padding_mode="border", align_corners=True)
    return torch.where((shifts == 0).all(dim=1, keepdim=True), crops, moved)


def mean_around(values: Tensor, side: int) -> Tensor:
    """Return the mean of the square of an odd side around each of values (B, C, H, W), of what of it is there."""
    return functional.avg_pool2d(values, side, 1, side // 2, count_include_pad=False)


def greatest_around(values: Tensor, side: int) -> Tensor:
    """Return the greatest of the square of an odd side around each of values (B, C, H, W)."""
    return functional.max_pool2d(values, side, 1, side // 2)


def from_model(crops: Tensor) -> NDArray[np.uint8]:
    """Return (B, H, W, 3) uint8; values outside [-1, 1] are cut off."""
    scaled = crops.detach().float().clamp(-1.0, 1.0).add(1.0).mul(127.5).round()
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()  # (B, H, W, 3)


def to_unit(image: Image) -> NDArray[np.float32]:
    """Return the light of a picture of any shape, 0 to 1."""
    return image.astype(np.float32) / np.float32(255.0)


def from_unit(light: NDArray[np.floating]) -> Image:
    """Return a picture of light; what is beyond 0 to 1 is cut off."""
    image: Image = np.clip(np.round(light * 255.0), 0, 255).astype(np.uint8)
    return image

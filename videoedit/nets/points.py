"""Where exactly points of a face lie: a small network that looks at the roughly aligned face once more.

One finds the five points anew, others the outlines of the lips and of the brows.
Shapes: B crops of S x S, P points, C channels, h x w feature map.
Coordinates: pixels of the crop, (0, 0) the centre of its top-left pixel.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from videoedit.align.templates import template_points
from videoedit.nets.classifier import ResidualBlock

TEMPLATE = "points"
"""Alignment of the crops in which the five points are found, closer to them than an editor's."""
LIPS_TEMPLATE = "mouth"
"""Of those in which lips are found."""
BROWS_TEMPLATE = "brows"
"""Of those in which brows are found."""
FIVE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsConfig:
    """Size of the network."""

    crop_size: int = 64
    """Side of the crops in pixels, a multiple of 16."""
    width: int = 16
    """Channels after the stem; doubled three times."""
    num_points: int = FIVE
    """P."""


class PointsNetwork(nn.Module):
    """Stem and three residual blocks, each halving the map, then one linear layer that sees where things are."""

    mean: Tensor
    """(P, 2), from where the points are told; of other points than the five a training finds it."""

    def __init__(self, config: PointsConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.stem = nn.Sequential(
            nn.Conv2d(3, w, kernel_size=3, stride=2, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU()
        )
        self.blocks = nn.Sequential(*(ResidualBlock(w * 2**i, w * 2 ** (i + 1), 2) for i in range(3)))
        self.linear = nn.Linear(8 * w * (config.crop_size // 16) ** 2, 2 * config.num_points)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.register_buffer("mean", _mean_of(config))

    def forward(self, x: Tensor) -> Tensor:
        """Return the points (B, P, 2) in pixels of the crops (B, 3, S, S), which are in [-1, 1]."""
        maps = self.blocks(self.stem(x))  # (B, 8·width, S/16, S/16)
        moved = self.linear(maps.flatten(1)).reshape(-1, self.config.num_points, 2)
        points: Tensor = self.mean + moved.float() * (self.config.crop_size / 8)
        return points


def _mean_of(config: PointsConfig) -> Tensor:
    """Return the template's five points, or the middle of the crop for as many others."""
    if config.num_points == FIVE:
        return torch.from_numpy(template_points(TEMPLATE, config.crop_size)).float()
    return torch.full((config.num_points, 2), (config.crop_size - 1) / 2)

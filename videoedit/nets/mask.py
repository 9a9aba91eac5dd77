"""A small network that marks something on the aligned face: what is in front of it, or its hair.

Shapes: B crops of S x S, C channels, h x w feature map.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from videoedit.nets.classifier import ResidualBlock

TEMPLATE = "elegant"
"""Alignment of the crops, the editor's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskConfig:
    """Size of the network."""

    crop_size: int = 64
    """Side of the crops in pixels, a multiple of 8."""
    width: int = 20
    """Channels after the stem; doubled twice."""


class MaskNetwork(nn.Module):
    """Down to an eighth of the crop, where the whole face is seen at once, and up again beside what was seen before."""

    def __init__(self, config: MaskConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.stem = nn.Sequential(
            nn.Conv2d(3, w, kernel_size=3, stride=2, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU()
        )
        self.down = ResidualBlock(w, 2 * w, 2)
        self.deep = nn.Sequential(
            ResidualBlock(2 * w, 4 * w, 2), ResidualBlock(4 * w, 4 * w, 1), ResidualBlock(4 * w, 4 * w, 1)
        )
        self.up = _join(4 * w + 2 * w, 2 * w)
        self.out = _join(2 * w + w, w)
        self.logits = nn.Conv2d(w, 4, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return one logit per pixel, (B, S, S), of crops (B, 3, S, S) in [-1, 1]: above 0 it is marked."""
        half = self.stem(x)  # (B, w, S/2, S/2)
        quarter = self.down(half)  # (B, 2w, S/4, S/4)
        eighth = self.deep(quarter)  # (B, 4w, S/8, S/8)
        quarter = self.up(torch.cat([_twice(eighth), quarter], dim=1))
        half = self.out(torch.cat([_twice(quarter), half], dim=1))
        logits: Tensor = functional.pixel_shuffle(self.logits(half), 2)[:, 0]  # (B, 4, S/2, S/2) -> (B, S, S)
        return logits


def _join(c_in: int, c_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(c_in, c_out, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear")

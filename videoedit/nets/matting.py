"""What a face wears, lifted off it as a layer: matting, with the face without it as a helper.

A layer is a residual with a cover (`tensors.change_of`): its own colours, and the share of the face that they hide. It
keeps the shape and the colours of rims, which a code of a few numbers tells but roughly.

Shapes: F faces, S the side of the crop, T rows of the band of the crop that is looked at, w channels.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from videoedit.nets.classifier import ResidualBlock

TEMPLATE = "elegant"
"""Alignment of the crops, the editor's own."""
BAND: Final = (6 / 32, 22 / 32)
"""First and last row of the crop that are looked at, as shares of its side; glasses lie there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MattingConfig:
    """Size of the network."""

    crop_size: int = 256
    """Side of the crops in pixels, a multiple of 16."""
    width: int = 32
    """Channels at half the crop's side; doubled twice."""

    @property
    def band(self) -> slice:
        """Rows of the crop that are looked at."""
        return slice(*(round(edge * self.crop_size) for edge in BAND))


class MattingNetwork(nn.Module):
    """Down to an eighth of the crop, and up again beside what was seen before."""

    def __init__(self, config: MattingConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.stem = _convolution(6 * 4, w)
        self.down = ResidualBlock(w, 2 * w, 2)
        self.deep = nn.Sequential(ResidualBlock(2 * w, 4 * w, 2), *(ResidualBlock(4 * w, 4 * w, 1) for _ in range(3)))
        self.up = _convolution(4 * w + 2 * w, 2 * w)
        self.out = _convolution(2 * w + w, w)
        self.last = nn.Conv2d(w, 4 * 4, kernel_size=3, padding=1)

    def forward(self, x: Tensor, without: Tensor) -> tuple[Tensor, Tensor]:
        """Return the colours (F, 3, T, S) and the logits of the cover (F, 1, T, S) of what is worn.

        Args:
            x: Bands of faces (F, 3, T, S) in [-1, 1].
            without: The same after an editor has taken off what it could.
        """
        half = self.stem(functional.pixel_unshuffle(torch.cat([x, x - without], dim=1), 2))  # (F, w, T/2, S/2)
        quarter = self.down(half)  # (F, 2w, T/4, S/4)
        eighth = self.deep(quarter)  # (F, 4w, T/8, S/8)
        quarter = self.up(torch.cat([_twice(eighth), quarter], dim=1))
        half = self.out(torch.cat([_twice(quarter), half], dim=1))
        found = functional.pixel_shuffle(self.last(half), 2)  # (F, 4, T, S)
        return torch.tanh(found[:, :3]), found[:, 3:]

    def lift(self, x: Tensor, without: Tensor) -> Tensor:
        """Return what faces x (F, 3, S, S) wear as layers (F, 4, S, S); see `forward`."""
        band = self.config.band
        colours, logits = self(x[:, :, band], without[:, :, band])
        return functional.pad(layer_of(colours, logits), (0, 0, band.start, self.config.crop_size - band.stop))


def layer_of(colours: Tensor, logits: Tensor) -> Tensor:
    """Return the layer (F, 4, T, S) of colours and a cover's logits, as `MattingNetwork.forward` gives them."""
    cover = torch.sigmoid(logits.float())
    return torch.cat([cover * colours.float(), cover], dim=1)


def _convolution(c_in: int, c_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(c_in, c_out, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear")

"""ELEGANT: exchange latent encodings to transfer an attribute between two faces (Xiao, Hong, Ma; ECCV 2018).

Shapes: B faces, C channels, h x w feature map (H x W is the crop itself), K code channels, n attributes.
Symbols: z is the code of a face, z_edit the code after the exchange; skips are the four shallower maps.

Profiles:
    official   what the authors' code does: L2 norm with two scalars, ReLU in the decoder.
    paper      what the paper says: leaky ReLU in the decoder too.
    modern     RMS norm with a gain and bias per channel, kernel-4 deconvolutions (no checkerboard),
               a residual near zero at the start, a gate that can close it exactly, and a cover: colours that
               take the place of the face's own instead of being added to them (GANimation's masks, Pumarola et
               al., ECCV 2018, eq. 1), so that at any size no skin or brow shines through the rim of glasses.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

Profile: TypeAlias = Literal["official", "paper", "modern"]
Skips: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor]

REDUCTION: Final = 32
"""The code is this many times smaller than the crop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElegantConfig:
    """Size and style of the network."""

    attributes: tuple[str, ...]
    """Names in the order of their blocks in the code."""
    crop_size: int = 256
    """Side of the crop in pixels, a multiple of 32."""
    width: int = 64
    """Channels after the first convolution."""
    code_channels: int = 512
    """Channels of the code, shared out among the attributes."""
    profile: Profile = "official"

    def __post_init__(self) -> None:
        if self.crop_size % REDUCTION:
            raise ValueError(f"crop_size must be a multiple of {REDUCTION}, got {self.crop_size}")
        if not 1 <= len(self.attributes) <= self.code_channels:
            raise ValueError(f"need 1 to {self.code_channels} attributes, got {len(self.attributes)}")

    @property
    def blocks(self) -> tuple[slice, ...]:
        """Channels of the code that each attribute owns."""
        return channel_blocks(self.code_channels, len(self.attributes))


def channel_blocks(num_channels: int, num_attributes: int) -> tuple[slice, ...]:
    """Share the code's channels out: attribute i owns rint(K·i/n) up to rint(K·(i+1)/n).

    >>> [block.stop - block.start for block in channel_blocks(512, 5)]
    [102, 103, 102, 103, 102]
    """
    edges = [round(num_channels * i / num_attributes) for i in range(num_attributes + 1)]
    return tuple(slice(start, stop) for start, stop in pairwise(edges))


def exchange(z_own: Tensor, z_other: Tensor, block: slice) -> Tensor:
    """Return z_own (B, K, h, w) with one attribute's block taken from z_other (paper eq. 3-4)."""
    return torch.cat([z_own[:, : block.start], z_other[:, block], z_own[:, block.stop :]], dim=1)


class ScalarL2Norm(nn.Module):
    """Bring each pixel's channel vector to unit length, then one gain and one bias for the layer."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1))
        self.beta = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return functional.normalize(x.float(), dim=1, eps=1e-12).to(x.dtype) * self.alpha + self.beta


class ChannelRmsNorm(nn.Module):
    """Bring each pixel's channel vector to unit mean square, then a gain and bias per channel."""

    def __init__(self, num_channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(num_channels))
        self.bias = nn.Parameter(torch.zeros(num_channels))

    def forward(self, x: Tensor) -> Tensor:
        scaled = x * torch.rsqrt(x.float().square().mean(dim=1, keepdim=True) + 1e-6).to(x.dtype)
        return scaled * self.gain.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)


def norm_of(profile: Profile, num_channels: int) -> nn.Module:
    """Return the profile's normalisation layer."""
    return ChannelRmsNorm(num_channels) if profile == "modern" else ScalarL2Norm()


class Encoder(nn.Module):
    """Five halvings; the first four maps are kept as skips, the fifth is the code."""

    def __init__(self, config: ElegantConfig) -> None:
        super().__init__()
        w = config.width
        channels = (3, w, 2 * w, 4 * w, 8 * w, config.code_channels)
        self.main = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(c_in, c_out, kernel_size=3, stride=2, padding=1),
                norm_of(config.profile, c_out),
                nn.LeakyReLU(0.2),
            )
            for c_in, c_out in pairwise(channels)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Skips]:
        maps = []
        for block in self.main:
            x = block(x)  # (B, C, h, w) -> (B, C', h/2, w/2)
            maps.append(x)
        return maps[4], (maps[0], maps[1], maps[2], maps[3])


class Decoder(nn.Module):
    """Five doublings of [z_edit, z_own], each but the last joined by the source's skip; gives a residual.

    (B, 3, H, W); in the modern profile (B, 4, H, W), as `tensors.change_of` reads it.
    """

    def __init__(self, config: ElegantConfig) -> None:
        super().__init__()
        w = config.width
        channels = (2 * config.code_channels, 8 * w, 4 * w, 2 * w, w)
        self.is_modern = config.profile == "modern"
        blocks = [
            nn.Sequential(
                _deconv(config.profile, c_in, c_out), norm_of(config.profile, c_out), _activation(config.profile)
            )
            for c_in, c_out in pairwise(channels)
        ]
        last = _deconv(config.profile, w, 8 if self.is_modern else 3)
        self.main = nn.ModuleList([*blocks, nn.Sequential(last)])

    def forward(self, z_edit: Tensor, z_own: Tensor, skips: Skips) -> Tensor:
        x = torch.cat([z_edit, z_own], dim=1)  # (B, K, h, w) twice -> (B, 2K, h, w)
        for block, skip in zip(self.main, reversed(skips), strict=False):
            x = block(x) + skip  # (B, C, h, w) -> (B, C', 2h, 2w)
        x = self.main[4](x).float()  # (B, 3 or 8, H, W)
        if not self.is_modern:
            return 2.0 * torch.tanh(x)
        added, gate, colour, cover = x.split((3, 1, 3, 1), dim=1)
        cover = torch.sigmoid(cover)
        added = 2.0 * torch.tanh(added) * torch.sigmoid(gate) + cover * torch.tanh(colour)
        return torch.cat([added, cover], dim=1)  # (B, 4, H, W)


class ElegantGenerator(nn.Module):
    """Encoder and decoder together."""

    def __init__(self, config: ElegantConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        initialise(self)
        if config.profile == "modern":
            _start_near_zero(self.decoder)

    def forward(self, crops: Tensor, z_other: Tensor, attribute: int) -> Tensor:
        """Return the residual (B, 3 or 4, H, W) that gives crops the other faces' attribute."""
        z_own, skips = self.encoder(crops)
        z_edit = exchange(z_own, z_other, self.config.blocks[attribute])
        residual: Tensor = self.decoder(z_edit, z_own, skips)
        return residual


def initialise(module: nn.Module) -> None:
    """Draw weights from N(0, 0.02) as the authors do; biases keep PyTorch's default, linear ones are 0."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(layer.weight, std=0.02)
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.bias)


def _deconv(profile: Profile, c_in: int, c_out: int) -> nn.ConvTranspose2d:
    if profile == "modern":
        return nn.ConvTranspose2d(c_in, c_out, kernel_size=4, stride=2, padding=1)
    return nn.ConvTranspose2d(c_in, c_out, kernel_size=3, stride=2, padding=1, output_padding=1)


def _activation(profile: Profile) -> nn.Module:
    return nn.LeakyReLU(0.2) if profile == "paper" else nn.ReLU()


def _start_near_zero(decoder: Decoder) -> None:
    last = decoder.main[4][0]  # type: ignore[index]
    if not isinstance(last, nn.ConvTranspose2d) or last.bias is None:
        raise TypeError("the last layer of the decoder is a deconvolution with a bias")
    nn.init.normal_(last.weight, std=1e-3)
    nn.init.zeros_(last.bias)
    with torch.no_grad():
        last.bias[3] = 2.0  # the gate starts open
        last.bias[7] = -3.0  # and the cover nearly closed

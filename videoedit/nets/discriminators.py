"""ELEGANT's discriminators: is this picture real, and does it go with these labels?

Shapes: B pictures of S x S, n labels, h x w places of a feature map.

`modern` answers for every place as well (the patches of Isola et al., CVPR 2017): one logit for a whole face lets a
coloured spot pass that the rest of the face outweighs.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from videoedit.nets.elegant import Profile, initialise, norm_of

_PATCH_BLOCKS: Final = 3
"""Convolutions before the patches' logits: each sees 22 x 22 pixels."""
_PATCH_LAYERS: Final = 3 * _PATCH_BLOCKS


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorConfig:
    """Size and style of the two-scale discriminator."""

    num_labels: int
    """Label planes after RGB."""
    crop_size: int = 256
    """Side of the pictures; the second network sees half of it."""
    width: int = 64
    """Channels after the first convolution."""
    profile: Profile = "official"

    @property
    def num_blocks(self) -> int:
        """Convolutions before the linear layer: 4 in the authors' code, 5 in the paper."""
        return 5 if self.profile == "paper" else 4

    @property
    def kernel_size(self) -> int:
        """Side of the kernels: 3, or 4 in modern, which stride 2 lays over every pixel equally often.

        Where it does not, the gradient that the generator is shown has a grain of its own.
        """
        return 4 if self.profile == "modern" else 3


class LabelDiscriminator(nn.Module):
    """Strided convolutions on RGB and constant label planes, then one logit; modern: and one for each patch."""

    def __init__(self, config: DiscriminatorConfig, size: int) -> None:
        super().__init__()
        self.size = size
        channels = [3 + config.num_labels]
        channels += [config.width * 2 ** min(i, 3) for i in range(config.num_blocks)]
        layers: list[nn.Module] = []
        for c_in, c_out in pairwise(channels):
            layers += [
                nn.Conv2d(c_in, c_out, config.kernel_size, stride=2, padding=1),
                norm_of(config.profile, c_out),
                nn.LeakyReLU(0.2),
            ]
        self.conv = nn.Sequential(*layers)
        self.linear = nn.ModuleList([nn.Linear(channels[-1] * (size // 2**config.num_blocks) ** 2, 1)])
        self.patch = nn.Conv2d(channels[_PATCH_BLOCKS], 1, kernel_size=1) if config.profile == "modern" else None
        initialise(self)

    def forward(self, images: Tensor, labels: Tensor) -> tuple[Tensor, ...]:
        """Return one logit per picture, (B,), from images (B, 3, S', S') and labels (B, n).

        Modern returns another for every patch of 22 pixels, (B, 1, h, w), eight pixels apart.
        """
        while images.shape[-1] > self.size:
            images = functional.avg_pool2d(images, 2)  # (B, 3, 2S, 2S) -> (B, 3, S, S)
        planes = labels[:, :, None, None].expand(-1, -1, *images.shape[2:])  # (B, n) -> (B, n, S, S)
        near = self.conv[:_PATCH_LAYERS](torch.cat([images, planes.to(images.dtype)], dim=1))  # (B, C, h, w)
        whole: Tensor = self.linear[0](self.conv[_PATCH_LAYERS:](near).flatten(1))[:, 0]  # (B,)
        if self.patch is None:
            return (whole.float(),)
        return whole.float(), self.patch(near).float()


class TwoScaleDiscriminator(nn.Module):
    """D1 at the crop's size and D2 at half of it, with weights of their own."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.large = LabelDiscriminator(config, config.crop_size)
        self.small = LabelDiscriminator(config, config.crop_size // 2)

    def forward(self, images: Tensor, labels: Tensor) -> tuple[Tensor, ...]:
        """Return the logits of both scales, the large one's first; see `LabelDiscriminator.forward`."""
        return *self.large(images, labels), *self.small(images, labels)

"""The attribute judge's network: a small residual network, one logit per attribute (after He et al., CVPR 2016).

Shapes: B crops of S x S, C channels, h x w feature map, n attributes.
"""

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierConfig:
    """Size of the network."""

    attributes: tuple[str, ...]
    """Names in the order of the logits."""
    crop_size: int = 128
    """Side of the crops in pixels, a multiple of 32."""
    width: int = 32
    """Channels after the stem; doubled three times."""
    blocks: int = 2
    """Residual blocks of each stage but the first, which has one."""
    dropout: float = 0.2
    """Share of the last features left out in training."""


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut; the first may halve the map."""

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(c_in, c_out, kernel_size=3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(c_out),
            nn.ReLU(),
            nn.Conv2d(c_out, c_out, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(c_out),
        )
        self.shortcut = nn.Identity() if stride == 1 and c_in == c_out else _projection(c_in, c_out, stride)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.conv(x) + self.shortcut(x))  # (B, C, h, w) -> (B, C', h/stride, w/stride)
        return y


class AttributeClassifier(nn.Module):
    """Stem to a quarter of the crop, four stages, mean over the map, one linear layer."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.stem = nn.Sequential(
            nn.Conv2d(3, w // 2, kernel_size=3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(w // 2),
            nn.ReLU(),
            nn.Conv2d(w // 2, w, kernel_size=3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(w),
            nn.ReLU(),
        )
        stages: list[nn.Module] = [ResidualBlock(w, w, 1)]
        for c_in, c_out in pairwise((w, 2 * w, 4 * w, 8 * w)):
            stages += [
                ResidualBlock(c_in, c_out, 2),
                *(ResidualBlock(c_out, c_out, 1) for _ in range(config.blocks - 1)),
            ]
        self.stages = nn.Sequential(*stages)
        self.dropout = nn.Dropout(config.dropout)
        self.linear = nn.Linear(8 * w, len(config.attributes))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (B, n) of crops (B, 3, S, S) in [-1, 1]."""
        logits: Tensor = self.linear(self.dropout(self.features(x)))
        return logits

    def features(self, x: Tensor) -> Tensor:
        """Return the features before the linear layer, (B, 8·width)."""
        maps = self.stages(self.stem(x))  # (B, 8·width, S/32, S/32)
        pooled: Tensor = maps.mean(dim=(2, 3))
        return pooled


def _projection(c_in: int, c_out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.AvgPool2d(stride) if stride > 1 else nn.Identity(),
        nn.Conv2d(c_in, c_out, kernel_size=1, bias=False),
        nn.BatchNorm2d(c_out),
    )

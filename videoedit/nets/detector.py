"""A small single-stage face detector: separable convolutions, a three-level pyramid, two anchors per cell.

Shapes: B pictures, H x W pixels (multiples of 32), C channels, A rows of all levels together.
Rows are ordered by level (stride 8, 16, 32), then y, x, anchor; the cell (x, y) of a level sits at the
pixel (x * stride, y * stride), and distances are measured from there in strides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES: Final = (8, 16, 32)
"""Pixels between the cells of each level."""
NUM_ANCHORS: Final = 2
"""Rows per cell; the first takes the smaller half of the level's faces."""
EVEN: Final = (0.5,) * (len(STRIDES) * NUM_ANCHORS)
"""A threshold for each anchor that leaves its score as it is."""
ROW_WIDTHS: Final = (1, 4, 10)
"""Numbers per row: score, left-top-right-bottom distances, five points."""

_LEAST_WEIGHT: Final = 1e-6
"""Of a row that is sure of nothing."""


class Rows(NamedTuple):
    """What the network says, one row per anchor."""

    logits: Tensor
    """(B, A) scores before the sigmoid."""
    boxes: Tensor
    """(B, A, 4) distances to left, top, right and bottom, in strides."""
    points: Tensor
    """(B, A, 10) offsets x, y of five points, in strides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorConfig:
    """Width and depth of the network."""

    widths: tuple[int, int, int, int, int] = (16, 32, 64, 128, 128)
    """Channels at strides 2, 4, 8, 16, 32."""
    depths: tuple[int, int, int, int] = (2, 4, 4, 3)
    """Separable blocks at strides 4, 8, 16, 32; the first of each halves the map."""
    neck_width: int = 64
    """Channels of the pyramid and the heads."""


class ConvNorm(nn.Sequential):
    """Convolution and batch norm."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, *, stride: int = 1, groups: int = 1) -> None:
        conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=False)
        super().__init__(conv, nn.BatchNorm2d(out_channels))


class SeparableBlock(nn.Module):
    """Depthwise 3x3, then pointwise; the input is added where the shapes agree."""

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = ConvNorm(in_channels, in_channels, 3, stride=stride, groups=in_channels)
        self.pointwise = ConvNorm(in_channels, out_channels, 1)
        self.is_residual = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.pointwise(functional.relu(self.depthwise(x)))  # (B, C, h, w) -> (B, C', h/stride, w/stride)
        return functional.relu(x + y if self.is_residual else y)


class Head(nn.Module):
    """Scores, boxes and points of one level."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(SeparableBlock(width, width), SeparableBlock(width, width))
        self.predict = nn.Conv2d(width, NUM_ANCHORS * sum(ROW_WIDTHS), 1)
        nn.init.normal_(self.predict.weight, std=0.01)
        # At the start: a face is rare, 1 %; its sides are two strides away; its points in its middle.
        parts = zip(ROW_WIDTHS, (-4.6, 2.0, 0.0), strict=True)
        self.predict.bias = nn.Parameter(
            torch.cat([torch.full((NUM_ANCHORS * width,), start) for width, start in parts])
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # (B, C, h, w) -> (B, h, w, 30)
        channels = self.predict(self.blocks(x)).permute(0, 2, 3, 1)
        parts = channels.split([NUM_ANCHORS * width for width in ROW_WIDTHS], dim=3)
        logits, boxes, points = (
            part.reshape(x.shape[0], -1, width) for part, width in zip(parts, ROW_WIDTHS, strict=True)
        )  # (B, h w anchors, width)
        return logits, boxes, points


class PointPath(nn.Module):
    """What the points of a head still lack: a second way through the pyramid, from fine to coarse.

    Half a cell of the coarsest level is a tenth of the smallest face that it answers for; where the points of such a
    face lie, the finer levels know better (the path of Liu et al., "Path Aggregation Network", CVPR 2018). A network
    that is new says nothing here.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.halve = nn.ModuleList(SeparableBlock(width, width, stride=2) for _ in STRIDES[1:])
        self.blocks = nn.ModuleList(
            nn.Sequential(SeparableBlock(width, width), SeparableBlock(width, width)) for _ in STRIDES
        )
        self.predict = nn.ModuleList(nn.Conv2d(width, NUM_ANCHORS * ROW_WIDTHS[2], 1) for _ in STRIDES)
        for values in self.predict.parameters():
            nn.init.zeros_(values)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Return what to add to the points of each stride, (B, h w anchors, 10), finest first."""
        found: list[Tensor] = []
        finer: Tensor | None = None
        for level, (x, blocks, predict) in enumerate(zip(maps, self.blocks, self.predict, strict=True)):
            finer = blocks(x if finer is None else x + self.halve[level - 1](finer))  # (B, C, h, w)
            added = predict(finer).permute(0, 2, 3, 1)  # (B, h, w, anchors 10)
            found.append(added.reshape(x.shape[0], -1, ROW_WIDTHS[2]))
        return found


class FaceNet(nn.Module):
    """Backbone, pyramid and heads; input (B, 3, H, W) RGB, (v - 127.5) / 128."""

    def __init__(self, config: DetectorConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = ConvNorm(3, config.widths[0], 3, stride=2)
        self.stages = nn.ModuleList(
            _stage(config.widths[level], config.widths[level + 1], depth) for level, depth in enumerate(config.depths)
        )
        neck = config.neck_width
        self.laterals = nn.ModuleList(ConvNorm(width, neck, 1) for width in config.widths[2:])
        self.smooth = nn.ModuleList(SeparableBlock(neck, neck) for _ in STRIDES[:-1])
        self.heads = nn.ModuleList(Head(neck) for _ in STRIDES)
        self.point_path = PointPath(neck)

    def levels(self, x: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Return (logits, boxes, points) of each stride, finest first; each (B, h w anchors, width)."""
        maps = self._pyramid(x)
        said = [head(one) for head, one in zip(self.heads, maps, strict=True)]
        levels: list[tuple[Tensor, Tensor, Tensor]] = []
        for level, (logits, boxes, points), added in zip(maps, said, self.point_path(maps), strict=True):
            whole = points + added
            levels.append((logits, boxes, agreed(whole, logits, level) if levels else whole))  # small faces lie close
        return levels

    def forward(self, x: Tensor) -> Rows:
        levels = self.levels(x)
        logits, boxes, points = (torch.cat([level[part] for level in levels], dim=1) for part in range(3))
        return Rows(logits.squeeze(2), boxes, points)  # (B, A), (B, A, 4), (B, A, 10)

    def _pyramid(self, x: Tensor) -> list[Tensor]:
        x = self.stages[0](functional.relu(self.stem(x)))  # (B, C, H/4, W/4)
        features = []
        for stage, lateral in zip(self.stages[1:], self.laterals, strict=True):
            x = stage(x)  # (B, C, H/8, W/8), then /16, /32
            features.append(functional.relu(lateral(x)))
        for level in (1, 0):
            above = functional.interpolate(features[level + 1], scale_factor=2.0, mode="nearest")
            features[level] = self.smooth[level](features[level] + above)
        return features


class ScrfdLayout(nn.Module):
    """The network as nine flat outputs for one picture, scores after the sigmoid: what SCRFD files hold.

    A face whose size lies between the two anchors of a cell is claimed by each with half a score. The surer one speaks
    for both: its score is the chance that either is right.
    """

    def __init__(self, net: FaceNet, thresholds: Sequence[float] = EVEN) -> None:
        """Take a network, and the joint score that is to become 0.5 for each of its anchors, small faces first."""
        super().__init__()
        if len(thresholds) != len(EVEN) or not all(0.0 < threshold < 1.0 for threshold in thresholds):
            raise ValueError(f"thresholds must be {len(EVEN)} numbers between 0 and 1, got {list(thresholds)}")
        self.net = net
        self.odds = [threshold / (1 - threshold) for threshold in thresholds]

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        levels = self.net.levels(x)
        scores = [self._scores(logits, level) for level, (logits, _, _) in enumerate(levels)]  # (h w anchors, 1)
        boxes = [boxes.flatten(0, 1) for _, boxes, _ in levels]  # (h w anchors, 4)
        points = [points.reshape(-1, ROW_WIDTHS[2]) for _, _, points in levels]  # (h w anchors, 10)
        return (*scores, *boxes, *points)

    def _scores(self, logits: Tensor, level: int) -> Tensor:
        alone = logits.sigmoid().reshape(-1, NUM_ANCHORS)  # (h w, anchors)
        joint = 1 - (1 - alone).prod(dim=1, keepdim=True)  # (h w, 1)
        score = torch.where(alone == alone.amax(dim=1, keepdim=True), joint, alone)
        odds = torch.tensor(self.odds[level * NUM_ANCHORS : (level + 1) * NUM_ANCHORS])
        return (score / (score + (1 - score) * odds)).reshape(-1, 1)


def fold_norms(net: FaceNet) -> FaceNet:
    """Return the network in evaluation mode with every batch norm folded into the convolution before it."""
    folded = FaceNet(net.config)
    folded.load_state_dict(net.state_dict())
    folded.eval()
    for module in list(folded.modules()):
        if isinstance(module, ConvNorm):
            module[0] = nn.utils.fusion.fuse_conv_bn_eval(module[0], module[1])  # type: ignore[arg-type, type-var]
            module[1] = nn.Identity()
    return folded


def agreed(points: Tensor, logits: Tensor, level: Tensor) -> Tensor:
    """Return where the rows of one level say together that points are: each errs as its cell lies on the face.

    Of every cell it is the mean over both anchors of the 3 x 3 cells around it, weighted by the square of their scores.

    Args:
        points: (B, h w anchors, 10), from each row's own cell, in strides.
        logits: (B, h w anchors, 1).
        level: Any map of this level, (B, C, h, w).
    """
    count, _, height, width = level.shape
    weights = logits.detach().sigmoid().square() + _LEAST_WEIGHT
    weighted = (weights * points).reshape(count, height, width, NUM_ANCHORS, -1).sum(dim=3)  # (B, h, w, 10)
    share = weights.reshape(count, height, width, NUM_ANCHORS).sum(dim=3)[:, None]  # (B, 1, h, w)
    across = torch.tensor([-1.0, 0.0, 1.0], device=points.device).expand(3, 3)
    aside = functional.conv2d(share, torch.stack([across, across.T])[:, None].to(share), padding=1)  # (B, 2, h, w)
    around = functional.avg_pool2d(weighted.permute(0, 3, 1, 2), 3, 1, 1) + aside.repeat(1, 5, 1, 1) / 9
    mean = (around / functional.avg_pool2d(share, 3, 1, 1)).permute(0, 2, 3, 1)  # (B, h, w, 10)
    return mean[:, :, :, None].expand(-1, -1, -1, NUM_ANCHORS, -1).reshape(count, -1, ROW_WIDTHS[2])


def cell_grid(height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return where the rows of a picture sit.

    Args:
        height: Pixels, a multiple of 32.
        width: Pixels, a multiple of 32.

    Returns:
        (A, 2) x, y of each row's cell in pixels; (A,) its stride; (A,) its anchor, 0 to 5 from small to large faces.
    """
    centres, strides, anchors = [], [], []
    for level, stride in enumerate(STRIDES):
        y, x = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        cells = (torch.stack([x, y], dim=2).reshape(-1, 2) * stride).repeat_interleave(NUM_ANCHORS, dim=0)
        centres.append(cells.float())
        strides.append(torch.full((len(cells),), float(stride)))
        anchors.append(torch.arange(NUM_ANCHORS).repeat(len(cells) // NUM_ANCHORS) + NUM_ANCHORS * level)
    return torch.cat(centres), torch.cat(strides), torch.cat(anchors)


def _stage(in_channels: int, out_channels: int, depth: int) -> nn.Sequential:
    blocks = [SeparableBlock(in_channels, out_channels, stride=2)]
    return nn.Sequential(*blocks, *(SeparableBlock(out_channels, out_channels) for _ in range(depth - 1)))

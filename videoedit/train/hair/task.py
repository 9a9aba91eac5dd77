"""The training of the hair network: faces whose hair the teacher has marked, and the same with hair of other colours.

Shapes: B faces, crops (B, 3, S, S), masks (B, S, S).
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch

from videoedit.align.templates import template_points
from videoedit.datasets.celeba import FaceSet
from videoedit.frames import Image
from videoedit.nets.mask import TEMPLATE, MaskConfig
from videoedit.tensors import to_model
from videoedit.train.augment import AugmentConfig
from videoedit.train.hair.colours import coloured
from videoedit.train.hair.teacher import ATTRIBUTE, Marks, head_of
from videoedit.train.mask_task import Batch, MaskTask, MaskTrainConfig

MARGIN: Final = 8
"""Pixels kept around the crop on each side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HairTrainConfig(MaskTrainConfig):
    """How the network is trained."""

    network: MaskConfig = field(default_factory=lambda: MaskConfig(crop_size=128, width=24))
    batch_size: int = 24
    augment: AugmentConfig = field(default_factory=lambda: AugmentConfig(jitter=0.8))
    coloured: float = 0.4
    """Chance that hair gets another colour."""
    with_bangs: float = 0.5
    """Share of the faces that have bangs."""


class HairTask(MaskTask):
    """The hair network in training."""

    def __init__(self, config: HairTrainConfig, faces: FaceSet, marks: Marks, *, compiled: bool) -> None:
        super().__init__(config, compiled=compiled)
        self._config = config
        self._images, self._rows = faces.images, marks.rows
        self._hair = marks.hair
        worn = torch.from_numpy(faces.column(ATTRIBUTE)[marks.rows] == 1)
        self._shares = torch.where(
            worn, config.with_bangs / worn.sum().clamp(min=1), (1 - config.with_bangs) / (~worn).sum().clamp(min=1)
        )
        size = config.network.crop_size
        self._counts = torch.from_numpy(head_of(template_points(TEMPLATE, size), size)).float()

    def _draw(self) -> Batch:
        config = self._config
        rows = torch.multinomial(self._shares, config.batch_size, replacement=True, generator=self._random).numpy()
        seeds = torch.randint(2**31, (len(rows),), generator=self._random).tolist()
        pictures = [self._picture(*one) for one in zip(rows, seeds, strict=True)]
        crops, masks = self._augment.marked(pictures, list(self._hair[rows].astype(np.float32)), self._random)
        return Batch(to_model(crops), torch.from_numpy(np.stack(masks)).clamp_(0, 1), self._counts)

    def _picture(self, row: int, seed: int) -> Image:
        rng = np.random.default_rng(seed)
        picture = self._images[self._rows[row]]
        return coloured(picture, self._hair[row], rng) if rng.random() < self._config.coloured else picture

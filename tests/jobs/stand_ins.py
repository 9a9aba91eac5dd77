"""A detector and an editor that cost nothing, for tests that are about everything around them; other processes too."""

import os
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from videoedit.align.templates import TEMPLATES
from videoedit.edit.base import Edit
from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.pipeline import EditedFrame, PipelineConfig
from videoedit.wishes import EditConfig, Models, Wish

LIGHT = Wish(attribute="light", reference=None)
EDIT = EditConfig(wishes=(LIGHT,), device="cpu", pipeline=PipelineConfig(min_face=8.0, batch_size=4, smooth="medium"))


@dataclass
class MiddleDetector:
    """Finds a face in the middle of every picture that is not of one colour; it sways with the picture's mean."""

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        return [[_middle_face(image)] if image.std() > 10 else [] for image in images]


@dataclass
class LightEditor:
    """Adds a share of the crop to itself, and writes down how many faces it was given.

    What it adds depends a little on how many faces are given together, as with real networks, only more.
    """

    log: Path
    company: float = 0.05
    """How much each of the faces given together counts."""
    attributes: tuple[str, ...] = ("Light",)
    crop_size: int = 32
    template: str = "elegant"

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.tensor(0.4), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.tensor(-0.4), strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        with self.log.open("a") as log:
            log.write(f"{len(crops)}\n")
        change = crops.mean(dim=(2, 3), keepdim=True) + 0.3 * crops + self.company * len(crops)
        return sum((edit.strength * edit.code * change for edit in edits), torch.zeros_like(crops))


class DeadlyEditor(LightEditor):
    """Kills its process the first time that it is used in any."""

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        died = self.log.with_name("died")
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().residuals(crops, edits)


def load_deadly(log: Path, config: EditConfig) -> Models:
    return Models(MiddleDetector(), DeadlyEditor(log))


def load(log: Path, config: EditConfig) -> Models:
    return Models(MiddleDetector(), LightEditor(log))


def loader(log: Path) -> "partial[Models]":
    return partial(load, log)


def num_edited(log: Path) -> int:
    """Count the faces that editors have been given."""
    return sum(map(int, log.read_text().split())) if log.exists() else 0


def silent(frames: Iterable[EditedFrame], total: int) -> Iterable[EditedFrame]:
    return frames


def _middle_face(image: Image) -> Face:
    height, width = image.shape[:2]
    sway = (float(image.mean()) % 8) / 2
    points = (TEMPLATES["elegant"] - 128) / 256 * 0.8 * height + [width / 2 + sway, height / 2]
    box = np.concatenate([points.min(axis=0) - 10, points.max(axis=0) + 10])
    return Face(box, points, 0.9)

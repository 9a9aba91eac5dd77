"""Measure the matting network on faces it was not trained on.

Shapes: B faces, S the side of the crop.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from videoedit.datasets.celeba import FaceSet
from videoedit.edit.base import FaceEditor
from videoedit.nets.matting import MattingNetwork
from videoedit.train.augment import AugmentConfig
from videoedit.train.matting.scenes import ATTRIBUTE, SceneMaker, Scenes

_BATCH: Final = 8
_DARK: Final = 0.05
"""Share of the crop that is covered wholly, from which on glasses are called dark: no rim is so large."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One row: drawn glasses of a kind."""

    name: str
    num_faces: int
    found: float
    """Share of the true cover that is lifted."""
    beside: float
    """What is lifted beside it, as a share of it."""
    codes: float
    """Mean difference of the colours, of 255, where they cover."""


@torch.inference_mode()
def evaluate_drawn(
    network: MattingNetwork, faces: FaceSet, editor: FaceEditor, *, count: int = 400, seed: int = 0
) -> list[Figures]:
    """Measure glasses drawn on bare faces of a set, those with clear lenses and those with dark ones."""
    random = torch.Generator().manual_seed(seed)
    maker = SceneMaker(faces, editor, network.config.crop_size, AugmentConfig())
    batches = (maker.draw(_BATCH, random) for _ in range(count // _BATCH))
    rows = np.concatenate([_measured(network, scenes) for scenes in batches])  # (N, 5)
    is_dark = rows[:, 4] > _DARK
    groups = {"clear lenses": rows[~is_dark], "dark lenses": rows[is_dark]}
    return [_figures(name, group) for name, group in groups.items() if len(group)]


def count_taken(faces: FaceSet, editor: FaceEditor) -> dict[str, tuple[int, int]]:
    """Return of how many of the faces with and without glasses something is lifted to be put on, and of how many."""
    worn = [
        editor.edit_like(image, ATTRIBUTE).worn is not None for image in tqdm(faces.images, unit="face", disable=None)
    ]
    has = faces.column(ATTRIBUTE) == 1
    groups = {"with glasses": has, "without": ~has}
    return {name: (int(np.sum(worn, where=rows)), int(rows.sum())) for name, rows in groups.items()}


def as_table(rows: Sequence[Figures]) -> str:
    """Return the rows in Markdown."""
    return "\n".join(_lines(rows))


def _lines(rows: Sequence[Figures]) -> Iterator[str]:
    yield "| drawn glasses | faces | cover lifted | beside it | colours, codes |"
    yield "|---|" + "--:|" * 4
    for row in rows:
        yield f"| {row.name} | {row.num_faces} | {row.found:.1%} | {row.beside:.1%} | {row.codes:.1f} |"


def _measured(network: MattingNetwork, scenes: Scenes) -> NDArray[np.float64]:
    """Return of each face: cover found, cover beside, true cover, colours' error under it, share covered wholly."""
    lifted = network.lift(scenes.wearer, scenes.without)
    true, cover = scenes.layer[:, 3], lifted[:, 3]
    off = (lifted - scenes.layer)[:, :3].abs().mean(dim=1) * 127.5 * (true > 0)
    columns = [torch.minimum(true, cover), (cover - true).clamp(min=0), true, off, (true > 0.5).float()]
    means: NDArray[np.float64] = torch.stack([_mean(column) for column in columns], dim=1).double().numpy()
    return means


def _mean(maps: Tensor) -> Tensor:
    return maps.flatten(1).mean(dim=1)


def _figures(name: str, rows: NDArray[np.float64]) -> Figures:
    found, beside, true, off, _ = rows.sum(axis=0)
    return Figures(name, len(rows), found / true, beside / true, off / true)

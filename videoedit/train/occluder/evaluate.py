"""Measure the occluder network on faces it was not trained on: what it finds, and what it takes for an occluder.

Shapes: N faces, crops (N, 3, S, S), masks (N, S, S).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.align.regions import region_mask
from videoedit.datasets.celeba import FaceSet
from videoedit.tensors import to_model
from videoedit.train.augment import AugmentConfig, Augmenter
from videoedit.train.occluder.scenes import KIND_SHARES, Scene, SceneConfig, placed, with_thing

Finder: TypeAlias = Callable[[Tensor], Tensor]
"""Gives the hidden share of every pixel, (N, S, S), of crops (N, 3, S, S) in [-1, 1]."""

PLACES: Final = {"eyes": "Eyeglasses", "mouth": "Smiling", "face": "Male"}
"""Where is measured: the region in which an attribute may change."""
WORN: Final = {"eyeglasses": "Eyeglasses", "fringe": "Bangs", "hat": "Wearing_Hat", "beard": "No_Beard"}
"""Groups of faces by what they wear; a beard is the lack of a label."""

_MUCH: Final = 0.1
"""Share of a place that must be hidden for a face to be counted as spoilt."""
_BATCH: Final = 64
_NUM_OTHERS: Final = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """One row: a group of faces or a kind of thing, and a figure for each of `PLACES`."""

    name: str
    num_faces: int
    shares: tuple[float, ...]
    spoilt: tuple[float, ...] = ()
    """Of faces with nothing before them: the share of which more than a tenth of the place is taken for hidden."""


def evaluate_clean(finder: Finder, faces: FaceSet, size: int) -> list[Figures]:
    """Measure what of faces as they are is taken for hidden."""
    margin = (faces.images.shape[1] - size) // 2
    crops = faces.images[:, margin : margin + size, margin : margin + size]
    hidden = _in_batches(finder, to_model(crops))
    means = np.stack([hidden[:, region_mask(name, size)].mean(axis=1) for name in PLACES.values()])  # (P, N)
    return [_clean_row(name, means[:, rows]) for name, rows in _groups(faces).items()]


def evaluate_things(finder: Finder, faces: FaceSet, size: int, seed: int = 0) -> list[Figures]:
    """Measure what of things put before faces is found, kind by kind, and what beside them is taken for them."""
    return [row for kind in KIND_SHARES for row in _thing_rows(finder, faces, size, kind, seed)]


def as_table(rows: Sequence[Figures]) -> str:
    """Return rows of one kind in Markdown."""
    columns = [*PLACES, *(f"{place} spoilt" for place in PLACES if rows[0].spoilt)]
    lines = [f"| | faces | {' | '.join(columns)} |", "|---|" + "--:|" * (len(columns) + 1)]
    lines += [
        f"| {row.name} | {row.num_faces} | {' | '.join(f'{share:.1%}' for share in (*row.shares, *row.spoilt))} |"
        for row in rows
    ]
    return "\n".join(lines)


def _groups(faces: FaceSet) -> Mapping[str, NDArray[np.bool_]]:
    """Return which faces belong to each group; the last wear none of it."""
    worn = {name: faces.column(label) == (-1 if label == "No_Beard" else 1) for name, label in WORN.items()}
    plain = ~np.logical_or.reduce(list(worn.values()))
    return {"all": np.ones_like(plain), **worn, "none of these": plain}


def _clean_row(name: str, means: NDArray[np.float64]) -> Figures:
    shares, spoilt = means.mean(axis=1), (means > _MUCH).mean(axis=1)
    return Figures(name, means.shape[1], tuple(map(float, shares)), tuple(map(float, spoilt)))


def _thing_rows(finder: Finder, faces: FaceSet, size: int, kind: str, seed: int) -> Iterator[Figures]:
    random = torch.Generator().manual_seed(seed)
    rng = np.random.default_rng(seed)
    scenes = [_scene(faces, row, size, kind, rng) for row in range(len(faces.images))]
    crops = Augmenter(AugmentConfig(), size).degraded([scene.crop for scene in scenes], random)
    hidden = _in_batches(finder, to_model(crops))
    masks = np.stack([scene.mask for scene in scenes])
    places = [region_mask(name, size) for name in PLACES.values()]
    found = tuple(float((hidden * masks)[:, place].sum() / masks[:, place].sum()) for place in places)
    false = tuple(float((hidden * (1 - masks))[:, place].sum() / (1 - masks)[:, place].sum()) for place in places)
    yield Figures(f"{kind}, found", len(scenes), found)
    yield Figures(f"{kind}, beside it", len(scenes), false)


def _scene(faces: FaceSet, row: int, size: int, kind: str, rng: np.random.Generator) -> Scene:
    face = placed(faces.images[row], size, SceneConfig(), rng)
    others = faces.images[rng.integers(len(faces.images), size=_NUM_OTHERS)]
    return with_thing(Scene(face, np.zeros((size, size), np.float32)), kind, others, rng)


def _in_batches(finder: Finder, crops: Tensor) -> NDArray[np.float32]:
    return np.concatenate([finder(crops[i : i + _BATCH]).numpy() for i in range(0, len(crops), _BATCH)])

"""From a training to what ships: float16 weights, neutral codes, and the card that describes them.

Shapes: K_i channels of an attribute's block, h x w the code's map.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.align.regions import OVALS, REGIONS, WHOLE
from videoedit.datasets.celeba import FaceSet
from videoedit.edit.elegant import NEUTRAL_PREFIX, TYPICAL_PREFIX
from videoedit.nets.checkpoint import save_tensors
from videoedit.nets.elegant import ElegantGenerator
from videoedit.resources import ModelCard, sha256_of, write_card
from videoedit.tensors import to_model
from videoedit.train.export import WEIGHTS_LICENCE, half_precision

NUM_NEUTRAL_FACES = 512
"""Faces whose codes are averaged."""
TYPICAL: Final = ("Smiling",)
"""Attributes that are drawn as most faces show them, below what is the exemplar's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What the card says that the weights do not."""

    folder: Path
    """Where to write; must exist."""
    name: str
    """Name of the model."""
    iteration: int
    """Steps trained."""
    unfinished: tuple[str, ...] = ()
    """Attributes not to be offered yet."""
    is_local: bool = True
    """Whether the training multiplied residuals by the attributes' regions, so that the editor must do the same."""


def export_elegant(generator: ElegantGenerator, faces: FaceSet, export: Export) -> ModelCard:
    """Write `NAME.safetensors` and `NAME.toml`.

    Args:
        generator: Averaged weights.
        faces: Training faces of the crop's size, for the neutral codes.
        export: Place, name, and the card's own facts.
    """
    network = generator.config
    tensors = half_precision(generator)
    for attribute in network.attributes:
        tensors[NEUTRAL_PREFIX + attribute] = neutral_code(generator, faces, attribute).half()
        if attribute in TYPICAL:
            tensors[TYPICAL_PREFIX + attribute] = typical_code(generator, faces, attribute).half()
    weights = export.folder / f"{export.name}.safetensors"
    save_tensors(weights, tensors, {"iteration": str(export.iteration)})
    card = ModelCard(
        name=export.name,
        kind="elegant",
        file=weights.name,
        sha256=sha256_of(weights),
        attributes=network.attributes,
        unfinished=export.unfinished,
        crop_size=network.crop_size,
        template="elegant",
        licence=WEIGHTS_LICENCE,
        description=f"ELEGANT, profile {network.profile}, {export.iteration} steps on CelebA",
        network={"width": network.width, "code_channels": network.code_channels, "profile": network.profile},
        regions={name: REGIONS.get(name, WHOLE) for name in network.attributes} if export.is_local else {},
        ovals=tuple(name for name in network.attributes if name in OVALS and export.is_local),
        neutral={
            "faces": NUM_NEUTRAL_FACES,
            "how": "mean code of training faces that lack the attribute; typical: that have it, and no beard",
        },
        folder=export.folder,
    )
    write_card(card)
    return card


@torch.inference_mode()
def neutral_code(generator: ElegantGenerator, faces: FaceSet, attribute: str) -> Tensor:
    """Average the attribute's block over faces that lack it, (K_i, h, w)."""
    return _mean_code(generator, faces, attribute, faces.column(attribute) == -1)


@torch.inference_mode()
def typical_code(generator: ElegantGenerator, faces: FaceSet, attribute: str) -> Tensor:
    """Average it over faces that have it, and no beard."""
    bare = faces.column("No_Beard") == 1 if "No_Beard" in faces.attributes else True
    return _mean_code(generator, faces, attribute, (faces.column(attribute) == 1) & bare)


def _mean_code(generator: ElegantGenerator, faces: FaceSet, attribute: str, which: NDArray[np.bool_]) -> Tensor:
    rows = np.flatnonzero(which)[:NUM_NEUTRAL_FACES]
    block = generator.config.blocks[generator.config.attributes.index(attribute)]
    codes = [
        generator.encoder(to_model(faces.images[part]))[0][:, block] for part in np.array_split(rows, 16) if len(part)
    ]
    return torch.cat(codes).mean(dim=0)  # (B, K_i, h, w) -> (K_i, h, w)

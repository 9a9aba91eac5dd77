"""A picture that shows how far an editor's training is.

Shapes: B faces, 3 x S x S crops.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from videoedit.datasets.celeba import FaceSet
from videoedit.frames import Image
from videoedit.nets.elegant import ElegantGenerator, exchange
from videoedit.tensors import change_of, from_model, to_model


@torch.no_grad()
def edit_sheet(generator: ElegantGenerator, faces: FaceSet, masks: Sequence[Tensor] | None = None) -> Image:
    """Return one row per face: itself, then its edit by the next face of the other label, attribute by attribute.

    Args:
        generator: The network to show.
        faces: (B, S, S, 3) pictures and their labels.
        masks: (S, S) per attribute, by which residuals are multiplied; None for no masks.
    """
    config = generator.config
    x = to_model(faces.images).to(next(generator.parameters()).device)
    z, skips = generator.encoder(x)
    columns = [x]
    for attribute, name in enumerate(config.attributes):
        label = faces.column(name)
        others = [_first_other(label, row) for row in range(len(label))]
        residuals = generator.decoder(exchange(z, z[others], config.blocks[attribute]), z, skips)
        change = change_of(residuals, x)
        columns.append(x + (change if masks is None else change * masks[attribute]))
    return np.concatenate([np.concatenate(list(from_model(column)), axis=0) for column in columns], axis=1)


def _first_other(label: np.ndarray[Any, np.dtype[np.int8]], row: int) -> int:
    """Return the next picture, counted round, whose label differs; the picture itself where none does."""
    order = [(row + step) % len(label) for step in range(1, len(label))]
    return next((other for other in order if label[other] != label[row]), row)

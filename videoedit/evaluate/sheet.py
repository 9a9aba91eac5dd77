"""A sheet to look at: source | exemplar | edited | residual, nothing picked."""

from collections.abc import Sequence

import numpy as np
import torch

from videoedit.datasets.celeba import FaceSet
from videoedit.edit.base import FaceEditor
from videoedit.evaluate.model import edited_batches
from videoedit.evaluate.pairs import DIRECTIONS, Pair
from videoedit.frames import Image
from videoedit.tensors import from_model, to_model


def first_pairs(pairs: Sequence[Pair], count: int) -> list[list[Pair]]:
    """Return the first pairs of each attribute and direction, in file order."""
    names = list(dict.fromkeys(pair.attribute for pair in pairs))
    kinds = [(name, direction) for name in names for direction in DIRECTIONS]
    chosen = [[pair for pair in pairs if (pair.attribute, pair.direction) == kind][:count] for kind in kinds]
    return [block for block in chosen if block]


def sheet_of(blocks: Sequence[Sequence[Pair]], faces: FaceSet, editor: FaceEditor) -> Image:
    """Draw each block of pairs of one attribute as a column of rows, four pictures wide, side by side.

    The residual is drawn around middle grey.
    """
    columns = [_column(block, faces, editor) for block in blocks]
    height = max(len(column) for column in columns)
    padded = [np.pad(column, ((0, height - len(column)), (0, 0), (0, 0))) for column in columns]
    return np.concatenate(padded, axis=1)


def _column(pairs: Sequence[Pair], faces: FaceSet, editor: FaceEditor) -> Image:
    sources = faces.images[[pair.source for pair in pairs]]
    exemplars = faces.images[[pair.exemplar for pair in pairs]]
    residuals = torch.cat([residual for _, residual in edited_batches(pairs, faces, editor)])
    strips = [sources, exemplars, from_model(to_model(sources) + residuals), from_model(residuals)]
    rows = np.concatenate(strips, axis=2)  # (N, S, 4 S, 3)
    return np.concatenate(tuple(rows), axis=0)

"""Batches in which the result of every edit is known: two people wear the same, in pictures of their own.

Shapes: B pairs, crops (2B, 3, S, S) in [-1, 1], A before B.
"""

import numpy as np
import torch
from torch import Tensor

from videoedit.synthetic.makers import Maker
from videoedit.tensors import to_model
from videoedit.train.augment import Augmenter


class SyntheticPairs:
    """Makes batches of one attribute, augmented like all others."""

    def __init__(self, maker: Maker, augment: Augmenter) -> None:
        self._maker = maker
        self._augment = augment

    def draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return A and B; what A without and B with it look like; how much of that is known, (2B, 1, S, S)."""
        rng = np.random.default_rng(int(torch.randint(2**31, (), generator=generator)))
        sides = zip(*(self._maker.pair(rng) for _ in range(count)), strict=True)
        edits = [edit for side in sides for edit in side]
        pictures = [(edit.picture, edit.wanted) for edit in edits]
        crops, known = self._augment.alike(pictures, [edit.known for edit in edits], generator)
        x, wanted = (to_model(side) for side in zip(*crops, strict=True))
        return x, wanted, torch.from_numpy(np.stack(known)[:, None]).clamp_(0, 1)

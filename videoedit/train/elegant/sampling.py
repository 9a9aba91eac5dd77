"""Pairs for ELEGANT: A has the attribute, B has not, and in everything correlated with it the two sets are alike.

Of CelebA's people with eyeglasses 80 % are men and 41 % young (39 % and 80 % of those without). A discriminator
that sees such sets learns that glasses make a face older and manly. Here both sets are drawn from the same
distribution over the matched labels, then paired at random, so that the exchanged block cannot pay by carrying them.

Shapes: B pictures of one side, L labels.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from videoedit.datasets.celeba import FaceSet
from videoedit.errors import ConfigError


class MatchedSampler:
    """Draws rows of positives and negatives of one attribute, alike in the matched labels."""

    def __init__(self, faces: FaceSet, attribute: str, matched: Sequence[str]) -> None:
        label = faces.column(attribute)
        strata = _strata_of(faces, [name for name in matched if name != attribute])
        self._positives: list[NDArray[np.int64]] = []
        self._negatives: list[NDArray[np.int64]] = []
        for stratum in np.unique(strata):
            positives = np.flatnonzero((strata == stratum) & (label == 1))
            negatives = np.flatnonzero((strata == stratum) & (label == -1))
            if len(positives) and len(negatives):
                self._positives.append(positives)
                self._negatives.append(negatives)
        if not self._positives:
            raise ConfigError(
                f"no pictures with and without {attribute!r} that agree in {', '.join(matched) or 'anything'}"
            )
        sizes = [min(len(p), len(n)) for p, n in zip(self._positives, self._negatives, strict=True)]
        self._weights = torch.tensor(sizes, dtype=torch.float64).pow(0.75)

    def draw(self, count: int, generator: torch.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (count,) rows with the attribute and (count,) rows without it."""
        strata = torch.multinomial(self._weights, count, replacement=True, generator=generator).tolist()
        shuffled = [strata[i] for i in torch.randperm(count, generator=generator).tolist()]
        positives = [_pick(self._positives[s], generator) for s in strata]
        negatives = [_pick(self._negatives[s], generator) for s in shuffled]
        return np.array(positives), np.array(negatives)


def _strata_of(faces: FaceSet, matched: Sequence[str]) -> NDArray[np.int64]:
    """Number each picture's combination of the matched labels, (N,)."""
    strata = np.zeros(len(faces.labels), np.int64)
    for name in matched:
        strata = strata * 2 + (faces.column(name) == 1)
    return strata


def _pick(rows: NDArray[np.int64], generator: torch.Generator) -> int:
    return int(rows[int(torch.randint(len(rows), (), generator=generator))])

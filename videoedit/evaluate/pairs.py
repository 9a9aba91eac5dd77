"""Which face is edited with which exemplar; drawn once by a seed and kept in a CSV.

Shapes: N pictures.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from videoedit.datasets.celeba import FaceSet


@dataclass(frozen=True, slots=True)
class Pair:
    """One edit: rows of the source and of the exemplar in the set."""

    source: int
    exemplar: int
    attribute: str
    direction: Literal["add", "remove"]


def draw_pairs(faces: FaceSet, attribute: str, seed: int) -> list[Pair]:
    """Give every picture an exemplar of the other label, in file order."""
    rng = np.random.default_rng([seed, *attribute.encode()])
    label = faces.column(attribute)
    others = {1: np.flatnonzero(label == -1), -1: np.flatnonzero(label == 1)}
    pairs = []
    for row, has in enumerate(label.tolist()):
        if len(others[has]):
            pairs.append(Pair(row, int(rng.choice(others[has])), attribute, "remove" if has == 1 else "add"))
    return pairs


def write_pairs(pairs: Sequence[Pair], faces: FaceSet, path: Path) -> None:
    """Write file names, attribute and direction of every edit."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "exemplar", "attribute", "direction"])
        for pair in pairs:
            writer.writerow([faces.names[pair.source], faces.names[pair.exemplar], pair.attribute, pair.direction])

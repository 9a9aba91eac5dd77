"""Which face is edited with which exemplar; drawn once by a seed and kept in a CSV."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from videoedit.datasets.celeba import FaceSet
from videoedit.errors import MediaError

Direction: TypeAlias = Literal["add", "remove"]

DIRECTIONS: Final[tuple[Direction, ...]] = ("add", "remove")
COLUMNS: Final = ("source", "exemplar", "attribute", "direction")


@dataclass(frozen=True, slots=True)
class Pair:
    """One edit: rows of the source and of the exemplar in the set."""

    source: int
    exemplar: int
    attribute: str
    direction: Direction


def draw_pairs(faces: FaceSet, attribute: str, seed: int) -> list[Pair]:
    """Give every picture an exemplar of the other label, in file order; none where all pictures are alike."""
    rng = np.random.default_rng([seed, *attribute.encode()])
    has = faces.column(attribute) == 1
    with_it, without = np.flatnonzero(has), np.flatnonzero(~has)
    if not (len(with_it) and len(without)):
        return []
    return [
        Pair(row, int(rng.choice(without)), attribute, "remove")
        if has[row]
        else Pair(row, int(rng.choice(with_it)), attribute, "add")
        for row in range(len(has))
    ]


def write_pairs(path: Path, pairs: Sequence[Pair], faces: FaceSet) -> None:
    """Write file names, attribute and direction of every edit.

    Raises:
        MediaError: The folder cannot be written.
    """
    rows = [(faces.names[pair.source], faces.names[pair.exemplar], pair.attribute, pair.direction) for pair in pairs]
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    except OSError as error:
        raise MediaError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error

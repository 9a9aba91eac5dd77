"""Pictures with and without an attribute that differ in it alone.

Shapes: pictures (S + 2m, S + 2m, 3) with a margin m around the crop of S, maps (S + 2m, S + 2m).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, Self, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.datasets.celeba import FaceSet
from videoedit.errors import ConfigError
from videoedit.frames import Image
from videoedit.synthetic.glasses import Glasses, Worn, put_on
from videoedit.synthetic.grafts import PARTS, Grafts

Map: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Edited:
    """A picture, what an edit should make of it, and how much of each pixel of that can be known."""

    picture: Image
    wanted: Image
    known: Map
    """0..1: nobody knows the eyes behind dark lenses."""

    @classmethod
    def wholly(cls, picture: Image, wanted: Image) -> Self:
        """All of the result is known."""
        return cls(picture, wanted, np.ones(picture.shape[:2], np.float32))


class Maker(Protocol):
    """Puts one attribute on faces of a set."""

    def positive(self, row: int, rng: Generator) -> Image:
        """Return a face of the set with the attribute put on."""
        ...

    def pair(self, rng: Generator) -> tuple[Edited, Edited]:
        """Return A, from whom something is taken, and B, who gets just this."""
        ...


class GlassesMaker:
    """Draws glasses, in a pair the same on both."""

    def __init__(self, faces: FaceSet, size: int) -> None:  # noqa: ARG002 - all makers are made alike
        self._faces = faces
        self._bare = np.flatnonzero(faces.column("Eyeglasses") == -1)
        if not len(self._bare):
            raise ConfigError("no pictures without 'Eyeglasses' to draw them on")

    def positive(self, row: int, rng: Generator) -> Image:
        """Return a face with glasses of any kind."""
        return self._worn(row, Glasses.drawn(rng), rng).picture

    def pair(self, rng: Generator) -> tuple[Edited, Edited]:
        """Return A with glasses and B without."""
        glasses = Glasses.drawn(rng)
        row_a, row_b = (int(row) for row in rng.choice(self._bare, 2))
        a, b = (self._worn(row, glasses, rng) for row in (row_a, row_b))
        images = self._faces.images
        return Edited(a.picture, images[row_a], 1 - a.veil), Edited.wholly(images[row_b], b.picture)

    def _worn(self, row: int, glasses: Glasses, rng: Generator) -> Worn:
        return put_on(self._faces.images[row], self._faces.points[row], glasses, rng)


class GraftMaker:
    """Exchanges a part of two faces: in a pair each gets that of the other."""

    def __init__(self, faces: FaceSet, size: int, attribute: str) -> None:
        self._images = faces.images
        self._grafts = Grafts(faces, size, attribute)

    def positive(self, row: int, rng: Generator) -> Image:
        """Return a face with the attribute of somebody like it."""
        return self._grafts.put_on(row, self._grafts.giver_for(row, rng))

    def pair(self, rng: Generator) -> tuple[Edited, Edited]:
        """Return A, who has the attribute, and B, who has not, each with the other's part."""
        row_b = int(rng.choice(self._grafts.lacking))
        row_a = self._grafts.giver_for(row_b, rng)
        a, b = (
            Edited.wholly(self._images[taker], self._grafts.put_on(taker, giver))
            for taker, giver in ((row_a, row_b), (row_b, row_a))
        )
        return a, b


MAKERS: Final[Mapping[str, Callable[[FaceSet, int], Maker]]] = {
    "Eyeglasses": GlassesMaker,
    **{attribute: partial(GraftMaker, attribute=attribute) for attribute in PARTS},
}
"""Of the attributes that can be put on without a network: makers of a set and the crop's side in its pictures."""

"""Faces that differ from real ones in one attribute alone, so that the judge does not take one label for another.

In the data people with glasses are mostly men, and nobody with a mustache is a woman: from these alone a judge learns
that glasses make a face older, and that no woman can have a mustache.
Shapes: pictures (S + 2m, S + 2m, 3), labels (n,) of -1 and 1, or 0 where nobody knows.
"""

from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.datasets.celeba import FaceSet
from videoedit.frames import Image
from videoedit.synthetic.glasses import Glasses, put_on
from videoedit.synthetic.grafts import PARTS, Grafts

_GLASSES: Final = "Eyeglasses"
_CONTROLS: Final = 1 / 3
"""Share of the parts that come from somebody of the same label, so that their rim tells nothing."""


class AlteredFaces:
    """Draws glasses on faces of a set, and exchanges parts of them."""

    def __init__(self, faces: FaceSet, size: int) -> None:
        self._faces = faces
        both = [name for name in faces.attributes if len(np.unique(faces.column(name))) == 2]
        self._grafts = {name: Grafts(faces, size, name) for name in PARTS if name in both}
        self._bare = np.flatnonzero(faces.column(_GLASSES) == -1) if _GLASSES in both else np.arange(0)
        self.attributes = tuple(name for name in (*PARTS, _GLASSES) if name in both)
        """What can be altered in this set."""

    def draw(self, rng: Generator) -> tuple[Image, NDArray[np.int8]]:
        """Alter a face in one attribute, drawn at random; return its picture and labels."""
        name = str(rng.choice(self.attributes))
        if name == _GLASSES:
            row = int(rng.choice(self._bare))
            worn = put_on(self._faces.images[row], self._faces.points[row], Glasses.drawn(rng), rng)
            return worn.picture, self._relabelled(row, name, 1)
        return self._grafted(name, rng)

    def _grafted(self, name: str, rng: Generator) -> tuple[Image, NDArray[np.int8]]:
        grafts = self._grafts[name]
        taker = int(rng.choice(grafts.having if rng.random() < 0.5 else grafts.lacking))
        giver = grafts.giver_for(taker, rng, has_the_same=rng.random() < _CONTROLS)
        labels = self._faces.labels
        relabelled = self._relabelled(taker, name, int(self._faces.column(name)[giver]))
        brought = [i for i, other in enumerate(self._faces.attributes) if other in PARTS[name].brings and other != name]
        relabelled[brought] *= labels[taker, brought] == labels[giver, brought]
        return grafts.put_on(taker, giver), relabelled

    def _relabelled(self, row: int, name: str, label: int) -> NDArray[np.int8]:
        labels: NDArray[np.int8] = self._faces.labels[row].copy()
        labels[self._faces.attributes.index(name)] = label
        return labels

"""Mustaches of the data put on other faces: pairs of pictures that differ in a mustache alone.

What lies between nose and lower lip of somebody with a mustache is laid over another's face of a like colour, turn and
expression, brought to its tone. Women get them too, of whom no data set shows one.
Shapes: N pictures (S, S, 3), R rows of the data, C candidates.
"""

from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.datasets.celeba import FaceSet
from videoedit.errors import ConfigError
from videoedit.frames import Image
from videoedit.ramps import smoothstep
from videoedit.track.yaw import yaw_of

ATTRIBUTE: Final = "Mustache"
_ALIKE: Final = ("Smiling", "Mouth_Slightly_Open")
"""Labels in which giver and taker agree: a mustache has the shape of the mouth below it."""
_NUM_CANDIDATES: Final = 24
_PLACE: Final = ((0.5, 0.65), (0.23, 0.08))
"""Middle and half axes of what is taken, as shares of the crop's side."""
_FALL: Final = 0.35
"""Share of these axes over which it fades out."""
_PLAIN: Final = 12.0
"""Degrees of yaw that weigh as much as 30 codes of colour."""
_GAINS: Final = (0.6, 1.7)
_CHEEKS: Final = ((0.24, 0.36), (0.64, 0.76))
"""From and to, across; see `_CHEEK_ROWS`."""
_CHEEK_ROWS: Final = (0.47, 0.56)


class Mustaches:
    """Gives mustaches of the data to faces without one."""

    def __init__(self, faces: FaceSet, size: int) -> None:
        self._faces = faces
        self._size = size
        label = faces.column(ATTRIBUTE)
        self._givers = np.flatnonzero(label == 1)
        self.takers = np.flatnonzero(label == -1)
        if not len(self._givers) or not len(self.takers):
            raise ConfigError(f"no pictures with and without {ATTRIBUTE!r}")
        self._expression = np.stack([faces.column(name) for name in _ALIKE], axis=1)  # (N, 2)
        self._tones = _tones(faces.images, size)  # (N, 3)
        self._yaws = np.array([yaw_of(points) for points in faces.points])
        self._share = _share_of(faces.images.shape[1], size)

    def giver_for(self, taker: int, rng: Generator) -> int:
        """Draw somebody with a mustache who is like another face; return the row."""
        expressive = (self._expression[self._givers] == self._expression[taker]).all(axis=1)
        likely = self._givers[expressive] if expressive.any() else self._givers
        candidates = rng.choice(likely, _NUM_CANDIDATES)  # (C,)
        colours = np.abs(self._tones[candidates] - self._tones[taker]).max(axis=1) / 30
        return int(candidates[np.argmin(colours + np.abs(self._yaws[candidates] - self._yaws[taker]) / _PLAIN)])

    def put_on(self, taker: int, giver: int) -> Image:
        """Return a face with another's mustache, in its own tone."""
        gain = np.clip((self._tones[taker] + 8) / (self._tones[giver] + 8), *_GAINS)
        toned = np.clip(self._faces.images[giver] * gain, 0, 255)
        below = self._faces.images[taker].astype(np.float64)
        mixed: Image = np.round(below + self._share[..., None] * (toned - below)).astype(np.uint8)
        return mixed


def _tones(images: NDArray[np.uint8], size: int) -> NDArray[np.float64]:
    """Return the colour of the cheeks, (N, 3)."""
    margin = (images.shape[1] - size) // 2
    top, bottom = (margin + round(edge * size) for edge in _CHEEK_ROWS)
    cheeks = [
        images[:, top:bottom, margin + round(start * size) : margin + round(end * size)] for start, end in _CHEEKS
    ]
    tones: NDArray[np.float64] = np.median(np.concatenate(cheeks, axis=2), axis=(1, 2))
    return tones


def _share_of(side: int, size: int) -> NDArray[np.float64]:
    """Return how much of each pixel the giver has, (side, side), of crops with a margin."""
    (middle_x, middle_y), (half_x, half_y) = _PLACE
    y, x = (np.mgrid[:side, :side] + 0.5 - (side - size) / 2) / size
    out = np.hypot((x - middle_x) / half_x, (y - middle_y) / half_y)
    return smoothstep(np.clip((1 - out) / _FALL, 0, 1))

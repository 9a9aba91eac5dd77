"""Parts of real faces laid over others: the mouth of who smiles, the forehead under bangs, a mustache.

A part comes from somebody alike: who has the labels and the turn of the other, and whose face goes on beside the part
as the other's does.
Shapes: N pictures (S + 2m, S + 2m, 3) with a margin m around the crop of S, R rows of the data, C candidates, P
pixels, (x, y) in shares of S.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.datasets.celeba import FaceSet
from videoedit.errors import ConfigError
from videoedit.frames import Image
from videoedit.geometry import fit_similarity
from videoedit.ramps import smoothstep
from videoedit.track.yaw import yaw_of

Array: TypeAlias = NDArray[np.float64]

_NUM_CANDIDATES: Final = 600
_RIM: Final = (0.85, 1.3)
"""From and to, in axes of a part: where who gives and who takes should look alike."""
_COARSE: Final = 4
"""Side in pixels of the squares whose colours are compared there."""
_PLAIN: Final = 2.5
"""Codes of colour that weigh as much as a degree of yaw."""
_FALL: Final = (0.8, 1.1)
"""Over which distances, in axes, a part that is laid over fades out."""
_GAINS: Final = (0.85, 1.2)
_CHEEKS: Final = ((0.24, 0.36), (0.64, 0.76))
"""From and to, across; see `_CHEEK_ROWS`."""
_CHEEK_ROWS: Final = (0.47, 0.56)
_STEADY: Final = 3
"""The first points of a face, eyes and nose, by which a part is placed: a smile does not move them."""


@dataclass(frozen=True, slots=True)
class Part:
    """An ellipse of the face that shows an attribute."""

    alike: tuple[str, ...]
    """Labels in which who gives and who takes agree, as far as the data have them."""
    middle: tuple[float, float]
    half_axes: tuple[float, float]
    brings: tuple[str, ...]
    """Labels that may come along with it."""
    top: float = 0.0
    """Nothing above is taken."""
    is_cloned: bool = False
    """Its gradients are taken, not its colours (Perez et al., SIGGRAPH 2003): right where skin surrounds it all."""


_BEARDS: Final = ("5_o_Clock_Shadow", "Goatee", "Mustache", "No_Beard", "Sideburns")
_MOUTHS: Final = ("Big_Lips", "Heavy_Makeup", "Mouth_Slightly_Open", "Smiling", "Wearing_Lipstick")
PARTS: Final[Mapping[str, Part]] = {
    "Smiling": Part(
        alike=("Male", "No_Beard", "Goatee", "Mustache"),
        middle=(0.5, 0.755),
        half_axes=(0.25, 0.19),
        brings=(*_BEARDS, *_MOUTHS, "Chubby", "Double_Chin", "High_Cheekbones", "Oval_Face", "Rosy_Cheeks"),
        top=0.6,
        is_cloned=True,
    ),
    "Bangs": Part(
        alike=("Male", "Wearing_Hat", "Eyeglasses"),
        middle=(0.5, 0.1),
        half_axes=(0.38, 0.27),
        brings=(
            *("Arched_Eyebrows", "Bangs", "Bushy_Eyebrows", "Bald", "Receding_Hairline", "Wearing_Hat"),
            *("Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair", "Straight_Hair", "Wavy_Hair"),
        ),
    ),
    "Mustache": Part(
        alike=("Smiling", "Mouth_Slightly_Open"),
        middle=(0.5, 0.655),
        half_axes=(0.2, 0.078),
        brings=(*_BEARDS, *_MOUTHS),
        is_cloned=True,
    ),
}
"""By attribute. Mustaches are given to women too, of whom no data set shows one."""


class Grafts:
    """Gives faces of a set a part of others."""

    def __init__(self, faces: FaceSet, size: int, attribute: str) -> None:
        self._faces = faces
        self._part = part = PARTS[attribute]
        self._label = label = faces.column(attribute)
        self.having, self.lacking = (np.flatnonzero(label == value) for value in (1, -1))
        if not len(self.having) or not len(self.lacking):
            raise ConfigError(f"no pictures with and without {attribute!r}")
        known = [name for name in part.alike if name in faces.attributes]
        self._labels = np.stack([faces.column(name) for name in known], axis=1) if known else np.zeros((len(label), 0))
        self._yaws = np.array([yaw_of(points) for points in faces.points])
        self._tones = _tones(faces.images, size)  # (N, 3)
        side = faces.images.shape[1]
        self._across = _axes_from(part, side, size)  # (S, S)
        self._rims = _rims(faces.images, self._across)  # (N, P, 3)

    def giver_for(self, taker: int, rng: Generator, *, has_the_same: bool = False) -> int:
        """Draw somebody of the other label, or of the same if anybody has it, who is like a face; return the row."""
        same, other = (self.having, self.lacking) if self._label[taker] == 1 else (self.lacking, self.having)
        same = same[same != taker]
        pool = same if has_the_same and len(same) else other
        alike = pool[(self._labels[pool] == self._labels[taker]).all(axis=1)]
        candidates = rng.choice(alike if len(alike) else pool, _NUM_CANDIDATES)  # (C,)
        colours = np.abs(self._rims[candidates] - self._rims[taker]).mean(axis=(1, 2))
        turns = np.abs(self._yaws[candidates] - self._yaws[taker])
        return int(candidates[np.argmin(colours + _PLAIN * turns)])

    def put_on(self, taker: int, giver: int) -> Image:
        """Return a face with the part of another, placed by eyes and nose."""
        below = self._faces.images[taker]
        side = below.shape[0]
        to_taker = fit_similarity(*(self._faces.points[row][:_STEADY] for row in (giver, taker)))
        over = cv2.warpAffine(
            self._faces.images[giver], to_taker, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        if self._part.is_cloned:
            mask = 255 * (self._across < 1).astype(np.uint8)  # made anew, since cloning writes to it
            left, top, width, height = cv2.boundingRect(mask)
            middle = (left + width // 2, top + height // 2)
            return np.asarray(cv2.seamlessClone(over, below, mask, middle, cv2.NORMAL_CLONE), dtype=np.uint8)
        gain = np.clip((self._tones[taker] + 8) / (self._tones[giver] + 8), *_GAINS)
        start, end = _FALL
        share = smoothstep(np.clip((end - self._across) / (end - start), 0, 1))[..., None]
        mixed: Image = np.round(below + share * (np.clip(over * gain, 0, 255) - below)).astype(np.uint8)
        return mixed


def _tones(images: NDArray[np.uint8], size: int) -> Array:
    """Return the colour of the cheeks, (N, 3)."""
    margin = (images.shape[1] - size) // 2
    top, bottom = (margin + round(edge * size) for edge in _CHEEK_ROWS)
    cheeks = [
        images[:, top:bottom, margin + round(start * size) : margin + round(end * size)] for start, end in _CHEEKS
    ]
    tones: Array = np.median(np.concatenate(cheeks, axis=2), axis=(1, 2))
    return tones


def _axes_from(part: Part, side: int, size: int) -> Array:
    """Return how far each pixel lies from the part's middle, (side, side), in half axes; above its top far away."""
    (middle_x, middle_y), (half_x, half_y) = part.middle, part.half_axes
    y, x = (np.mgrid[:side, :side] + 0.5 - (side - size) / 2) / size
    return np.where(y < part.top, np.inf, np.hypot((x - middle_x) / half_x, (y - middle_y) / half_y))


def _rims(images: NDArray[np.uint8], across: Array) -> NDArray[np.float32]:
    """Return the colours around a part in coarse squares, (N, P, 3)."""
    coarse_side = len(across) // _COARSE
    middles = (np.arange(coarse_side) * _COARSE) + _COARSE // 2
    coarse = across[np.ix_(middles, middles)]
    is_rim = (coarse > _RIM[0]) & (coarse < _RIM[1])
    small = [cv2.resize(image, (coarse_side, coarse_side), interpolation=cv2.INTER_AREA)[is_rim] for image in images]
    return np.stack(small).astype(np.float32)

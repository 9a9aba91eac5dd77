"""Faces that wear drawn glasses, what an editor leaves of these, and the layers that they are.

Shapes: B faces, S the side of the crop; layers are (B, 4, S, S), as `tensors.change_of` reads them.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from videoedit.datasets.celeba import FaceSet
from videoedit.edit.base import FaceEditor
from videoedit.edit.lifting.base import around, ramp
from videoedit.errors import ConfigError
from videoedit.frames import Image
from videoedit.synthetic.finish import Finish
from videoedit.synthetic.glasses import Glasses, Worn, put_on
from videoedit.synthetic.skin import aged
from videoedit.tensors import change_of, to_model
from videoedit.train.augment import AugmentConfig, Augmenter

MARGIN: Final = 16
"""Pixels kept around the crop on each side."""
ATTRIBUTE: Final = "Eyeglasses"
_PATCHES: Final = 12
"""Across a crop."""
_SMEARED: Final = (0.4, 1.0)
"""Deviations of their field up to which a face is not smeared, and from which on it is wholly."""
_BLUR: Final = 1 / 18
"""How far around a pixel it is smeared, as a share of the crop's side: a brow is no more than a shade."""


class Scenes(NamedTuple):
    """Faces, most of which wear something."""

    wearer: Tensor
    """(B, 3, S, S) in [-1, 1]."""
    without: Tensor
    """The same after the editor has taken off what it could."""
    layer: Tensor
    """What is worn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Of what makes a scene harder than plain glasses, taken off as well as the editor can."""

    bare: float = 0.0
    """That nothing is worn."""
    unhelped: float = 0.0
    """That the editor takes nothing off."""
    smeared: float = 0.0
    """That it smears the face beside what it takes off, too, as it may brows and hair."""
    aged: float = 0.0
    """That the face has lines and pores, as sharper pictures show them than those of the set."""


PLAIN: Final = Chances()


class SceneMaker:
    """Draws glasses on bare faces of a set, and has an editor take them off again as well as it can."""

    def __init__(self, faces: FaceSet, editor: FaceEditor, size: int, augment: AugmentConfig) -> None:
        self._faces = faces
        self._bare = np.flatnonzero(faces.column(ATTRIBUTE) == -1)
        if not len(self._bare):
            raise ConfigError(f"no pictures without {ATTRIBUTE!r} to draw them on")
        self._editor = editor
        self._removal = editor.edit_without(ATTRIBUTE)
        self._size = size
        self._augment = Augmenter(augment, size)

    def draw(self, count: int, random: torch.Generator, chances: Chances = PLAIN) -> Scenes:
        """Draw scenes of so many faces; all numbers come from the generator given."""
        seeds = torch.randint(2**31, (count,), generator=random).tolist()
        faces, worn = zip(*(self._scene(np.random.default_rng(seed), chances) for seed in seeds), strict=True)
        pictures = [(one.picture, face) for face, one in zip(faces, worn, strict=True)]
        crops, shown = self._augment.alike(pictures, [one.shown for one in worn], random)
        wearer, face = (to_model(side) for side in zip(*crops, strict=True))
        helped = torch.rand(count, 1, 1, 1, generator=random) >= chances.unhelped
        left = torch.from_numpy(np.stack(shown)[:, None]).clamp_(0, 1)  # (B, 1, S, S)
        without = wearer + helped * self._taken_off(wearer)
        is_smeared = torch.rand(count, 1, 1, 1, generator=random) < chances.smeared
        smears = _patches(count, self._size, random) * is_smeared
        return Scenes(wearer, without + smears * (around(without, _BLUR) - without), _layer(wearer, face, left))

    def _scene(self, rng: np.random.Generator, chances: Chances) -> tuple[Image, Worn]:
        row = int(rng.choice(self._bare))
        face, points = self._faces.images[row], self._faces.points[row]
        if chances.aged and rng.random() < chances.aged:
            face = aged(face, points, rng)
        if rng.random() < chances.bare:
            nothing: NDArray[np.float32] = np.zeros(face.shape[:2], np.float32)
            return face, Worn(face, nothing, 1 - nothing)
        surroundings = self._faces.images[int(rng.integers(len(self._faces.images)))]
        glasses = Glasses.drawn(rng).varied(rng)
        return face, put_on(face, points, glasses, rng, Finish.drawn(rng, surroundings))

    def _taken_off(self, wearer: Tensor) -> Tensor:
        """Return what the editor changes when it takes off what wearers (B, 3, S, S) wear."""
        small = functional.avg_pool2d(wearer, self._size // self._editor.crop_size)
        residual = self._editor.residuals(small, [self._removal])
        return change_of(functional.interpolate(residual, size=wearer.shape[2:], mode="bicubic"), wearer)


def _patches(count: int, size: int, random: torch.Generator) -> Tensor:
    """Return where faces are smeared, a fifth of them in a few patches, (B, 1, S, S) in 0..1."""
    uneven = torch.randn(count, 1, _PATCHES, _PATCHES, generator=random)
    field = functional.interpolate(uneven, size=(size, size), mode="bicubic")
    return ramp(field, _SMEARED)


def _layer(wearer: Tensor, face: Tensor, left: Tensor) -> Tensor:
    """Return the layer that makes wearers of bare faces, of which the share `left` (B, 1, S, S) is shown."""
    cover = 1 - left
    added = torch.minimum(torch.maximum(wearer - left * face, -cover), cover)
    return torch.cat([added, cover], dim=1)

"""Hair in other colours: few of those whose cuts are believed are blond, grey or red."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.tensors import from_unit, to_unit

COLOURS: Final = (
    (0.91, 0.81, 0.62),
    (0.8, 0.66, 0.44),
    (0.75, 0.74, 0.73),
    (0.59, 0.35, 0.22),
    (0.38, 0.24, 0.16),
    (0.16, 0.13, 0.12),
)
"""Fair, dark blond, grey, red, brown and black, as hair in the light is, RGB in 0..1."""

_SOFT: Final = 1.0
"""Pixels over which hair goes over into skin."""
_SPREAD: Final = 0.15
"""Standard deviation of each colour's logarithm."""
_CONTRAST: Final = (0.5, 1.0)
"""Of the light on strands, against that on the hair as it was."""


def coloured(picture: Image, hair: NDArray[np.uint8], rng: np.random.Generator) -> Image:
    """Return a picture (S, S, 3) whose hair (S, S), 0 or 1, has another colour, and its own strands."""
    if not hair.any():
        return picture
    light = to_unit(picture)
    brightness = light.mean(axis=2)
    mean = max(float(brightness[hair > 0].mean()), 0.03)
    strands = 1 + rng.uniform(*_CONTRAST) * np.clip(brightness / mean - 1, -1, 1)
    colour = np.asarray(COLOURS[rng.integers(len(COLOURS))]) * np.exp(
        rng.normal(0, _SPREAD, 3) / 3 + rng.normal(0, _SPREAD)
    )
    cover = cv2.GaussianBlur(hair.astype(np.float32), (0, 0), _SOFT)[..., None]
    mixed = light + cover * (strands[..., None] * colour - light)
    return from_unit(mixed)

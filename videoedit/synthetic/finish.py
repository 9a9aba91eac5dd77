"""How drawn glasses are finished, so that a network which is taught by them knows real ones.

Rims shine where they are round, are mottled, have corners where the temples begin; lenses reflect what is around; all
of it is as soft as the picture.

Shapes: pictures (S, S, 3), maps (S, S). Lengths are distances between the eyes.
"""

from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.synthetic.noise import uneven

Map: TypeAlias = NDArray[np.float32]  # (S, S), shares of pixels
Pixels: TypeAlias = NDArray[np.float32]  # (S, S, 3), or one colour for all
Colour: TypeAlias = NDArray[np.float64]  # (3,), RGB in 0..255

_ROUND: Final = 0.012
"""How far from its edge a rim is round."""
_SPECKS: Final = 0.05
"""Size of what mottles a rim, and of the lengths of rims that shine."""
_SHINE: Final = 235.0
"""Code of what shines."""


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
    """What makes a pair of glasses more than an outline."""

    relief: float = 0.0
    """Share of what shines in the colour of rims that face the light."""
    light: float = 0.0
    """Where it comes from: radians to the right of above."""
    mottling: tuple[float, Colour | None] = (0.0, None)
    """How much of the rims is of another colour, and which."""
    corners: tuple[float, float] = (0.0, 0.0)
    """Height and length of what the temples begin with."""
    pads: float = 0.0
    """Opacity of the pads beside the nose."""
    softness: float = 0.0
    """Of all edges."""
    reflected: float = 0.0
    """Opacity of the brightest that lenses reflect."""
    around: Image | None = None
    """What they reflect, a picture of any size."""

    @classmethod
    def drawn(cls, rng: Generator, around: Image) -> Self:
        """Draw a finish: most rims shine somewhere, a fourth is mottled, half of the lenses reflect."""
        mottled = rng.random() < 0.25
        return cls(
            relief=rng.uniform(0.1, 0.8) if rng.random() < 0.7 else 0.0,
            light=rng.uniform(-1.2, 1.2),
            mottling=(rng.uniform(0.2, 0.6), rng.uniform(5, 160) * np.array([1.0, 0.7, 0.4]))
            if mottled
            else (0.0, None),
            corners=(rng.uniform(0.04, 0.2), rng.uniform(0.03, 0.12)) if rng.random() < 0.5 else (0.0, 0.0),
            pads=rng.uniform(0.1, 0.6) if rng.random() < 0.4 else 0.0,
            softness=rng.uniform(0.0, 0.02) if rng.random() < 0.7 else 0.0,
            reflected=rng.uniform(0.1, 0.9) if rng.random() < 0.5 else 0.0,
            around=around,
        )

    def soft(self, share: Map, scale: float) -> Map:
        """Return a map with soft edges, where so many pixels are a distance between the eyes."""
        sigma = self.softness * scale
        return share if sigma < 0.1 else np.asarray(cv2.GaussianBlur(share, (0, 0), sigma), np.float32)

    def coloured(self, colours: Pixels, rims: Map, scale: float, rng: Generator) -> Pixels:
        """Return the colours of rims, mottled and shining, (S, S, 3)."""
        colours = np.broadcast_to(colours, (*rims.shape, 3)).astype(np.float32)
        share, other = self.mottling
        if other is not None:
            patches = uneven(rims.shape[0], _SPECKS * scale, rng)
            mottled = np.clip(0.5 + 3.0 * (patches - float(np.quantile(patches, 1 - share))), 0, 1)
            colours = colours + mottled[..., None] * (other.astype(np.float32) - colours)
        if self.relief:
            height = cv2.GaussianBlur(rims, (0, 0), max(0.6, _ROUND * scale))
            down, right = (cv2.Sobel(height, cv2.CV_32F, *order, scale=1 / 8) for order in ((0, 1), (1, 0)))
            facing = down * np.cos(self.light) - right * np.sin(self.light)
            facing = facing / max(float(facing.max()), 1e-6)
            lengths = np.clip(0.5 + 2.0 * uneven(rims.shape[0], 4 * _SPECKS * scale, rng), 0, 1)
            shining = self.relief * np.clip(facing, 0, 1) * lengths
            colours = colours + shining[..., None] * (_SHINE - colours)
            colours = colours * (1 - 0.5 * self.relief * np.clip(-facing, 0, 1))[..., None]
        return colours

    def reflections(self, size: int, rng: Generator) -> tuple[Map, Pixels]:
        """Return opacity and colours of what lenses reflect, (S, S) and (S, S, 3)."""
        if self.around is None or not self.reflected:
            return np.zeros((size, size), np.float32), np.zeros(3, np.float32)
        seen = cv2.resize(self.around, (size, size)).astype(np.float32)
        seen = np.roll(seen[:, ::-1] if rng.random() < 0.5 else seen, rng.integers(0, size, 2), (0, 1))
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.005, 0.04) * size), np.float32)
        grey = seen.mean(axis=2)
        low, high = (float(value) for value in np.quantile(grey, (rng.uniform(0.3, 0.8), 0.99)))
        return self.reflected * np.clip((grey - low) / max(high - low, 1.0), 0, 1), np.clip(seen * 1.2, 0, 255)

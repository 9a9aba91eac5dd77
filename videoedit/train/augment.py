"""What happens to a training face so that it meets the network as a video's faces will.

Pictures enter as (S + 2m, S + 2m, 3) uint8 with a margin m, and leave as (S, S, 3).
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from videoedit.device import num_cores
from videoedit.frames import Image

Map: TypeAlias = NDArray[np.float32]
Picture = TypeVar("Picture", Image, Map)


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentConfig:
    """Probabilities and strengths."""

    jitter: float = 0.5
    """Chance of a small turn, scale and shift, as a detector's points have."""
    degrade: float = 0.3
    """Chance of blur, of noise and of JPEG, each."""
    light: float = 0.5
    """Chance of a change of brightness, contrast and colour balance."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a face may move."""

    turn: float
    """Degrees."""
    zoom: float
    """Share of the scale."""
    shift: float
    """Share of the side."""


_NEAR = _Reach(4.0, 0.04, 0.02)
"""As a detector's points jitter."""
_FAR = _Reach(8.0, 0.08, 0.04)
"""As two pictures of faces differ."""


class Augmenter:
    """Flips, jitters and degrades; every random number comes from the generator given."""

    def __init__(self, config: AugmentConfig, size: int) -> None:
        self._config = config
        self._size = size
        self._pool = ThreadPoolExecutor(num_cores())

    def __call__(self, images: NDArray[np.uint8], generator: torch.Generator) -> list[Image]:
        """Return augmented crops of (B, S + 2m, S + 2m, 3) pictures."""
        return self._augmented(images, torch.randint(2**31, (len(images),), generator=generator).tolist())

    def alike(
        self, pairs: Sequence[tuple[Image, Image]], maps: Sequence[Map], generator: torch.Generator
    ) -> tuple[list[tuple[Image, Image]], list[Map]]:
        """Return two states of each face, moved, lit and degraded by the same numbers.

        Maps (S + 2m, S + 2m) are moved along.
        """
        seeds = torch.randint(2**31, (len(pairs),), generator=generator).tolist()

        def both(pair: tuple[Image, Image], seed: int) -> tuple[Image, Image]:
            first, second = (self._augment(image, np.random.default_rng(seed)) for image in pair)
            return first, second

        moved = [self._placed(m, np.random.default_rng(seed)) for m, seed in zip(maps, seeds, strict=True)]
        return list(self._pool.map(both, pairs, seeds)), moved

    def marked(
        self, pictures: Sequence[Image], maps: Sequence[Map], generator: torch.Generator
    ) -> tuple[list[Image], list[Map]]:
        """Return augmented crops of (S + 2m, S + 2m, 3) pictures, and their maps (S + 2m, S + 2m) moved along."""
        seeds = torch.randint(2**31, (len(pictures),), generator=generator).tolist()
        moved = [self._placed(m, np.random.default_rng(seed)) for m, seed in zip(maps, seeds, strict=True)]
        return self._augmented(pictures, seeds), moved

    def again(self, crops: Sequence[Image], generator: torch.Generator) -> list[Image]:
        """Return the same faces once more, moved a little and degraded anew: exemplars of themselves."""
        seeds = torch.randint(2**31, (len(crops),), generator=generator).tolist()
        return list(
            self._pool.map(lambda crop, seed: self._second_look(crop, np.random.default_rng(seed)), crops, seeds)
        )

    def degraded(self, crops: Sequence[Image], generator: torch.Generator) -> list[Image]:
        """Return the same crops in another light and with a camera's faults, neither moved nor mirrored."""
        seeds = torch.randint(2**31, (len(crops),), generator=generator).tolist()
        return list(self._pool.map(lambda crop, seed: self._worsened(crop, np.random.default_rng(seed)), crops, seeds))

    def _second_look(self, crop: Image, rng: np.random.Generator) -> Image:
        moved = _moved(crop, self._size, _FAR, rng)
        return self._degraded(moved, rng)

    def _augmented(self, images: Iterable[Image], seeds: Sequence[int]) -> list[Image]:
        crops = self._pool.map(lambda image, seed: self._augment(image, np.random.default_rng(seed)), images, seeds)
        return list(crops)

    def _augment(self, image: Image, rng: np.random.Generator) -> Image:
        return self._worsened(self._placed(image, rng), rng)

    def _worsened(self, crop: Image, rng: np.random.Generator) -> Image:
        if rng.random() < self._config.light:
            crop = _relight(crop, rng)
        return self._degraded(crop, rng)

    def _degraded(self, crop: Image, rng: np.random.Generator) -> Image:
        if rng.random() < self._config.degrade:
            crop = np.asarray(cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.2)), dtype=np.uint8)
        if rng.random() < self._config.degrade:
            noise = rng.normal(0.0, rng.uniform(1.0, 6.0), crop.shape)
            crop = np.clip(crop + noise, 0, 255).astype(np.uint8)
        if rng.random() < self._config.degrade:
            crop = _recompress(crop, int(rng.integers(50, 95)))
        return np.ascontiguousarray(crop)

    def _placed(self, image: Picture, rng: np.random.Generator) -> Picture:
        margin = (image.shape[0] - self._size) // 2
        if margin == 0 or rng.random() >= self._config.jitter:
            crop = image[margin : margin + self._size, margin : margin + self._size]
        else:
            crop = _moved(image, self._size, _NEAR, rng)
        return crop[:, ::-1] if rng.random() < 0.5 else crop


def _moved(image: Picture, size: int, reach: _Reach, rng: np.random.Generator) -> Picture:
    """Move a picture at random within its reach, and cut its margin off."""
    centre = (image.shape[0] - 1) / 2
    margin = (image.shape[0] - size) // 2
    turn, zoom, shift = reach.turn, reach.zoom, reach.shift * size
    matrix = cv2.getRotationMatrix2D((centre, centre), rng.uniform(-turn, turn), 1 + rng.uniform(-zoom, zoom))
    matrix[:, 2] += rng.uniform(-shift, shift, 2) - margin
    moved = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=image.dtype)


def _relight(image: Image, rng: np.random.Generator) -> Image:
    """Change contrast, brightness and the balance of the channels by one table per channel."""
    gains = rng.uniform(0.6, 1.2) * rng.uniform(0.92, 1.08, 3)
    offset = rng.uniform(-35.0, 30.0)
    codes = np.arange(256)[:, None]
    table = np.clip((codes - 128) * gains + 128 + offset, 0, 255).astype(np.uint8)  # (256, 3)
    return np.asarray(cv2.LUT(np.ascontiguousarray(image), table[None]), dtype=np.uint8)


def _recompress(image: Image, quality: int) -> Image:
    _, encoded = cv2.imencode(".jpg", np.ascontiguousarray(image[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)
    return decoded[:, :, ::-1]

"""Clips of any size with any number of faces: heads of one photograph, each on its own path, under sensor noise.

The photograph (Eileen Collins, NASA, public domain) comes with scikit-image.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.video.writing.drawn import write_pictures
from videoedit.wording import counted

FPS: Final = Fraction(30)

_HEAD: Final = (slice(0, 300), slice(73, 373))
"""Rows and columns of the photograph that hold head and shoulders."""
_HEAD_SIDE: Final = 300
_HEADS_PER_ROW: Final = 4
_NOISE: Final = 1.6
"""Standard deviation in 8-bit steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecipe:
    """What a clip shows."""

    lines: int
    """Height in pixels; the width is 16/9 of it."""
    num_faces: int
    num_frames: int

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height, both even."""
        return round(self.lines * 8 / 9) * 2, self.lines

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.lines}p, {counted(self.num_faces, 'face')}"


def write_clip(folder: Path, recipe: ClipRecipe) -> Path:
    """Encode a clip into a folder and return its path."""
    path = folder / f"{recipe.lines}p-{recipe.num_faces}.mp4"
    write_pictures(path, pictures_of(recipe), FPS)
    return path


def pictures_of(recipe: ClipRecipe) -> Iterator[Image]:
    """Draw a clip frame by frame."""
    photograph: Image = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    width, height = recipe.size_wh
    background = _blurred(photograph, (width, height))
    rng = np.random.default_rng(0)
    noise = rng.normal(0.0, _NOISE, (height, width, 1)).astype(np.float32)
    for index in range(recipe.num_frames):
        picture = background.copy()
        for face in range(recipe.num_faces):
            picture = _with_head(picture, photograph[_HEAD], _place(face, index, recipe))
        shift = rng.integers(0, height), rng.integers(0, width)
        yield np.clip(picture + np.roll(noise, shift, axis=(0, 1)), 0, np.iinfo(np.uint8).max).astype(np.uint8)


def _blurred(photograph: Image, size_wh: tuple[int, int]) -> Image:
    small = cv2.GaussianBlur(cv2.resize(photograph, (64, 36), interpolation=cv2.INTER_AREA), (0, 0), 1.5)
    return np.asarray(cv2.resize(small, size_wh, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _place(face: int, index: int, recipe: ClipRecipe) -> NDArray[np.float64]:
    """Return where one head lies in one frame, as (2, 3) `frame_from_head`."""
    width, height = recipe.size_wh
    per_row = min(recipe.num_faces, _HEADS_PER_ROW)
    num_rows = -(-recipe.num_faces // per_row)
    cell_wh = np.array([width / per_row, height / num_rows])
    centre = cell_wh * [face % per_row + 0.5, face // per_row + 0.5]
    phase = 2 * np.pi * index / 60 + face
    centre += 0.04 * cell_wh.min() * np.array([np.sin(phase), np.cos(0.7 * phase)])
    scale = 0.85 * cell_wh.min() / _HEAD_SIDE * (1 + 0.05 * np.sin(0.5 * phase))
    angle = np.deg2rad(6 * np.sin(0.8 * phase))
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.full(2, (_HEAD_SIDE - 1) / 2)
    return np.column_stack([linear, centre - linear @ middle])


def _with_head(picture: Image, head: Image, frame_from_head: NDArray[np.float64]) -> Image:
    """Lay a head over a picture, soft at its edges."""
    size_wh = picture.shape[1], picture.shape[0]
    soft = np.zeros(head.shape[:2], np.float32)
    soft[12:-12, 12:-12] = 1.0
    alpha = cv2.warpAffine(cv2.GaussianBlur(soft, (0, 0), 4.0), frame_from_head, size_wh)[..., None]
    warped = cv2.warpAffine(head, frame_from_head, size_wh, flags=cv2.INTER_CUBIC)
    return np.asarray(picture + alpha * (warped.astype(np.float32) - picture), dtype=np.uint8)

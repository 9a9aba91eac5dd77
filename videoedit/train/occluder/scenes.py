"""Faces with something in front of them, and what that covers, made from faces alone.

What people wear is no occluder, so a face as it is has an empty mask; so has one in the shadow of something unseen.

Shapes: b = S + 2m the side of a base with its margin m; masks (S, S) in 0..1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.train.occluder.shapes import SHAPES, Map, Shape, draw_shape, smooth_noise

KIND_SHARES: Final = {"hand": 0.3, "fingers": 0.12, "microphone": 0.17, "card": 0.15, "thing": 0.17, "strands": 0.09}
"""How often each shape is drawn."""

_CHEEKS: Final = ((0.27, 0.42, 0.52, 0.66), (0.58, 0.73, 0.52, 0.66), (0.38, 0.62, 0.24, 0.32))
"""Skin on an aligned face: left, right, top, bottom as shares of the crop's side; the last is the forehead."""
_HAIR: Final = (0.3, 0.7, 0.02, 0.14)


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneConfig:
    """What is put before faces."""

    clean: float = 0.3
    """Share of faces left as they are."""
    second: float = 0.2
    """Chance of another thing before the first."""
    shadow: float = 0.15
    """Chance that a face with nothing before it lies in a shadow."""
    turn: float = 8.0
    """Largest error of the alignment's angle, in degrees."""
    zoom: float = 0.12
    """Of its scale."""
    shift: float = 0.05
    """Of its place, as a share of the crop's side."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A face, and what is in front of it."""

    crop: Image
    """(S, S, 3)."""
    mask: Map
    """(S, S)."""
    kinds: tuple[str, ...] = ()
    """What was put before it."""


def scene_of(base: Image, others: NDArray[np.uint8], size: int, config: SceneConfig, rng: Generator) -> Scene:
    """Align a face as well as a detector does, and put something before it or nothing.

    Args:
        base: (b, b, 3) face with its margin.
        others: (K, b, b, 3) other faces, whose skin, hair and surroundings things are made of.
        size: Side of the crop.
        config: What is put there.
        rng: Of every choice.
    """
    face = placed(base, size, config, rng)
    seen = np.ascontiguousarray(face[:, ::-1]) if rng.random() < 0.5 else face
    scene = Scene(seen, np.zeros((size, size), np.float32))
    if rng.random() < config.clean:
        return shadowed(scene, rng) if rng.random() < config.shadow else scene
    kinds = rng.choice(list(KIND_SHARES), size=1 + int(rng.random() < config.second), p=list(KIND_SHARES.values()))
    for kind in kinds:
        scene = with_thing(scene, str(kind), others, rng)
    return scene


def placed(base: Image, size: int, config: SceneConfig, rng: Generator) -> Image:
    """Cut a face out of its base, turned, scaled and shifted at random."""
    centre, margin = (base.shape[0] - 1) / 2, (base.shape[0] - size) / 2
    angle, scale = rng.uniform(-config.turn, config.turn), 1 + rng.uniform(-config.zoom, config.zoom)
    crop_from_base = np.asarray(cv2.getRotationMatrix2D((centre, centre), angle, scale), np.float64)
    crop_from_base[:, 2] += rng.uniform(-config.shift, config.shift, 2) * size - margin
    return _warped(base, crop_from_base, size, cv2.BORDER_REPLICATE)


def with_thing(scene: Scene, kind: str, others: NDArray[np.uint8], rng: Generator) -> Scene:
    """Put one thing before a face, with its shadow, a soft edge, and sometimes out of focus."""
    size = len(scene.mask)
    shape = draw_shape(kind, size, rng)
    colour = textured(shape, scene.crop, others, rng) * shape.light[..., None]
    mask = _softened(shape.mask, rng.uniform(0.0, 0.7))
    if rng.random() < 0.2:
        blur = rng.uniform(0.5, 2.5)
        mask, colour = _softened(mask, blur), _softened(colour, blur)
    elif rng.random() < 0.15:
        kernel = _streak(int(rng.integers(2, 9)), rng.uniform(0, np.pi))
        mask, colour = (np.asarray(cv2.filter2D(one, -1, kernel), np.float32) for one in (mask, colour))
    under = scene.crop * _shadow_of(mask, rng)[..., None] if rng.random() < 0.6 else scene.crop
    pasted = under + mask[..., None] * (colour - under)
    crop = np.clip(pasted, 0, 255).astype(np.uint8)
    return Scene(crop, np.maximum(scene.mask, mask).astype(np.float32), (*scene.kinds, kind))


def shadowed(scene: Scene, rng: Generator) -> Scene:
    """Let the shadow of something fall on a face: it hides nothing."""
    size = len(scene.mask)
    shape = draw_shape(str(rng.choice(list(SHAPES))), size, rng)
    dark = 1 - rng.uniform(0.1, 0.5) * _softened(shape.mask, rng.uniform(0.3, 3.0))
    return Scene((scene.crop * dark[..., None]).astype(np.uint8), scene.mask, scene.kinds)


def textured(shape: Shape, face: Image, others: NDArray[np.uint8], rng: Generator) -> Map:
    """Return what a thing looks like, (S, S, 3) in 0..255: cut from pictures, or plain."""
    size, other = len(shape.mask), others[rng.integers(len(others))]
    if shape.kind in ("hand", "fingers"):
        return _skin(face if rng.random() < 0.4 else other, size, rng)
    if shape.kind == "strands":
        return _toned(_piece(face if rng.random() < 0.5 else other, _HAIR, size, rng), rng)
    dark = rng.random() < (0.75 if shape.kind == "microphone" else 0.25)
    if dark or rng.random() < 0.3:
        return _plain(size, rng.uniform(5, 90, 3) * 0.3 + rng.uniform(0, 60) if dark else rng.uniform(0, 255, 3), rng)
    if rng.random() < 0.25:
        return _skin(face if rng.random() < 0.4 else other, size, rng)
    left, top = rng.uniform(0, 0.7, 2)
    if rng.random() < 0.7:  # beside or below a face rather than of it
        left = rng.choice([rng.uniform(0, 0.08), rng.uniform(0.72, 0.8)])
    return _toned(_piece(other, (left, left + 0.2, top, top + rng.uniform(0.15, 0.3)), size, rng), rng)


def _skin(face: Image, size: int, rng: Generator) -> Map:
    """Return skin of a face in another light, with soft changes of its tone."""
    skin = _toned(_piece(face, _CHEEKS[rng.integers(len(_CHEEKS))], size, rng), rng)
    return skin * (1 + rng.uniform(0, 0.12) * smooth_noise(size, int(rng.integers(3, 10)), rng))[..., None]


def _plain(size: int, colour: NDArray[np.float64], rng: Generator) -> Map:
    """Return one colour with a slow change, or with stripes."""
    field = rng.uniform(0, 0.3) * smooth_noise(size, int(rng.integers(2, 8)), rng)
    if rng.random() < 0.3:
        places, angle = np.arange(size), rng.uniform(0, np.pi)
        wave = np.add.outer(np.sin(angle) * places, np.cos(angle) * places) * rng.uniform(0.2, 2.0)
        field = field + rng.uniform(0, 0.4) * np.sin(wave)
    plain: Map = (colour * (1 + field[..., None])).astype(np.float32)
    return plain


def _piece(image: Image, place: Sequence[float], size: int, rng: Generator) -> Map:
    """Return a part of a picture, left, right, top and bottom as shares, mirrored on until it fills the crop."""
    left, right, top, bottom = (round(edge * image.shape[0]) for edge in place)
    part = np.ascontiguousarray(image[top:bottom, left:right])
    matrix = cv2.getRotationMatrix2D((part.shape[1] / 2, part.shape[0] / 2), rng.uniform(0, 360), rng.uniform(0.8, 3.5))
    part_into_crop = np.asarray(matrix, np.float64)
    part_into_crop[:, 2] += rng.uniform(0, size, 2)
    return _warped(part, part_into_crop, size, cv2.BORDER_REFLECT_101).astype(np.float32)


def _toned(texture: Map, rng: Generator) -> Map:
    """Change light and colour balance."""
    gain = np.exp(rng.normal(0, 0.22)) * np.exp(rng.normal(0, 0.04, 3))
    toned: Map = (texture * gain + rng.normal(0, 5)).astype(np.float32)
    return toned


def _shadow_of(mask: Map, rng: Generator) -> Map:
    """Return what is left of the light beside a thing."""
    move = np.array([[1, 0, rng.normal(0, 3)], [0, 1, rng.normal(1, 3)]])
    moved = cv2.warpAffine(_softened(mask, rng.uniform(0.8, 4.0)), move, mask.shape[::-1])
    return np.asarray(1 - rng.uniform(0, 0.5) * moved, np.float32)


def _softened(image: Map, sigma: float) -> Map:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32) if sigma > 0.2 else image


def _streak(length: int, angle: float) -> Map:
    """Return the kernel of a motion's blur."""
    kernel, middle = np.zeros((length, length), np.float32), (length - 1) / 2
    step = np.array([np.cos(angle), np.sin(angle)]) * middle
    ends = np.round([middle - step, middle + step]).astype(int)
    cv2.line(kernel, ends[0].tolist(), ends[1].tolist(), 1.0)
    streak: Map = kernel / kernel.sum()
    return streak


def _warped(image: Image, transform: NDArray[np.float64], size: int, border: int) -> Image:
    warped = cv2.warpAffine(image, transform, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, np.uint8)

"""What spoils a scene as cameras and codecs do, and what hides a face: shadow, colour, blur, noise, JPEG, covers."""

import functools

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.train.pictures import FaceRows

_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdeghkmnopqrsuvxyz0123456789@%&"
_NARROWEST = 10  # a strip beside a face below this many pixels shows nothing


def cover_faces(image: Image, faces: FaceRows, rng: Generator) -> Image:
    """Cut the faces away and fill the holes, in one of several ways."""
    covered = image.copy()
    faceless = _without(image, faces) if len(faces) > 1 else image
    for face in faces:
        hole = _hole(image.shape[:2], face, rng)
        covered = _covered(covered, faceless, hole, face, rng)
    return covered


def spoil(image: Image, faces: FaceRows, rng: Generator) -> Image:
    """Spoil a scene: things before some faces, light, blur, noise, compression."""
    for face in faces:
        if rng.random() < 0.12:
            image = _with_thing_before(image, face, rng)
        if rng.random() < 0.15:
            image = _with_shadow(image, face, rng)
    if rng.random() < 0.7:
        image = _recoloured(image, rng)
    if rng.random() < 0.06:
        image = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2).astype(np.uint8)
    if rng.random() < 0.2:
        image = _blurred(image, rng)
    if rng.random() < 0.3:
        image = _noisy(image, rng)
    if rng.random() < 0.4:
        image = _compressed(image, int(rng.integers(30, 95)))
    return image


def with_letters(image: Image, rng: Generator) -> Image:
    """Write some letters and figures on a picture: rings and strokes are what small faces are mistaken for."""
    written = image.copy()
    side = image.shape[0]
    for _ in range(int(rng.integers(1, 7))):
        text = "".join(rng.choice(list(_CHARACTERS), size=int(rng.integers(1, 9))))
        scale = float(np.exp(rng.uniform(np.log(0.35), np.log(3.0))))
        cv2.putText(
            written,
            text,
            rng.integers(-side // 10, side, size=2).tolist(),
            int(rng.integers(8)),
            scale,
            rng.integers(0, 256, size=3).tolist(),
            max(1, round(scale * rng.uniform(0.6, 3.5))),
            cv2.LINE_AA,
        )
    return written


def shadowed(image: Image, face: NDArray[np.float64], *, direction: float, softness: float, depth: float) -> Image:
    """Darken a picture on one side of a line through a face.

    Args:
        image: (H, W, 3) RGB.
        face: (15,).
        direction: Where the dark side lies, in radians; 0 is right, a quarter turn is down.
        softness: Width of the shadow's edge in widths of the face.
        depth: Share of the light that is taken away.
    """
    centre, face_width = (face[:2] + face[2:4]) / 2, max(float(face[2] - face[0]), 4.0)
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height:4, 0:width:4].astype(np.float32)  # a quarter of the size: a shadow's edge may be soft
    along = (x - centre[0]) * np.cos(direction) + (y - centre[1]) * np.sin(direction)
    side = 1 / (1 + np.exp(-np.clip(along / (face_width * softness), -30, 30)))
    light = (255 * (1 - side * depth)).astype(np.uint8)
    full = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(image, cv2.merge([full] * 3), scale=1 / 255).astype(np.uint8, copy=False)


def soften(image: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """Blur by two box filters, which cost the same whatever the width."""
    side = 2 * round(sigma * 1.2) + 1  # two boxes of this side have about this standard deviation
    if side < 3:
        return image
    return cv2.blur(cv2.blur(image, (side, side)), (side, side)).astype(np.uint8, copy=False)


def _hole(shape_hw: tuple[int, ...], face: NDArray[np.float64], rng: Generator) -> NDArray[np.uint8]:
    """Return (H, W), 255 where the face was: its box or an ellipse around it, a little too large."""
    hole = np.zeros(shape_hw, np.uint8)
    centre, half = (face[:2] + face[2:4]) / 2, (face[2:4] - face[:2]) / 2 * rng.uniform(1.05, 1.45)
    if rng.random() < 0.6:
        cv2.ellipse(hole, (centre.tolist(), (half * 2.1).tolist(), 0.0), 255, -1)
    else:
        left_top, right_bottom = np.round(centre - half).astype(int), np.round(centre + half).astype(int)
        cv2.rectangle(hole, left_top.tolist(), right_bottom.tolist(), 255, -1)
    return hole


def _without(image: Image, faces: FaceRows) -> Image:
    """Smear over all faces, so that none is copied into the hole of another."""
    holes = np.zeros(image.shape[:2], np.uint8)
    for left, top, right, bottom in np.round(faces[:, :4]).astype(int).tolist():
        cv2.rectangle(holes, (left, top), (right, bottom), 255, -1)
    return np.where(holes[:, :, None] > 0, _inpainted(image, holes), image)


def _covered(
    image: Image, faceless: Image, hole: NDArray[np.uint8], face: NDArray[np.float64], rng: Generator
) -> Image:
    """Fill a hole with something of the picture without faces."""
    kind = rng.integers(4)
    if kind == 0:
        filling = _inpainted(faceless, hole)
    elif kind == 1:
        filling = np.broadcast_to(_skin(image, face) + rng.normal(0, 6, size=3), image.shape)
    elif kind == 2:
        filling = _surroundings(faceless, hole, rng)
    else:
        size = max(float(face[2] - face[0]), 4.0)
        filling = soften(image, size / 2)
    soft = float(face[2] - face[0]) * rng.uniform(0.01, 0.08)
    weight = soften(hole, soft).astype(np.float32) / 255
    solid = np.ascontiguousarray(np.clip(filling, 0, 255), dtype=np.uint8)
    return cv2.blendLinear(solid, image, weight, 1 - weight).astype(np.uint8, copy=False)


def _inpainted(image: Image, hole: NDArray[np.uint8]) -> Image:
    height, width = image.shape[:2]
    small = cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA)
    small_hole = (cv2.resize(hole, (48, 48), interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    filled = cv2.inpaint(small, small_hole, 3, cv2.INPAINT_TELEA)
    return cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)


def _skin(image: Image, face: NDArray[np.float64]) -> NDArray[np.float64]:
    column, row = np.round(face[8:10]).astype(int)  # the tip of the nose
    row, column = np.clip(row, 2, image.shape[0] - 3), np.clip(column, 2, image.shape[1] - 3)
    colour: NDArray[np.float64] = image[row - 2 : row + 3, column - 2 : column + 3].mean(axis=(0, 1))
    return colour


def _surroundings(image: Image, hole: NDArray[np.uint8], rng: Generator) -> Image:
    """Stretch what lies on one side of the hole over it: nothing of the face itself may come back."""
    left, top, width, height = cv2.boundingRect(hole)
    sides = [image[:, :left], image[:, left + width :], image[:top], image[top + height :]]
    wide_enough = [side for side in sides if min(side.shape[:2]) >= _NARROWEST]
    if not wide_enough or width == 0:
        return _inpainted(image, hole)
    side = wide_enough[rng.integers(len(wide_enough))]
    length = int(min(side.shape[0], max(height, _NARROWEST))), int(min(side.shape[1], max(width, _NARROWEST)))
    row, column = (int(rng.integers(side.shape[axis] - length[axis] + 1)) for axis in (0, 1))
    piece = np.ascontiguousarray(side[row : row + length[0], column : column + length[1]])
    filling = image.copy()
    filling[top : top + height, left : left + width] = cv2.resize(piece, (width, height))
    return filling


def _with_thing_before(image: Image, face: NDArray[np.float64], rng: Generator) -> Image:
    """Hide up to a third of a face behind a box or ellipse of one colour or of another part of the scene."""
    size = face[2:4] - face[:2]
    half = size * rng.uniform(0.1, 0.28, size=2)
    centre = face[:2] + size * rng.uniform(0.0, 1.0, size=2)
    hole = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(hole, (centre.tolist(), (half * 2).tolist(), float(rng.uniform(0, 180))), 255, -1)
    if rng.random() < 0.5:
        hole[:] = 0
        cv2.rectangle(hole, (centre - half).astype(int).tolist(), (centre + half).astype(int).tolist(), 255, -1)
    changed = image.copy()
    if rng.random() < 0.5:
        changed[hole > 0] = rng.integers(0, 256, size=3)
    else:
        shift = rng.integers(image.shape[0] // 5, image.shape[0] * 4 // 5, size=2).tolist()
        changed[hole > 0] = np.roll(image, shift, axis=(0, 1))[hole > 0]
    return changed


def _with_shadow(image: Image, face: NDArray[np.float64], rng: Generator) -> Image:
    return shadowed(
        image,
        face,
        direction=rng.uniform(0, 2 * np.pi),
        softness=rng.uniform(0.02, 0.3),
        depth=rng.uniform(0.4, 0.85),
    )


def _recoloured(image: Image, rng: Generator) -> Image:
    """Change gamma, contrast, brightness and tint by a table per channel."""
    levels = np.linspace(0, 1, 256)[:, None]
    gamma = np.exp(rng.normal(0, 0.3))
    gain = np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.07, size=3))
    table = (levels**gamma - 0.5) * gain + 0.5 + rng.normal(0, 0.08)
    if rng.random() < 0.25:
        table *= rng.uniform(1.2, 2.2)  # as harsh sun on a camera set for the shade: what is light turns white
    return cv2.LUT(image, np.clip(table * 255, 0, 255).astype(np.uint8)[None]).astype(np.uint8, copy=False)


def _blurred(image: Image, rng: Generator) -> Image:
    if rng.random() < 0.5:
        return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 2.0)).astype(np.uint8, copy=False)
    length = int(rng.integers(3, 10))
    kernel = np.zeros((length, length), np.float32)
    angle, middle = rng.uniform(0, np.pi), (length - 1) / 2
    step = np.array([np.cos(angle), np.sin(angle)]) * middle
    ends = np.round([middle - step, middle + step]).astype(int)
    cv2.line(kernel, ends[0].tolist(), ends[1].tolist(), 1.0)
    return cv2.filter2D(image, -1, kernel / kernel.sum()).astype(np.uint8, copy=False)


def _compressed(image: Image, quality: int) -> Image:
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    return image if decoded is None else decoded.astype(np.uint8, copy=False)


def _noisy(image: Image, rng: Generator) -> Image:
    table = _noise_table()
    count = image.size
    start = int(rng.integers(len(table) - count))
    noise = table[start : start + count].reshape(image.shape) * np.float32(rng.uniform(2, 14))
    return cv2.add(image, noise, dtype=cv2.CV_8U).astype(np.uint8, copy=False)


@functools.cache
def _noise_table() -> NDArray[np.float32]:
    """Return normal noise for any scene to take a piece of: drawing it afresh would cost more than all else."""
    return np.random.default_rng(0).standard_normal(3 << 20, dtype=np.float32)

"""Training scenes for the detector: faces with their surroundings, laid on faceless backgrounds.

Every scene is a pure function of a seed and an index, so a training resumes exactly and any scene can be seen again.
Pictures without a face are laid with the same edges as pictures with one, so that an edge tells nothing.

Coordinates: pixels, (0, 0) the centre of the top-left pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.geometry import Transform, transform_points
from videoedit.train.detector.light import cover_faces, soften, spoil, with_letters
from videoedit.train.detector.nod import STEEPEST, nodded
from videoedit.train.pictures import FaceRows, Picture

SWAPPED: Final = (1, 0, 2, 4, 3)
"""Order of the five points in a mirrored picture."""
_FLAT: Final = 7.0  # a face whose samples spread less than this cannot be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneConfig:
    """What the scenes are made of."""

    size: int = 320
    """Side of a scene in pixels, a multiple of 32."""
    max_faces: int = 12
    """Rows of a scene's table of faces."""
    smallest: float = 9.0
    """Smallest face that is laid, in pixels (root of the box's area)."""
    largest: float = 290.0
    """Largest face that is laid."""
    ignored: float = 8.0
    """Faces below this size teach nothing."""
    roll: float = 38.0
    """Largest roll in degrees."""
    nodding: float = 0.08
    """Share of the faces that are bent down or, half as often and half as far, thrown back."""
    mirrored: float = 0.5
    """Share of the scenes that are mirrored."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One training picture."""

    image: Image
    """(S, S, 3) RGB."""
    faces: FaceRows
    """(N, 15); trust 0 for faces that teach nothing."""


def make_scene(pictures: Sequence[Picture], config: SceneConfig, seed: int, index: int) -> Scene:
    """Compose the scene of this number."""
    rng = np.random.default_rng((seed, index))
    background = _background(pictures, config, rng)
    scene = Scene(with_letters(background, rng) if rng.random() < 0.25 else background, np.zeros((0, 15)))
    for size in _sizes(config, rng):
        picture = pictures[int(rng.integers(len(pictures)))]
        scene = _with_picture(scene, picture, size, config, rng)
    canvas, faces = spoil(scene.image, scene.faces, rng), scene.faces
    if rng.random() < config.mirrored:
        canvas, faces = _mirrored(canvas, faces)
    return Scene(np.ascontiguousarray(canvas), _judged(canvas, faces, config)[: config.max_faces])


def moved_picture(picture: Picture, zoom: float, angle: float) -> tuple[Image, FaceRows]:
    """Zoom a picture and turn it about its middle by an angle in radians, on a square that holds it upright."""
    image = picture.image()
    height, width = image.shape[:2]
    side = max(round(max(height, width) * zoom), 1)
    middle = np.array([width - 1, height - 1]) / 2
    placement = _placement(zoom, angle, middle, np.full(2, (side - 1) / 2))
    moved = _warp(image, placement, (side, side), cv2.BORDER_REPLICATE)
    return moved, _moved(picture.faces, placement, angle)


def _sizes(config: SceneConfig, rng: Generator) -> list[float]:
    """Draw how large the faces are: often one large face, or several smaller ones, largest first."""
    low, high = np.log(config.smallest), np.log(config.largest)
    if rng.random() < 0.4:
        return [float(np.exp(rng.uniform(np.log(60.0), high)))]
    sizes = np.exp(rng.uniform(low, np.log(120.0), size=rng.integers(2, 7)))
    return sorted((float(size) for size in sizes), reverse=True)


def _background(pictures: Sequence[Picture], config: SceneConfig, rng: Generator) -> Image:
    """Fill the canvas with one faceless picture enlarged, or with a mosaic of several reduced, full of small detail."""
    picture = pictures[int(rng.integers(len(pictures)))]
    if picture.is_faceless or rng.random() < 0.5:
        return _mosaic(pictures, config.size, 2 if rng.random() < 0.6 else 3, rng)
    image = cover_faces(picture.image(), picture.faces, rng)
    height, width = image.shape[:2]
    zoom = config.size / min(height, width) * np.exp(rng.uniform(-0.25, 0.9))
    angle = np.deg2rad(rng.uniform(-15, 15))
    centre = rng.uniform(0.3, 0.7, size=2) * (width, height)
    canvas_from_picture = _placement(zoom, angle, centre, np.full(2, config.size / 2))
    return _warp(image, canvas_from_picture, (config.size, config.size), cv2.BORDER_REFLECT)


def _mosaic(pictures: Sequence[Picture], size: int, count: int, rng: Generator) -> Image:
    """Tile the canvas with count x count faceless pictures."""
    side = -(-size // count)
    canvas = np.zeros((side * count, side * count, 3), np.uint8)
    for row in range(0, side * count, side):
        for column in range(0, side * count, side):
            tile = cv2.resize(_faceless(pictures, rng), (side, side), interpolation=cv2.INTER_AREA)
            canvas[row : row + side, column : column + side] = tile
    return canvas[:size, :size].copy()


def _faceless(pictures: Sequence[Picture], rng: Generator) -> Image:
    picture = pictures[int(rng.integers(len(pictures)))]
    return picture.image() if picture.is_faceless else cover_faces(picture.image(), picture.faces, rng)


def _with_picture(scene: Scene, picture: Picture, size: float, config: SceneConfig, rng: Generator) -> Scene:
    """Lay a picture so that its first face gets this size, or a faceless one in its place."""
    image, new = picture.image(), picture.faces
    if picture.is_faceless:
        new = np.zeros((0, 15))
    elif rng.random() < 0.3:
        image, new = cover_faces(image, new, rng), np.zeros((0, 15))
    elif rng.random() < config.nodding:
        image, new = nodded(image, new, rng.uniform(-0.5, 1.0) * STEEPEST)
    box, own_size = picture.faces[0, :4], _size(picture.faces[:1])[0]
    if picture.is_faceless:
        size = min(size, 2 * own_size)  # larger it would be a blur that nothing takes for a face
    zoom = size / own_size
    angle = np.deg2rad(rng.normal(0, 8) if rng.random() < 0.6 else rng.uniform(-config.roll, config.roll))
    squeeze = rng.uniform(0.7, 1.3) if rng.random() < 0.3 else 1.0  # as a head that turns or nods, or a wrong aspect
    for _ in range(6):
        target = _place(size, config, rng)
        canvas_from_picture = _placement(zoom, angle, (box[:2] + box[2:]) / 2, target, squeeze)
        mask, corner = _mask(image, box, canvas_from_picture, config.size, rng)
        if (_coverage(mask, corner, scene.faces) < 0.1).all():
            break
    else:
        return scene
    laid = _moved(new, canvas_from_picture, angle)
    shown = _coverage(mask, corner, laid)
    laid[:, 14] *= shown > 0.75
    patch_from_picture = canvas_from_picture - np.array([[0, 0, corner[0]], [0, 0, corner[1]]])
    patch = _warp(image, patch_from_picture, (mask.shape[1], mask.shape[0]), cv2.BORDER_REPLICATE)
    return Scene(_blend(scene.image, patch, mask, corner), np.concatenate([scene.faces, laid[shown > 0.1]]))


def _place(size: float, config: SceneConfig, rng: Generator) -> NDArray[np.float64]:
    """Draw a face's centre, sometimes so that the face leaves the canvas."""
    margin = min(size * (0.6 if rng.random() < 0.8 else 0.15), config.size * 0.45)
    return rng.uniform(margin, config.size - margin, size=2)


def _placement(
    zoom: float,
    angle: float,
    source_xy: NDArray[np.float64],
    target_xy: NDArray[np.float64],
    squeeze: float = 1.0,
) -> Transform:
    """Turn and zoom so that source comes to target; `squeeze` makes the picture narrower before it is turned."""
    cos, sin = zoom * np.cos(angle), zoom * np.sin(angle)
    linear = np.array([[cos * squeeze, -sin], [sin * squeeze, cos]])
    placement: Transform = np.column_stack([linear, target_xy - linear @ source_xy])
    return placement


def _warp(image: Image, canvas_from_picture: Transform, size_wh: tuple[int, int], border: int) -> Image:
    """Resample onto a canvas of this size; what is reduced is averaged first."""
    zoom = float(np.hypot(*canvas_from_picture[:, 1]))
    if zoom < 0.9:
        height, width = image.shape[:2]
        small = (max(round(width * zoom), 1), max(round(height * zoom), 1))
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        ratio = np.array([width / small[0], height / small[1]])
        linear = canvas_from_picture[:, :2] * ratio
        shift = canvas_from_picture[:, 2] + canvas_from_picture[:, :2] @ ((ratio - 1) / 2)
        canvas_from_picture = np.column_stack([linear, shift])
    kernel = cv2.INTER_CUBIC if zoom > 1.5 else cv2.INTER_LINEAR
    warped = cv2.warpAffine(image, canvas_from_picture, size_wh, flags=kernel, borderMode=border)
    return warped.astype(np.uint8, copy=False)


def _mask(
    image: Image, box: NDArray[np.float64], canvas_from_picture: Transform, size: int, rng: Generator
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Draw how much of the picture is laid, with an edge from hard to soft.

    Returns:
        (h, w) in 0..1, and the x, y of its first sample on the canvas.
    """
    height, width = image.shape[:2]
    limits = np.array([0.0, 0.0, width - 1.0, height - 1.0])
    if rng.random() < 0.75:
        face = np.tile(box[2:] - box[:2], 2)
        reach = box + face * rng.uniform(0.15, 1.0, size=4) * (-1, -1, 1, 1)
        limits = np.array([*np.maximum(reach[:2], 0), *np.minimum(reach[2:], limits[2:])])
    corners = transform_points(canvas_from_picture, _corners(limits))
    is_oval = rng.random() < 0.3
    extent = float(np.hypot(*(corners[2] - corners[0])))
    soft = extent * rng.uniform(0.0, 0.05) * (rng.random() < 0.7)
    spread = 2 * soft + (0.2 * extent if is_oval else 1)
    first = np.clip(np.floor(corners.min(axis=0) - spread), 0, size - 1).astype(int)
    last = np.clip(np.ceil(corners.max(axis=0) + spread), first, size - 1).astype(int)
    shape = _shape(corners - first, (int(last[1] - first[1]) + 1, int(last[0] - first[0]) + 1), is_oval=is_oval)
    mask: NDArray[np.float32] = soften(shape, soft).astype(np.float32) / np.float32(255)
    return mask, (int(first[0]), int(first[1]))


def _shape(corners: NDArray[np.float64], shape_hw: tuple[int, int], *, is_oval: bool) -> NDArray[np.uint8]:
    """Fill a turned rectangle, or the ellipse a little larger than the one inside it."""
    shape = np.zeros(shape_hw, np.uint8)
    if is_oval:
        axes = np.hypot(*(corners[[1, 3]] - corners[0]).T)
        angle = np.rad2deg(np.arctan2(*(corners[1] - corners[0])[::-1]))
        cv2.ellipse(shape, (corners.mean(axis=0).tolist(), (axes * 1.15).tolist(), float(angle)), 255, -1)
    else:
        cv2.fillConvexPoly(shape, np.round(corners).astype(np.int32), 255)
    return shape


def _corners(box_xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    left, top, right, bottom = box_xyxy
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def _coverage(mask: NDArray[np.float32], corner: tuple[int, int], faces: FaceRows) -> NDArray[np.float64]:
    """Return (N,) how much of each face's box a mask at this corner covers."""
    covered = np.zeros(len(faces))
    end = (mask.shape[1], mask.shape[0])
    for row, face in enumerate(faces):
        box = np.round(face[:4]).astype(int) - np.tile(corner, 2)
        area = max(int((box[2] - box[0]) * (box[3] - box[1])), 1)
        left_top, right_bottom = np.clip(box[:2], 0, end), np.clip(box[2:], 0, end)
        part = mask[left_top[1] : right_bottom[1], left_top[0] : right_bottom[0]]
        covered[row] = float(part.sum()) / area
    return covered


def _moved(faces: FaceRows, canvas_from_picture: Transform, angle: float) -> FaceRows:
    """Take faces to the canvas; a box stays upright around the ellipse of the turned one."""
    moved = faces.copy()
    points = faces[:, 4:14].reshape(-1, 2)
    moved[:, 4:14] = transform_points(canvas_from_picture, points).reshape(-1, 10)
    centres = transform_points(canvas_from_picture, (faces[:, :2] + faces[:, 2:4]) / 2)
    half = (faces[:, 2:4] - faces[:, :2]) / 2 * np.hypot(*canvas_from_picture[:, :2])
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    turned = np.stack([np.hypot(half[:, 0] * cos, half[:, 1] * sin), np.hypot(half[:, 1] * cos, half[:, 0] * sin)], 1)
    moved[:, :2], moved[:, 2:4] = centres - turned, centres + turned
    return moved


def _blend(canvas: Image, patch: Image, mask: NDArray[np.float32], corner: tuple[int, int]) -> Image:
    rows = slice(corner[1], corner[1] + mask.shape[0])
    columns = slice(corner[0], corner[0] + mask.shape[1])
    below = np.ascontiguousarray(canvas[rows, columns])
    blended = canvas.copy()
    blended[rows, columns] = cv2.blendLinear(patch, below, mask, 1 - mask)
    return blended


def _mirrored(canvas: Image, faces: FaceRows) -> tuple[Image, FaceRows]:
    last = canvas.shape[1] - 1
    mirrored = faces.copy()
    mirrored[:, [0, 2]] = last - faces[:, [2, 0]]
    points = faces[:, 4:14].reshape(-1, 5, 2)[:, SWAPPED] * (-1, 1) + (last, 0)
    mirrored[:, 4:14] = points.reshape(-1, 10)
    return canvas[:, ::-1], mirrored


def _judged(canvas: Image, faces: FaceRows, config: SceneConfig) -> FaceRows:
    """Drop faces out of sight; mark those too small, too dark or mostly cut off as teaching nothing."""
    judged = faces.copy()
    shown = np.clip(faces[:, :4], 0, config.size - 1)
    area = np.prod(faces[:, 2:4] - faces[:, :2], axis=1)
    visible = np.prod(shown[:, 2:] - shown[:, :2], axis=1) / np.maximum(area, 1e-6)
    judged[:, 14] *= (visible > 0.55) & (_size(faces) >= config.ignored)
    for face in judged:
        left, top, right, bottom = np.clip(np.round(face[:4]), 0, config.size).astype(int)
        part = canvas[top:bottom, left:right, 1]
        face[14] *= bool(part.size) and part.std() > _FLAT
    kept: FaceRows = judged[visible > 0.05]
    return kept


def _size(faces: FaceRows) -> NDArray[np.float64]:
    sizes: NDArray[np.float64] = np.sqrt(np.prod(np.maximum(faces[:, 2:4] - faces[:, :2], 0), axis=1))
    return sizes

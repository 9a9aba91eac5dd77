"""Where hair is on faces, told by cuts: GrabCut parts hair from skin, and is believed where a picture's labels agree.

What hangs over a forehead is told by an editor that takes bangs off; brows, which are as dark, it leaves.
Lengths are distances between the eyes, heights above them. Shapes: N pictures of S x S pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from videoedit.align.eyes import from_eyes
from videoedit.align.forehead import share_covered
from videoedit.datasets.celeba import FaceSet
from videoedit.edit.base import FaceEditor
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.tensors import change_of, from_unit, to_model, to_unit

Map: TypeAlias = NDArray[np.float32]

ATTRIBUTE: Final = "Bangs"

_HEAD: Final = (1.2, 2.0)
"""Half width of a head, and its height."""
_LOWEST: Final = 0.12
"""Below this nothing hangs; between this and `_BROWS` only what the editor takes off."""
_BROWS: Final = 0.5
_ROOTS: Final = 1.25
"""Height from which there is hair, if there is any."""
_FOREHEAD: Final = (0.45, 0.35, 0.65)
"""Half width, bottom and top of what of a forehead without bangs is skin."""
_SKIN: Final = (0.55, -0.75, -0.2)
"""Half width, bottom and top of nose and cheeks."""
_UNLIKE: Final = (0.12, 0.2)
"""Distances from the colour of the skin, in a range of 1, from which something may be hair, and from which it is."""
_CHANGED: Final = (0.06, 0.2)
"""Mean changes, in a range of 2, up to which nothing was taken off, and from which something was."""
_CONTRAST: Final = 0.18
"""Distance of the mean colours of hair and skin from which a cut is believed."""
_WITH: Final = 0.2
"""Least share of a forehead with bangs that is covered."""
_WITHOUT: Final = 0.06
"""Largest of one without."""
_ROUNDS: Final = 4
_BATCH: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Hair of those pictures of a set whose cuts are believed."""

    rows: NDArray[np.int64]
    """(M,), their numbers."""
    hair: NDArray[np.uint8]
    """(M, S, S), 1 where there is hair."""


def marks_of(faces: FaceSet, editor: FaceEditor) -> Marks:
    """Mark hair in pictures of as many pixels as the editor takes, and a margin around these."""
    rows, hair = [], []
    for row, taken_off in _taken_off(faces, editor):
        cut = _cut(faces, row, taken_off)
        if cut is not None:
            rows.append(row)
            hair.append(cut)
    side = faces.images.shape[1]
    return Marks(np.array(rows, np.int64), np.stack(hair) if hair else np.zeros((0, side, side), np.uint8))


def head_of(points_xy: Points, side: int) -> NDArray[np.bool_]:
    """Return (S, S): the head above the eyes, where hair is looked for."""
    across, above = from_eyes(points_xy, side)
    half_width, height = _HEAD
    return np.asarray((np.hypot(across / half_width, above / height) < 1) & (above > _LOWEST))


def _taken_off(faces: FaceSet, editor: FaceEditor) -> Iterator[tuple[int, Map | None]]:
    """Yield each row, and what an editor changes by taking bangs off, (S, S), where there are any."""
    removal, worn = editor.edit_without(ATTRIBUTE), faces.column(ATTRIBUTE) == 1
    for row in np.flatnonzero(~worn):
        yield int(row), None
    margin = (faces.images.shape[1] - editor.crop_size) // 2
    with_bangs = np.flatnonzero(worn)
    for start in range(0, len(with_bangs), _BATCH):
        rows = with_bangs[start : start + _BATCH]
        end = margin + editor.crop_size
        x = to_model(faces.images[rows, margin:end, margin:end])
        with torch.inference_mode():
            changes = change_of(editor.residuals(x, [removal]), x).abs().mean(dim=1)
        yield from zip(rows.tolist(), functional.pad(changes, (margin,) * 4).numpy(), strict=True)


def _cut(faces: FaceSet, row: int, taken_off: Map | None) -> NDArray[np.uint8] | None:
    """Return the hair of one picture, (S, S); None where it is not to be believed."""
    labels = {name: bool(faces.column(name)[row] == 1) for name in ("Wearing_Hat", "Bald") if name in faces.attributes}
    image, points_xy = faces.images[row], faces.points[row]
    head = head_of(points_xy, len(image))
    if labels.get("Wearing_Hat"):
        return None
    if labels.get("Bald"):
        return np.zeros(head.shape, np.uint8) if taken_off is None else None
    seeds = _seeds(image, points_xy, head, taken_off)
    if seeds is None:
        return None
    light = to_unit(image)
    skin = np.median(light[_cheeks(points_xy, len(image))], axis=0)
    alone = np.where(head[..., None], light, skin)  # hair goes on beside the head, and must not count as none
    hair = _rooted(_grabcut(from_unit(alone), seeds) & head, points_xy)
    share = share_covered(hair, points_xy)
    agrees = share < _WITHOUT if taken_off is None else share > _WITH
    if not agrees or not hair.any() or np.linalg.norm(light[hair].mean(axis=0) - skin) < _CONTRAST:
        return None
    return hair.astype(np.uint8)


def _seeds(image: Image, points_xy: Points, head: NDArray[np.bool_], taken_off: Map | None) -> NDArray[np.uint8] | None:
    """Return GrabCut's classes (S, S), hair being its foreground; None where there is no hair to begin with."""
    across, above = (np.asarray(part) for part in from_eyes(points_xy, len(image)))
    cheeks = _cheeks(points_xy, len(image))
    light = to_unit(image)
    unlike = np.linalg.norm(light - np.median(light[cheeks], axis=0), axis=2)
    seeds = np.where((unlike > _UNLIKE[0]) & (above > _BROWS), cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    roots = (above > _ROOTS) & (np.abs(across) < 0.6) & (unlike > _UNLIKE[1])
    if taken_off is None:
        bare = _between(across, above, *_FOREHEAD) | (above < _BROWS)
    else:
        low, high = _CHANGED
        roots |= (taken_off > high) & (unlike > _UNLIKE[1]) & (above > _LOWEST)
        bare = (taken_off < low) & (above < _BROWS)
        seeds[(taken_off > low) & (unlike > _UNLIKE[0]) & (above > _LOWEST)] = cv2.GC_PR_FGD
    seeds[roots] = cv2.GC_FGD
    seeds[bare | cheeks | ~(head | cheeks)] = cv2.GC_BGD
    if (roots & head).sum() < 0.003 * head.size:
        return None
    return seeds.astype(np.uint8)


def _grabcut(image: Image, seeds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where the foreground is, (S, S)."""
    classes = seeds.copy()
    skins, hairs = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(np.ascontiguousarray(image), classes, (0, 0, 0, 0), skins, hairs, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((classes == cv2.GC_FGD) | (classes == cv2.GC_PR_FGD))


def _cheeks(points_xy: Points, side: int) -> NDArray[np.bool_]:
    return _between(*from_eyes(points_xy, side), *_SKIN)


def _rooted(hair: NDArray[np.bool_], points_xy: Points) -> NDArray[np.bool_]:
    """Return hair (S, S) without spots that do not reach up to where it grows."""
    _, above = from_eyes(points_xy, len(hair))
    _, spots = cv2.connectedComponents(hair.astype(np.uint8), connectivity=4)
    return np.isin(spots, np.setdiff1d(spots[above > _ROOTS], 0))


def _between(across: Map, above: Map, half_width: float, bottom: float, top: float) -> NDArray[np.bool_]:
    return np.asarray((np.abs(across) < half_width) & (above > bottom) & (above < top))

"""Smiles: the face's own lips are bent as the exemplar's are, or as those of faces that do not smile.

Bent, they stay as sharp as they are, keep their colour, and go on speaking. Between them are seen the exemplar's teeth,
as bright as the light on the face lets them be, and as far as both mouths are open. What a smile does to cheeks and
eyes the other editor draws, on the bent face; near the lips of a smile that is put on it draws nothing.
Shapes: S the side of the crops; shapes of lips are (40, 2) in the frame of a face, `align.lips`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import torch
from torch import Tensor

from videoedit.align.lips import (
    CORNERS,
    Lips,
    Picture,
    around,
    bending,
    between_lips,
    gap_of,
    opening,
)
from videoedit.colour import Box
from videoedit.detect.outlines import LipsFinder
from videoedit.edit.base import Worn
from videoedit.edit.lifting.base import MOST_TURNED, Bent, Map, falling, seen_from_front, skin_of
from videoedit.edit.lifting.mouths import Mouth
from videoedit.faces import Points
from videoedit.tensors import from_model
from videoedit.track.yaw import yaw_of

_Parts: TypeAlias = tuple[Map, np.float32, Map, Points]
"""Of one face, what `Bent` says of several."""

_FIVE: Final = 5
_DOUBTED: Final = (0.2, 0.35)
"""Distances between the corners of the lips and those of the five points over which it fades: something is before the
mouth."""
_OPENED: Final = (0.01, 0.04)
"""How far closed mouths are open at most, and open ones at least."""
_SHOWS: Final = (0.04, 0.06)
"""The same of exemplars: in pictures of few pixels lips that touch are found apart, and would be taken for what is
between them."""
_MOST: Final = 1.3
"""Strength beyond which lips are bent no further."""
_BESIDE: Final = (0.05, 0.1)
"""Around lips that smile, where the other editor draws nothing, and how softly that ends."""
_NEAR: Final = (0.01, 0.03)
"""The same around lips that no longer smile, where it draws less."""
_KEPT: Final = 0.3
"""How little it draws near lips that no longer smile."""
_FAINT: Final = 0.35
"""Strength from which on what is seen between lips is wholly another."""
_GAINS: Final = (0.5, 1.15)
"""Least and most by which they may be brighter than on the exemplar."""
_BRIGHTER: Final = 0.5
"""Power of the ratio of the light on both faces with which theirs grows: skins differ too, not light alone."""
_PALE: Final = (0.25, 0.6)
"""Shares of the redness of skin that a part of a mouth may lack before it is taken for a tooth, and that teeth lack."""
_CAST: Final = 0.35
"""Share of the colour of the skin that is light, and falls on teeth too."""
_SHIFTED: Final = 0.7
"""Share of the difference of both skins that is light, of which what is no tooth has the one and gets the other."""
_DARK: Final = 0.04
"""Added to lights before their logarithm is taken."""
_LEAST_RED: Final = 0.2
"""Logarithm of red over green which skin is taken to have at least."""
_GRAIN: Final = 1.5
"""Standard deviation in pixels of the blur of colours, which compression leaves blotchy."""


class SmileBending:
    """Bends lips to a smile and back; see `lifting.base.Bends`."""

    def __init__(self, finder: LipsFinder) -> None:
        """Take what finds lips."""
        self._finder = finder

    def lift(self, wearer: Tensor, points_xy: Points) -> Worn | None:
        """Return the mouth of an exemplar, and behind its five points its lips; None where it is seen from the side."""
        if abs(yaw_of(points_xy)) > MOST_TURNED:
            return None
        (lips,) = self._finder.find(list(from_model(wearer)), [points_xy])
        return Worn(wearer, torch.from_numpy(np.concatenate([points_xy, lips.xy]))[None], skin_of(wearer))

    def bend(self, worn: Worn | None, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Bent:
        """Return how faces (F, 3, S, S) are bent, to an exemplar's smile or, without one, to none."""
        mouths = _faces_of(x, self._finder.find(list(from_model(x)), points_xy), skin_of(x))
        amounts = [
            min(strength, _MOST) * mouth.trust for strength, mouth in zip(strengths.tolist(), mouths, strict=True)
        ]
        if worn is None:
            bent = [_unsmiling(*one) if one[1] else _untouched(one[0]) for one in zip(mouths, amounts, strict=True)]
        else:
            lips = [Lips(xy[_FIVE:], xy[:_FIVE]) for xy in worn.points.numpy()]
            givers = _faces_of(worn.layer, lips, worn.light)
            givers *= len(x) // len(givers)
            bent = [
                _smiling(*one) if one[2] else _untouched(one[0]) for one in zip(mouths, givers, amounts, strict=True)
            ]
        residuals, drawn, free, points = zip(*bent, strict=True)
        residual, share, where = (torch.from_numpy(np.stack(parts)).to(x) for parts in (residuals, drawn, free))
        return Bent(residual, share, where, points)


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """A face with its lips."""

    picture: Picture
    """(S, S, 3) in 0..1."""
    lips: Lips
    skin: Picture
    """(3,), the colour of its cheeks."""

    @property
    def size(self) -> int:
        return len(self.picture)

    @property
    def form(self) -> Mouth:
        """Shape of its lips."""
        return Mouth(self.lips)

    @property
    def trust(self) -> float:
        """How far the lips can be believed, 0 to 1."""
        lips = self.lips
        apart = float(np.linalg.norm(lips.xy[list(CORNERS)] - lips.face_xy[3:], axis=1).max()) / lips.unit
        return seen_from_front(lips) * falling(apart, _DOUBTED)


def _faces_of(x: Tensor, lips: Sequence[Lips], skins: Tensor) -> list[_Face]:
    pictures = ((x.permute(0, 2, 3, 1) + 1.0) / 2.0).clamp(0.0, 1.0).cpu().numpy()
    return [_Face(*one) for one in zip(pictures, lips, skins.cpu().numpy(), strict=True)]


def _unsmiling(mouth: _Face, amount: float) -> _Parts:
    """Return residual (6, S, S), the share left to the other editor, where it draws, (1, S, S), and the five points."""
    wanted = mouth.form.wanted(mouth.form.unsmiling(), min(amount, 1.0))
    bend = bending(mouth.lips, wanted, mouth.size)
    seen = opening(wanted, mouth.size)
    own = seen * opening(mouth.lips, mouth.size)
    taken = min(amount, 1.0) * mouth.form.smile
    cover = np.maximum(seen, bend.line) * np.float32(_open_share(mouth) * min(taken / _FAINT, 1.0))
    free = 1.0 - _KEPT * taken * _near(mouth, wanted, _NEAR)

    def picture_in(box: Box) -> Picture:
        still = own[_part(box)][..., None]
        return (1.0 - still) * bend.bent(mouth.picture, box) + still * mouth.picture[_part(box)]

    residual = _residual(picture_in, cover, bend.shifts * (1.0 - own))
    return residual, _drawn(mouth), free[None], _moved(mouth, wanted)


def _smiling(mouth: _Face, giver: _Face, amount: float) -> _Parts:
    """Return the same of a mouth that is to smile as another does."""
    wanted = mouth.form.wanted(mouth.form.smiling(giver.form), amount)
    bend = bending(mouth.lips, wanted, mouth.size)
    shown = min(amount / _FAINT, 1.0)
    teeth = shown * _open_share(giver, _SHOWS) * opening(wanted, mouth.size)
    cover = np.maximum(teeth, bend.line * np.float32(shown * _open_share(mouth)))

    def picture_in(box: Box) -> Picture:
        seen = teeth[_part(box)][..., None]
        if not seen.any():
            return bend.bent(mouth.picture, box)
        given = _lit(between_lips(giver.picture, giver.lips, wanted, box), giver.skin, mouth.skin)
        return (1.0 - seen) * bend.bent(mouth.picture, box) + seen * given

    free = 1.0 - shown * _near(mouth, wanted, _BESIDE)
    return _residual(picture_in, cover, bend.shifts), np.float32(1.0), free[None], _moved(mouth, wanted)


def _untouched(mouth: _Face) -> _Parts:
    """Return the same of a face that is not bent."""
    nothing = np.zeros((6, mouth.size, mouth.size), np.float32)
    return nothing, np.float32(1.0), np.ones_like(nothing[:1]), mouth.lips.face_xy


def _drawn(mouth: _Face) -> np.float32:
    """Return how far the other editor takes the smile of a mouth away: not where there is none."""
    return np.float32(1.0 - mouth.trust * (1.0 - mouth.form.hint))


def _moved(mouth: _Face, wanted: Lips) -> Points:
    """Return the five points of a face (5, 2) whose lips have moved."""
    points = mouth.lips.face_xy.copy()
    points[3:] += (wanted.xy - mouth.lips.xy)[list(CORNERS)]
    return points


def _near(mouth: _Face, wanted: Lips, ends: tuple[float, float]) -> Map:
    """Return (S, S) in 0..1: a mouth, as it is and as it is wanted, up to the nose, grown and softened."""
    grown, soft = (share * wanted.unit for share in ends)
    return around(np.concatenate([wanted.xy, wanted.face_xy[2:3]]), grown, soft, mouth.size)


def _open_share(mouth: _Face, ends: tuple[float, float] = _OPENED) -> float:
    """Return 0 of a closed mouth, 1 of one that is open."""
    return 1.0 - falling(gap_of(mouth.lips.shape), ends)


def _residual(picture_in: Callable[[Box], Picture], cover: Map, shifts: Map) -> Map:
    """Return (6, S, S): a picture, made where it covers anything alone, and how the face is bent beside it."""
    residual = np.concatenate([np.zeros((3, *cover.shape), np.float32), cover[None], shifts])
    columns, rows = np.flatnonzero(cover.any(axis=0)), np.flatnonzero(cover.any(axis=1))
    if len(columns):
        box = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        added = cover[_part(box)][..., None] * (2.0 * picture_in(box) - 1.0)
        residual[:3, *_part(box)] = added.transpose(2, 0, 1)
    return np.asarray(residual, np.float32)


def _part(box: Box) -> tuple[slice, slice]:
    left, top, right, bottom = box
    return slice(top, bottom), slice(left, right)


def _lit(teeth: Picture, giver_skin: Picture, skin: Picture) -> Picture:
    """Return what is between lips (h, w, 3) in the light of another face; teeth have no colour but that of light."""
    logs, giver_log, log = (np.log(colours + _DARK) for colours in (teeth, giver_skin, skin))
    redder = cv2.GaussianBlur((logs[..., 0] - logs[..., 1]) - (giver_log[0] - giver_log[1]), (0, 0), _GRAIN)
    pale = -redder / max(float(giver_log[0] - giver_log[1]), _LEAST_RED)
    start, end = _PALE
    tooth = np.clip((pale - start) / (end - start), 0.0, 1.0)[..., None]
    light = logs.mean(axis=2, keepdims=True)
    own = logs - light + _SHIFTED * (_hue(log) - _hue(giver_log))
    hue = tooth * _CAST * _hue(log) + (1.0 - tooth) * own
    gain = np.clip(_BRIGHTER * float(log.mean() - giver_log.mean()), *np.log(_GAINS))
    return np.asarray((np.exp(light + hue + gain) - _DARK).clip(0.0, 1.0), np.float32)


def _hue(logs: Picture) -> Picture:
    """Return colours (3,), as logarithms, without what is common to their channels."""
    return np.asarray(logs - logs.mean(), np.float32)

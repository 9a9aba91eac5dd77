"""Smiles: the exemplar's mouth and the folds of its cheeks, laid over the smile that the other editor draws.

What draws itself is soft, and its teeth a white band. Here the mouth is the exemplar's: as wide as its smile makes the
face's own, as bright as the skin around it lets it be, its lips in the colour of the face's own. The folds are what
makes the exemplar darker or lighter than it is without its smile. Where the face has a beard, there are the folds
alone; bearded exemplars are left to the other editor.
Shapes: S the side of the crops, N pixels; pictures of one face are (S, S, 3) in 0..1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.edit.base import Worn
from videoedit.edit.lifting.base import MOST_TURNED, Map, each_worn, skin_of
from videoedit.faces import Points
from videoedit.track.yaw import yaw_of

Picture: TypeAlias = NDArray[np.float32]

_OUTWARD: Final = (0.06, 0.12)
"""Least and most of the way of a smile's corners of the mouth, in distances between the eyes, as the next."""
_UPWARD: Final = (0.07, 0.12)
_NEAREST: Final = 0.85
"""Share of the exemplar's way from nose to mouth that is left to a face whose mouth goes up."""
_MIDDLE: Final = 0.16
"""Of the place of a mouth below the line of its corners, in widths of the mouth, as the next four."""
_HALF: Final = (0.59, 0.36)
_SOFT: Final = 0.045
_RIM: Final = 0.12
"""How much wider than the place the skin is by which light and colours are compared."""
_SPREAD: Final = 0.25
"""Standard deviation of the blur that carries the light of the rim inward."""
_COARSE: Final = 4
"""Side in pixels of the squares in which that is done."""
_UNEVEN: Final = 0.2
"""By how much more or less than usual there, in logarithms, light may differ."""
_DARK: Final = 0.04
"""Added to lights before their logarithm is taken."""
_DEEPEST: Final = 0.12
"""Logarithm by which folds are darker than skin at most, and what they raise lighter."""
_CHEEKS: Final = (0.85, 0.62, 0.15)
"""Half width and half height of where folds are, and how far above the mouth its middle lies, as `_OUTWARD`."""
_FALL: Final = 0.3
"""Share of it over which they fade."""
_FINEST: Final = 0.008
"""Standard deviation, as a share of the side, of the blur of the folds."""
_BEARD: Final = (0.5, 0.75)
"""Logarithms by which the darkest quarter of the rim is darker than the cheeks: from the second on it is a beard."""
_TURNED: Final = (35.0, 50.0)
"""Degrees of yaw over which mouths fade: those of profiles are not seen from the front."""
_CLOSED: Final = 0.35
"""Share of its height that a mouth has as strength goes to 0."""
_FAINT: Final = 0.35
"""Strength below which a mouth fades."""
_LIPS: Final = 90.0
"""Percentile of the redness of a mouth at which something is wholly lip."""
_OWN_LIPS: Final = 75.0
"""Percentile from which on a face's own mouth, which is smaller, shows the colour of its lips."""
_DARK_LIP: Final = 0.35
"""Brightness, in that of the skin, below which it is no lip but what lies between them."""
_LEAST_RED: Final = 0.2
"""Logarithm of red over green, against the skin, which lips have at least."""
_PINK: Final = 0.4
"""Share of the redness of lips that skin may have."""
_PALE: Final = 0.4
"""Share of the redness of skin that a part of it may lack before it is taken for a tooth."""
_CAST: Final = 0.35
"""Share of the colour of the skin that is light, and falls on teeth too."""
_LIGHTS: Final = np.array([0.5, 0.25, 0.25], np.float32)
_GRAIN: Final = 1.5
"""Standard deviation in pixels of the blur of colours, which compression leaves blotchy."""


class SmileLifting:
    """Lifts mouth and folds, and tells from the exemplar without its smile what way the corners made."""

    is_drawn_below = True

    def __init__(self, points_of: Callable[[Tensor], list[Points]]) -> None:
        """Take what finds five points of aligned faces (F, 3, S, S)."""
        self._points_of = points_of

    def lift(self, wearer: Tensor, bare: Tensor, points_xy: Points) -> Worn | None:
        """Return the smile of an exemplar; see `Lifting`."""
        if abs(yaw_of(points_xy)) > MOST_TURNED:
            return None
        (face,), (without,) = _pictures(wearer), _pictures(bare)
        around = _around(face, points_xy[3:])
        if _beard_of(around, skin_of(wearer)[0]) > 0.5:
            return None
        skin = torch.from_numpy(np.median(around, axis=0))[None]
        folds = torch.from_numpy(_folds(face, without, points_xy)).to(wearer)[None, None]
        layer = torch.cat([wearer, folds], dim=1)
        (bare_xy,) = self._points_of(bare)
        points, bare_points = (torch.from_numpy(xy)[None] for xy in (points_xy, bare_xy))
        return Worn(layer, points, skin, bare_points)

    def lay(self, worn: Worn, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return smiles as they lie on faces; see `Lifting`."""
        ways = [_way(*both) for both in zip(worn.points.numpy(), worn.bare_points.numpy(), strict=True)]
        exemplars = zip(each_worn(worn, len(ways)), ways, worn.light.cpu().numpy(), strict=True)
        smiles = [_Smile(*layer_and_points, way, skin) for layer_and_points, way, skin in exemplars]
        takers = zip(_pictures(x), skin_of(x), points_xy, strengths.tolist(), strict=True)
        each = zip(takers, smiles * (len(x) // len(smiles)), strict=True)
        laid = [_laid(*taker, smile) for taker, smile in each]
        return torch.from_numpy(np.stack(laid)).to(x)


@dataclass(frozen=True, slots=True, eq=False)
class _Smile:
    """What one face is given."""

    layer: Map
    """(4, S, S), of the exemplar: its colours in -1..1 and its folds."""
    xy: Points
    way: tuple[float, float]
    skin: Picture
    """(3,), the colour around its mouth."""


def _laid(face: Picture, cheeks: Tensor, xy: Points, strength: float, smile: _Smile) -> Map:
    """Return the layer (4, S, S) that makes one face smile, whose cheeks have a colour (3,)."""
    around = _around(face, xy[3:])
    skin, beard = np.median(around, axis=0), _beard_of(around, cheeks)
    corners = _drawn_up(xy, smile, strength)
    place = _place(corners, len(face), 0.0)
    start, end = _TURNED
    seen = np.clip((end - abs(yaw_of(xy))) / (end - start), 0.0, 1.0) * (1.0 - beard)
    cover = (seen * min(strength / _FAINT, 1.0) * place)[..., None]
    giver = np.ascontiguousarray((smile.layer[:3].transpose(1, 2, 0) + 1.0) / 2.0)
    height = _CLOSED + (1.0 - _CLOSED) * min(strength, 1.0)
    mouth = _moved(giver, smile.xy, xy[2], corners, height)
    fitting = _lit(_coloured(mouth, smile.skin, face, place > 0.5, skin), face, skin, corners)
    folds = min(strength, 1.0) * _fitted(smile.layer[3], smile.xy, np.concatenate([xy[:3], corners]))[..., None]
    folded = ((face + _DARK) * np.exp(folds) - _DARK).clip(0.0, 1.0)
    added = cover * (2.0 * fitting - 1.0) + (1.0 - cover) * 2.0 * (folded - face)
    return np.concatenate([added, cover], axis=2).transpose(2, 0, 1).astype(np.float32)


def _pictures(x: Tensor) -> list[Picture]:
    """Return faces (F, 3, S, S) as pictures."""
    return list(((x.permute(0, 2, 3, 1) + 1.0) / 2.0).clamp(0.0, 1.0).cpu().numpy())


def _folds(face: Picture, bare: Picture, xy: Points) -> Map:
    """Return (S, S): the logarithm of how much lighter a smile makes cheeks and chin."""
    lighter = (np.log(face + _DARK) - np.log(bare + _DARK)).mean(axis=2).clip(-_DEEPEST, _DEEPEST)
    scale, right, down = _axes_of(xy)
    (half_width, half_height, above), side = _CHEEKS, len(face)
    middle = xy[3:].mean(axis=0) - above * scale * down
    y, x = np.mgrid[:side, :side]
    across, along = ((x - middle[0]) * axis[0] + (y - middle[1]) * axis[1] for axis in (right, down))
    away = np.hypot(across / (half_width * scale), along / (half_height * scale))
    smooth = cv2.GaussianBlur(lighter, (0, 0), _FINEST * side)
    return np.asarray(smooth * np.clip((1.0 - away) / _FALL, 0.0, 1.0), np.float32)


def _way(smiling_xy: Points, bare_xy: Points) -> tuple[float, float]:
    """Return how far outward and upward a smile draws the corners of a mouth, in distances between the eyes."""
    scale, right, down = _axes_of(smiling_xy)
    left_way, right_way = (smiling_xy[3:] - bare_xy[3:]) / scale
    outward, upward = float((right_way - left_way) @ right) / 2.0, -float((right_way + left_way) @ down) / 2.0
    return float(np.clip(outward, *_OUTWARD)), float(np.clip(upward, *_UPWARD))


def _axes_of(xy: Points) -> tuple[float, Points, Points]:
    """Return the distance between the eyes of a face, and what is right and down for it, (2,) each."""
    eyes = xy[1] - xy[0]
    scale = max(float(np.hypot(*eyes)), 1e-6)
    return scale, eyes / scale, np.array([-eyes[1], eyes[0]]) / scale


def _drawn_up(xy: Points, smile: _Smile, strength: float) -> Points:
    """Return where the corners of the mouth, (2, 2), of a face go: no wider and hardly higher than the exemplar's."""
    scale, right, down = _axes_of(xy)
    (width, height), (giver_width, giver_height) = _mouth_of(xy), _mouth_of(smile.xy)
    outward = min(smile.way[0], max(0.0, giver_width - width) / 2.0)
    upward = min(smile.way[1], max(0.0, height - _NEAREST * giver_height))
    aside, up = strength * scale * outward * right, strength * scale * upward * down
    return np.stack([xy[3] - aside - up, xy[4] + aside - up])


def _mouth_of(xy: Points) -> tuple[float, float]:
    """Return the width of a mouth and its way from the tip of the nose, in distances between the eyes."""
    scale, _, _ = _axes_of(xy)
    return float(np.hypot(*(xy[4] - xy[3]))) / scale, float(np.hypot(*(xy[3:].mean(axis=0) - xy[2]))) / scale


def _moved(giver: Picture, giver_xy: Points, nose: Points, corners: Points, height: float) -> Picture:
    """Take the exemplar's picture to where its mouth has these corners; as high as the mean of both scales says."""
    line, giver_line = corners[1] - corners[0], giver_xy[4] - giver_xy[3]
    along = np.hypot(*line) / max(np.hypot(*giver_line), 1.0)
    down, giver_down = corners.mean(axis=0) - nose, giver_xy[3:].mean(axis=0) - giver_xy[2]
    upright = height * np.sqrt(np.hypot(*down) / max(along * np.hypot(*giver_down), 1.0))
    above, giver_above = (np.array([way[1], -way[0]]) for way in (line, giver_line))
    to = np.stack([corners.mean(axis=0) + upright * above, *corners])
    giver_from = np.stack([giver_xy[3:].mean(axis=0) + giver_above, *giver_xy[3:]])
    from_giver = cv2.getAffineTransform(giver_from.astype(np.float32), to.astype(np.float32))
    size = giver.shape[1::-1]
    moved = cv2.warpAffine(giver, from_giver, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved.clip(0.0, 1.0), np.float32)


def _fitted(folds: Map, giver_xy: Points, xy: Points) -> Map:
    """Take folds (S, S) from one face to another by the affine map that fits all five points best."""
    solution, *_ = np.linalg.lstsq(np.column_stack([giver_xy, np.ones(5)]), xy, rcond=None)  # (3, 2)
    moved = cv2.warpAffine(np.ascontiguousarray(folds), solution.T, folds.shape[::-1])
    return np.asarray(moved, np.float32)


def _place(corners: Points, side: int, wider: float) -> Map:
    """Return (S, S) in 0..1: where a mouth with these corners is."""
    line = corners[1] - corners[0]
    width = float(np.hypot(*line))
    middle = corners.mean(axis=0) + _MIDDLE * np.array([-line[1], line[0]])
    axes = tuple(2.0 * width * (half + wider) for half in _HALF)
    place = np.zeros((side, side), np.float32)
    cv2.ellipse(place, (middle.tolist(), axes, float(np.degrees(np.arctan2(line[1], line[0])))), 1.0, -1)
    return np.asarray(cv2.GaussianBlur(place, (0, 0), max(_SOFT * width, 0.1)), np.float32)


def _rim(corners: Points, side: int) -> Map:
    """Return (S, S) in 0..1: the skin around a mouth."""
    inner = _place(corners, side, 0.0)
    return np.where(inner < 0.5, _place(corners, side, _RIM) * (1.0 - inner), np.float32(0))


def _around(face: Picture, corners: Points) -> Picture:
    """Return the colours (N, 3) of the skin around a mouth; of all of the face where its mouth is beyond the crop."""
    rim = _rim(corners, len(face)) > 0.4
    return face[rim if rim.any() else np.ones_like(rim)]


def _beard_of(around: Picture, cheeks: Tensor) -> float:
    """Return how far the colours (N, 3) around a mouth are a beard's, 0 to 1; cheeks, (3,), are skin without."""
    darkest = np.percentile(around.mean(axis=1), 25)
    darker = np.log(float(cheeks.mean()) + _DARK) - np.log(darkest + _DARK)
    low, high = _BEARD
    return float(np.clip((darker - low) / (high - low), 0.0, 1.0))


def _lit(mouth: Picture, face: Picture, skin: Picture, corners: Points) -> Picture:
    """Return a mouth as bright as the face: what their rims differ in, where no lip reaches into it, goes inward."""
    side, width = len(face), float(np.hypot(*(corners[1] - corners[0])))
    rim = _rim(corners, side) * np.clip(1.0 - _redness(face, skin) / _LEAST_RED, 0.02, 1.0)
    ratio = np.log(face.mean(axis=2) + _DARK) - np.log(mouth.mean(axis=2) + _DARK)
    small = (side // _COARSE, side // _COARSE)
    told = cv2.resize(np.dstack([ratio * rim, rim]), small, interpolation=cv2.INTER_AREA)
    spread = cv2.GaussianBlur(told, (0, 0), max(_SPREAD * width / _COARSE, 0.1))
    usual = float(told[..., 0].sum() / max(float(told[..., 1].sum()), 1e-6))
    gains = (spread[..., 0] / np.maximum(spread[..., 1], 1e-4)).clip(usual - _UNEVEN, usual + _UNEVEN)
    gain = np.exp(cv2.resize(gains, (side, side), interpolation=cv2.INTER_LINEAR))[..., None]
    return np.asarray(((mouth + _DARK) * gain - _DARK).clip(0.0, 1.0), np.float32)


def _coloured(mouth: Picture, giver_skin: Picture, face: Picture, where: NDArray[np.bool_], skin: Picture) -> Picture:
    """Return a mouth in the colours of a face: what is redder than skin is lip, and what is less red tooth."""
    red, own_red = _redness(mouth, giver_skin), _redness(face, skin)
    if not where.any():
        return mouth
    most = max(float(np.percentile(red[where], _LIPS)), _LEAST_RED)
    own = face[where & (own_red >= np.percentile(own_red[where], _OWN_LIPS))]  # (N, 3)
    own_lips = np.log(own[own.mean(axis=1) >= min(_DARK_LIP * skin.mean(), float(own.mean(axis=1).max()))] + _DARK)
    plain = _hue(np.log(skin + _DARK))
    lip, tooth = _hue(own_lips).mean(axis=0), _CAST * plain
    skin_red = float(np.log(giver_skin[0] + _DARK) - np.log(giver_skin[1] + _DARK))
    shares = (red / most - _PINK) / (1.0 - _PINK), (-red / max(skin_red, _LEAST_RED) - _PALE) / (1.0 - _PALE)
    lips, teeth = (np.clip(share, 0.0, 1.0)[..., None] for share in shares)
    colours = np.exp(plain + lips * (lip - plain) + teeth * (tooth - plain))
    return np.asarray(_light_in(mouth) * (colours / _light_in(colours)), np.float32)


def _light_in(picture: Picture) -> Picture:
    """Return (S, S, 1), how light a picture is; red counts twice, because lips lack the others alone."""
    return np.asarray(picture @ _LIGHTS, np.float32)[..., None]


def _hue(logs: Picture) -> Picture:
    """Return colours (…, 3), as logarithms, without what is common to their channels."""
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True), np.float32)


def _redness(picture: Picture, skin: Picture) -> Map:
    """Return (S, S): how much redder than the skin (3,) a picture is."""
    logs, skin_logs = np.log(picture + _DARK), np.log(skin + _DARK)
    redder = np.asarray((logs[..., 0] - logs[..., 1]) - (skin_logs[0] - skin_logs[1]), np.float32)
    return np.asarray(cv2.GaussianBlur(redder, (0, 0), _GRAIN), np.float32)

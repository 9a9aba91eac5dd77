"""Bangs: the hair that hangs where the same forehead is bare, in the colour of the hair above the other's forehead."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

from videoedit.align.spectacles import carried
from videoedit.edit.base import Worn
from videoedit.edit.lifting.base import MOST_TURNED, Map, each_worn, faded, ramp, recoloured, skin_of
from videoedit.faces import Points
from videoedit.track.yaw import yaw_of

# Lengths are distances between the eyes, heights above them.
_SPAN: Final = (-1.7, 0.2)
"""From above to below the eyes, where bangs lie."""
_LOWEST: Final = 0.12
_HALF_WIDTH: Final = 1.12
_FALL: Final = 0.2
"""Over which bangs fade at their sides."""
_HAIR: Final = (1.2, 1.5)
"""Heights between which hair is looked for, in the middle of the head."""
_TOP: Final = (1.4, 1.75)
"""Heights between which bangs go over into the hair that is there."""
_HEAD: Final = (1.05, 1.7)
"""Half width of a head, and its height."""
_SOFT: Final = 0.005
"""How soft the borders of a cover are, as a share of the side."""
_DIFFERENT: Final = (0.08, 0.24)
"""Mean differences, in a range of 2, from which a forehead may be covered, and from which it is."""
_LEAST_WORN: Final = 0.27
"""Share of the forehead from which there are bangs to lift."""
_WORN: Final = (0.12, 0.35)
"""Shares of it from which some may have to come off first, and from which all must."""
_NO_SKIN: Final = 0.25
"""Distance from the colour of the skin beyond which something is none."""
_ROOTED: Final = 0.6
"""Height up to which what hangs reaches at least; brows do not."""
_SKIN_LIKE: Final = (0.06, 0.14)
"""Distances from the colour of the skin from which something may be hair, and from which it is."""
_BLUEST: Final = (-0.10, -0.02)
"""Red less blue from which something may be hair, and from which it is."""
_TOLD: Final = (0.25, 0.4)
"""Distances of the colours of hair and skin from which pixels may be told by them, and from which they are."""
_NEARER: Final = (0.15, 0.5)
"""Places on the way from skin to hair from which something may be hair, and from which it is."""
_CONTRAST: Final = (0.5, 1.5)
_RANGE: Final = (0.3, 1.7)
"""Lights of single hairs, in that of all."""
_GLINT: Final = 0.04
"""Added to the largest."""


class BangsLifting:
    """Lifts by what a forehead with and without bangs differs in."""

    def wearing(self, x: Tensor, change: Tensor, points_xy: Sequence[Points]) -> Tensor:
        """Return how far foreheads are covered by what is taken off and is no skin; see `Lifting`."""
        shares = [_share_worn(*one) for one in zip(x, change, points_xy, strict=True)]
        return ramp(torch.tensor(shares), _WORN)

    def lift(self, wearer: Tensor, bare: Tensor, points_xy: Points) -> Worn | None:
        """Return the bangs of an exemplar; see `Lifting`."""
        change = bare - wearer
        if _share_worn(wearer[0], change[0], points_xy) < _LEAST_WORN or abs(yaw_of(points_xy)) > MOST_TURNED:
            return None
        cover = _cover(change[0], points_xy)
        share = torch.from_numpy(cover).to(wearer)[None, None]
        light = (wearer + 1.0) / 2.0
        hair = light[0, :, share[0, 0] > 0.5 * share.max()].median(dim=1).values  # (3,)
        strands = (share * _strands(light, hair, skin_of(wearer)[0]))[0, 0].cpu().numpy()
        above = _from_eyes(points_xy, len(strands))[1]
        share = torch.from_numpy(_rooted(strands, above)).to(wearer)[None, None]  # brows that seemed to hang are not
        points = torch.from_numpy(points_xy)[None]
        return Worn(torch.cat([share * wearer, share], dim=1), points, hair[None])

    def lay(self, worn: Worn, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return bangs as they lie on faces; see `Lifting`."""
        moved = [
            carried(*one, xy, span=_SPAN, is_mirrored=False) * _on_head(xy, x.shape[-1])
            for one, xy in zip(each_worn(worn, len(x)), points_xy, strict=True)
        ]
        theirs = torch.stack([_hair_of(face, xy) for face, xy in zip(x, points_xy, strict=True)]).to(x)
        colours = torch.lerp(worn.light.expand_as(theirs), theirs, _likeness_to_hair(theirs, skin_of(x)))
        gains = (colours.mean(dim=1) / worn.light.mean(dim=1).clamp(min=0.02)).clamp(*_CONTRAST)[:, None]
        shifts = colours - gains * worn.light
        layers = torch.from_numpy(np.stack(moved)).to(x)
        gains, shifts, colours = (part[..., None, None] for part in (gains, shifts, colours))
        return faded(_as_hair(recoloured(layers, gains, shifts), colours), strengths)


def _share_worn(face: Tensor, change: Tensor, points_xy: Points) -> float:
    """Return how much of the forehead of a face (3, S, S) changes (3, S, S) where it has not the colour of the skin."""
    across, above = _from_eyes(points_xy, face.shape[-1])
    forehead = (np.abs(across) < 0.7) & (above > 0.2) & (above < 0.75)
    shown = (face[:, torch.from_numpy(forehead).to(face.device)] + 1.0) / 2.0  # (3, P)
    unlike = (shown - skin_of(face[None])[0][:, None]).norm(dim=0) > _NO_SKIN
    return min(float(_cover(change, points_xy)[forehead].mean()), float(unlike.float().mean()))


def _cover(change: Tensor, points_xy: Points) -> Map:
    """Return (S, S) in 0..1: where hair hangs. It hangs from above, so that over covered skin there is more of it."""
    difference = change.abs().mean(dim=0).cpu().numpy()
    across, above = _from_eyes(points_xy, difference.shape[-1])
    low, high = _DIFFERENT
    seen = np.where(above < _LOWEST, 0, np.clip((difference - low) / (high - low), 0, 1))
    opened = cv2.morphologyEx(seen, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    hanging = np.maximum.accumulate(_rooted(np.asarray(opened, np.float32), above)[::-1], axis=0)[::-1]
    cover = cv2.GaussianBlur(hanging.astype(np.float32), (0, 0), _SOFT * difference.shape[-1])
    within = np.clip((_HALF_WIDTH - np.abs(across)) / _FALL, 0, 1) * np.clip((above - _LOWEST + 0.02) / 0.12, 0, 1)
    return np.asarray(cover * within, np.float32)


def _strands(light: Tensor, hair: Tensor, skin: Tensor) -> Tensor:
    """Return (1, 1, S, S) in 0..1: where a picture (1, 3, S, S) in 0..1 has rather the hair's colour than the skin's.

    Where both are much alike, colours do not tell, and all of it is 1.
    """
    way = hair - skin
    nearness = torch.einsum("bchw,c->bhw", light - skin[:, None, None], way) / way.square().sum().clamp(min=1e-4)
    told = ramp(way.norm(), _TOLD)
    return torch.lerp(torch.ones_like(nearness), ramp(nearness, _NEARER), told)[:, None]


def _rooted(cover: Map, above: Map) -> Map:
    """Return a cover (S, S) without the spots that do not reach up to where hair grows."""
    _, spots = cv2.connectedComponents((cover > 0.3).astype(np.uint8))
    rooted = np.isin(spots, np.setdiff1d(spots[above > _ROOTED], 0))
    return np.where(rooted, cover, np.float32(0))


def _on_head(points_xy: Points, side: int) -> Map:
    """Return (S, S) in 0..1: the part of the head above the eyes on which bangs are laid."""
    across, above = _from_eyes(points_xy, side)
    half_width, height = _HEAD
    inside = np.clip((1.0 - np.hypot(across / half_width, above / height)) / 0.12, 0, 1)
    low, high = _TOP
    return np.asarray(inside * np.clip((high - above) / (high - low), 0, 1), np.float32)


def _hair_of(face: Tensor, points_xy: Points) -> Tensor:
    """Return the colour (3,), in 0..1, of what lies above the forehead of a face (3, S, S)."""
    across, above = _from_eyes(points_xy, face.shape[-1])
    low, high = _HAIR
    band = torch.from_numpy((np.abs(across) < 0.6) & (above > low) & (above < high)).to(face.device)
    if not bool(band.any()):
        return skin_of(face[None])[0]  # which is no hair
    return (face[:, band].median(dim=1).values + 1.0) / 2.0


def _as_hair(layers: Tensor, colours: Tensor) -> Tensor:
    """Return layers (F, 4, S, S) in which nothing is much darker or lighter than hair of these colours is."""
    cover, (least, most) = layers[:, 3:], _RANGE
    light = (layers[:, :3] + cover) / 2.0
    bounded = light.maximum(least * colours * cover).minimum((most * colours + _GLINT) * cover)
    return torch.cat([2.0 * bounded - cover, cover], dim=1)


def _likeness_to_hair(colours: Tensor, skin: Tensor) -> Tensor:
    """Return (F, 1) in 0..1: how far colours (F, 3) may be those of hair, which is neither skin nor blue."""
    unlike = ramp((colours - skin).norm(dim=1), _SKIN_LIKE)
    return (unlike * ramp(colours[:, 0] - colours[:, 2], _BLUEST))[:, None]


def _from_eyes(points_xy: Points, side: int) -> tuple[Map, Map]:
    """Return for every pixel, (S, S) each, how far it lies across from the middle of the eyes, and how far above."""
    origin, line = points_xy[:2].mean(axis=0), points_xy[1] - points_xy[0]
    right = line / max(float(line @ line), 1e-6)
    y, x = np.mgrid[:side, :side].astype(np.float32)
    dx, dy = x - origin[0], y - origin[1]
    return np.asarray(dx * right[0] + dy * right[1]), np.asarray(dx * right[1] - dy * right[0])

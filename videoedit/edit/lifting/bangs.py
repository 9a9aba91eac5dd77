"""Bangs: the hair that hangs over a forehead, in the colour of the other's own hair.

Lengths are distances between the eyes, heights above them. Shapes: F faces, S the side of the crops.
"""

from collections.abc import Sequence
from typing import Final
from weakref import ReferenceType, ref

import cv2
import numpy as np
import torch
from torch import Tensor

from videoedit.align.eyes import from_eyes
from videoedit.align.forehead import HALF_WIDTH, share_covered
from videoedit.align.spectacles import carried
from videoedit.detect.mask import HairFinder
from videoedit.edit.base import Worn
from videoedit.edit.lifting.bared import skin_for_tips, where_bared
from videoedit.edit.lifting.base import MOST_TURNED, Map, around, each_worn, faded, of_each, ramp, rising
from videoedit.edit.lifting.hair import colour_of, strands_of
from videoedit.faces import Points
from videoedit.tensors import greatest_around, mean_around
from videoedit.track.yaw import yaw_of

_SPAN: Final = (-1.7, 0.2)
"""From above to below the eyes, where bangs lie."""
_LOWEST: Final = (0.1, 0.22)
"""Heights below which there are none, and from which they are whole."""
_ARC: Final = (0.3, 0.75)
"""Half width from which they end higher, and how much: so many times its square beyond."""
_SIDES: Final = (0.92, 1.12)
"""Half widths from which they fade, and beyond which there are none."""
_HEAD: Final = (1.05, 1.75)
"""Half width of a head, and its height."""
_INNER: Final = (0.9, 1.7)
"""The same of its inner part, which no background is taken for."""
_LEARNED: Final = (1.5, 2.5)
"""The same of all on which hair was learned, and some of what is around it; beyond, anything may be marked."""
_FALL: Final = 0.2
"""Share of it over which bangs fade at its outline."""
_LEAST_WORN: Final = 0.06
"""Share of the forehead from which there are bangs to lift."""
_WORN: Final = (0.12, 0.35)
"""Shares of it from which some may have to come off first, and from which all must."""
_OWN: Final = (0.75, 1.0)
"""Heights from which hair that is there begins to stay, and from which it does."""
_REACH: Final = 0.29
"""Height down to which a tenth of bangs hangs at least."""
_LONGER: Final = 1.8
"""How much longer short ones are made at most, from the top of the crop."""
_ROOTS: Final = 0.1
"""How far above the end of hair that is there bangs go over into it."""
_NEAR: Final = 0.08
"""Half width, as a share of the crop's side, around a strand in which light falls as it does on the strand."""
_SHADING: Final = 0.5
"""Share of what light does to locks that is kept: the face that they come to is lit from elsewhere."""
_DIM: Final = 0.05
"""Light by which strands that are compared are lifted: in black hair a picture's noise would tell them apart."""
_CONTRAST: Final = (0.4, 1.3)
"""By how many times strands differ as much, in shares of the light of all."""
_MOST: Final = 0.6
"""Largest logarithm of the light of a single hair, in that of all."""
_DEEPER: Final = 0.5
"""Share of the logarithm of a darker strand's light that is due to more of its colour, not to less light."""
_PALEST: Final = -0.3
"""Logarithm of the light of hair beyond which strands get no deeper in colour."""
_GLINT: Final = 0.5
"""Largest share of the way from the light of all to white that a single hair goes."""


class BangsLifting:
    """Lifts by where hair is seen."""

    def __init__(self, finder: HairFinder) -> None:
        """Take what finds hair."""
        self._finder = finder
        self._seen: tuple[ReferenceType[Tensor], Tensor] | None = None

    def wearing(self, x: Tensor, points_xy: Sequence[Points]) -> Tensor:
        """Return how far foreheads are covered by hair, and nothing where it grows above them; see `TellsWearers`."""
        marks = self._marks(x)
        shares = [share_covered(*one) for one in zip(marks.cpu().numpy(), points_xy, strict=True)]
        covered = ramp(torch.tensor(shares), _WORN).to(x)[:, None, None]
        return (covered * (1.0 - _roots_left(marks * _above(points_xy, x), points_xy)))[:, None]

    def clearing(self, x: Tensor, bare: Tensor, points_xy: Sequence[Points]) -> Tensor:
        """Return where hair has gone; see `Clears`."""
        return where_bared(x, bare, self._marks(x), self._finder.marked(bare).to(x), points_xy)

    def mend(self, x: Tensor, bare: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return skin where tips of hair were taken off in part; see `Mends`."""
        return faded(skin_for_tips(x, bare, self._marks(x), points_xy), strengths)

    def lift(self, wearer: Tensor, bare: Tensor, points_xy: Points) -> Worn | None:  # noqa: ARG002 - marks tell
        """Return the bangs of an exemplar; see `Lifting`."""
        side = wearer.shape[-1]
        marks = self._marks(wearer) * torch.from_numpy(_on_head(points_xy, side, _LEARNED)).to(wearer)
        if share_covered(marks[0].cpu().numpy(), points_xy) < _LEAST_WORN or abs(yaw_of(points_xy)) > MOST_TURNED:
            return None
        layer = strands_of(wearer, marks) * torch.from_numpy(_place(points_xy, side)).to(wearer)
        colour = colour_of(wearer, layer[:, 3])
        if bool(colour.isnan().any()):
            return None
        longer = torch.from_numpy(_longer(layer[0].cpu().numpy(), points_xy)).to(wearer)
        return Worn(longer[None], torch.from_numpy(points_xy)[None], colour)

    def lay(self, worn: Worn, x: Tensor, points_xy: Sequence[Points], strengths: Tensor) -> Tensor:
        """Return bangs as they lie on faces; see `Lifting`."""
        marks, side = self._marks(x), x.shape[-1]
        moved = [
            carried(*one, xy, span=_SPAN, is_mirrored=False) * _on_head(xy, side)
            for one, xy in zip(each_worn(worn, len(x)), points_xy, strict=True)
        ]
        inside = torch.from_numpy(np.stack([_on_head(xy, side, _INNER) * _place(xy, side) for xy in points_xy])).to(x)
        own = marks * _above(points_xy, x)
        theirs = colour_of(x, marks * inside)
        colours = torch.where(theirs.isnan(), worn.light, theirs)
        layers = torch.from_numpy(np.stack(moved)).to(x) * (1.0 - _roots_left(own, points_xy))[:, None]
        return faded(_coloured(layers, worn.light, colours), strengths)

    def _marks(self, x: Tensor) -> Tensor:
        """Return where faces (F, 3, S, S) have hair, (F, S, S); asked of the same again, what was found before."""
        seen = self._seen
        if seen is None or seen[0]() is not x:
            seen = self._seen = ref(x), self._finder.marked(x).to(x)
        return seen[1]


def _place(points_xy: Points, side: int) -> Map:
    """Return (S, S) in 0..1: where bangs are on a face with these points."""
    across, above = from_eyes(points_xy, side)
    start, bend = _ARC
    higher = bend * np.maximum(np.abs(across) - start, 0.0) ** 2
    return rising(np.asarray(above - higher, np.float32), _LOWEST) * (1.0 - rising(np.abs(across), _SIDES))


def _longer(layer: Map, points_xy: Points) -> Map:
    """Return a layer (4, S, S) of bangs that hang low enough, drawn longer from the top of the crop if they do not."""
    side = layer.shape[-1]
    across, above = from_eyes(points_xy, side)
    middle = np.abs(across) < HALF_WIDTH
    covered = middle & (above > 0) & (layer[3] > 0.5)
    if not covered.any():
        return layer
    reach, top = float(np.quantile(above[covered], 0.1)), float(above[middle].max())
    factor = float(np.clip((top - _REACH) / max(top - reach, 1e-6), 1.0, _LONGER))
    if factor == 1.0:
        return layer
    up = (top - above) * (1.0 - 1.0 / factor)  # how much higher each pixel's source lies
    line = points_xy[1] - points_xy[0]
    y, x = np.mgrid[:side, :side].astype(np.float32)
    source_x, source_y = x + np.float32(line[1]) * up, y - np.float32(line[0]) * up
    moved = cv2.remap(layer.transpose(1, 2, 0), source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(moved.transpose(2, 0, 1) * _place(points_xy, side))


def _on_head(points_xy: Points, side: int, head: tuple[float, float] = _HEAD) -> Map:
    """Return (S, S) in 0..1: the part of a head of such a half width and height on which bangs are laid."""
    across, above = from_eyes(points_xy, side)
    half_width, height = head
    return np.asarray(np.clip((1.0 - np.hypot(across / half_width, above / height)) / _FALL, 0, 1), np.float32)


def _above(points_xy: Sequence[Points], x: Tensor) -> Tensor:
    """Return (F, S, S) in 0..1: what lies above the foreheads of faces (F, 3, S, S)."""
    return of_each(points_xy, x, lambda _, above: rising(above, _OWN))[:, 0]


def _roots_left(own: Tensor, points_xy: Sequence[Points]) -> Tensor:
    """Return how far hair (F, S, S) above foreheads stays: bangs begin a little above where it ends, without a seam."""
    left = [_eroded(one, _ROOTS * float(np.hypot(*(xy[1] - xy[0])))) for one, xy in zip(own, points_xy, strict=True)]
    return torch.stack(left)


def _eroded(hair: Tensor, depth: float) -> Tensor:
    """Return hair (S, S) without its outermost pixels, as far as a depth says, and softly."""
    side = 2 * max(round(depth / 2), 1) + 1
    eroded = hair[None]
    for _ in range(2):
        eroded = -greatest_around(-eroded, side)
        eroded = mean_around(eroded, side)
    return eroded[0]


def _coloured(layers: Tensor, light: Tensor, colours: Tensor) -> Tensor:
    """Return layers (F, 4, S, S) of hair in colours (F, 3), each strand as much lighter than others around as it was.

    Most of them have the light of a mean, (1 or F, 3). On fair hair they differ by less of its light than on dark hair.
    """
    cover = layers[:, 3:]
    brightness = (layers[:, :3] + cover).mean(dim=1, keepdim=True) / 2.0
    mean, wanted = (one.mean(dim=1)[:, None, None, None].clamp(min=0.02) for one in (light, colours))
    contrast = (mean / wanted).sqrt().clamp(*_CONTRAST)
    near = around(brightness, _NEAR) / around(cover, _NEAR).clamp(min=1e-3)
    strand, lock, usual = (one + _DIM for one in (brightness / cover.clamp(min=1e-3), near, mean))
    ratio = (strand / lock).log() + _SHADING * (lock / usual).log()
    brightest = ((1.0 - _GLINT) + _GLINT / wanted).log().clamp(max=_MOST)
    most = torch.where(ratio > 0.0, brightest, _MOST)
    ratio = (most * torch.tanh(contrast * ratio / most)).exp()
    glint = (ratio - 1.0).clamp(min=0.0) * wanted  # which has the colour of the light, not that of hair
    shade = ratio.clamp(max=1.0)
    deeper = 1.0 + _DEEPER * shade.log() / wanted.log().clamp(max=_PALEST)
    strands = shade ** (1.0 - _DEEPER) * colours[:, :, None, None].clamp(min=0.01) ** deeper
    seen = (strands + glint).clamp(max=1.0) * cover
    return torch.cat([2.0 * seen - cover, cover], dim=1)

"""Glasses drawn on faces: pairs of pictures that differ in a pair of glasses alone, which no data set holds.

A frame is a flat wire model with two sides (temples), turned with the head and drawn finer than the picture. Drawn on
two people, it gives an exemplar, and the true result of putting on what it wears and of taking it off.

Coordinates: on the frame, distances between the eyes, x to the right of the picture, y down, z toward the camera, the
origin between the eyes; on pictures, pixels, (0, 0) the centre of the top-left pixel.
Shapes: pictures (S, S, 3), maps (S, S), P points of an outline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from videoedit.align.spectacles import FORWARD, Pose, Sitting, bent
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.synthetic.canvas import blank, draw_line, fill, shrunk
from videoedit.synthetic.finish import Finish

Map: TypeAlias = NDArray[np.float32]  # (S, S), shares of pixels
Pixels: TypeAlias = NDArray[np.float32]  # (S, S, 3), or one colour for all
Colour: TypeAlias = NDArray[np.float64]  # (3,), RGB in 0..255

PLAIN: Final = Finish()
"""Edges and colours alone."""
_NUM_POINTS: Final = 64
"""Of a lens's outline."""


@dataclass(frozen=True, slots=True, eq=False)
class Glasses:
    """One pair of glasses, whoever wears it."""

    half_wh: tuple[float, float]
    """Of a lens."""
    apart: float
    """From the middle to the middle of a lens."""
    low: float
    """By how much the lenses' middles lie below the eyes."""
    roundness: tuple[float, float, float]
    """Exponent of the outline (2 an ellipse, large a rectangle), narrowing downwards, rise of the outer corners."""
    rims: tuple[float, float]
    """Widths at the top and at the bottom."""
    rim_colours: tuple[Colour, Colour]
    """At the top and at the bottom."""
    rim_opacities: tuple[float, float]
    """At the top and at the bottom."""
    lens_colours: tuple[Colour, Colour]
    """At the top and at the bottom."""
    lens_opacities: tuple[float, float]
    """At the top and at the bottom."""
    bridge: tuple[float, float]
    """Height on the lens, from -1 at its top to 1, and width."""
    temple: tuple[float, float]
    """Height on the lens, and width."""
    shadow: float
    """Share of the light that the rims take from the skin below them."""
    glare: tuple[float, float, float]
    """Opacity of a stripe of light on each lens, where it lies across it, and its slant."""

    @classmethod
    def drawn(cls, rng: Generator) -> Self:
        """Draw full rims, half rims and none; dark, metal and coloured; clear lenses, tinted and dark ones."""
        half_w = rng.uniform(0.33, 0.47)
        rims = _rims(rng)
        colour = _rim_colour(rng)
        lens, opacities = _lens(rng)
        return cls(
            half_wh=(half_w, half_w * rng.uniform(0.58, 0.98)),
            apart=half_w + rng.uniform(0.10, 0.18),
            low=rng.uniform(0.0, 0.14),
            roundness=(rng.uniform(2.0, 4.5), rng.uniform(-0.03, 0.22), rng.uniform(-0.04, 0.10)),
            rims=rims,
            rim_colours=(colour, _rim_colour(rng) if rng.random() < 0.2 else colour * rng.uniform(0.8, 1.25)),
            rim_opacities=(solid := rng.uniform(0.85, 1.0), solid),
            lens_colours=lens,
            lens_opacities=opacities,
            bridge=(rng.uniform(-0.7, -0.05), max(rims[0], 0.02) * rng.uniform(0.8, 1.4)),
            temple=(rng.uniform(-0.9, -0.2), max(rims[0], 0.025) * rng.uniform(0.8, 1.5)),
            shadow=rng.uniform(0.0, 0.35) if rng.random() < 0.7 else 0.0,
            glare=(rng.uniform(0.05, 0.4) if rng.random() < 0.3 else 0.0, rng.uniform(-0.6, 0.6), rng.uniform(-1, 1)),
        )

    def varied(self, rng: Generator) -> Self:
        """Return the pair larger, with wider temples or coloured lenses, of rims clear or pale below, now and then."""
        pair = self
        if rng.random() < 0.3:
            half_w = rng.uniform(0.42, 0.56)
            shape = (rng.uniform(2.0, 3.5), rng.uniform(0.05, 0.42), rng.uniform(-0.04, 0.15))
            half_wh = (half_w, half_w * rng.uniform(0.65, 1.05))
            pair = replace(pair, half_wh=half_wh, apart=half_w + rng.uniform(0.05, 0.16), roundness=shape)
        if rng.random() < 0.25:
            pair = replace(pair, temple=(pair.temple[0], rng.uniform(0.07, 0.22)))
        if rng.random() < 0.2:
            clear = rng.uniform(0.3, 0.85)
            pair = replace(pair, rim_opacities=(pair.rim_opacities[0] if rng.random() < 0.5 else clear, clear))
        if rng.random() < 0.3:
            pale = rng.uniform(130, 235) * np.array([1.0, rng.uniform(0.7, 0.95), rng.uniform(0.45, 0.9)])
            pair = replace(pair, rim_colours=(pair.rim_colours[0], pale))
        if rng.random() < 0.25:
            tint: Colour = rng.uniform(10, 230, 3)
            strong = rng.uniform(0.6, 0.98)
            opacities = (strong, strong * rng.uniform(0.15, 1.0))
            pair = replace(pair, lens_colours=(tint, tint * rng.uniform(0.6, 1.4)), lens_opacities=opacities)
        if pair.lens_opacities[0] > 0.6 and rng.random() < 0.4:
            colour = pair.lens_colours[0] * rng.uniform(0.5, 1.2)
            pair = replace(pair, rim_colours=(colour, colour * rng.uniform(0.7, 1.3)))
        return pair

    def outline(self, side: int, grown: float) -> NDArray[np.float64]:
        """Return a lens's outline (P, 3), on the left of the picture for -1, `grown` times as far out as its rim."""
        exponent, narrowing, rise = self.roundness
        angle = np.linspace(0, 2 * np.pi, _NUM_POINTS, endpoint=False)
        c, s = np.cos(angle), np.sin(angle)
        x, y = (np.sign(v) * np.abs(v) ** (2 / exponent) for v in (c, s))
        width = self.rims[0] + (self.rims[1] - self.rims[0]) * (y + 1) / 2
        half_w, half_h = self.half_wh
        out_x = x * half_w * (1 - narrowing * (y + 1) / 2) + grown * width * c
        out_y = y * half_h - rise * np.clip(x, 0, 1) * (1 - y) / 2 + grown * width * s
        return bent(side * (self.apart + out_x), self.low + out_y)

    def bridge_line(self) -> NDArray[np.float64]:
        """Return the line (P, 3) from lens to lens, a little arched."""
        reach = self.apart - self.half_wh[0] * 0.93
        x = np.linspace(-reach, reach, 9)
        y = self.low + self.bridge[0] * self.half_wh[1] - 0.05 * (1 - (x / reach) ** 2)
        return bent(x, y)

    def temple_line(self, side: int) -> NDArray[np.float64]:
        """Return the line (2, 3) from a lens's outer edge to the ear."""
        y = self.low + self.temple[0] * self.half_wh[1]
        outer = self.apart + self.half_wh[0] * 0.97
        start = bent(np.array([side * outer]), np.array([y]))[0]
        return np.stack([start, np.array([side * max(1.18, outer + 0.12), y + 0.05, -1.3])])

    def corner_line(self, side: int, length: float) -> NDArray[np.float64]:
        """Return the line (2, 3) of what a temple begins with, a little over a lens's outer edge."""
        outer = self.apart + self.half_wh[0]
        y = self.low + max(self.temple[0], -0.75) * self.half_wh[1]
        return bent(side * np.array([outer - 0.04, outer + length]), np.array([y, y]))

    def pad_line(self, side: int) -> NDArray[np.float64]:
        """Return the line (2, 3) of a pad, which rests on the nose's side."""
        inner = max(self.apart - self.half_wh[0] - 0.02, 0.08)
        return bent(side * np.array([inner, inner + 0.02]), self.low + np.array([0.08, 0.2]))


@dataclass(frozen=True, slots=True, eq=False)
class Worn:
    """A face with glasses."""

    picture: Image
    veil: Map
    """Share of each pixel that the lenses hide, 0..1."""
    shown: Map
    """Share of the face's own light that is left in each pixel, 0..1; what is added to it is the glasses' own."""


def put_on(face: Image, points_xy: Points, glasses: Glasses, rng: Generator, finish: Finish = PLAIN) -> Worn:
    """Draw glasses on a face.

    Args:
        face: (S, S, 3), not changed.
        points_xy: (5, 2) in its pixels.
        glasses: What to draw.
        rng: Of how they sit: a little higher or lower, nearer or turned.
        finish: Of what they are made.
    """
    pose = Pose.of(points_xy, _sitting(rng))
    layers = _Layers.of(glasses, pose, face.shape[0], finish)
    below = np.linspace(0, 1, face.shape[0], dtype=np.float32)
    lens_y = (below * face.shape[0] - pose.origin_xy[1]) / pose.scale - glasses.low
    share = np.clip(lens_y / glasses.half_wh[1] / 2 + 0.5, 0, 1)[:, None]  # (S, 1): 0 at a lens's top, 1 at its bottom
    light = float(np.clip(np.median(face) / 120, 0.5, 1.15))
    picture = face.astype(np.float32)
    fallen = cv2.GaussianBlur(np.roll(layers.rims, max(1, round(0.06 * pose.scale)), axis=0), (0, 0), 0.05 * pose.scale)
    in_light = 1 - glasses.shadow * fallen
    picture *= in_light[..., None]
    veil, glare, rims = (
        layers.lenses * _between(glasses.lens_opacities, share),
        layers.lenses * layers.glare,
        layers.rims * _between(glasses.rim_opacities, share),
    )
    reflecting, reflected = finish.reflections(face.shape[0], rng)
    reflecting = layers.lenses * reflecting * (0.3 + 0.7 * glasses.lens_opacities[0])
    rim_colours = finish.coloured(_between(glasses.rim_colours, share[..., None]), layers.rims, pose.scale, rng)
    picture = _over(picture, veil, _between(glasses.lens_colours, share[..., None]) * light)
    picture = _over(picture, reflecting, reflected)
    picture = _over(picture, glare, np.full(3, 245 * light, np.float32))
    picture = _over(picture, layers.pads, np.full(3, 190 * light, np.float32))
    picture = _over(picture, rims, rim_colours * light)
    shown = in_light * (1 - veil) * (1 - reflecting) * (1 - glare) * (1 - layers.pads) * (1 - rims)
    return Worn(np.clip(picture + 0.5, 0, 255).astype(np.uint8), veil, shown)


@dataclass(frozen=True, slots=True, eq=False)
class _Layers:
    """Where what lies, in shares of pixels."""

    rims: Map
    """Bridge and temples too."""
    lenses: Map
    glare: Map
    pads: Map

    @classmethod
    def of(cls, glasses: Glasses, pose: Pose, size: int, finish: Finish) -> Self:
        rims, lenses, pads = blank(size), blank(size), blank(size)
        for side in (-1, 1):
            draw_line(rims, pose.seen(glasses.temple_line(side)), glasses.temple[1] * pose.scale)
        for side in (-1, 1):
            fill(rims, pose.seen(glasses.outline(side, 1.0)), 255)
            fill(rims, pose.seen(glasses.outline(side, 0.0)), 0)
            fill(lenses, pose.seen(glasses.outline(side, 0.3)), 255)
            if finish.corners[0]:
                draw_line(rims, pose.seen(glasses.corner_line(side, finish.corners[1])), finish.corners[0] * pose.scale)
            draw_line(pads, pose.seen(glasses.pad_line(side)), 0.05 * pose.scale)
        draw_line(rims, pose.seen(glasses.bridge_line()), glasses.bridge[1] * pose.scale)
        rims_, lenses_, pads_ = (finish.soft(shrunk(canvas), pose.scale) for canvas in (rims, lenses, pads))
        return cls(rims_, lenses_, _stripes(glasses, pose, size), np.float32(finish.pads) * pads_)


def _sitting(rng: Generator) -> Sitting:
    return Sitting(
        yaw=rng.normal(0, 2),
        nod=rng.normal(0, 5),
        roll=rng.normal(0, 1.0),
        scale=rng.uniform(0.94, 1.06),
        shift=tuple(rng.normal(0, (0.01, 0.025))),
    )


def _rims(rng: Generator) -> tuple[float, float]:
    """Draw widths at the top and the bottom: thick, thin, above only, nearly none."""
    kind = rng.random()
    if kind < 0.42:
        top = rng.uniform(0.05, 0.13)
        return top, top * rng.uniform(0.45, 1.0)
    if kind < 0.75:
        top = rng.uniform(0.018, 0.05)
        return top, top * rng.uniform(0.6, 1.0)
    return (rng.uniform(0.03, 0.10), 0.004) if kind < 0.9 else (0.008, 0.008)


def _rim_colour(rng: Generator) -> Colour:
    kind = rng.random()
    if kind < 0.6:
        return rng.uniform(5, 45) * np.array([1.0, *rng.uniform(0.8, 1.05, 2)])
    if kind < 0.75:  # gold and silver
        return rng.uniform(90, 200) * np.array([1.0, rng.uniform(0.82, 1.0), rng.uniform(0.55, 1.0)])
    if kind < 0.88:  # horn
        return rng.uniform(60, 120) * np.array([1.0, rng.uniform(0.5, 0.75), rng.uniform(0.25, 0.55)])
    colour: Colour = rng.uniform(10, 230, 3)
    return colour


def _lens(rng: Generator) -> tuple[tuple[Colour, Colour], tuple[float, float]]:
    """Draw colours and opacities at the top and the bottom."""
    kind = rng.random()
    if kind < 0.62:
        clear = rng.uniform(0.0, 0.05)
        return (np.full(3, 200.0), np.full(3, 200.0)), (clear, clear)
    tint = rng.uniform(10, 70) * np.array([1.0, *rng.uniform(0.6, 1.2, 2)])
    if kind < 0.75:
        weak = rng.uniform(0.1, 0.5)
        return (tint * 1.5, tint * 1.5), (weak, weak * rng.uniform(0.3, 1.0))
    strong = rng.uniform(0.75, 0.98)
    return (tint * 0.6, tint * rng.uniform(0.6, 1.6)), (strong, strong * rng.uniform(0.6, 1.0))


def _stripes(glasses: Glasses, pose: Pose, size: int) -> Map:
    """Return the opacity of the light that falls across both lenses."""
    opacity, place, slant = glasses.glare
    if opacity == 0:
        return np.zeros((size, size), np.float32)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    stripes = np.zeros((size, size), np.float32)
    for side in (-1, 1):
        middle = pose.seen(np.array([[side * glasses.apart, glasses.low, FORWARD]]))[0]
        off = (x - middle[0] + slant * (y - middle[1])) / (pose.scale * glasses.half_wh[0]) - place
        stripes = np.maximum(stripes, np.exp(-((off / 0.35) ** 2)))
    return np.asarray(opacity * stripes, dtype=np.float32)


def _over(picture: Pixels, share: Map, colour: Pixels) -> Pixels:
    """Lay a colour over a picture, where and as far as (S, S) says."""
    return picture + share[..., None] * (colour - picture)


def _between(ends: Sequence[float | Colour], share: Map) -> NDArray[np.float32]:
    """Return what lies between two values, by shares in 0..1."""
    start, end = (np.asarray(value, np.float32) for value in ends)
    return np.asarray(start + (end - start) * share, dtype=np.float32)

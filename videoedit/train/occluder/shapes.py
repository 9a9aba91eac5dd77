"""Outlines of what comes between a camera and a face: hands, microphones, cards, locks of hair, and nameless things.

Shapes are soft masks (S, S) in 0..1 with the light on them (S, S) around 1, drawn with numbers from a generator alone.
Coordinates: pixels of the crop, x right, y down; lengths are given as shares of S where they are drawn at random.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Map: TypeAlias = NDArray[np.float32]  # (S, S)

_FINER: Final = 4
"""Strands are narrower than a pixel and drawn this many times larger."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One thing before a face."""

    kind: str
    """Key of `SHAPES`."""
    mask: Map
    """Share of every pixel that it covers."""
    light: Map
    """What its texture is multiplied by: the roundness of a finger, the strands of a lock."""


@dataclass(frozen=True, slots=True)
class _Stick:
    """A tapering capsule."""

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    radii: tuple[float, float]
    """At start and end."""

    def and_on(self, turn: float, length: float, radius: float) -> Self:
        """Return the next joint: from the end on, turned by some radians."""
        along = self.end - self.start
        angle = np.arctan2(along[1], along[0]) + turn
        return type(self)(self.end, self.end + length * _direction(angle), (self.radii[1], radius))


def draw_shape(kind: str, size: int, rng: Generator) -> Shape:
    """Draw one of `SHAPES` somewhere on a crop."""
    mask, light = SHAPES[kind](size, rng)
    return Shape(kind, mask.astype(np.float32), light.astype(np.float32))


def _hand(size: int, rng: Generator) -> tuple[Map, Map]:
    """Draw an arm, a palm, four fingers and a thumb, more or less bent."""
    scale = size * rng.uniform(0.75, 1.35)
    angle = rng.uniform(-np.pi, np.pi)
    palm_start = _somewhere(size, rng) - 0.12 * scale * _direction(angle)
    palm = _Stick(palm_start, palm_start + 0.16 * scale * _direction(angle), (0.13 * scale, 0.15 * scale))
    sticks = [_Stick(palm_start - 1.2 * scale * _direction(angle), palm_start, (0.11 * scale, 0.09 * scale)), palm]
    spread, bend = rng.uniform(0.02, 0.22), rng.normal(0, 0.4)
    across = _direction(angle + np.pi / 2)
    long = rng.uniform(0.3, 1.1) * scale  # short ones are a fist's
    for place, share in zip((-1.5, -0.5, 0.5, 1.5), (0.8, 0.95, 1.0, 0.9), strict=True):
        root = palm.end + across * place * 0.072 * scale + 0.06 * scale * _direction(angle)
        turn = angle + place * spread + rng.normal(0, 0.05)
        radius = rng.uniform(0.034, 0.044) * scale
        first = _Stick(root, root + 0.2 * long * share * _direction(turn), (radius, 0.95 * radius))
        sticks += [first, first.and_on(bend + rng.normal(0, 0.1), 0.22 * long * share, 0.8 * radius)]
    side = rng.choice([-1.0, 1.0])
    root = palm_start + across * side * 0.11 * scale
    tip = root + 0.15 * scale * _direction(angle + side * rng.uniform(0.2, 0.9))
    thumb = _Stick(root, tip, (0.055 * scale, 0.045 * scale))
    return _lit(size, [*sticks, thumb, thumb.and_on(-side * rng.uniform(0, 0.6), 0.13 * scale, 0.035 * scale)], rng)


def _fingers(size: int, rng: Generator) -> tuple[Map, Map]:
    """Draw one to three fingers that reach in from somewhere, as of a hand that scratches or points."""
    scale, angle = size * rng.uniform(0.8, 1.3), rng.uniform(-np.pi, np.pi)
    tip, across = _somewhere(size, rng), _direction(angle + np.pi / 2)
    sticks = []
    for number in range(rng.integers(1, 4)):
        radius = rng.uniform(0.034, 0.05) * scale
        end = tip + across * number * 2.1 * radius + _direction(angle) * rng.normal(0, 0.04) * scale
        begin = end - _direction(angle + rng.normal(0, 0.06)) * rng.uniform(0.3, 0.6) * scale
        sticks += [_Stick(begin - _direction(angle) * 0.7 * scale, begin, (2.2 * radius, 1.3 * radius))]
        sticks += [_Stick(begin, end, (1.2 * radius, 0.8 * radius))]
    return _lit(size, sticks, rng)


def _microphone(size: int, rng: Generator) -> tuple[Map, Map]:
    """Draw a round or long head on a stick that leaves the picture, or on none."""
    angle, radius = rng.normal(np.pi / 2, 0.9), size * rng.uniform(0.05, 0.17)
    head = _somewhere(size, rng)
    length = radius * rng.uniform(0.0, 1.2)
    sticks = [_Stick(head, head + length * _direction(angle), (radius, radius * rng.uniform(0.8, 1.0)))]
    if rng.random() < 0.8:
        thick = radius * rng.uniform(0.2, 0.7)
        sticks.insert(0, sticks[0].and_on(rng.normal(0, 0.1), 1.5 * size, thick * rng.uniform(0.7, 1.1)))
        sticks[0] = _Stick(sticks[0].start, sticks[0].end, (thick, sticks[0].radii[1]))
    mask, light = _lit(size, sticks, rng)
    grain = rng.normal(0, rng.uniform(0, 0.25), (size, size))
    return mask, (light * (1 + grain)).astype(np.float32)


def _card(size: int, rng: Generator) -> tuple[Map, Map]:
    """Draw a rounded rectangle: a telephone, a cup, a book, a sheet of paper."""
    half = size * np.exp(rng.uniform(np.log(0.06), np.log(0.42), 2))
    corner = min(half) * rng.uniform(0.05, 0.8)
    turn = rng.normal(0, 0.4)
    x, y = _offsets(size, _somewhere(size, rng))
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    beyond = np.maximum(np.abs(np.stack([along, across])) - (half - corner)[:, None, None], 0)
    distance = np.hypot(*beyond) - corner
    bend = rng.uniform(0, 0.5) * rng.integers(0, 2)  # a cup is round, a card is flat
    slope = 1 + rng.normal(0, 0.15) * along / half[0]
    return np.clip(0.5 - distance, 0, 1), slope * (1 - bend * np.square(np.clip(along / half[0], -1, 1)))


def _thing(size: int, rng: Generator) -> tuple[Map, Map]:
    """Draw an ellipse with a wavy edge; now and then so large that all but its edge lies outside the picture."""
    centre, radii = _somewhere(size, rng), size * np.exp(rng.uniform(np.log(0.06), np.log(0.3), 2))
    if rng.random() < 0.3:
        away = rng.uniform(0.6, 1.6) * size
        centre = centre + away * _direction(rng.uniform(-np.pi, np.pi))
        radii = np.full(2, away) * rng.uniform(0.85, 1.1, 2)
    turn = rng.uniform(0, np.pi)
    x, y = _offsets(size, centre)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    share = np.hypot(along / radii[0], across / radii[1])
    waves = smooth_noise(size, int(rng.integers(3, 9)), rng) * rng.uniform(0, 0.25)
    distance = (share + waves - 1) * min(radii)
    return np.clip(0.5 - distance, 0, 1), 1 - rng.uniform(0, 0.5) * np.square(np.minimum(share, 1))


def _strands(size: int, rng: Generator) -> tuple[Map, Map]:
    """Draw a lock of hair that hangs or blows over the face."""
    fine = size * _FINER
    canvas, light = np.zeros((fine, fine), np.uint8), np.full((fine, fine), 255, np.uint8)
    start = np.array([rng.uniform(0.0, 1.0), rng.uniform(-0.1, 0.3)])
    end = np.array([rng.uniform(0.1, 0.9), rng.uniform(0.5, 1.1)])
    middle = (start + end) / 2 + rng.normal(0, 0.2, 2)
    width, share = rng.uniform(0.01, 0.07), np.linspace(0, 1, 16)[:, None]
    for _ in range(rng.integers(2, 60)):
        a, b, c = (point + rng.normal(0, width, 2) for point in (start, middle, end))
        curve = (1 - share) ** 2 * a + 2 * share * (1 - share) * b + share**2 * c
        line = [np.round(curve * fine * 16).astype(np.int32)]
        thickness = int(rng.integers(1, 5))
        cv2.polylines(canvas, line, False, 255, thickness, cv2.LINE_AA, shift=4)
        cv2.polylines(light, line, False, float(rng.integers(120, 255)), thickness, cv2.LINE_AA, shift=4)
    small = [cv2.resize(one, (size, size), interpolation=cv2.INTER_AREA) / np.float32(255) for one in (canvas, light)]
    return small[0], 1.3 * small[1]


SHAPES: Final[dict[str, Callable[[int, Generator], tuple[Map, Map]]]] = {
    "hand": _hand,
    "fingers": _fingers,
    "microphone": _microphone,
    "card": _card,
    "thing": _thing,
    "strands": _strands,
}
"""How each kind is drawn."""


def smooth_noise(size: int, cells: int, rng: Generator) -> Map:
    """Return a random field (S, S), about -1 to 1, that changes over a share of the crop given by its cells."""
    coarse = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _lit(size: int, sticks: list[_Stick], rng: Generator) -> tuple[Map, Map]:
    """Draw capsules one over the other, each round in a light from somewhere, with a dark line where they meet."""
    mask, light = np.zeros((size, size)), np.ones((size, size))
    lamp = rng.uniform(0, 0.4) * _direction(rng.uniform(-np.pi, np.pi))
    roundness, edge = rng.uniform(0, 0.5), rng.uniform(0, 0.4) * rng.integers(0, 2)
    for stick in sticks:
        x, y = _offsets(size, stick.start)
        along = stick.end - stick.start
        share = np.clip((x * along[0] + y * along[1]) / max(float(along @ along), 1e-6), 0, 1)
        radius = stick.radii[0] + share * (stick.radii[1] - stick.radii[0])
        off = np.stack([x - share * along[0], y - share * along[1]]) / radius  # 1 on the outline
        distance = np.hypot(*off)
        cover = np.clip(0.5 - (distance - 1) * radius, 0, 1)
        here = 1 + lamp[0] * off[0] + lamp[1] * off[1] - roundness * np.square(np.minimum(distance, 1))
        seam = np.clip(1.5 - np.abs(distance - 1) * radius, 0, 1) * mask  # over another capsule alone
        light = (light * (1 - cover) + here * cover) * (1 - edge * seam)
        mask = np.maximum(mask, cover)
    return mask.astype(np.float32), np.clip(light, 0.2, 1.6).astype(np.float32)


def _somewhere(size: int, rng: Generator) -> NDArray[np.float64]:
    """Return a point, mostly on the face."""
    point: NDArray[np.float64] = size * np.clip(rng.normal((0.5, 0.52), (0.2, 0.2)), 0, 1)
    return point


def _direction(angle: float) -> NDArray[np.float64]:
    return np.array([np.cos(angle), np.sin(angle)])


def _offsets(size: int, point: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of every pixel from a point, (1, S) and (S, 1)."""
    places = np.arange(size, dtype=np.float64)
    return (places - point[0])[None], (places - point[1])[:, None]

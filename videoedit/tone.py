"""High dynamic range as an editor sees it: a fixed curve to the range of a standard screen, and its inverse.

The curve works on linear light of BT.709's primaries, channel by channel, and is odd, so that colours outside BT.709
come back too. Up to `_KNEE` of the light of a white page it is straight, as on a standard screen; what is brighter is
bent so that `_MOST` becomes 1, and what is brighter still lies beyond. Colours are (..., 3) R'G'B' in codes of 0..1.

PQ says how bright the screen is to be, HLG how bright the scene was, which is what a camera for standard screens starts
from; so both go through the same curve.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.colour import Floats
from videoedit.frames import PixelFormat

_KNEE: Final = 0.3
_GAMMA: Final = 2.2
_BEYOND: Final = 1.5
"""Codes further out than this, of which no format has any near its real colours, are taken for it."""

_PQ: Final = (2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128)
_HLG: Final = (0.17883277, 0.28466892, 0.55991073)
_PAGES: Final = {"pq": 10_000.0 / 203.0, "hlg": 1.0 / 0.265}
"""The most that a transfer function can say, in white pages (ITU-R BT.2408)."""
_MOST: Final = {"pq": 1_000.0 / 203.0, "hlg": 1.0 / 0.265}
"""White pages that a standard screen shows as its brightest; an edit makes nothing brighter."""

_BT709_FROM: Final = {
    "bt709": np.eye(3),
    "bt2020": np.array(
        [[1.660491, -0.587641, -0.072850], [-0.124551, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]]
    ),
    "p3": np.array([[1.224940, -0.224940, 0.0], [-0.042057, 1.042057, 0.0], [-0.019638, -0.078636, 1.098274]]),
}
"""Linear light of primaries with the same white."""

Colours: TypeAlias = NDArray[np.floating[Any]]
"""Of double precision where the range is high: dark light is told apart by the last of its bits."""

_Light: TypeAlias = NDArray[np.float64]


def is_hdr(pixel_format: PixelFormat) -> bool:
    """Tell whether colours have to pass the curve before anyone looks at them."""
    return pixel_format.transfer in _MOST


def to_sdr(rgb: Colours, pixel_format: PixelFormat) -> Colours:
    """Show colours as a standard screen would; those that are meant for one stay as they are."""
    if not is_hdr(pixel_format):
        return rgb
    transfer = pixel_format.transfer
    codes = np.clip(rgb.astype(np.float64), -_BEYOND, _BEYOND)
    light = np.copysign(_light_of_codes(np.abs(codes), transfer), codes) * _PAGES[transfer]
    light = light @ _BT709_FROM[pixel_format.primaries].T
    bent: _Light = np.copysign(_bent(np.abs(light), _MOST[transfer]) ** (1.0 / _GAMMA), light)
    return bent


def from_sdr(rgb: Colours, pixel_format: PixelFormat) -> Colours:
    """Take colours from a standard screen back; the inverse of `to_sdr`."""
    if not is_hdr(pixel_format):
        return rgb
    transfer = pixel_format.transfer
    colours = rgb.astype(np.float64)
    light = np.copysign(_straightened(np.abs(colours) ** _GAMMA, _MOST[transfer]), colours)
    light = light @ np.linalg.inv(_BT709_FROM[pixel_format.primaries]).T / _PAGES[transfer]
    codes: _Light = np.copysign(_codes_of_light(np.abs(light), transfer), light)
    return codes


def source_delta(delta: Floats, shown: Colours, pixel_format: PixelFormat) -> Floats:
    """Return what a change of colours on a standard screen is in the source's own; no change stays none.

    Args:
        delta: Change of `shown`.
        shown: Colours as `to_sdr` gives them.
        pixel_format: Of the source.
    """
    if not is_hdr(pixel_format):
        return delta
    return (from_sdr(shown + delta, pixel_format) - from_sdr(shown, pixel_format)).astype(np.float32)


def _bent(light: _Light, brightest: float) -> _Light:
    """Bend white pages 0…brightest into 0…1: y = t (1 + t / m²) / (1 + t) above the knee, with slope 1 there."""
    most = (brightest - _KNEE) / (1.0 - _KNEE)
    above = np.maximum(light - _KNEE, 0.0) / (1.0 - _KNEE)
    bent = above * (1.0 + above / most**2) / (1.0 + above)
    return np.where(light <= _KNEE, light, _KNEE + (1.0 - _KNEE) * bent)


def _straightened(shown: _Light, brightest: float) -> _Light:
    """Undo `_bent`: the positive root of t² / m² + t (1 - y) - y = 0."""
    most = (brightest - _KNEE) / (1.0 - _KNEE)
    bent = np.maximum(shown - _KNEE, 0.0) / (1.0 - _KNEE)
    above = most**2 / 2.0 * (bent - 1.0 + np.sqrt((1.0 - bent) ** 2 + 4.0 * bent / most**2))
    return np.where(shown <= _KNEE, shown, _KNEE + (1.0 - _KNEE) * above)


def _light_of_codes(codes: _Light, transfer: str) -> _Light:
    """Return the share of the most light that codes 0… stand for (SMPTE ST 2084, ITU-R BT.2100)."""
    if transfer == "pq":
        m1, m2, c1, c2, c3 = _PQ
        root = codes ** (1.0 / m2)
        return (np.maximum(root - c1, 0.0) / (c2 - c3 * root)) ** (1.0 / m1)
    a, b, c = _HLG
    return np.where(codes <= 0.5, np.square(codes) / 3.0, (np.exp((codes - c) / a) + b) / 12.0)


def _codes_of_light(light: _Light, transfer: str) -> _Light:
    """Undo `_light_of_codes`."""
    if transfer == "pq":
        m1, m2, c1, c2, c3 = _PQ
        root = light**m1
        return ((c1 + c2 * root) / (1.0 + c3 * root)) ** m2
    a, b, c = _HLG
    return np.where(light <= 1.0 / 12.0, np.sqrt(3.0 * light), a * np.log(np.maximum(12.0 * light - b, b)) + c)

"""Where on the aligned crop each attribute may change the picture.

Boxes are fractions of the crop's side, (left, top, right, bottom), fixed before any training. An editor's residual is
multiplied by the soft mask of its attributes' boxes, in training and after, so that a local edit is local by
construction; the boxes also define the locality figure of every evaluation.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.ramps import smoothstep

Box: TypeAlias = tuple[float, ...]

WHOLE: Final = (0.0, 0.0, 1.0, 1.0)

_FALL: Final = 0.08
"""Width of a soft edge, as a share of the crop's side."""

REGIONS: Final[dict[str, Box]] = {
    "Eyeglasses": (0.12, 0.28, 0.88, 0.62),
    "Smiling": (0.20, 0.48, 0.80, 0.92),
    "Mustache": (0.28, 0.58, 0.72, 0.78),
    "Bangs": (0.05, 0.0, 0.95, 0.42),
    "Male": (0.15, 0.06, 0.85, 1.0),
}

OVALS: Final = frozenset({"Male"})
"""Attributes that change all of the face and nothing beside it: of their boxes the oval inside."""


def region_mask(attribute: str, size: int) -> NDArray[np.bool_]:
    """Return (size, size), True inside the attribute's box; everywhere where the attribute has none."""
    left, top, right, bottom = (round(edge * size) for edge in REGIONS.get(attribute, WHOLE))
    mask = np.zeros((size, size), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def region_of(attribute: str, size: int) -> NDArray[np.float32]:
    """Return the soft mask (size, size) of an attribute's box or oval; 1 everywhere where it has none."""
    return soft_region(REGIONS.get(attribute, WHOLE), size, is_oval=attribute in OVALS)


def soft_region(box: Box, size: int, *, is_oval: bool) -> NDArray[np.float32]:
    """Return the soft mask (size, size) of a box, or of the oval in it."""
    return soft_oval(box, size) if is_oval else soft_mask(box, size)


def soft_mask(box: Box, size: int) -> NDArray[np.float32]:
    """Return (size, size) in 0..1: 1 well inside a box, smoothly 0 at its edges and beyond.

    An edge that lies on the crop's border does not fall: what goes on there is the border mask's affair.
    """
    left, top, right, bottom = box
    centres = (np.arange(size) + 0.5) / size
    soft: NDArray[np.float32] = np.outer(_rise(centres, top, bottom), _rise(centres, left, right)).astype(np.float32)
    return soft


def soft_oval(box: Box, size: int) -> NDArray[np.float32]:
    """Return (size, size) in 0..1: 1 well inside the ellipse that touches the edges of a box, smoothly 0 beyond it."""
    left, top, right, bottom = box
    half_x, half_y = (right - left) / 2, (bottom - top) / 2
    centres = (np.arange(size) + 0.5) / size
    across = np.hypot((centres[None] - left) / half_x - 1, (centres[:, None] - top) / half_y - 1)
    return smoothstep(np.clip((1 - across) * min(half_x, half_y) / _FALL, 0, 1)).astype(np.float32)


def _rise(centres: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Rise from 0 at `start` to 1, fall to 0 at `end`, both over `_FALL`; flat where an edge is the crop's own."""
    from_start = np.ones_like(centres) if start <= 0 else np.clip((centres - start) / _FALL, 0, 1)
    from_end = np.ones_like(centres) if end >= 1 else np.clip((end - centres) / _FALL, 0, 1)
    ramp = np.minimum(from_start, from_end)
    return smoothstep(ramp)

"""Where on the aligned crop each attribute may change the picture.

Boxes are fractions of the crop's side, (left, top, right, bottom), fixed before any training. They weigh the
training's residual loss and define the locality figure of every evaluation.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

WHOLE: Final = (0.0, 0.0, 1.0, 1.0)

REGIONS: Final[dict[str, tuple[float, float, float, float]]] = {
    "Eyeglasses": (0.12, 0.28, 0.88, 0.62),
    "Smiling": (0.20, 0.48, 0.80, 0.92),
    "Mustache": (0.28, 0.58, 0.72, 0.78),
    "Bangs": (0.05, 0.0, 0.95, 0.42),
    "Male": WHOLE,
}


def region_mask(attribute: str, size: int) -> NDArray[np.bool_]:
    """Return (size, size), True inside the attribute's box; everywhere where the attribute has none."""
    left, top, right, bottom = (round(edge * size) for edge in REGIONS.get(attribute, WHOLE))
    mask = np.zeros((size, size), np.bool_)
    mask[top:bottom, left:right] = True
    return mask

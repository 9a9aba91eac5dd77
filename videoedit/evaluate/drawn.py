"""Glasses that anybody could draw: rings and a bridge, nothing else changed.

What a judge says of them beyond glasses is its own entanglement, not the side-effect of an edit.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.align.templates import TEMPLATE_SIZE, TEMPLATES

DRAWN: Final = ("Eyeglasses",)
"""Attributes that can be drawn so."""

_RADIUS: Final = 0.105
_THICKNESS: Final = 0.012
"""Shares of the crop's side."""
_FINE_BITS: Final = 4
"""Binary places of OpenCV's coordinates."""


def with_rings(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return aligned crops (N, S, S, 3) with black rings around the eyes and a bridge between."""
    size = images.shape[1]
    scale = size / TEMPLATE_SIZE * 2**_FINE_BITS
    left, right = (tuple(round(scale * value) for value in point) for point in TEMPLATES["elegant"][:2])
    radius = round(_RADIUS * size * 2**_FINE_BITS)
    thickness = max(round(_THICKNESS * size), 1)
    ringed = images.copy()
    for image in ringed:
        for centre in (left, right):
            cv2.circle(image, centre, radius, (0, 0, 0), thickness, cv2.LINE_AA, _FINE_BITS)
        ends = (left[0] + radius, left[1]), (right[0] - radius, right[1])
        cv2.line(image, *ends, (0, 0, 0), thickness, cv2.LINE_AA, _FINE_BITS)
    return ringed

"""Where a turned face ends on the aligned crop, so that its edit is not laid over what is behind the head.

Lengths are shares of the side of a crop aligned by the template `elegant`, x from its left.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from videoedit.align.regions import soft_mask

ON_THE_FACE: Final = frozenset({"Eyeglasses", "Male", "Mustache", "Smiling"})
"""Attributes that have nothing to change beyond the outline of a face; hair has."""

_OUTLINE: Final = (-3.8e-5, -0.0037, 0.822)
"""Of a face turned to the right, x of its right outline at the height of the eyes: a quadratic in degrees of yaw.

Fitted to 17,580 pictures of CelebA and their mirror images, in which MediaPipe's face mesh ends in its points 234 and
454, and YuNet's five points tell the yaw; they lie about it with a standard deviation of 0.027.
"""
_BESIDE: Final = 0.08
"""From the outline to where nothing is left of an edit; hair lies there."""
_TO_THE_EAR: Final = 0.08
"""How much further a face reaches whose ear is seen."""
_EAR_GOES: Final = (4.0, 16.0)
"""Degrees of yaw between which the ear that is turned away goes out of sight."""
_MOST: Final = 60.0
"""Degrees of yaw up to which faces are told apart by it."""


def outline_mask(attributes: Iterable[str], yaw: float, size: int) -> NDArray[np.float32]:
    """Return (size, size) in 0..1: 1 on a face, smoothly 0 beyond its outline on the side that is turned away.

    The near side, where glasses reach the ear, is not limited, nor are faces seen from the front.

    Args:
        attributes: What is changed together; nothing is limited where one of it may lie beyond the outline.
        yaw: Degrees, see `track.yaw.yaw_of`, positive toward the right of the image.
        size: Side of the crop in pixels.
    """
    if not ON_THE_FACE.issuperset(attributes):
        return np.ones((size, size), np.float32)
    degrees = min(abs(yaw), _MOST)
    start, end = _EAR_GOES
    ear_seen = np.clip((end - degrees) / (end - start), 0.0, 1.0)
    right = float(np.polyval(_OUTLINE, degrees) + _BESIDE + _TO_THE_EAR * ear_seen)
    return soft_mask((0.0, 0.0, right, 1.0) if yaw > 0 else (1.0 - right, 0.0, 1.0, 1.0), size)

"""How far a face is turned to the side, from its five points alone."""

import math
from typing import Final

from videoedit.faces import Points

_EYES_FRONTAL: Final = 0.96
"""Distance of the eyes, in distances of eyes and mouth, of a face seen from the front."""
_NOSE_FORWARD: Final = 0.40
"""How far the nose's tip moves sideways at a quarter turn, in distances of eyes and mouth."""


def yaw_of(points_xy: Points) -> float:
    """Return degrees, 0 from the front, positive toward the right of the image.

    Detectors draw the points of strongly turned faces toward a mean face, and so does the answer: a half profile is
    told at about 40, a full profile at 50 to 60.
    """
    eyes, mouth = points_xy[:2].mean(axis=0), points_xy[3:].mean(axis=0)
    up_x, up_y = eyes - mouth
    height_squared = max(up_x * up_x + up_y * up_y, 1e-9)
    nose_x, nose_y = points_xy[2] - (eyes + mouth) / 2
    between_x, between_y = points_xy[1] - points_xy[0]
    sideways = (nose_y * up_x - nose_x * up_y) / height_squared
    apart = (between_y * up_x - between_x * up_y) / height_squared
    return math.degrees(math.atan2(sideways / _NOSE_FORWARD, apart / _EYES_FRONTAL))

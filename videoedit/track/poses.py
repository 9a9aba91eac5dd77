"""A similarity taken apart into what can be smoothed: position, scale and angle.

Coordinates: pixels of the frame and of the crop, (0, 0) the centre of the top-left pixel.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.geometry import Transform, inverse, transform_points

Pose: TypeAlias = NDArray[np.float64]
"""(4,) x, y of the crop's centre in the frame, log of frame pixels per crop pixel, angle in radians."""


def pose_of(crop_from_frame: Transform, size: int) -> Pose:
    """Take a similarity apart into centre, log scale and angle."""
    frame_from_crop = inverse(crop_from_frame)
    middle = (size - 1) / 2
    x, y = transform_points(frame_from_crop, np.array([[middle, middle]]))[0]
    cos, sin = frame_from_crop[0, 0], frame_from_crop[1, 0]
    return np.array([x, y, math.log(math.hypot(cos, sin)), math.atan2(sin, cos)])


def crop_from_pose(pose: Pose, size: int) -> Transform:
    """Put a similarity together again."""
    x, y, log_scale, angle = pose
    cos, sin = math.exp(log_scale) * math.cos(angle), math.exp(log_scale) * math.sin(angle)
    middle = (size - 1) / 2
    linear = np.array([[cos, -sin], [sin, cos]])
    return inverse(np.column_stack([linear, np.array([x, y]) - linear @ [middle, middle]]))

"""How far a detection is believed that contradicts the path of its face.

The paths of faces are smooth, and detections err, so what is steadied lies on the path. A detection that is further
away than detections err is either wrong, or the head shook, or the hand that holds the camera: the picture tells, which
looks more like the face in the frames beside either at the detection or on the path.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from videoedit.align.from_frame import crop_of_frame
from videoedit.frames import Frame
from videoedit.track.looks import LOOK_SIZE, Look, difference, look_of_crop
from videoedit.track.poses import Pose, crop_from_pose

_NOISE: Final = np.array([0.008, 0.008, 0.045, 0.045])
"""How far detections err on clear faces: place in crop sides, log scale, radians; thrice the standard deviation that
points with errors of 2 % of the eye distance have."""
_NOTABLE: Final = 0.02
"""Share of a detection's news below which it is not worth a look whether it is right."""
_SHARPNESS: Final = 8
"""Power of the ratio in which a detection looks less like the face than the path does, by which it is doubted."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Where one can look whether a face is there."""

    frame: Frame
    size: int
    """Side of the crop in pixels."""
    usual: Look | None
    """How the face is seen in other frames; None where nobody looked, and all detections are taken for right."""


def believed(detected: Pose, smooth: Pose, seen: Seen) -> Pose:
    """Go from the path toward a detection, as far as it is too far away for noise and looks right.

    Args:
        detected: Pose as this frame's detection has it.
        smooth: As the path has it.
        seen: The picture.
    """
    news = detected - smooth
    news[3] = math.remainder(news[3], 2 * math.pi)
    side = seen.size * math.exp(smooth[2])
    excess = np.abs(news) / (_NOISE * np.array([side, side, 1.0, 1.0]))
    excess[:2] = math.hypot(*excess[:2])
    share = excess**4 / (1 + excess**4)
    if seen.usual is not None and share.max() > _NOTABLE:
        there, here = (difference(look_at(seen.frame, pose, seen.size), seen.usual) for pose in (detected, smooth))
        share *= 1 / (1 + (there / max(here, 1e-6)) ** _SHARPNESS)
    pose: Pose = smooth + share * news
    return pose


def look_at(frame: Frame, pose: Pose, size: int) -> Look:
    """Describe what a frame shows where a crop of `size` pixels lies."""
    return look_of_crop(crop_of_frame(frame, crop_from_pose(pose, size) * (LOOK_SIZE / size), LOOK_SIZE))

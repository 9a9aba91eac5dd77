"""How far a detection is believed that contradicts the path of its face.

The paths of faces are smooth, and detections err, so what is steadied lies on the path. A detection that is further
away than detections err is either wrong, or the head shook, or the hand that holds the camera: the picture tells, which
looks more like the face in the frames beside either at the detection or on the path. What is wrong must not bend the
path either.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from videoedit.align.from_frame import crop_of_frame
from videoedit.frames import Frame
from videoedit.track.looks import ALIKE, LOOK_SIZE, Look, difference, look_of_crop
from videoedit.track.poses import Pose, crop_from_pose

_NOISE: Final = np.array([0.008, 0.008, 0.045, 0.045])
"""How far detections err on clear faces: place in crop sides, log scale, radians; thrice the standard deviation that
points with errors of 2 % of the eye distance have."""
_NOTABLE: Final = 0.02
"""Share of a detection's news, or doubt in it, below which it is not worth a look whether it is right."""
_ROOM: Final = 3.0
"""How much further from where its neighbours alone let expect it a detection may be than from the path."""
_SHARPNESS: Final = 8
"""Power of the ratio in which a detection looks less like the face than the path does, by which it is doubted."""
_WRONG: Final = 0.7 * ALIKE
"""From here on what is seen at a detection is hardly the face of the frames beside it."""


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
    share = _too_far(detected, smooth, seen.size, _NOISE)
    if seen.usual is not None and share.max() > _NOTABLE:
        there, here = (difference(look_at(seen.frame, pose, seen.size), seen.usual) for pose in (detected, smooth))
        share *= 1.0 - _exceeds(there, here)
    pose: Pose = smooth + share * _news(detected, smooth)
    return pose


def trust_in(detected: Pose, look: Look | None, expected: Pose, seen: Seen) -> float:
    """Return how much a detection counts in the path: 1, down to 0 where it is far away and looks wrong.

    Args:
        detected: Pose as this frame's detection has it.
        look: How the face looks there; None where nobody looked.
        expected: Pose as the detections of other frames have it.
        seen: The picture.
    """
    if look is None or seen.usual is None:
        return 1.0
    there = difference(look, seen.usual)
    doubt = float(_too_far(detected, expected, seen.size, _ROOM * _NOISE).max()) * _exceeds(there, _WRONG)
    if doubt > _NOTABLE:
        doubt *= _exceeds(there, 2.0 * difference(look_at(seen.frame, expected, seen.size), seen.usual))
    return 1.0 - doubt


def look_at(frame: Frame, pose: Pose, size: int) -> Look:
    """Describe what a frame shows where a crop of `size` pixels lies."""
    return look_of_crop(crop_of_frame(frame, crop_from_pose(pose, size) * (LOOK_SIZE / size), LOOK_SIZE))


def _too_far(detected: Pose, expected: Pose, size: int, noise: Pose) -> NDArray[np.float64]:
    """Return what share of the way between two poses noise does not explain, of place, scale and angle, (4,)."""
    side = size * math.exp(expected[2])
    excess = np.abs(_news(detected, expected)) / (noise * np.array([side, side, 1.0, 1.0]))
    excess[:2] = math.hypot(*excess[:2])
    return np.asarray(excess**4 / (1 + excess**4))


def _news(detected: Pose, expected: Pose) -> Pose:
    """Return what a pose says other than expected, the angle the shorter way round."""
    news = detected - expected
    news[3] = math.remainder(news[3], 2 * math.pi)
    return news


def _exceeds(value: float, other: float) -> float:
    """Return whether a value is larger than another, softly, 0 to 1."""
    return 1.0 - 1.0 / (1.0 + (value / max(other, 1e-6)) ** _SHARPNESS)

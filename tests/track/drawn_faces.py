"""Faces and frames for the tests of tracking, with nothing drawn but their places."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from videoedit.align.templates import TEMPLATES
from videoedit.faces import Face, Track
from videoedit.frames import Frame, PixelFormat
from videoedit.track.tracker import Tracked

FORMAT = PixelFormat("yuv420p", 8, (1, 1), "bt709", False)
EYES = 70.0
"""Distance of the eyes of a face at scale 1, in pixels."""


def frame_at(index: int) -> Frame:
    planes = (np.zeros((4, 4), np.uint8), np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8))
    return Frame(planes, FORMAT, Fraction(index, 30), Fraction(1, 30), index)


def face_at(x: float, y: float, scale: float = 1.0, angle: float = 0.0, score: float = 0.9) -> Face:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (TEMPLATES["elegant"] - 128) @ turn.T + [x, y]
    box = np.concatenate([points.min(axis=0) - 40 * scale, points.max(axis=0) + 40 * scale])
    return Face(box, points, score)


def look_of(person: int) -> np.ndarray:
    """Return a look that differs by 2 from every other person's."""
    look = np.zeros(8, np.float32)
    look[person] = 1.0
    return look


def seen(
    count: int, face_of: Callable[[int], Face | None], scene_of: Callable[[int], int] = lambda i: 0
) -> list[Tracked]:
    """Return `count` frames in which track 0 is seen wherever there is a face."""

    def tracks(index: int) -> Sequence[Track]:
        face = face_of(index)
        return [] if face is None else [Track(0, face)]

    return [Tracked(frame_at(i), tracks(i), scene_of(i)) for i in range(count)]

"""Steady alignment: the similarity transform of each track, smoothed over time.

Position, log scale and angle are fitted apart by a local quadratic with Gaussian weights. The window is symmetric
offline, so nothing lags; frames without a detection between two with one are bridged by the same fit.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.align.templates import crop_from_points
from videoedit.faces import Track
from videoedit.frames import Frame
from videoedit.geometry import Transform, inverse, transform_points
from videoedit.streams import look_around

SIGMAS: Final = {"off": 0.0, "low": 1.5, "medium": 3.0, "high": 6.0}
"""Standard deviation of the window in frames, by the name of the setting."""

Pose: TypeAlias = NDArray[np.float64]
"""(4,) x, y of the crop's centre in the frame, log of frame pixels per crop pixel, angle in radians."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where one track's crop lies in one frame."""

    track_id: int
    crop_from_frame: Transform


def steady(
    tracked: Iterable[tuple[Frame, Sequence[Track]]], template: str, size: int, sigma: float
) -> Iterator[tuple[Frame, list[Placement]]]:
    """Place every track's crop in every frame, holding no more than the window.

    Args:
        tracked: Frames with the tracks seen in them, in order.
        template: Alignment of the crop.
        size: Side of the crop in pixels.
        sigma: Standard deviation of the window in frames; 0 leaves the detections as they are.
    """
    posed = ((frame, _poses_of(tracks, template, size)) for frame, tracks in tracked)
    for window, centre in look_around(posed, math.ceil(2.5 * sigma)):
        yield window[centre][0], _placed([poses for _, poses in window], centre, sigma, size)


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


def _poses_of(tracks: Sequence[Track], template: str, size: int) -> dict[int, Pose]:
    return {track.id: pose_of(crop_from_points(track.face.points_xy, template, size), size) for track in tracks}


def _placed(poses: Sequence[dict[int, Pose]], centre: int, sigma: float, size: int) -> list[Placement]:
    placements = []
    for track_id in sorted({track_id for seen in poses for track_id in seen}):
        times = np.array([t - centre for t, seen in enumerate(poses) if track_id in seen])
        if not times.min() <= 0 <= times.max():
            continue
        samples = np.stack([seen[track_id] for seen in poses if track_id in seen])
        pose = samples[times == 0][0] if sigma == 0 else _fit_at_zero(times, samples, sigma)
        placements.append(Placement(track_id, crop_from_pose(pose, size)))
    return placements


def _fit_at_zero(times: NDArray[np.int64], samples: NDArray[np.float64], sigma: float) -> Pose:
    """Return the value at time 0 of the weighted quadratic through samples (T, 4)."""
    unwrapped = samples.copy()
    unwrapped[:, 3] = np.unwrap(samples[:, 3])
    weights = np.exp(-0.5 * np.square(times / sigma))
    degree = min(2, len(times) - 1)
    powers = (times[:, None] / sigma) ** np.arange(degree + 1)
    root = np.sqrt(weights)[:, None]
    coefficients, *_ = np.linalg.lstsq(powers * root, unwrapped * root, rcond=None)
    pose: Pose = coefficients[0]
    return pose

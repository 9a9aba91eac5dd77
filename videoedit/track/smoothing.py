"""Steady alignment: the similarity transform of each track, smoothed over time.

Position, log scale and angle are fitted apart by a local quadratic with Gaussian weights. The window is symmetric
offline, so nothing lags; frames without a detection between two with one are bridged by the same fit.

How far each detection is believed, in the path and beyond it: `track/belief.py`.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.faces import NOBODY, Face, Points
from videoedit.frames import Frame
from videoedit.geometry import Transform
from videoedit.streams import look_around
from videoedit.track.belief import Seen, believed, look_at, trust_in
from videoedit.track.fading import Fading, fade_of
from videoedit.track.poses import Pose, crop_from_pose
from videoedit.track.runs import Run, Sighting
from videoedit.track.tracker import Tracked

SIGMAS: Final = {"off": 0.0, "low": 1.5, "medium": 3.0, "high": 6.0}
"""Standard deviation of the window in frames, by the name of the setting."""

_BESIDE: Final = 3
"""Frames before and after a detection from which it is told where it should be."""
_BESIDE_SIGMA: Final = 2.0
_LEAST_TRUST: Final = 0.1
"""Detections that are trusted less have no say in the path, where there are others."""

_FADING: Final = Fading()
_Seen: TypeAlias = tuple[int, Mapping[int, Sighting]]
"""A frame's scene, and who was seen in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where one track's crop lies in one frame, and how much of the edit is shown there."""

    track_id: int
    crop_from_frame: Transform
    scene: int = 0
    fade: float = 1.0
    """Share of the edit that is added, 0..1."""
    reason: str = ""
    """Why less than all of it is."""
    face: Face | None = None
    """As detected; None where a gap is bridged."""
    person: int = NOBODY
    """Number among the people whose pictures were given."""
    yaw: float = 0.0
    """Degrees by which the face is turned, steadied; see `yaw_of`."""
    points_xy: Points | None = None
    """(5, 2) of the face in pixels of its crop, steadied."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A frame and where its faces lie."""

    frame: Frame
    placements: Sequence[Placement]

    @property
    def shown(self) -> list[Placement]:
        """The faces on which some of the edit is shown."""
        return [placement for placement in self.placements if placement.fade > 0]


def steady(
    tracked: Iterable[Tracked], template: str, size: int, sigma: float, fading: Fading = _FADING
) -> Iterator[Placed]:
    """Place every track's crop in every frame; frames ahead are held as far as the window reaches, none behind.

    Args:
        tracked: Frames with the tracks seen in them, in order.
        template: Alignment of the crop.
        size: Side of the crop in pixels.
        sigma: Standard deviation of the window in frames; 0 leaves the detections as they are.
        fading: When the edit comes and goes; faces it leaves alone are placed too, with a fade of 0.
    """
    waiting: deque[Frame] = deque()

    def seen() -> Iterator[_Seen]:
        for entry in tracked:
            waiting.append(entry.frame)
            yield entry.scene, {track.id: Sighting.of(track, template, size) for track in entry.tracks}

    def trusted() -> Iterator[_Seen]:
        for window, centre in look_around(seen(), _BESIDE):
            yield steadier.trusted(waiting[centre - len(window)], window, centre)

    steadier = _Steadier(size, sigma, fading)
    reach = max(math.ceil(2.5 * sigma), fading.reach)
    for window, centre in look_around(trusted() if sigma > 0 else seen(), reach):
        frame = waiting.popleft()
        yield Placed(frame, steadier.placements(frame, window, centre))


@dataclass(frozen=True, slots=True)
class _Steadier:
    size: int
    sigma: float
    fading: Fading

    def trusted(self, frame: Frame, window: Sequence[_Seen], centre: int) -> _Seen:
        """Return what was seen in a frame, with the trust that it deserves."""
        runs = self._runs(window, centre)
        found = {i: replace(run.now, trust=self._trust_in(run.now, run, frame)) for i, run in runs if run.now}
        return window[centre][0], found

    def _trust_in(self, sighting: Sighting, run: Run, frame: Frame) -> float:
        others = run.times != 0
        if others.sum() < 2:
            return 1.0
        poses = [one.pose for one in run.sightings if one is not sighting]
        expected = pose_at(run.times[others], poses, run.trust[others], _BESIDE_SIGMA)
        return trust_in(sighting.pose, sighting.track.look, expected, Seen(frame, self.size, run.usual_look))

    def placements(self, frame: Frame, window: Sequence[_Seen], centre: int) -> list[Placement]:
        """Place every crop of a frame."""
        scene = window[centre][0]
        return [self._placement(frame, scene, track_id, run) for track_id, run in self._runs(window, centre)]

    def _runs(self, window: Sequence[_Seen], centre: int) -> list[tuple[int, Run]]:
        """Return the runs around a frame, by id."""
        number = window[centre][0]
        sightings = [found for scene, found in window if scene == number]
        place = centre - sum(scene < number for scene, _ in window)
        runs = [
            (track_id, Run.around(sightings, place, track_id, self.fading.max_gap))
            for track_id in sorted({track_id for found in sightings for track_id in found})
        ]
        return [(track_id, run) for track_id, run in runs if run]

    def _placement(self, frame: Frame, scene: int, track_id: int, run: Run) -> Placement:
        poses = [sighting.pose for sighting in run.sightings]
        pose, look = pose_at(run.times, poses, run.trust, self.sigma), None
        if run.now is not None:
            pose = believed(run.now.pose, pose, Seen(frame, self.size, run.usual_look))
        elif run.neighbours[0].track.look is not None:
            look = look_at(frame, pose, self.size)
        fade, reason = fade_of(run, self.fading, look)
        face = run.now.track.face if run.now else None
        crop_from_frame = crop_from_pose(pose, self.size)
        return Placement(track_id, crop_from_frame, scene, fade, reason, face, run.person, run.yaw, run.points_xy)


def pose_at(times: NDArray[np.int64], poses: Sequence[Pose], trust: NDArray[np.float64], sigma: float) -> Pose:
    """Return the pose at time 0 of the weighted quadratic through poses at ascending `times`, in frames.

    Each counts as far as it is trusted, 0..1. With a sigma of 0 the pose at 0 itself is returned, or lies on the line
    between the nearest ones before and after.
    In a gap the window is widened to reach beyond it.
    """
    counts = trust >= min(_LEAST_TRUST, trust.max())
    times, samples, trust = times[counts], np.stack(poses)[counts], trust[counts]  # samples (T, 4)
    samples[:, 3] = np.unwrap(samples[:, 3])
    nearest = int(np.abs(times).min())
    if sigma == 0:
        return np.array([np.interp(0, times, values) for values in samples.T])
    return _fit_at_zero(times, samples, trust, max(sigma, 0.7 * nearest))


def _fit_at_zero(
    times: NDArray[np.int64], samples: NDArray[np.float64], trust: NDArray[np.float64], sigma: float
) -> Pose:
    weights = np.exp(-0.5 * np.square(times / sigma)) * trust
    degree = max(min(2, round(trust.sum()) - 1), 0)
    powers = (times[:, None] / sigma) ** np.arange(degree + 1)
    root = np.sqrt(weights)[:, None]
    coefficients, *_ = np.linalg.lstsq(powers * root, samples * root, rcond=None)
    pose: Pose = coefficients[0]
    return pose

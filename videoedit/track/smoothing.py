"""Steady alignment: the similarity transform of each track, smoothed over time.

Position, log scale and angle are fitted apart by a local quadratic with Gaussian weights. The window is symmetric
offline, so nothing lags; frames without a detection between two with one are bridged by the same fit.

A detection that is further from the fit than detections err is either wrong, or the head shook, or the hand that holds
the camera. It is believed as far as the picture there looks more like the face in the frames beside than at the fit.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.align.from_frame import crop_of_frame
from videoedit.faces import NOBODY, Face
from videoedit.frames import Frame
from videoedit.geometry import Transform
from videoedit.streams import look_around
from videoedit.track.fading import Fading, fade_of
from videoedit.track.looks import LOOK_SIZE, Look, difference, look_of_crop
from videoedit.track.poses import Pose, crop_from_pose
from videoedit.track.runs import Run, Sighting
from videoedit.track.tracker import Tracked

SIGMAS: Final = {"off": 0.0, "low": 1.5, "medium": 3.0, "high": 6.0}
"""Standard deviation of the window in frames, by the name of the setting."""

_NOISE: Final = np.array([0.008, 0.008, 0.045, 0.045])
"""How far detections err on clear faces: place in crop sides, log scale, radians; thrice the standard deviation that
points with errors of 2 % of the eye distance have."""
_NOTABLE: Final = 0.02
"""Share of a detection's news below which it is not worth a look whether it is right."""
_SHARPNESS: Final = 8
"""Power of the ratio in which a detection looks less like the face than the fit does, by which it is doubted."""
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

    steadier = _Steadier(size, sigma, fading)
    for window, centre in look_around(seen(), max(math.ceil(2.5 * sigma), fading.reach)):
        frame = waiting.popleft()
        yield Placed(frame, steadier.placements(frame, window, centre))


@dataclass(frozen=True, slots=True)
class _Steadier:
    size: int
    sigma: float
    fading: Fading

    def placements(self, frame: Frame, window: Sequence[_Seen], centre: int) -> list[Placement]:
        number = window[centre][0]
        sightings = [found for scene, found in window if scene == number]
        place = centre - sum(scene < number for scene, _ in window)
        runs = [
            (track_id, Run.around(sightings, place, track_id, self.fading.max_gap))
            for track_id in sorted({track_id for found in sightings for track_id in found})
        ]
        return [self._placement(frame, number, track_id, run) for track_id, run in runs if run]

    def _placement(self, frame: Frame, scene: int, track_id: int, run: Run) -> Placement:
        poses = [sighting.pose for sighting in run.sightings]
        pose, look = pose_at(run.times, poses, self.sigma), None
        if run.now is not None:
            pose = self._believed(frame, run, run.now.pose, pose)
        elif run.neighbours[0].track.look is not None:
            look = self._look(frame, pose)
        fade, reason = fade_of(run, self.fading, look)
        face = run.now.track.face if run.now else None
        return Placement(track_id, crop_from_pose(pose, self.size), scene, fade, reason, face, run.person)

    def _believed(self, frame: Frame, run: Run, detected: Pose, smooth: Pose) -> Pose:
        """Go from the smooth pose toward a detection, as far as it is too far away for noise and looks right."""
        news = detected - smooth
        news[3] = math.remainder(news[3], 2 * math.pi)
        share, usual = share_of_news(news, self.size * math.exp(smooth[2])), run.usual_look
        if usual is not None and share.max() > _NOTABLE:
            there, here = (difference(self._look(frame, pose), usual) for pose in (detected, smooth))
            share *= 1 / (1 + (there / max(here, 1e-6)) ** _SHARPNESS)
        pose: Pose = smooth + share * news
        return pose

    def _look(self, frame: Frame, pose: Pose) -> Look:
        crop_from_frame = crop_from_pose(pose, self.size) * (LOOK_SIZE / self.size)
        return look_of_crop(crop_of_frame(frame, crop_from_frame, LOOK_SIZE))


def share_of_news(news: Pose, side: float) -> Pose:
    """Return how much of each part of a detection's difference from the fit cannot be noise, (4,) in 0..1.

    Args:
        news: Detected less fitted pose.
        side: Of the crop, in pixels of the frame.
    """
    excess = np.abs(news) / (_NOISE * np.array([side, side, 1.0, 1.0]))
    excess[:2] = math.hypot(*excess[:2])
    share: Pose = excess**4 / (1 + excess**4)
    return share


def pose_at(times: NDArray[np.int64], poses: Sequence[Pose], sigma: float) -> Pose:
    """Return the pose at time 0 of the weighted quadratic through poses at ascending `times`, in frames.

    With a sigma of 0 the pose at 0 itself is returned, or lies on the line between the nearest ones before and after.
    In a gap the window is widened to reach beyond it.
    """
    samples = np.stack(poses)  # (T, 4)
    samples[:, 3] = np.unwrap(samples[:, 3])
    nearest = int(np.abs(times).min())
    if sigma == 0:
        return np.array([np.interp(0, times, values) for values in samples.T])
    return _fit_at_zero(times, samples, max(sigma, 0.7 * nearest))


def _fit_at_zero(times: NDArray[np.int64], samples: NDArray[np.float64], sigma: float) -> Pose:
    weights = np.exp(-0.5 * np.square(times / sigma))
    degree = min(2, len(times) - 1)
    powers = (times[:, None] / sigma) ** np.arange(degree + 1)
    root = np.sqrt(weights)[:, None]
    coefficients, *_ = np.linalg.lstsq(powers * root, samples * root, rcond=None)
    pose: Pose = coefficients[0]
    return pose

"""Live steadiness, from the past alone: the alignment by a tracker of place and motion, the residual by a running mean.

A track's pose is predicted from its motion and corrected by a share, the gain, of what the detection says otherwise.
Errors that point the same way for some frames mean that the face moves unlike its prediction, and raise the gain
(Trigg and Leach's tracking signal); errors that cancel out are the detector's noise. So a still face is held still,
and a moving one is not followed late, as it would be by a low-pass filter. What shakes looks like noise to this: how
far a detection is believed beyond it, `track/belief.py` decides by the picture; what looks wrong is no news.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Track
from videoedit.frames import Frame, Image
from videoedit.track.belief import Seen, believed, trust_in
from videoedit.track.fading import Fading, fade_of
from videoedit.track.motion import motion_between, moved_along
from videoedit.track.poses import Pose, crop_from_pose
from videoedit.track.residuals import FaceEdit, alike
from videoedit.track.runs import Run, Sighting
from videoedit.track.smoothing import Placed, Placement
from videoedit.track.tracker import Tracked

T = TypeVar("T")

GAINS: Final = {"off": 1.0, "low": 0.3, "medium": 0.16, "high": 0.1}
"""Least share of a detection's news that is believed, at 30 frames per second, by the name of the setting."""
MEMORIES: Final = {"off": 0.0, "low": 0.5, "medium": 0.7, "high": 0.8}
"""What the residuals so far weigh against the newest, where the face looks the same; by the name of the setting."""

_MORE_GAIN: Final = 0.6
"""What a tracking signal of 1 adds to the gain."""
_SIGNAL_MEMORY: Final = 0.15
"""Share of the newest error in the means from which the tracking signal is made."""
_JUMP: Final = 0.35
"""A face this share of a crop's side away from its prediction is a new one: the picture was cut."""
_HELD_SECONDS: Final = 0.25
"""So long a face is placed by its motion alone when the detector misses it, and its edit fades."""
_DOUBTED: Final = 0.5
"""A detection that is trusted less is taken for none, for as long as one may be missed."""
_LEAST_SEEN: Final = 2
"""A face that is new in a scene is left alone for one frame; many that are none are seen once."""
_LATEST: Final = 8
"""Sightings of a person that are kept."""
_FADING: Final = Fading()
_RATE: Final = 30.0
"""Frames per second for which gains are written."""


@dataclass(frozen=True, slots=True, eq=False)
class _Motion:
    """What is believed of one track."""

    pose: Pose
    velocity: Pose
    """Per second."""
    error: Pose
    """Running mean of the predictions' errors; near 0 where they cancel out."""
    spread: Pose
    """Running mean of their sizes."""
    time: float
    """Seconds; of the newest detection."""
    count: int
    """Detections so far."""

    @classmethod
    def start(cls, pose: Pose, time: float) -> Self:
        """Believe a first detection."""
        return cls(pose, np.zeros(4), np.zeros(4), np.zeros(4), time, 1)

    def at(self, time: float) -> Pose:
        """Predict the pose."""
        predicted: Pose = self.pose + self.velocity * (time - self.time)
        return predicted

    def corrected(self, pose: Pose, time: float, gain: float) -> Self:
        """Take a detection in."""
        seconds = max(time - self.time, 1e-3)
        news = pose - self.at(time)
        news[3] = math.remainder(news[3], 2 * math.pi)
        memory = max(1 - (1 - _SIGNAL_MEMORY) ** (seconds * _RATE), 1 / self.count)
        error, spread = self.error + memory * (news - self.error), self.spread + memory * (abs(news) - self.spread)
        signal = np.square(error / np.maximum(spread, 1e-9)) if self.count > 1 else np.zeros(4)
        signal[:2] = signal[:2].max()
        believed = np.minimum(np.maximum(gain, 1 / (self.count + 1)) + _MORE_GAIN * signal, 1.0)
        believed = 1 - (1 - believed) ** (seconds * _RATE)  # the same in a second, whatever the rate
        turn = believed**2 / (2 - believed)  # which damps the two together critically
        return replace(
            self,
            pose=self.at(time) + believed * news,
            velocity=self.velocity + turn * news / seconds,
            error=error,
            spread=spread,
            time=time,
            count=self.count + 1,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """One person until now."""

    motion: _Motion
    sightings: tuple[tuple[int, Sighting], ...]
    """The latest, with the numbers of their frames."""
    begins_scene: bool
    """The first of them is the scene's first frame."""

    def run_at(self, number: int) -> Run:
        """Return the sightings as seen from a frame."""
        times = np.array([earlier - number for earlier, _ in self.sightings])
        return Run(times, tuple(sighting for _, sighting in self.sightings), self.begins_scene, ends_scene=True)

    def placed(self, frame: Frame, number: int, scene: int, choices: "_Choices") -> Placement:
        """Return where the face is in a frame, and how much of the edit it is given."""
        seen, sighting = self.sightings[-1]
        run, time = self.run_at(seen), float(frame.time)
        held = 1.0 - (time - self.motion.time) / _HELD_SECONDS
        fade, reason = min(fade_of(run, choices.fading), (held, "leaving") if held < 1 else (1.0, ""))
        pose, track, face = self.motion.at(time), sighting.track, None
        if seen == number:
            pose = believed(sighting.pose, pose, Seen(frame, choices.size, run.usual_look))
            face = track.face
        crop_from_frame, fade = crop_from_pose(pose, choices.size), max(fade, 0.0)
        return Placement(track.id, crop_from_frame, scene, fade, reason, face, run.person, run.yaw, run.points_xy)


@dataclass(frozen=True, slots=True)
class _Choices:
    template: str
    size: int
    gain: float
    fading: Fading

    def after(self, known: _Followed | None, track: Track, frame: Frame, number: int, *, begins: bool) -> _Followed:
        """Take a detection in."""
        sighting, time = Sighting.of(track, self.template, self.size), float(frame.time)
        motion = _Motion.start(sighting.pose, time)
        if known is None:
            return _Followed(motion, ((number, sighting),), begins)
        if self.gain < 1:
            expected = known.motion.at(time)
            seen = Seen(frame, self.size, known.run_at(number).usual_look)
            sighting = replace(sighting, trust=trust_in(sighting.pose, track.look, expected, seen))
            if sighting.trust < _DOUBTED and time - known.motion.time < _HELD_SECONDS:
                motion = known.motion
            elif not _is_jump(expected, sighting.pose, self.size):
                motion = known.motion.corrected(sighting.pose, time, self.gain)
        latest = (*known.sightings, (number, sighting))[-_LATEST:]
        return _Followed(motion, latest, known.begins_scene and len(known.sightings) < _LATEST)


def steady_live(
    tracked: Iterable[Tracked], template: str, size: int, gain: float, fading: Fading = _FADING
) -> Iterator[Placed]:
    """Place every track's crop in every frame without waiting for the next.

    Args:
        tracked: Frames with the tracks seen in them, in order; some frames may have been left out.
        template: Alignment of the crop.
        size: Side of the crop in pixels.
        gain: Least share of a detection's news that is believed, at 30 frames per second; 1 leaves detections as is.
        fading: When the edit comes and goes, as far as the past can tell.
    """
    choices = _Choices(template, size, gain, replace(fading, min_seen=_LEAST_SEEN if gain < 1 else 1))
    people: dict[int, _Followed] = {}
    scene: int | None = None
    for number, entry in enumerate(tracked):
        begins = entry.scene != scene
        people, scene = {} if begins else people, entry.scene
        for track in entry.tracks:
            people[track.id] = choices.after(people.get(track.id), track, entry.frame, number, begins=begins)
        held = 0.0 if gain >= 1 else _HELD_SECONDS
        time = float(entry.frame.time)
        people = {i: person for i, person in people.items() if time - person.motion.time <= held}
        placements = [person.placed(entry.frame, number, scene, choices) for _, person in sorted(people.items())]
        yield Placed(entry.frame, placements)


def steady_residuals_live(
    edited: Iterable[tuple[T, Sequence[FaceEdit]]], memory: float
) -> Iterator[tuple[T, list[FaceEdit]]]:
    """Average every track's residual with its past, cell by cell where the face looks as it did.

    Args:
        edited: Frames, or anything else, with their edited faces, in order.
        memory: Weight of the past against the newest, 0 to 1; 0 leaves the residuals as they are.
    """
    pasts: dict[tuple[int, int], _Past] = {}
    for item, faces in edited:
        if memory > 0:
            pasts = {face.key: _Past.joined(pasts.get(face.key), face, memory) for face in faces}
            faces = [replace(face, residual=pasts[face.key].residual) for face in faces]
        yield item, list(faces)


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """What one track's residuals have been."""

    residual: NDArray[np.float32]
    """(3, 4 or 6, S, S), mean."""
    weight: NDArray[np.float32]
    """(g, g), how much of the past is in it."""
    look: NDArray[np.float32]
    """(g, g, 3), mean of the face's coarse crops."""
    crop: Image
    """(S, S, 3), the latest."""

    def moved_to(self, crop: Image) -> Self:
        """Go along with the face to its next crop."""
        motion, size = motion_between(self.crop, crop), len(crop)
        return replace(
            self,
            residual=moved_along(self.residual, motion, size),
            weight=moved_along(self.weight[None], motion, size)[0],
            look=moved_along(self.look.transpose(2, 0, 1), motion, size).transpose(1, 2, 0),
            crop=crop,
        )

    @classmethod
    def joined(cls, past: "Self | None", face: FaceEdit, memory: float) -> Self:
        """Add the newest residual to the past; an edit of another look or face starts anew."""
        look = face.coarse()
        if past is None:
            return cls(face.residual, np.ones(look.shape[:2], np.float32), look, face.crop)
        past = past.moved_to(face.crop)
        kept = memory * past.weight * alike(past.look, look)  # (g, g)
        share = (kept / (1 + kept)).astype(np.float32)
        fine = np.asarray(cv2.resize(share, face.residual.shape[:0:-1], interpolation=cv2.INTER_LINEAR), np.float32)
        residual = face.residual + fine * (past.residual - face.residual)
        return cls(residual, 1 + kept, look + share[..., None] * (past.look - look), face.crop)


def _is_jump(predicted: Pose, pose: Pose, size: int) -> bool:
    side = size * math.exp(pose[2])
    return math.hypot(*(pose - predicted)[:2]) > _JUMP * side

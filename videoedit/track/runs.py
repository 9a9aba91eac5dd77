"""One person's sightings around a moment: what smoothing and fading look at."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from videoedit.align.templates import crop_from_points
from videoedit.faces import Points, Track
from videoedit.geometry import transform_points
from videoedit.track.looks import Look
from videoedit.track.poses import Pose, pose_of
from videoedit.track.yaw import yaw_of

_SIGMA: Final = 2.0
"""Standard deviation, in frames, of the window of `Run.mean` and `Run.usual_look`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A face where it was detected, and what is read from its points."""

    track: Track
    pose: Pose
    yaw: float
    """Degrees, see `yaw_of`."""
    points_xy: Points
    """(5, 2), in pixels of the crop that the pose tells."""
    trust: float = 1.0
    """How much it counts beside others, 0..1."""

    @classmethod
    def of(cls, track: Track, template: str, size: int) -> Self:
        """Read the points of a track for crops of `size` pixels."""
        points_xy = track.face.points_xy
        crop_from_frame = crop_from_points(points_xy, template, size)
        inside = transform_points(crop_from_frame, points_xy)
        return cls(track, pose_of(crop_from_frame, size), yaw_of(points_xy), inside)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One person seen around a moment, with no gap longer than what may be bridged."""

    times: NDArray[np.int64]
    """(T,) frames from the moment, ascending; the first is at most 0, the last at least 0."""
    sightings: tuple[Sighting, ...]
    begins_scene: bool
    """The first of `times` is the scene's first frame."""
    ends_scene: bool

    @classmethod
    def around(cls, scene: Sequence[Mapping[int, Sighting]], centre: int, track_id: int, max_gap: int) -> Self | None:
        """Collect the run of one person; None where the moment lies in no run.

        Args:
            scene: Who was seen, by id, in neighbouring frames of one scene.
            centre: The moment's place in it.
            track_id: The person's.
            max_gap: Frames that may lie between two sightings.
        """
        seen = [(t - centre, sightings[track_id]) for t, sightings in enumerate(scene) if track_id in sightings]
        times = np.array([t for t, _ in seen])
        breaks = np.flatnonzero(np.diff(times) > max_gap + 1) + 1
        for part in np.split(np.arange(len(times)), breaks):
            if times[part[0]] <= 0 <= times[part[-1]]:
                own = times[part]
                chosen = tuple(seen[i][1] for i in part)
                return cls(own, chosen, bool(own[0] == -centre), bool(own[-1] == len(scene) - 1 - centre))
        return None

    @property
    def now(self) -> Sighting | None:
        """The sighting at the moment itself; None in a gap."""
        return self.sightings[int(np.searchsorted(self.times, 0))] if 0 in self.times else None

    @property
    def neighbours(self) -> tuple[Sighting, Sighting]:
        """The last sighting until the moment and the first from it on."""
        return (
            self.sightings[int(np.searchsorted(self.times, 0, side="right")) - 1],
            self.sightings[int(np.searchsorted(self.times, 0))],
        )

    @property
    def ahead(self) -> tuple[Sighting, ...]:
        """The sightings from the moment on; what is decided about a person is known better later."""
        return self.sightings[int(np.searchsorted(self.times, 0)) :]

    @property
    def person(self) -> int:
        """Who the person is taken for most of the time; single looks deceive."""
        return Counter(sighting.track.person for sighting in self.sightings).most_common(1)[0][0]

    @property
    def trust(self) -> NDArray[np.float64]:
        """How much each sighting counts, (T,)."""
        return np.array([sighting.trust for sighting in self.sightings])

    @property
    def yaw(self) -> float:
        """Degrees by which the face is turned, see `yaw_of`, averaged around the moment."""
        return self.mean([sighting.yaw for sighting in self.sightings])

    @property
    def points_xy(self) -> Points:
        """The five points of the face in its crop, (5, 2), averaged around the moment."""
        points: Points = np.average([s.points_xy for s in self.sightings], axis=0, weights=self._weights)
        return points

    @property
    def usual_look(self) -> Look | None:
        """How the face is seen in the frames beside the moment's; None where nobody looked."""
        beside = [
            (w, s.track.look)
            for t, w, s in zip(self.times, self._weights, self.sightings, strict=True)
            if t and s.track.look is not None
        ]
        if not beside:
            return None
        weights, looks = zip(*beside, strict=True)
        usual: Look = np.average(looks, axis=0, weights=weights).astype(np.float32)
        return usual

    def mean(self, values: Sequence[float]) -> float:
        """Average one value per sighting around the moment."""
        weights = self._weights
        return float(weights @ np.asarray(values, np.float64) / weights.sum())

    @property
    def _weights(self) -> NDArray[np.float64]:
        """How much each sighting counts around the moment, (T,)."""
        return np.asarray(np.exp(-0.5 * np.square(self.times / _SIGMA)) * self.trust + 1e-9)

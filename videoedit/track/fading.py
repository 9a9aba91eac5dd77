"""How much of the edit a face is given: all of it where all is well, less toward where it cannot be done well.

An edit comes and goes over some frames with its face, is left out of faces that are too small, too briefly seen or
seen from the side, and in a gap between two detections stays only while the picture there still looks like the face.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from videoedit.faces import Track
from videoedit.ramps import smoothstep
from videoedit.track.looks import ALIKE, Look, difference
from videoedit.track.runs import Run
from videoedit.track.tracker import MAX_GAP

YAW_RANGE: Final = (40.0, 52.0)
"""Degrees at which the edit begins to go, and is gone; the networks were trained on portraits."""

BRIEF: Final = "brief"
"""Why an edit leaves alone what was taken for a face in some few frames."""

_GROWTH: Final = 1.15
"""Faces this many times larger than the smallest are edited fully."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fading:
    """When an edit comes and goes."""

    frames: int = 4
    """Frames over which it comes or goes."""
    max_gap: int = MAX_GAP
    """Frames without a detection that are bridged."""
    min_seen: int = 6
    """Faces seen in fewer frames are left alone, unless the scene is no longer."""
    min_face: float = 32.0
    """Faces whose longer side has fewer pixels are left alone."""

    @property
    def reach(self) -> int:
        """Frames that must be seen before and after a moment."""
        return max(self.max_gap + self.frames + 1, self.min_seen)


def fade_of(run: Run, fading: Fading, look: Look | None = None) -> tuple[float, str]:
    """Return the share of the edit at the run's moment, 0..1, and why it is not all; "" where it is.

    Args:
        run: The person's sightings around the moment.
        fading: The choices.
        look: How the picture looks where the face should be, in a gap; None elsewhere.
    """
    return min(_shares(run, fading, look), default=(1.0, ""))


def _shares(run: Run, fading: Fading, look: Look | None) -> Iterator[tuple[float, str]]:
    """Give every share that is less than 1, with its reason."""
    size = run.mean([sighting.track.face.size for sighting in run.sightings])
    turn = abs(run.yaw)
    is_brief = len(run.times) < fading.min_seen and not (run.begins_scene and run.ends_scene)
    unlike = 0.0 if look is None else _unlikeness(look, [near.track for near in run.neighbours])
    is_chosen = [sighting.track.is_chosen for sighting in run.ahead]
    chosen = sum(is_chosen) / len(is_chosen)
    shares = {
        "not chosen": _rise(chosen, 0.0, 1.0),
        BRIEF: 0.0 if is_brief else 1.0,
        "small": _rise(size, fading.min_face, _GROWTH * fading.min_face),
        "profile": 1.0 - _rise(turn, *YAW_RANGE),
        "hidden": 1.0 - _rise(unlike, ALIKE, 2.0 * ALIKE),
        "arriving": 1.0 if run.begins_scene else (1 - run.times[0]) / (fading.frames + 1),
        "leaving": 1.0 if run.ends_scene else (1 + run.times[-1]) / (fading.frames + 1),
    }
    return ((float(share), reason) for reason, share in shares.items() if share < 1.0)


def _unlikeness(look: Look, tracks: Sequence[Track]) -> float:
    """Return how far a look is from the nearest of the tracks' looks; 0 where they have none."""
    return min((difference(look, track.look) for track in tracks if track.look is not None), default=0.0)


def _rise(value: float, start: float, end: float) -> float:
    """Rise smoothly from 0 at `start` to 1 at `end`."""
    ramp = min(max((value - start) / max(end - start, 1e-9), 0.0), 1.0)
    return smoothstep(ramp)

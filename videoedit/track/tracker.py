"""Who is who from frame to frame: detections of one person get one id.

A detection is paired with the person it is nearest to, by place (where the person should be by now), size and looks.
A person unseen for too long is forgotten, and everybody is at a cut.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Face, Track
from videoedit.frames import Frame
from videoedit.geometry import iou, overlap_of_smaller
from videoedit.track.looks import ALIKE, Look, difference

MAX_GAP: Final = 10
"""Frames for which a person may be unseen and still be the same."""

_REACH: Final = 0.6
"""Way from the expected place, in sizes of the face, at which a detection is no longer the same person's."""
_REACH_PER_FRAME: Final = 0.1
"""How much further a person may get with every frame unseen."""
_SIZE_RATIO: Final = 1.7
"""Faces whose sizes differ more are not the same person's."""
_UNLIKE: Final = 2.5 * ALIKE
"""Looks that differ more are another person's, unless the face has hardly moved since the last frame."""
_UNMOVED: Final = 0.4
"""Overlap with the last frame that needs no look; points that jump make a face look different."""
_PART: Final = 1.25
"""How much larger a detection must be than another inside it, so that the inner one is of a part of the face."""
_WHOLLY: Final = 0.95
"""Share of the inner one that lies on the outer."""
_BRIEFLY: Final = 3
"""Frames from one to the other; what is framed otherwise looks different, so that looks are not asked."""
_MOSTLY: Final = 0.5
"""Share of the smaller of two faces that may lie on the larger one."""
_HASTE: Final = 0.5
"""Share of the newest step in the speed."""

Recall: TypeAlias = Callable[[Face, Collection[int]], int | None]
_Vector: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """The faces of one frame, by person."""

    frame: Frame
    tracks: Sequence[Track]
    scene: int = 0
    """Number of the scene; nothing is carried from one to the next."""


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A person as last seen."""

    track: Track
    step_xy: _Vector
    """(2,) pixels per frame."""
    age: int = 0
    """Frames since it was seen."""


class Tracker:
    """Gives ids; remembers the people seen last."""

    def __init__(self, max_gap: int = MAX_GAP, start_score: float = 0.0) -> None:
        """Begin with nobody known.

        Args:
            max_gap: Frames for which a person may be unseen and still be the same.
            start_score: A face this sure starts a track; a less sure one can only continue one.
        """
        self._max_gap = max_gap
        self._start_score = start_score
        self._known: list[_Known] = []
        self._next_id = 0
        self._scene = 0

    def update(
        self,
        faces: Sequence[Face],
        looks: Sequence[Look] | None = None,
        scene: int = 0,
        recall: Recall | None = None,
    ) -> list[Track]:
        """Return the next frame's tracks.

        Left out are faces that continue no track and are too unsure to start one, or lie on another's face: small
        detections inside of large ones.

        Args:
            faces: The detections, surest first.
            looks: One for each face, if anybody looked.
            scene: Its number; with a new one everybody is forgotten.
            recall: Given a face that is new and the ids that are taken, tells the id of its earlier track, if any.
        """
        if scene != self._scene:
            self._known, self._scene = [], scene
        known = [_Known(k.track, k.step_xy, k.age + 1) for k in self._known if k.age <= self._max_gap]
        found = [Track(-1, face, looks[row] if looks else None) for row, face in enumerate(faces)]
        pairs = _pairs(found, known)
        seen = [_continued(known[column], found[row]) for row, column in pairs.items()]
        for row, new in enumerate(found):
            if row not in pairs and new.face.score >= self._start_score and not _lies_on_another(new, seen):
                earlier = recall(new.face, {k.track.id for k in seen}) if recall else None
                track_id = self._new_id() if earlier is None else earlier
                seen.append(_Known(Track(track_id, new.face, new.look), np.zeros(2)))
        ids = {k.track.id for k in seen}
        self._known = seen + [k for k in known if k.track.id not in ids]
        return [k.track for k in seen]

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1


def _pairs(found: Sequence[Track], known: Sequence[_Known]) -> dict[int, int]:
    """Pair rows of `found` with columns of `known`, nearest first."""
    costs = np.array([[_cost(new, old) for old in known] for new in found]).reshape(len(found), len(known))
    pairs: dict[int, int] = {}
    while costs.size and math.isfinite(costs.min()):
        row, column = np.unravel_index(costs.argmin(), costs.shape)
        pairs[int(row)] = int(column)
        costs[row, :] = costs[:, column] = math.inf
    return pairs


def _cost(new: Track, old: _Known) -> float:
    """Return how far a face is from being a person's next one; infinite where it cannot be."""
    step = old.step_xy * old.age
    expected = old.track.face.box_xyxy + np.concatenate([step, step])
    size = math.sqrt(new.face.size * old.track.face.size) or 1.0
    way = float(np.linalg.norm(_centre(new.face.box_xyxy) - _centre(expected))) / size
    overlap = iou(new.face.box_xyxy, expected)
    is_near = overlap > 0 or way < _REACH + _REACH_PER_FRAME * (old.age - 1)
    growth = abs(math.log((new.face.size or 1.0) / (old.track.face.size or 1.0)))
    unlike = 0.0
    if new.look is not None and old.track.look is not None:
        unlike = difference(new.look, old.track.look)
    is_inside = overlap_of_smaller(new.face.box_xyxy, old.track.face.box_xyxy) > _WHOLLY and growth > math.log(_PART)
    is_alike = unlike < _UNLIKE or (old.age == 1 and overlap > _UNMOVED) or (old.age <= _BRIEFLY and is_inside)
    if not (is_near and is_alike and growth < math.log(_SIZE_RATIO)):
        return math.inf
    return way + growth + 0.5 * unlike / ALIKE


def _continued(old: _Known, new: Track) -> _Known:
    """Return a person seen again."""
    step = (_centre(new.face.box_xyxy) - _centre(old.track.face.box_xyxy)) / old.age
    return _Known(Track(old.track.id, new.face, new.look), old.step_xy + _HASTE * (step - old.step_xy))


def _lies_on_another(new: Track, seen: Sequence[_Known]) -> bool:
    return any(overlap_of_smaller(new.face.box_xyxy, k.track.face.box_xyxy) > _MOSTLY for k in seen)


def _centre(box_xyxy: _Vector) -> _Vector:
    centre: _Vector = (box_xyxy[:2] + box_xyxy[2:]) / 2
    return centre

"""From detections to tracks: scenes, ids, who people are, and which of them are edited.

Shapes: P people whose pictures were given, E numbers of an embedding.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videoedit.faces import NOBODY, Face, Track
from videoedit.frames import Frame, Image
from videoedit.judge.recognition import Recogniser
from videoedit.track.choice import Chooser, FaceChoice
from videoedit.track.cuts import FLASH, number_scenes
from videoedit.track.looks import Look
from videoedit.track.people import People
from videoedit.track.tracker import Tracked, Tracker


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """A frame's faces, in its own pixels, and how they look."""

    frame: Frame
    faces: Sequence[Face]
    looks: Sequence[Look]


@dataclass(frozen=True, slots=True, eq=False)
class Acquaintance:
    """By what people are known, and who is."""

    recogniser: Recogniser
    wanted: NDArray[np.float64]
    """(P, E) embeddings of the people to be told."""
    recalls: bool
    """Whether the recogniser is sure enough to give people who return, or are seen after a cut, their old id."""


class Follower:
    """Follows the faces of one video."""

    def __init__(self, start_score: float, choice: FaceChoice, acquaintance: Acquaintance | None = None) -> None:
        """Begin with nobody known.

        Args:
            start_score: A face this sure starts a track; a less sure one can only continue one.
            choice: Which faces are edited.
            acquaintance: By what people are known; None where nobody has to be.
        """
        self._tracker = Tracker(start_score=start_score)
        self._chooser = Chooser(choice)
        self._acquaintance = acquaintance
        self._people = People(acquaintance.wanted, acquaintance.recogniser.reach) if acquaintance else None

    def follow(self, detected: Iterable[tuple[Detected, Image]], ahead: int = FLASH) -> Iterator[Tracked]:
        """Give every frame's tracks; the pictures are what cuts are seen on, `ahead` of them before one is told."""
        for found, scene in number_scenes(detected, ahead):
            tracks = self._tracker.update(found.faces, found.looks, scene, self._recall_in(found.frame))
            yield Tracked(found.frame, self._chooser.choose(self._told_apart(found.frame, tracks), scene), scene)

    def _recall_in(self, frame: Frame) -> "_Recall | None":
        known, people = self._acquaintance, self._people
        if known is None or people is None or not known.recalls:
            return None
        return _Recall(frame, known.recogniser, people)

    def _told_apart(self, frame: Frame, tracks: Sequence[Track]) -> Sequence[Track]:
        """Say who the tracks are, where that is asked."""
        known, people = self._acquaintance, self._people
        if known is None or people is None:
            return tracks
        for track in tracks:
            if people.wants_to_see(track.id):
                people.see(track.id, _embedding(known.recogniser, frame, track.face))
        told = people.who([track.id for track in tracks])
        return [replace(track, person=told.get(track.id, NOBODY)) for track in tracks]


@dataclass(frozen=True, slots=True, eq=False)
class _Recall:
    """Asked for the earlier track of a face that is new in a frame."""

    frame: Frame
    recogniser: Recogniser
    people: People

    def __call__(self, face: Face, taken: Collection[int]) -> int | None:
        return self.people.recall(_embedding(self.recogniser, self.frame, face), taken)


def _embedding(recogniser: Recogniser, frame: Frame, face: Face) -> NDArray[np.float64]:
    (embedding,) = recogniser.embeddings([recogniser.crop_of(frame, face.points_xy)])
    unit: NDArray[np.float64] = embedding
    return unit

"""Who is who from frame to frame: detections of one person get one id.

Matching is by overlap with where the face was last seen; a face unseen for too long is forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from videoedit.faces import Face, Track
from videoedit.geometry import iou

_MIN_OVERLAP: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Seen:
    id: int
    face: Face
    age: int
    """Frames since it was seen."""


class Tracker:
    """Gives ids; remembers the faces seen last."""

    def __init__(self, max_gap: int = 10) -> None:
        self._max_gap = max_gap
        self._known: list[_Seen] = []
        self._next_id = 0

    def update(self, faces: Sequence[Face]) -> list[Track]:
        """Return one track per face of the next frame, in the faces' order."""
        ids = self._match(faces)
        tracks = [Track(ids[row] if row in ids else self._new_id(), face) for row, face in enumerate(faces)]
        seen = {track.id for track in tracks}
        waiting = [_Seen(k.id, k.face, k.age + 1) for k in self._known if k.id not in seen and k.age < self._max_gap]
        self._known = [_Seen(track.id, track.face, 0) for track in tracks] + waiting
        return tracks

    def _match(self, faces: Sequence[Face]) -> dict[int, int]:
        """Pair faces (rows) and known ids, best overlap first."""
        if not faces or not self._known:
            return {}
        overlaps = np.array([[iou(face.box_xyxy, known.face.box_xyxy) for known in self._known] for face in faces])
        pairs: dict[int, int] = {}
        while overlaps.max() >= _MIN_OVERLAP:
            row, column = np.unravel_index(overlaps.argmax(), overlaps.shape)
            pairs[int(row)] = self._known[int(column)].id
            overlaps[row, :] = overlaps[:, column] = -1.0
        return pairs

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

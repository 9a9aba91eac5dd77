"""Who a track is, among people the user has shown: by what is known of the whole track, not of one frame."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Embedding: TypeAlias = NDArray[np.float64]
"""(E,) of unit length; the cosine of two says how much two faces are one person's."""

_ENOUGH: Final = 12
"""Looks at a track after which it is looked at only now and then."""
_NOW_AND_THEN: Final = 10
"""Frames between two looks at a track that is known well."""


class People:
    """Remembers how every track has looked so far."""

    def __init__(self, wanted: NDArray[np.float64], reach: float) -> None:
        """Begin with nobody met.

        Args:
            wanted: (P, E) embeddings of the people to be told.
            reach: Distance, 1 less the cosine, beyond which a track is none of them.
        """
        self._wanted = wanted
        self._reach = reach
        self._sums: dict[int, Embedding] = {}
        self._looks: dict[int, int] = {}
        self._frames: dict[int, int] = {}

    def wants_to_see(self, track_id: int) -> bool:
        """Count a frame of the track, and say whether its face should be looked at there."""
        frames = self._frames[track_id] = self._frames.get(track_id, 0) + 1
        return self._looks.get(track_id, 0) < _ENOUGH or frames % _NOW_AND_THEN == 0

    def see(self, track_id: int, embedding: Embedding) -> None:
        """Remember a look at a track."""
        self._sums[track_id] = self._sums.get(track_id, np.zeros_like(embedding)) + embedding
        self._looks[track_id] = self._looks.get(track_id, 0) + 1

    def recall(self, embedding: Embedding, taken: Collection[int]) -> int | None:
        """Return the earlier track whose person a face is; None where there is none within reach."""
        distances = {
            track_id: 1.0 - float(embedding @ total) / float(np.linalg.norm(total))
            for track_id, total in self._sums.items()
            if track_id not in taken
        }
        nearest = min(distances, key=lambda track_id: distances[track_id], default=None)
        return nearest if nearest is not None and distances[nearest] <= self._reach else None

    def who(self, track_ids: Sequence[int]) -> Mapping[int, int]:
        """Tell who of the wanted the tracks of one frame are, nearest first; nobody is there twice.

        Returns:
            Number of the wanted person by track; tracks that are none of them are left out.
        """
        met = [track_id for track_id in track_ids if track_id in self._sums]
        if not met or not len(self._wanted):
            return {}
        means = np.stack([self._sums[track_id] / np.linalg.norm(self._sums[track_id]) for track_id in met])
        distances = 1.0 - means @ self._wanted.T  # (T, P)
        told: dict[int, int] = {}
        while distances.min() <= self._reach:
            row, person = np.unravel_index(distances.argmin(), distances.shape)
            told[met[int(row)]] = int(person)
            distances[row, :] = distances[:, person] = np.inf
        return told

"""Which of the faces in a video are edited."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from videoedit.errors import ConfigError
from videoedit.faces import NOBODY, Face, Track
from videoedit.registry import unknown_name
from videoedit.track.tracker import MAX_GAP

MODES: Final = ("many", "one", "reference")
ORDERS: Final[Mapping[str, Callable[[Face], float]]] = {
    "large-small": lambda face: -face.size,
    "small-large": lambda face: face.size,
    "left-right": lambda face: float(face.box_xyxy[0] + face.box_xyxy[2]),
    "right-left": lambda face: -float(face.box_xyxy[0] + face.box_xyxy[2]),
    "top-bottom": lambda face: float(face.box_xyxy[1] + face.box_xyxy[3]),
    "bottom-top": lambda face: -float(face.box_xyxy[1] + face.box_xyxy[3]),
    "best-worst": lambda face: -face.score,
    "worst-best": lambda face: face.score,
}
"""What is smallest of the face that comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceChoice:
    """Which faces are edited."""

    mode: str = "many"
    """`many`: all; `one`: the first in order; `reference`: the people whose pictures are given."""
    order: str = "large-small"
    """Which face is the one: a key of `ORDERS`."""

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ConfigError(unknown_name("--face-selector-mode", self.mode, MODES))
        if self.order not in ORDERS:
            raise ConfigError(unknown_name("--face-selector-order", self.order, ORDERS))


class Chooser:
    """Stays with a face once it is chosen, so that the edit does not jump to and fro."""

    def __init__(self, choice: FaceChoice) -> None:
        self._choice = choice
        self._scene = 0
        self._id: int | None = None
        self._num_unseen = 0

    def choose(self, tracks: Sequence[Track], scene: int) -> list[Track]:
        """Mark the tracks of the next frame that are not edited."""
        match self._choice.mode:
            case "one":
                self._keep_one(tracks, scene)
                return [replace(track, is_chosen=track.id == self._id) for track in tracks]
            case "reference":
                return [replace(track, is_chosen=track.person != NOBODY) for track in tracks]
            case _:
                return list(tracks)

    def _keep_one(self, tracks: Sequence[Track], scene: int) -> None:
        """Look for another face only at a cut, and when the one has been away for longer than a gap."""
        self._num_unseen = 0 if any(track.id == self._id for track in tracks) else self._num_unseen + 1
        if scene != self._scene or self._num_unseen > MAX_GAP:
            self._id = None
        self._scene = scene
        if self._id is None and tracks:
            self._id = min(tracks, key=lambda track: ORDERS[self._choice.order](track.face)).id
            self._num_unseen = 0

"""What was seen and done in a video: a table of its tracks as JSON, or every frame as a line of JSON."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from videoedit.errors import ConfigError, MediaError
from videoedit.faces import NOBODY
from videoedit.pipeline import EditedFrame
from videoedit.track.smoothing import Placement
from videoedit.whole_files import check_target, partial_path


class FrameReport:
    """Owns the file, which appears only when it is whole: `.json` holds the tracks, `.jsonl` every frame."""

    def __init__(self, path: str | Path) -> None:
        """Open a temporary file beside it.

        Raises:
            ConfigError: The name ends otherwise.
            MediaError: The file cannot be written.
        """
        check_report(path)
        self.path = Path(path)
        self._partial = partial_path(self.path)
        self._num_frames = 0
        self._tracks: dict[int, _TrackFacts] = {}
        try:
            self._file = self._partial.open("w", encoding="utf-8")
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self.path.suffix == ".json":
                json.dump(self._table(), self._file, indent=2)
            self._file.close()
            if kind is None:
                self._partial.replace(self.path)
        except OSError as failure:
            raise self._failure(failure) from failure
        finally:
            self._file.close()
            self._partial.unlink(missing_ok=True)

    def noted(self, finished: Iterable[EditedFrame], begin: Fraction | None = None) -> Iterator[EditedFrame]:
        """Take note of every frame that passes; `begin` is the time of the first of the whole video."""
        for edited in finished:
            if self.path.suffix == ".jsonl":
                self._file.write(json.dumps(record_of(edited, begin)) + "\n")
            self._num_frames += 1
            for placement in _all_of(edited):
                facts = self._tracks.get(placement.track_id)
                self._tracks[placement.track_id] = _TrackFacts.joined(facts, placement, edited.source.index)
            yield edited

    def _table(self) -> dict[str, Any]:
        tracks = [{"track": number, **facts.as_table()} for number, facts in sorted(self._tracks.items())]
        return {"num_frames": self._num_frames, "tracks": tracks}

    def _failure(self, error: OSError) -> MediaError:
        return MediaError(f"cannot write report {self.path}: {error.strerror}; choose a writable folder")


def check_report(path: str | Path) -> None:
    """Refuse a name under which no report can be written.

    Raises:
        ConfigError: The name ends otherwise.
        MediaError: It is a folder, or its folder is missing or cannot be written to.
    """
    path = Path(path)
    if path.suffix not in (".json", ".jsonl"):
        raise ConfigError(f"--report must end in .json (its tracks) or .jsonl (every frame), got {path.name}")
    check_target(path, (), overwrite=True)


def record_of(edited: EditedFrame, begin: Fraction | None) -> dict[str, Any]:
    """Return what was seen in a frame, and what was done about it, as values that JSON can hold.

    Its time is that of --at, --start and --strength: seconds after the beginning of the video.
    """
    return {
        "frame": edited.source.index,
        "time": round(float(edited.source.time - (begin or 0)), 6),
        "faces": [_record_of_face(placement) for placement in _all_of(edited)],
    }


def _all_of(edited: EditedFrame) -> list[Placement]:
    return sorted([*edited.placements, *edited.skipped], key=lambda placement: placement.track_id)


def _record_of_face(placement: Placement) -> dict[str, Any]:
    face = placement.face
    return {
        "track": placement.track_id,
        "scene": placement.scene,
        "person": None if placement.person == NOBODY else placement.person,
        "decision": "edited" if placement.fade > 0 else "skipped",
        "fade": round(placement.fade, 3),
        "reason": placement.reason or None,
        "score": face and round(face.score, 3),
        "box_xyxy": face and _rounded(face.box_xyxy, 2),
        "points_xy": face and _rounded(face.points_xy, 2),
        "crop_from_frame": _rounded(placement.crop_from_frame, 5),
    }


def _rounded(values: NDArray[np.float64], decimals: int) -> list[Any]:
    return list(np.round(values, decimals).tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class _TrackFacts:
    """What became of one track so far."""

    scene: int
    first_frame: int
    last_frame: int
    person: int | None
    longest_side: float
    """Largest size of the face, in pixels."""
    num_frames_edited: int
    num_frames_reduced: dict[str, int]
    """Frames with less than all of the edit, or nothing of it, by reason."""

    @classmethod
    def joined(cls, facts: "Self | None", placement: Placement, frame: int) -> Self:
        """Add what is known from one more frame."""
        reduced = dict(facts.num_frames_reduced) if facts else {}
        if placement.reason:
            reduced[placement.reason] = reduced.get(placement.reason, 0) + 1
        return cls(
            scene=placement.scene,
            first_frame=facts.first_frame if facts else frame,
            last_frame=frame,
            person=None if placement.person == NOBODY else placement.person,
            longest_side=max(facts.longest_side if facts else 0.0, placement.face.size if placement.face else 0.0),
            num_frames_edited=(facts.num_frames_edited if facts else 0) + (placement.fade > 0),
            num_frames_reduced=reduced,
        )

    def as_table(self) -> dict[str, Any]:
        """Return them as values that JSON can hold."""
        return asdict(self) | {"longest_side": round(self.longest_side, 1)}

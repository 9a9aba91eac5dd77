"""Time of every stage of the pipeline, each without the stages it asks for its items."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from torch import Tensor

from videoedit.detect.base import FaceDetector
from videoedit.edit.base import Edit, FaceEditor
from videoedit.faces import Face
from videoedit.frames import Image

T = TypeVar("T")

STAGES: Final = ("decode", "reduce", "detect", "follow", "align", "edit", "steady", "composite", "encode", "other")
"""In the order of a frame's way; `other` is what lies between them."""

_OF_STREAM: Final = {"detect": "reduce", "edit": "align"}
"""What a stream of the pipeline does beside its network, which is timed apart."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Time that something took."""

    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds of all the process's threads on processors; waiting for other programs is not in it."""

    @classmethod
    def now(cls) -> Self:
        """Read both clocks."""
        return cls(time.perf_counter(), time.process_time())

    def on(self, device: str) -> float:
        """Return the seconds that count: of processors on the CPU, where other programs wait too; else on the clock."""
        return self.cpu if device == "cpu" else self.wall

    def __add__(self, other: Self) -> Self:
        return type(self)(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.wall - other.wall, self.cpu - other.cpu)


class StageClock:
    """Charges time to the innermost stage at work."""

    def __init__(self) -> None:
        self.costs: dict[str, Cost] = defaultdict(lambda: Cost(0.0, 0.0))
        self._working = ["other"]
        self._since = Cost.now()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Charge what happens inside to a stage, except what inner stages take."""
        self._charge()
        self._working.append(name)
        try:
            yield
        finally:
            self._charge()
            self._working.pop()

    def watch(self, stage: str, items: Iterable[T], /) -> Iterator[T]:
        """Charge the making of every item to a stage of the pipeline."""
        iterator = iter(items)
        name = _OF_STREAM.get(stage, stage)
        while True:
            with self.stage(name):
                item = next(iterator, _END)
            if item is _END:
                return
            yield item  # type: ignore[misc]

    def stop(self) -> dict[str, Cost]:
        """Charge the time up to now and return all costs by stage."""
        self._charge()
        return dict(self.costs)

    def _charge(self) -> None:
        now = Cost.now()
        name = self._working[-1]
        self.costs[name] = self.costs[name] + (now - self._since)
        self._since = now


class _End:
    pass


_END: Final = _End()


@dataclass(frozen=True, slots=True)
class TimedDetector:
    """A detector whose time is charged to `detect`."""

    detector: FaceDetector
    clock: StageClock

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        """Return what the detector finds."""
        with self.clock.stage("detect"):
            return self.detector.detect(images)


@dataclass(frozen=True, slots=True)
class TimedEditor:
    """An editor whose time is charged to `edit`."""

    editor: FaceEditor
    clock: StageClock

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of the editor."""
        return self.editor.attributes

    @property
    def crop_size(self) -> int:
        """Side of the editor's crops in pixels."""
        return self.editor.crop_size

    @property
    def template(self) -> str:
        """Alignment of the editor."""
        return self.editor.template

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        """Return the editor's edit."""
        return self.editor.edit_like(exemplar, attribute, strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        """Return the editor's edit."""
        return self.editor.edit_without(attribute, strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return the editor's residuals."""
        with self.clock.stage("edit"):
            return self.editor.residuals(crops, edits)

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return the editor's limits."""
        return self.editor.limits(crops, edits)

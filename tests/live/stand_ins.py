"""A clock run by hand, and parts of a session whose cost is known."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
import torch
from torch import Tensor

from videoedit.align.templates import TEMPLATES
from videoedit.edit.base import Edit
from videoedit.faces import Face
from videoedit.frames import Frame, Image
from videoedit.live.newest import Arrival, NewestSlot
from videoedit.video.formats import format_of
from videoedit.video.reading.reader import planes_of

SIZE = 32


@dataclass
class HandClock:
    """Stands still until somebody sleeps."""

    time: float = 0.0
    naps: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds


def frame_at(index: int, fps: int = 30, size_wh: tuple[int, int] = (96, 64), level: int = 100) -> Frame:
    """Return a frame of grey dots, always the same, and even grey in the middle."""
    width, height = size_wh
    grey = np.random.default_rng(0).integers(40, 200, (height, width)).astype(np.uint8)
    grey[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4] = level
    colour = np.full((height // 2, width), 128, np.uint8)
    picture = av.VideoFrame.from_ndarray(np.concatenate([grey, colour]), format="yuv420p")
    time = Fraction(index, fps)
    return Frame(planes_of(picture), format_of(picture), time, Fraction(1, fps), index, 0, picture)


@dataclass
class MiddleDetector:
    """Finds one face in the middle of every picture but those in `absent`, and takes its time."""

    clock: HandClock = field(default_factory=HandClock)
    seconds: float = 0.0
    absent: range = range(0)
    num_seen: int = 0

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        found: list[list[Face]] = []
        for image in images:
            self.clock.time += self.seconds
            found.append([] if self.num_seen in self.absent else [_middle_face(image)])
            self.num_seen += 1
        return found


def _middle_face(image: Image) -> Face:
    height, width = image.shape[:2]
    points = (TEMPLATES["elegant"] - 128) / 256 * 0.8 * height + [width / 2, height / 2]
    return Face(np.concatenate([points.min(axis=0) - 10, points.max(axis=0) + 10]), points, 0.9)


@dataclass
class SlowEditor:
    """Adds its edits' codes to every pixel, and takes its time; `sleep` is the clock's."""

    sleep: Callable[[float], None]
    seconds: float = 0.0
    attributes: tuple[str, ...] = ("Light", "Dark")
    crop_size: int = SIZE
    template: str = "elegant"

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.tensor(0.3), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.tensor(-0.3), strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        self.sleep(self.seconds)
        return torch.zeros_like(crops) + sum(edit.strength * edit.code for edit in edits)


@dataclass
class KeepingSink:
    """Remembers the numbers and the middle luma of the frames it got, and when."""

    clock: HandClock = field(default_factory=HandClock)
    seconds: float = 0.0
    indices: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    is_kept: bool | None = None

    def write(self, frame: Frame) -> None:
        self.clock.time += self.seconds
        self.indices.append(frame.index)
        width, height = frame.size_wh
        self.levels.append(int(frame.planes[0][height // 2, width // 2]))
        self.times.append(self.clock.now())

    def close(self, *, keep: bool) -> None:
        self.is_kept = keep


@dataclass
class ScriptedScreen:
    """Presses keys before the pictures of given numbers, and remembers the pictures."""

    keys: dict[int, str]
    images: list[Image] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def show(self, image: Image) -> None:
        self.images.append(image)
        self.pending += self.keys.get(len(self.images), "")

    def key(self) -> str | None:
        return self.pending.pop(0) if self.pending else None


def arriving(
    num_frames: int, clock: HandClock, fps: int = 30
) -> Callable[[NewestSlot, Callable[[], None]], Generator[Arrival]]:
    """Return a source whose frames arrive at an even pace, whatever the consumer does."""

    def source(slot: NewestSlot, when_idle: Callable[[], None]) -> Generator[Arrival]:
        waiting = deque(frame_at(i, fps) for i in range(num_frames))
        while True:
            while waiting and float(waiting[0].time) <= clock.now():
                slot.put(Arrival(waiting[0], float(waiting.popleft().time)))
            if (arrival := slot.take(0.0)) is not None:
                yield arrival
            elif waiting:
                clock.time = float(waiting[0].time)
                when_idle()
            else:
                return

    return source

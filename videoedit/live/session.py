"""One live session: the newest frame, the same pipeline as `run`, the sinks, and what the viewer changes meanwhile."""

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from videoedit.clock import Clock
from videoedit.detect.sparse import SparseDetector
from videoedit.edit.base import Edit
from videoedit.errors import Interrupted, VideoEditError
from videoedit.following import Acquaintance
from videoedit.frames import Frame
from videoedit.live.controls import Controls, pressed
from videoedit.live.governor import Governor
from videoedit.live.meter import Figures, Meter, Second
from videoedit.live.newest import Arrival, NewestSlot
from videoedit.live.viewer import Viewer
from videoedit.pipeline import EditedFrame, Pipeline, PipelineConfig, Turn
from videoedit.video.live.sinks import Sink
from videoedit.wishes import Models

Source: TypeAlias = Callable[[NewestSlot, Callable[[], None]], Generator[Arrival]]
"""Gives the newest frame whenever asked; counts in the slot, and calls what it is given while it waits."""

_MEMORY: Final = 0.1
"""Share of the newest interval in the running mean of the source's period."""
_FIRST_PERIOD: Final = 1 / 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """Choices of a session."""

    pipeline: PipelineConfig = field(default_factory=PipelineConfig)
    """Its smoothing is live whatever it says."""
    acquaintance: Acquaintance | None = None
    """By what people are told apart, where that is wanted."""
    num_frames: int = 0
    """Frames after which the session ends; 0 for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveReport:
    """What a session did."""

    figures: Figures
    curve: tuple[Second, ...]
    """Its last hour, second by second."""
    level: int
    """How far the effort was lowered at the end, 0 for not at all."""
    failure: VideoEditError | None
    """What ended it, where that was neither the source nor the viewer."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The edits of every exemplar, all encoded before the first frame, so that a change costs nothing."""

    edits: Sequence[Sequence[Edit]]
    """By exemplar, then by attribute."""
    by_person: Mapping[int, Sequence[Edit]] = field(default_factory=dict)
    """By attribute, for people who have an exemplar of their own whatever the others are given."""

    def controls(self) -> Controls:
        """Return what is chosen at the start: everything, as the first exemplar has it."""
        first = self.edits[0]
        return Controls(num_exemplars=len(self.edits), is_on=(True,) * len(first), strength=first[0].strength)

    def chosen(self, controls: Controls, person: int | None = None) -> list[Edit]:
        """Return the edits that the controls ask for, for one face."""
        edits = self.edits[controls.exemplar]
        if person is not None:
            edits = self.by_person.get(person, edits)
        return [replace(edit, strength=controls.strength) for edit, on in zip(edits, controls.is_on, strict=True) if on]


class Session:
    """Runs once, in the caller's thread; the source alone has a thread of its own."""

    def __init__(self, looks: Looks, sinks: Sequence[Sink], viewer: Viewer | None, clock: Clock) -> None:
        self._looks, self._sinks, self._viewer, self._clock = looks, sinks, viewer, clock
        self._controls = looks.controls()
        self._governor = Governor()
        self._arrival: Arrival | None = None
        self._taken = 0.0
        self._period = _FIRST_PERIOD

    def run(
        self,
        source: Source,
        models: Models,
        config: SessionConfig,
        tell: Callable[[Second], None] | None = None,
    ) -> LiveReport:
        """Edit what comes until the source ends, the viewer quits, or enough is done.

        Args:
            source: Where frames come from.
            models: What edits them.
            config: Choices.
            tell: Given every second that has passed.

        Raises:
            VideoEditError: What happens before the first frame is out; what happens later is in the report.
        """
        self._governor = Governor(side=config.pipeline.detector_side)
        slot, meter = NewestSlot(), Meter(self._clock.now())
        failure: VideoEditError | None = None
        try:
            with contextlib.closing(source(slot, self._heed_keys)) as arrivals:
                for num_out, edited in enumerate(self._pipeline(models, config).run(self._frames(arrivals)), start=1):
                    self._pass_on(edited)
                    if (second := self._count(edited, slot, meter)) is not None and tell:
                        tell(second)
                    if self._controls.is_over or num_out == config.num_frames:
                        break
        except (VideoEditError, KeyboardInterrupt) as error:
            failure = error if isinstance(error, VideoEditError) else Interrupted("interrupted")
            if not meter.num_out:
                raise failure from error
        figures = meter.figures(slot.num_in, slot.num_dropped, self._clock.now())
        return LiveReport(figures=figures, curve=tuple(meter.curve), level=self._governor.level, failure=failure)

    def _pipeline(self, models: Models, config: SessionConfig) -> Pipeline:
        """Make the pipeline of `run`, with what may change asked for at every frame."""
        detector = SparseDetector(models.detector, lambda: self._governor.effort)
        choices = replace(config.pipeline, is_live=True)
        return Pipeline(detector, models.editor, self._edits_of, choices, config.acquaintance)

    def _edits_of(self, turn: Turn) -> list[Edit]:
        return self._looks.chosen(self._controls, turn.placement.person)

    def _frames(self, arrivals: Iterator[Arrival]) -> Iterator[Frame]:
        """Give the pipeline one frame at a time, and remember when it came and was taken."""
        for arrival in arrivals:
            if self._controls.is_over:
                return
            before, self._arrival, self._taken = self._arrival, arrival, self._clock.now()
            if before is not None:
                interval = (arrival.time - before.time) / (arrival.frame.index - before.frame.index)
                self._period += _MEMORY * (interval - self._period)
            yield arrival.frame

    def _pass_on(self, edited: EditedFrame) -> None:
        for sink in self._sinks:
            sink.write(edited.frame)
        if self._viewer is not None:
            self._viewer.show(edited, self._controls, self._governor.effort)
            self._heed_keys()

    def _heed_keys(self) -> None:
        """Take in what the viewer pressed."""
        while self._viewer is not None and (key := self._viewer.key()) is not None:
            self._controls = pressed(self._controls, key)

    def _count(self, edited: EditedFrame, slot: NewestSlot, meter: Meter) -> Second | None:
        now = self._clock.now()
        self._governor = self._governor.after(now - self._taken, self._period, now)
        came = self._arrival.time if self._arrival is not None else now
        return meter.passed(now - came, len(edited.placements), slot.num_in, now)

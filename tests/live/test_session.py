"""A session by a clock run by hand: the newest wins, nothing queues, keys work at once, faults end it cleanly."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.live.stand_ins import HandClock, KeepingSink, MiddleDetector, ScriptedScreen, SlowEditor, arriving, frame_at
from videoedit.edit.base import Edit
from videoedit.errors import Interrupted, MediaError
from videoedit.following import Acquaintance
from videoedit.frames import Frame, Image
from videoedit.live.newest import Arrival, NewestSlot
from videoedit.live.session import LiveReport, Looks, Session, SessionConfig
from videoedit.live.viewer import Viewer
from videoedit.pipeline import PipelineConfig
from videoedit.track.choice import FaceChoice
from videoedit.wishes import Models

CONFIG = SessionConfig(pipeline=PipelineConfig(min_face=8.0, smooth="off"))


class Stage:
    """All that a session needs."""

    def __init__(self, editing: float = 0.0, detecting: float = 0.0, writing: float = 0.0) -> None:
        self.clock = HandClock()
        self.detector = MiddleDetector(self.clock, detecting)
        self.editor = SlowEditor(self.clock.sleep, editing)
        self.sink = KeepingSink(self.clock, writing)
        brighter, darker = (
            self.editor.edit_like(np.zeros((1, 1, 3), np.uint8), "Light"),
            self.editor.edit_without("Dark"),
        )
        self.edits: list[list[Edit]] = [[brighter], [darker]]
        self.looks = Looks(self.edits)

    def run(self, num_frames: int, keys: dict[int, str] | None = None, config: SessionConfig = CONFIG) -> LiveReport:
        self.screen = ScriptedScreen(keys or {})
        viewer = Viewer(self.screen, self.editor.crop_size) if keys else None
        session = Session(self.looks, [self.sink], viewer, self.clock)
        return session.run(arriving(num_frames, self.clock), Models(self.detector, self.editor), config)


def test_fast_editor_takes_every_frame_in_order() -> None:
    stage = Stage(editing=0.01)
    report = stage.run(90)
    assert stage.sink.indices == list(range(90))
    assert (report.figures.num_in, report.figures.num_out, report.figures.num_dropped) == (90, 90, 0)
    assert report.figures.latency_p95_ms == pytest.approx(10, abs=1)
    assert report.failure is None


@pytest.mark.parametrize("editing", [0.05, 0.1, 0.3])
def test_slow_editor_drops_the_oldest_and_stays_under_three_frame_times(editing: float) -> None:
    stage = Stage(editing=editing)
    report = stage.run(450)
    indices = stage.sink.indices
    assert indices == sorted(set(indices))
    assert report.figures.num_in == 450
    assert report.figures.num_in == report.figures.num_out + report.figures.num_dropped
    assert report.figures.fps_out == pytest.approx(1 / editing, rel=0.1)
    assert report.figures.latency_max_ms / 1000 < min(3 * editing, editing + 2 / 30)
    first, last = report.curve[1], report.curve[-1]
    assert last.latency_max_ms == pytest.approx(first.latency_max_ms, abs=1000 / 30)  # flat


def test_slow_sink_lets_nothing_queue_either() -> None:
    stage = Stage(editing=0.02, writing=0.2)
    report = stage.run(300)
    assert report.figures.latency_p95_ms / 1000 < 0.22 + 2 / 30
    assert report.figures.latency_max_ms / 1000 < 2 * 0.22  # the last frame, which no newer one replaces


def test_first_frames_and_the_last_are_among_those_that_come_out() -> None:
    stage = Stage(editing=0.1)
    stage.run(100)
    assert (stage.sink.indices[0], stage.sink.indices[-1]) == (0, 99)


def test_overload_lowers_the_effort_of_detection_until_the_rate_is_kept() -> None:
    stage = Stage(editing=0.02, detecting=0.03)
    report = stage.run(600)
    assert report.level > 0
    late = [second.fps_out for second in report.curve[-10:]]
    assert min(late) >= 28.0  # detecting in every frame would leave 20


def test_without_overload_every_frame_is_looked_at() -> None:
    stage = Stage(editing=0.01)
    assert stage.run(200).level == 0
    assert stage.detector.num_seen == 200


def test_limit_of_frames_ends_it() -> None:
    stage = Stage()
    config = SessionConfig(pipeline=CONFIG.pipeline, num_frames=7)
    assert stage.run(90, config=config).figures.num_out == 7


def test_keys_change_exemplar_strength_and_attribute_from_the_next_frame_on() -> None:
    stage = Stage()
    stage.run(40, {10: "n", 20: "-----", 30: "1"})
    levels = np.array(stage.sink.levels)
    assert (levels[:10] > 120).all()
    assert (levels[10:20] < 80).all()
    np.testing.assert_allclose(100 - levels[20:30], (100 - levels[15]) / 2, atol=2)
    assert (levels[30:] == 100).all()


def test_quitting_ends_it_with_the_frame_on_the_screen() -> None:
    stage = Stage()
    report = stage.run(40, {5: "q"})
    assert (report.figures.num_out, report.failure) == (5, None)


def test_keys_are_heeded_while_no_frame_comes() -> None:
    stage, calls = Stage(), []

    def silent(slot: NewestSlot, when_idle: Callable[[], None]) -> Generator[Arrival]:
        yield Arrival(frame_at(0), 0.0)
        stage.screen.pending.append("q")
        while len(calls) < 50:
            calls.append(when_idle())
            yield Arrival(frame_at(len(calls)), 0.0)

    stage.screen = ScriptedScreen({})
    session = Session(Looks(stage.edits), [stage.sink], Viewer(stage.screen, 32), stage.clock)
    session.run(silent, Models(stage.detector, stage.editor), CONFIG)
    assert stage.sink.indices == [0]
    assert len(calls) == 1


def test_source_that_fails_later_is_reported_with_the_figures() -> None:
    stage = Stage()

    def failing(slot: NewestSlot, when_idle: Callable[[], None]) -> Generator[Arrival]:
        for i in range(3):
            yield Arrival(frame_at(i), 0.0)
        raise MediaError("camera 0 did not come back")

    session = Session(Looks(stage.edits), [stage.sink], None, stage.clock)
    report = session.run(failing, Models(stage.detector, stage.editor), CONFIG)
    assert report.figures.num_out == 3
    assert isinstance(report.failure, MediaError)


@pytest.mark.parametrize(("error", "kind"), [(MediaError("no camera"), MediaError), (KeyboardInterrupt(), Interrupted)])
def test_what_happens_before_the_first_frame_is_an_error(error: BaseException, kind: type[Exception]) -> None:
    stage = Stage()

    def failing(slot: NewestSlot, when_idle: Callable[[], None]) -> Generator[Arrival]:
        raise error
        yield

    session = Session(Looks(stage.edits), [stage.sink], None, stage.clock)
    with pytest.raises(kind):
        session.run(failing, Models(stage.detector, stage.editor), CONFIG)


def test_interruption_keeps_the_figures() -> None:
    stage = Stage()

    class Interrupting(KeepingSink):
        def write(self, frame: Frame) -> None:
            if frame.index == 5:
                raise KeyboardInterrupt
            super().write(frame)

    session = Session(Looks(stage.edits), [Interrupting(stage.clock)], None, stage.clock)
    report = session.run(arriving(20, stage.clock), Models(stage.detector, stage.editor), CONFIG)
    assert report.figures.num_out == 5
    assert isinstance(report.failure, Interrupted)


def test_frames_without_a_face_pass_unchanged() -> None:
    stage = Stage()
    stage.detector.absent = range(5, 10)
    assert stage.run(15).figures.num_faces == 10
    assert [level == 100 for level in stage.sink.levels] == [False] * 5 + [True] * 5 + [False] * 5


class Stranger:
    """Takes every face for the same."""

    reach = 0.3

    def crop_of(self, picture: Frame | Image, points_xy: np.ndarray) -> Image:
        return np.zeros((1, 1, 3), np.uint8)

    def embeddings(self, crops: Sequence[Image]) -> np.ndarray:
        return np.tile([1.0, 0.0], (len(crops), 1))


def test_a_person_with_an_exemplar_of_her_own_keeps_it_and_heeds_the_other_keys() -> None:
    def levels(wanted: list[float]) -> np.ndarray:
        stage = Stage()
        known = Acquaintance(Stranger(), np.array([wanted]), recalls=False)
        stage.looks = Looks(stage.edits, {0: stage.edits[1]})
        stage.run(30, {10: "n", 20: "1"}, replace(CONFIG, acquaintance=known))
        return np.array(stage.sink.levels)

    own, other = levels([1.0, 0.0]), levels([0.0, 1.0])
    assert (own[:20] < 80).all()
    assert (other[:10] > 120).all()
    assert (other[10:20] < 80).all()
    assert (own[20:] == 100).all()


def test_only_the_people_that_were_shown_are_edited_live_too() -> None:
    def num_edited(wanted: list[float]) -> int:
        choices = PipelineConfig(min_face=8.0, smooth="off", faces=FaceChoice(mode="reference"))
        known = Acquaintance(Stranger(), np.array([wanted]), recalls=False)
        return Stage().run(8, config=SessionConfig(pipeline=choices, acquaintance=known)).figures.num_faces

    assert num_edited([1.0, 0.0]) == 8
    assert num_edited([0.0, 1.0]) == 0

"""Time is charged to the innermost stage at work; a clock that is moved by hand gives known answers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from videoedit.benchmark.stages import STAGES, Cost, StageClock, TimedDetector, TimedEditor
from videoedit.edit.base import Edit
from videoedit.pipeline import Pipeline, PipelineConfig
from videoedit.video.reading.reader import VideoReader


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that moves the clocks: wall by twice as much as processors."""
    now = [0.0]

    def move(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(Cost, "now", classmethod(lambda cls: cls(2 * now[0], now[0])))
    return move


def test_inner_stages_are_not_charged_to_the_outer(tick: Callable[[float], None]) -> None:
    clock = StageClock()
    tick(1)
    with clock.stage("align"):
        tick(2)
        with clock.stage("edit"):
            tick(4)
        tick(8)
    tick(16)
    costs = clock.stop()
    assert {name: cost.cpu for name, cost in costs.items()} == {"other": 17, "align": 10, "edit": 4}
    assert costs["align"] == Cost(wall=20, cpu=10)


def test_streams_are_charged_without_what_they_ask_for(tick: Callable[[float], None]) -> None:
    def decoded() -> Iterator[int]:
        for item in range(3):
            tick(1)
            yield item

    def followed(items: Iterator[int]) -> Iterator[int]:
        for item in items:
            tick(10)
            yield item

    clock = StageClock()
    items = []
    for item in clock.watch("follow", followed(clock.watch("decode", decoded()))):
        tick(100)
        items.append(item)
    assert items == [0, 1, 2]
    assert {name: cost.cpu for name, cost in clock.stop().items()} == {"decode": 3, "follow": 30, "other": 300}


def test_stage_that_fails_is_charged_and_left(tick: Callable[[float], None]) -> None:
    clock = StageClock()

    def fail() -> None:
        with clock.stage("edit"):
            tick(3)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    tick(1)
    assert {name: cost.cpu for name, cost in clock.stop().items()} == {"edit": 3, "other": 1}


def test_processors_count_on_the_cpu_and_the_clock_elsewhere() -> None:
    cost = Cost(wall=3, cpu=1)
    assert (cost.on("cpu"), cost.on("cuda"), cost.on("mps")) == (1, 3, 3)


def test_every_stage_of_the_pipeline_is_charged_and_nothing_else_changes(make_clip: Callable[..., Path]) -> None:
    from tests.test_pipeline import BrighteningEditor, FixedDetector

    clip = make_clip(size_wh=(128, 96), audio_seconds=None)
    clock = StageClock()
    editor = BrighteningEditor()
    timed = TimedEditor(editor, clock)
    edits = [Edit("Light", torch.tensor(0.2))]
    with VideoReader(clip) as reader:
        watched = list(
            Pipeline(TimedDetector(FixedDetector(), clock), timed, edits, PipelineConfig(), watch=clock.watch).run(
                reader
            )
        )
    with VideoReader(clip) as reader:
        plain = list(Pipeline(FixedDetector(), editor, edits, PipelineConfig()).run(reader))
    assert {*clock.stop()} == {*STAGES} - {"encode"}
    assert all(cost.wall > 0 for cost in clock.costs.values())
    assert [frame.frame.time for frame in watched] == [frame.frame.time for frame in plain]
    assert all(
        (a == b).all()
        for x, y in zip(watched, plain, strict=True)
        for a, b in zip(x.frame.planes, y.frame.planes, strict=True)
    )
    assert (timed.attributes, timed.crop_size, timed.template) == (editor.attributes, editor.crop_size, editor.template)

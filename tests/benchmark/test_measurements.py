"""Clips hold the faces they promise; memory, starts and networks are measured, and what cannot be says why."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from videoedit.benchmark.clips import ClipRecipe, pictures_of, write_clip
from videoedit.benchmark.live import measure_live
from videoedit.benchmark.memory import peak_memory
from videoedit.benchmark.networks import EAGER, OFFICIAL, batch_curve, variants
from videoedit.benchmark.start import cost_of_command
from videoedit.detect.base import detectors
from videoedit.errors import ModelError
from videoedit.video.reading.reader import VideoReader
from videoedit.wishes import EditConfig, Wish


@pytest.mark.parametrize("num_faces", [1, 2, 8])
def test_clip_shows_as_many_faces_as_asked_and_they_move(num_faces: int) -> None:
    first, *_, last = pictures_of(ClipRecipe(lines=360, num_faces=num_faces, num_frames=10))
    assert first.shape == (360, 640, 3)
    found = detectors.build("insightface").detect([first, last])
    assert [len(faces) for faces in found] == [num_faces, num_faces]
    centres = [sorted(face.points_xy[2].tolist() for face in faces) for faces in found]
    assert np.abs(np.subtract(*centres)).max() > 1


def test_clip_is_written_with_its_frames(tmp_path: Path) -> None:
    path = write_clip(tmp_path, ClipRecipe(lines=90, num_faces=1, num_frames=5))
    with VideoReader(path) as reader:
        assert [float(frame.time) for frame in reader] == pytest.approx([i / 30 for i in range(5)], abs=1e-3)
        assert reader.info.size_wh == (160, 90)


def test_peak_memory_sees_what_was_held_and_forgets_what_was_before() -> None:
    def held(mib: int) -> float | None:
        with peak_memory() as peak:
            np.ones(mib << 20, np.uint8)
        return peak.mib

    before, large, after = held(1), held(300), held(1)
    if before is None or large is None or after is None:
        pytest.skip("this system keeps no peak that can be reset")
    assert large - before > 250
    assert large - after > 250


def test_fresh_process_costs_something_or_says_why_it_failed() -> None:
    cost = cost_of_command(["--version"])
    assert cost.wall > 0
    assert cost.cpu > 0
    with pytest.raises(ModelError, match=r"videoedit run gone\.mp4 .* no such file"):
        cost_of_command(["run", "gone.mp4", "--attr", "glasses", "--remove"])


@pytest.fixture
def _small_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videoedit.benchmark.networks.COMPARED_BATCH", 1)


@pytest.mark.usefixtures("_small_batch")
def test_networks_are_timed_at_every_batch_and_in_every_variant_that_runs() -> None:
    curve = batch_curve("elegant", "cpu", (1, 2))
    assert [(speed.variant, speed.batch, speed.cost is not None) for speed in curve] == [
        (EAGER, 1, True),
        (EAGER, 2, True),
    ]
    compared = {speed.variant: speed for speed in variants("elegant", "cpu", compiled=False)}
    assert next(iter(compared)) == EAGER
    assert [*compared][-1] == OFFICIAL
    assert compared["eager, fp16"].cost is None
    assert "needs an accelerator" in compared["eager, fp16"].missing
    assert {speed.batch for speed in compared.values()} == {1}


@pytest.mark.usefixtures("_small_batch")
def test_compiled_network_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    (compiled,) = [speed for speed in variants("elegant", "cpu", compiled=True) if speed.variant == "compiled, fp32"]
    assert compiled.cost is not None
    assert compiled.cost.cpu > 0


@pytest.mark.usefixtures("_small_batch")
def test_compiler_that_fails_is_told_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_compiler(generator: torch.nn.Module) -> torch.nn.Module:
        raise RuntimeError("no C++ compiler\nlong story")

    monkeypatch.setattr(torch, "compile", no_compiler)
    (compiled,) = [speed for speed in variants("elegant", "cpu", compiled=True) if speed.variant == "compiled, fp32"]
    assert (compiled.cost, compiled.missing) == (None, "no C++ compiler")


def test_live_editing_is_measured_at_the_clip_s_own_pace() -> None:
    edit = EditConfig(wishes=(Wish(attribute="eyeglasses", reference=None),), device="cpu")
    case = measure_live(edit, seconds=1)
    assert (case.clip.lines, case.fps) == (360, 30)
    assert 1 <= case.figures.num_out <= case.figures.num_in <= 30
    assert case.figures.num_faces >= case.figures.num_out - 1
    assert case.cost.cpu > 0

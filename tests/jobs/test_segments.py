"""A video edited in segments: killed anywhere and run again it comes out the same, and nothing is edited twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ClipRecipe, write_clip
from tests.jobs.stand_ins import EDIT, LIGHT, loader, num_edited, silent
from tests.video.clips import frames_of
from videoedit.jobs.batch import BatchConfig, BatchReport, run_batch
from videoedit.jobs.engines import HereEngine
from videoedit.jobs.plan import Variant
from videoedit.jobs.segments import parts_of
from videoedit.jobs.work import Worker
from videoedit.pipeline import EditedFrame
from videoedit.video.writing.encoding import EncoderConfig

ROOT = Path(__file__).resolve().parents[2]
FRAMES, LENGTH = 70, 16
TICKS = tuple(int(step) for step in np.cumsum([3003, 1001, 4004, 3003, 3003, 9009] * 12))[:FRAMES]


def config_of(folder: Path, out: str = "out", **choices: Any) -> BatchConfig:
    values: dict[str, Any] = {
        "inputs": (str(folder / "clip.mp4"),),
        "output_dir": str(folder / out),
        "variants": (Variant((LIGHT,)),),
        "edit": EDIT,
        "resume": True,
        "segment_frames": LENGTH,
        "encoder": EncoderConfig(crf=0, preset="ultrafast"),
    }
    return BatchConfig(**(values | choices))


def batch(config: BatchConfig, log: Path, progress: Any = silent) -> BatchReport:
    engine = HereEngine(lambda shown: Worker(config.edit, shown, loader(log)), progress)
    return run_batch(config, engine, lambda result, total: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip with a variable rate, and what an uninterrupted run makes of it."""
    folder = tmp_path_factory.mktemp("segments")
    recipe = ClipRecipe(num_frames=FRAMES, size_wh=(96, 72), ticks=TICKS, key_interval=20, audio_seconds=2.0)
    write_clip(folder / "clip.mp4", recipe)
    report = batch(config_of(folder, "whole"), folder / "whole-log")
    assert report.counts() == {"edited": 1}
    return folder


def assert_same_video(path: Path, other: Path) -> None:
    frames, others = frames_of(path), frames_of(other)
    assert [frame.time for frame in frames] == [frame.time for frame in others]
    for frame, same in zip(frames, others, strict=True):
        for plane, same_plane in zip(frame.planes, same.planes, strict=True):
            np.testing.assert_array_equal(plane, same_plane)


def stop_at(frame: int) -> Any:
    """Return a watcher of progress that breaks the work off when the so-manieth frame passes."""
    passed: list[int] = []

    def progress(frames: Iterable[EditedFrame], total: int) -> Iterator[EditedFrame]:
        for item in frames:
            passed.append(1)
            if len(passed) == frame:
                raise KeyboardInterrupt
            yield item

    return progress


def test_uninterrupted_run_edits_every_frame_once_and_leaves_only_the_result(folder: Path) -> None:
    assert num_edited(folder / "whole-log") == FRAMES
    (result,) = json.loads((folder / "whole/report.json").read_text())["files"]
    assert (result["num_frames"], result["num_frames_edited"]) == (FRAMES, FRAMES)
    left = [path.name for path in (folder / "whole").rglob("*")]
    assert sorted(left) == [".videoedit", "clip.mp4", "clip.mp4.json", "report.json"]


def test_frames_are_those_of_a_run_in_one_go_but_for_the_company_in_which_they_are_edited(folder: Path) -> None:
    batch(config_of(folder, "plain", resume=False), folder / "plain-log")
    before, after = frames_of(folder / "plain/clip.mp4"), frames_of(folder / "whole/clip.mp4")
    assert [frame.time for frame in before] == [frame.time for frame in after]
    for one, other in zip(before, after, strict=True):
        assert np.abs(one.planes[0].astype(int) - other.planes[0]).max() <= 8
    source = frames_of(folder / "clip.mp4")
    assert all(not np.array_equal(one.planes[0], other.planes[0]) for one, other in zip(source, after, strict=True))


@pytest.mark.parametrize("frame", [30, FRAMES + 5, FRAMES + 30, FRAMES + LENGTH * 2, 2 * FRAMES - 1])
def test_run_that_was_broken_off_goes_on_where_it_was(folder: Path, frame: int) -> None:
    out, log = f"broken-{frame}", folder / f"log-{frame}"
    with pytest.raises(KeyboardInterrupt):
        raise_on_failure(batch(config_of(folder, out), log, stop_at(frame)))
    edited_before = num_edited(log)
    report = batch(config_of(folder, out), log)
    assert report.counts() == {"edited": 1}
    assert_same_video(folder / out / "clip.mp4", folder / "whole/clip.mp4")
    num_whole_segments = max(frame - 1 - FRAMES, 0) // LENGTH
    assert report.files[0].num_frames_edited <= FRAMES - num_whole_segments * LENGTH
    assert num_edited(log) == edited_before + report.files[0].num_frames_edited
    assert num_edited(log) <= FRAMES + LENGTH


def raise_on_failure(report: BatchReport) -> None:
    if "failed" in report.counts():
        raise KeyboardInterrupt


def test_other_settings_are_refused_by_name_until_the_pieces_are_gone(folder: Path) -> None:
    log = folder / "log-settings"
    batch(config_of(folder, "settings"), log, stop_at(FRAMES + 30))
    changed = config_of(folder, "settings", encoder=EncoderConfig(crf=20, preset="ultrafast"))
    report = batch(changed, log)
    assert report.counts() == {"failed": 1}
    assert "settings.encoder.crf was 0, now 20" in report.files[0].reason
    assert ".parts" in report.files[0].reason
    shorter = batch(config_of(folder, "settings", segment_frames=LENGTH + 1), log)
    assert "segment_frames was 16, now 17" in shorter.files[0].reason
    assert batch(replace(changed, dry_run=True), log).counts() == {"failed": 1}
    (parts,) = (folder / "settings").rglob("*.parts")
    for path in parts.iterdir():
        path.unlink()
    assert batch(changed, log).counts() == {"edited": 1}


def test_sound_is_copied_once_and_whole(folder: Path) -> None:
    def sound(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    assert sound(folder / "whole/clip.mp4") == sound(folder / "clip.mp4")


def test_killed_from_outside_again_and_again_it_comes_out_the_same(folder: Path) -> None:
    log, out = folder / "log-killed", folder / "killed"
    script = (
        "from pathlib import Path; from tests.jobs.test_segments import batch, config_of;"
        f"batch(config_of(Path({str(folder)!r}), 'killed'), Path({str(log)!r}))"
    )
    num_kills = 0
    for goal in (2, 25, 55, FRAMES * 9):
        process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
        while process.poll() is None and num_edited(log) < goal:
            time.sleep(0.002)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            num_kills += 1
        process.wait(timeout=60)
    assert process.returncode == 0
    assert num_kills >= 2
    assert_same_video(out / "clip.mp4", folder / "whole/clip.mp4")
    assert FRAMES <= num_edited(log) <= FRAMES + num_kills * LENGTH
    assert sorted(path.name for path in out.rglob("*")) == [".videoedit", "clip.mp4", "clip.mp4.json", "report.json"]


@given(st.integers(1, 200), st.integers(16, 40), st.integers(0, 8))
def test_parts_of_neighbours_agree_and_hold_every_frame_once(num_frames: int, length: int, reach: int) -> None:
    named: dict[str, range] = {}
    own: list[int] = []
    for number in range(-(-num_frames // length)):
        parts = parts_of(number, num_frames, length, reach)
        frames = [frame for part in parts for frame in part.span]
        begin, end = number * length, min((number + 1) * length, num_frames)
        assert frames == list(range(max(begin - reach, 0), min(end + reach, num_frames)))
        own += [frame for part in parts if part.name is None for frame in part.span]
        for part in parts:
            if part.name is not None:
                assert named.setdefault(part.name, part.span) == part.span
    assert sorted([*own, *(frame for span in named.values() for frame in span)]) == list(range(num_frames))

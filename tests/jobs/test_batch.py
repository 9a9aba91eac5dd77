"""Many files: bad ones are named and harm no other, done ones are not done again, and the report tells all."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.conftest import ClipRecipe, write_clip
from tests.jobs.stand_ins import EDIT, LIGHT, load, loader, num_edited, silent
from videoedit.errors import ConfigError, MediaError, VideoEditError
from videoedit.jobs.batch import BatchConfig, BatchReport, run_batch
from videoedit.jobs.engines import HereEngine
from videoedit.jobs.plan import Variant, mapped
from videoedit.jobs.work import Worker
from videoedit.pipeline import EditedFrame, Pipeline
from videoedit.video.stills.arrays import write_image
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.wishes import EditConfig, Models, Wish

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 3


def config_of(folder: Path, **choices: Any) -> BatchConfig:
    values: dict[str, Any] = {
        "inputs": (str(folder / "in"),),
        "output_dir": str(folder / "out"),
        "variants": (Variant((LIGHT,)),),
        "edit": EDIT,
        "encoder": EncoderConfig(preset="ultrafast"),
    }
    return BatchConfig(**(values | choices))


def batch(config: BatchConfig, log: Path) -> BatchReport:
    engine = HereEngine(lambda progress: Worker(config.edit, progress, loader(log)), silent)
    return run_batch(config, engine, lambda result, total: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two clips, one of them deeper."""
    (tmp_path / "in/deep").mkdir(parents=True)
    for name in ("a.mp4", "deep/b.mp4"):
        write_clip(tmp_path / "in" / name, ClipRecipe(num_frames=FRAMES, size_wh=(64, 48 + 16 * len(name))))
    return tmp_path


@pytest.fixture
def forty(tmp_path: Path) -> Path:
    """32 clips with a face, 3 without, and 5 that are no video."""
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    for number in range(32):
        place = source / "deep" if number % 4 == 0 else source
        write_clip(place / f"good-{number}.mp4", ClipRecipe(num_frames=FRAMES, num_b_frames=number % 3))
    for number in range(3):
        write_grey(source / f"grey-{number}.mp4", FRAMES + number)
    whole = write_clip(tmp_path / "whole.mp4", ClipRecipe(size_wh=(320, 240), num_frames=20)).read_bytes()
    (source / "empty.mp4").touch()
    (source / "truncated.mp4").write_bytes(whole[: len(whole) // 2])
    (source / "text.mp4").write_text("words " * 100)
    write_tone(source / "sound.mp4")
    (source / "unreadable.mp4").symlink_to(tmp_path / "gone.mp4")
    return tmp_path


def write_grey(path: Path, num_frames: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(num_frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 120, np.uint8), "rgb24")))
        container.mux(stream.encode(None))


def write_tone(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.int16), format="s16", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_forty_files_with_bad_ones_and_faceless_ones(forty: Path) -> None:
    log = forty / "log"
    report = batch(config_of(forty), log)
    assert report.counts() == {"edited": 32, "no face": 3, "failed": 5}
    reasons = {Path(result.input).name: result.reason for result in report.files if result.status == "failed"}
    assert "is empty" in reasons["empty.mp4"]
    assert "truncated.mp4" in reasons["truncated.mp4"]
    assert "cannot read" in reasons["text.mp4"]
    assert "no video stream" in reasons["sound.mp4"]
    assert "no such file" in reasons["unreadable.mp4"]
    made = {path.relative_to(forty / "out") for path in (forty / "out").rglob("*.mp4")}
    assert len(made) == 35
    assert Path("deep/good-0.mp4") in made
    assert num_edited(log) == 32 * FRAMES == sum(result.num_frames_edited for result in report.files)
    stored = json.loads((forty / "out/report.json").read_text())
    assert stored["counts"] == report.counts()
    assert len(stored["files"]) == 40
    left = [path for path in (forty / "out").rglob("*") if "partial" in path.name]
    assert not left

    again = batch(config_of(forty), log)
    assert again.counts() == {"skipped": 35, "failed": 5}
    assert num_edited(log) == 32 * FRAMES

    strict = batch(config_of(forty, no_face="fail"), log)
    assert strict.counts() == {"skipped": 32, "failed": 8}
    assert sum("no face to edit in" in result.reason for result in strict.files) == 3
    assert num_edited(log) == 32 * FRAMES


def test_batch_killed_from_outside_goes_on_with_the_file_that_was_under_way(forty: Path) -> None:
    log = forty / "log"
    script = (
        "from pathlib import Path; from tests.jobs.test_batch import batch, config_of;"
        f"folder = Path({str(forty)!r}); batch(config_of(folder), folder / 'log')"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    while process.poll() is None and num_edited(log) < 16 * FRAMES:
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    num_done = len([path for path in (forty / "out").rglob("*.mp4") if "partial" not in path.name])
    assert 12 <= num_done < 32

    report = batch(config_of(forty), log)
    counts = report.counts()
    assert counts["failed"] == 5
    assert counts["skipped"] >= num_done - 1  # the last may have been whole, and not noted yet
    assert sum(counts.values()) == 40
    assert num_edited(log) <= 32 * FRAMES + FRAMES
    assert len([path for path in (forty / "out").rglob("*.mp4") if num_frames_of(path) >= FRAMES]) == 35
    assert not [path for path in (forty / "out").rglob("*") if "partial" in path.name]
    assert batch(config_of(forty), log).counts() == {"skipped": 35, "failed": 5}


def num_frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_faceless_files_fail_where_faces_are_required_and_leave_no_result(forty: Path) -> None:
    config = config_of(forty, inputs=(str(forty / "in/grey-*.mp4"), str(forty / "in/good-1.mp4")), no_face="fail")
    report = batch(config, forty / "log")
    assert report.counts() == {"failed": 3, "edited": 1}
    assert [path.name for path in (forty / "out").rglob("*.mp4")] == ["good-1.mp4"]


@pytest.mark.parametrize("change", ["source", "settings", "result", "nothing"])
def test_done_files_are_done_again_only_if_something_changed(folder: Path, change: str) -> None:
    config, log = config_of(folder), folder / "log"
    batch(config, log)
    before = num_edited(log)
    if change == "source":
        write_clip(folder / "in/a.mp4", ClipRecipe(num_frames=FRAMES, num_b_frames=0))
    elif change == "settings":
        config = replace(config, encoder=EncoderConfig(preset="ultrafast", crf=30))
    elif change == "result":
        (folder / "out/a.mp4").unlink()
    else:
        os.utime(folder / "in/a.mp4", (0, 0))
    report = batch(config, log)
    redone = {"source": 1, "settings": 2, "result": 1, "nothing": 0}[change]
    assert report.counts().get("edited", 0) == redone
    assert num_edited(log) - before == redone * FRAMES


def test_file_that_no_batch_made_is_not_replaced_unless_asked(folder: Path) -> None:
    mine = folder / "out/a.mp4"
    mine.parent.mkdir()
    mine.write_text("mine")
    report = batch(config_of(folder), folder / "log")
    assert report.counts() == {"failed": 1, "edited": 1}
    assert mine.read_text() == "mine"
    assert "--overwrite" in next(result.reason for result in report.files if result.reason)
    assert batch(config_of(folder, overwrite=True), folder / "log").counts() == {"edited": 1, "skipped": 1}


def test_result_that_was_in_the_making_when_the_batch_died_is_made_again(folder: Path) -> None:
    batch(config_of(folder), folder / "log")
    notes = folder / "out/.videoedit/a.mp4.json"
    notes.write_text(json.dumps({"job": "0" * 64, "state": "begun"}))
    assert batch(config_of(folder), folder / "log").counts() == {"edited": 1, "skipped": 1}


def test_stop_begins_nothing_after_the_first_failure(folder: Path) -> None:
    (folder / "in/a-bad.mp4").touch()
    report = batch(config_of(folder, on_error="stop"), folder / "log")
    assert [result.status for result in report.files] == ["failed", "not begun", "not begun"]


def test_dry_run_tells_and_touches_nothing(folder: Path) -> None:
    names = ["a.mp4", "c.png", "d.png", "deep/b.mp4"]
    for name in names[1:3]:
        write_image(folder / "in" / name, np.zeros((8, 8, 3), np.uint8))
    report = batch(config_of(folder, dry_run=True), folder / "log")
    assert [result.status for result in report.files] == ["planned"] * 4
    assert [Path(result.output) for result in report.files] == [folder / "out" / name for name in names]
    assert sorted(path.name for path in folder.iterdir()) == ["in"]


def test_dry_run_names_the_files_that_would_fail(folder: Path) -> None:
    (folder / "in/a-bad.mp4").write_text("no video")
    write_image(folder / "in/c.png", np.zeros((8, 8, 3), np.uint8))
    (folder / "out/deep/b.mp4").mkdir(parents=True)
    report = batch(config_of(folder, dry_run=True, name="{stem}.mp4", overwrite=True), folder / "log")
    reasons = {Path(result.input).name: result.reason for result in report.files}
    assert len(reasons) == 4
    assert reasons["a.mp4"] == ""
    assert "b.mp4 is a folder" in reasons["b.mp4"]
    assert "a-bad.mp4 as video" in reasons["a-bad.mp4"]
    assert "a picture becomes a picture" in reasons["c.png"]


def test_frames_are_shown_at_another_rate_in_a_batch_but_not_in_segments(folder: Path) -> None:
    encoder = EncoderConfig(preset="ultrafast", fps=Fraction(60))
    report = batch(config_of(folder, encoder=encoder), folder / "log")
    assert report.counts() == {"edited": 2}
    assert num_frames_of(folder / "out/a.mp4") > FRAMES
    with pytest.raises(ConfigError, match="--fps does not go with --resume"):
        config_of(folder, encoder=encoder, resume=True)


def test_a_folder_that_takes_no_file_is_refused_before_any_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder)
    with pytest.raises(MediaError, match=f"{folder} cannot be written to"):
        batch(config_of(folder), folder / "log")


def test_a_report_that_cannot_be_written_is_refused_before_any_work(folder: Path) -> None:
    (folder / "r.json").mkdir()
    for report, words in (("r.json", r"r\.json is a folder"), ("in/a.mp4/r.json", r"a\.mp4 is no folder")):
        with pytest.raises(MediaError, match=f"{words}; choose another --report"):
            batch(config_of(folder, report=str(folder / report)), folder / "log")
    assert num_edited(folder / "log") == 0


def test_models_and_edits_are_made_once_for_all_files(folder: Path) -> None:
    loads: list[EditConfig] = []
    config = config_of(folder)

    def counted(edit: EditConfig) -> Models:
        loads.append(edit)
        return load(folder / "log", edit)

    engine = HereEngine(lambda progress: Worker(config.edit, progress, counted), silent)
    assert run_batch(config, engine, lambda result, total: None).counts() == {"edited": 2}
    assert len(loads) == 1
    engine = HereEngine(lambda progress: Worker(config.edit, progress, counted), silent)
    run_batch(config, engine, lambda result, total: None)
    assert len(loads) == 1


def test_exemplars_of_single_people_reach_the_pipeline_and_a_change_of_them_is_done_anew(
    folder: Path,
) -> None:
    asked: list[EditConfig] = []

    class Telling(Models):
        def pipeline(self, config: EditConfig) -> Pipeline:
            asked.append(config)
            return super().pipeline(replace(config, maps=()))

    def load_telling(edit: EditConfig) -> Models:
        models = load(folder / "log", edit)
        return Telling(models.detector, models.editor)

    def run(picture: str) -> BatchReport:
        write_image(folder / "anna.png", np.zeros((8, 8, 3), np.uint8))
        write_image(folder / picture, np.full((8, 8, 3), len(picture), np.uint8))
        variant = mapped(Variant((LIGHT,)), [(str(folder / "anna.png"), str(folder / picture))])
        config = config_of(folder, variants=(variant,))
        engine = HereEngine(lambda progress: Worker(config.edit, progress, load_telling), silent)
        return run_batch(config, engine, lambda result, total: None)

    assert run("a.png").counts() == {"edited": 2}
    assert [(entry.face, entry.wishes[0].reference) for entry in asked[0].maps] == [
        (str(folder / "anna.png"), str(folder / "a.png"))
    ]
    assert run("a.png").counts() == {"skipped": 2}
    assert run("bb.png").counts() == {"edited": 2}


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (Wish(attribute="lihgt", reference=None), ConfigError),
        (Wish(attribute="light", reference="gone.jpg"), MediaError),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_wrong_for_every_file_is_said_once(
    folder: Path, wish: Wish, error: type[VideoEditError], dry_run: bool
) -> None:
    with pytest.raises(error):
        batch(config_of(folder, variants=(Variant((wish,)),), dry_run=dry_run), folder / "log")
    assert not list((folder / "out").rglob("*.mp4"))


def test_interruption_stops_at_the_next_frame_and_keeps_what_is_done(folder: Path) -> None:
    write_clip(folder / "in/deep/z.mp4", ClipRecipe(num_frames=200))
    config = config_of(folder)
    seen: list[int] = []

    def progress(frames: Iterable[EditedFrame], total: int) -> Iterator[EditedFrame]:
        for frame in frames:
            seen.append(total)
            if seen.count(200) == 5:
                os.kill(os.getpid(), signal.SIGINT)
            yield frame

    engine = HereEngine(lambda progress: Worker(config.edit, progress, loader(folder / "log")), progress)
    with pytest.raises(KeyboardInterrupt):
        run_batch(config, engine, lambda result, total: None)
    assert seen.count(200) < 100
    stored = json.loads((folder / "out/report.json").read_text())
    assert stored["counts"] == {"edited": 2, "not begun": 1}
    left = [path for path in (folder / "out").rglob("*") if path.suffix == ".mp4"]
    assert sorted(path.name for path in left) == ["a.mp4", "b.mp4"]

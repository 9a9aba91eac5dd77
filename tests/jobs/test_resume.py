"""One video that can be broken off: pieces beside the output, gone when it is whole."""

import re
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ClipRecipe, write_clip
from tests.jobs.stand_ins import EDIT, loader, num_edited, silent
from tests.jobs.test_segments import assert_same_video, stop_at
from videoedit.cli import main
from videoedit.errors import ConfigError, MediaError, NoFaceError, VideoEditError
from videoedit.jobs.dry_run import dry_run
from videoedit.jobs.one_file import RunConfig, RunReport
from videoedit.jobs.resume import resume_file
from videoedit.video.reading.part import part_of
from videoedit.video.writing.encoding import EncoderConfig


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", ClipRecipe(num_frames=40))


def config_of(clip: Path, name: str, **choices: Any) -> RunConfig:
    encoder = EncoderConfig(crf=0, preset="ultrafast")
    output = str(clip.with_name(name))
    return RunConfig(**({"input": str(clip), "output": output, "edit": EDIT, "encoder": encoder} | choices))


def edit(clip: Path, name: str, progress: Any = silent, **choices: Any) -> RunReport:
    return resume_file(config_of(clip, name, **choices), 16, progress, loader(clip.with_name(f"{name}-log")))


def test_video_that_was_broken_off_goes_on_and_comes_out_the_same(clip: Path) -> None:
    edit(clip, "whole.mp4")
    with pytest.raises(VideoEditError):
        edit(clip, "out.mp4", stop_at(40 + 20))
    assert not clip.with_name("out.mp4").exists()
    report = edit(clip, "out.mp4")
    assert (report.num_frames, report.num_faces) == (40, 40)
    assert report.num_frames_edited <= 24
    assert num_edited(clip.with_name("out.mp4-log")) <= 40 + 16
    assert_same_video(clip.with_name("out.mp4"), clip.with_name("whole.mp4"))
    assert not list(clip.parent.glob(".*"))


def test_other_settings_output_in_the_way_and_missing_source_are_told_at_once(clip: Path) -> None:
    with pytest.raises(VideoEditError):
        edit(clip, "out.mp4", stop_at(50))
    with pytest.raises(ConfigError, match=r"made otherwise: settings\.encoder\.crf was 0, now 30"):
        edit(clip, "out.mp4", encoder=EncoderConfig(crf=30, preset="ultrafast"))
    edited_otherwise = config_of(clip, "out.mp4", encoder=EncoderConfig(crf=30))
    with pytest.raises(ConfigError, match="made otherwise"):
        dry_run(edited_otherwise, 16)
    clip.with_name("there.mp4").touch()
    with pytest.raises(MediaError, match="--overwrite"):
        edit(clip, "there.mp4")
    with pytest.raises(MediaError, match="no such file"):
        edit(clip.with_name("gone.mp4"), "else.mp4")
    with pytest.raises(ConfigError, match="--segment-frames"):
        resume_file(RunConfig(input=str(clip), output="x.mp4", edit=EDIT), 3, silent)
    with pytest.raises(ConfigError, match="--fps does not go with --resume"):
        edit(clip, "else.mp4", encoder=EncoderConfig(fps=Fraction(10)))
    with pytest.raises(ConfigError, match="--keep-partial"):
        edit(clip, "else.mp4", keep_partial=True)
    with pytest.raises(ConfigError, match="--start, --end"):
        edit(clip, "else.mp4", part=part_of("1", None))


@pytest.mark.parametrize(("name", "field"), [("faces.npz", "yaw"), ("tail-0.npz", "placement.yaw")])
def test_pieces_of_an_older_version_are_told_to_be_that(clip: Path, name: str, field: str) -> None:
    with pytest.raises(VideoEditError):
        edit(clip, "out.mp4", stop_at(40 + 20))
    folder = clip.with_name(".out.mp4.parts")
    with np.load(folder / name) as stored:
        older = {column: values for column, values in stored.items() if column != field}
    with (folder / name).open("wb") as file:
        np.savez(file, **older)
    reason = f"{name}: another version stored it, without {field}; delete the folder {folder} to begin anew"
    with pytest.raises(MediaError, match=re.escape(reason)):
        edit(clip, "out.mp4")
    shutil.rmtree(folder)
    assert edit(clip, "out.mp4").num_frames == 40


def test_video_without_a_face_is_refused_before_it_is_encoded(clip: Path) -> None:
    import dataclasses

    nobody = dataclasses.replace(EDIT, pipeline=dataclasses.replace(EDIT.pipeline, min_face=900.0))
    with pytest.raises(NoFaceError):
        edit(clip, "out.mp4", edit=nobody, no_face="fail")
    assert edit(clip, "out.mp4", edit=nobody).num_faces == 0


def test_command_edits_the_sample_in_segments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = Path(__file__).resolve().parents[2] / "sample_clips"
    flags = ["--ref", str(samples / "hopper-glasses.jpg"), "--attr", "glasses", "--device", "cpu"]
    clip = write_clip(tmp_path / "clip.mp4", ClipRecipe(num_frames=20))
    flags += ["-o", str(tmp_path / "out.mp4"), "--resume", "--segment-frames", "16"]
    assert main(["run", str(clip), *flags]) == 0
    assert "20 frames" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "out.mp4"]

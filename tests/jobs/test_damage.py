"""A damaged input or a failing output: one line with the reason, and a result only where it was asked for."""

import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stub_editing import EDIT, stub_pipeline
from videoedit.cli import main
from videoedit.errors import MediaError
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.encoders import ENCODERS
from videoedit.video.writing.writer import VideoWriter

MakeClip = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cut_clip(make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)
    path = make_clip("cut.mkv", num_frames=40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_damaged_input_leaves_no_output(cut_clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = cut_clip.with_name("out.mp4")
    assert main(["run", str(cut_clip), "-o", str(out), *EDIT]) == 1
    line = last_line(capsys)
    assert "cut.mkv is damaged after 0." in line
    assert "--keep-partial keeps what decodes of it, " in line
    assert list(cut_clip.parent.iterdir()) == [cut_clip]


def test_keep_partial_keeps_every_frame_that_decodes(cut_clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = cut_clip.with_name("out.mp4")
    assert main(["run", str(cut_clip), "-o", str(out), "--keep-partial", *EDIT]) == 1
    with VideoReader(out) as reader:
        frames = list(reader)
    assert 5 < len(frames) < 40
    assert last_line(capsys).endswith(f"{out} holds what decodes of it, {len(frames)} frames")
    assert sorted(cut_clip.parent.iterdir()) == [cut_clip, out]


@pytest.mark.parametrize("flags", [(), ("--keep-partial",), ("--dry-run",)])
def test_a_part_of_which_nothing_decodes_is_not_offered_to_be_kept(
    cut_clip: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]
) -> None:
    assert main(["run", str(cut_clip), "-o", str(cut_clip.with_name("out.mp4")), *EDIT, "--start", "1.2", *flags]) == 1
    assert last_line(capsys).endswith("(the file ends early); repair or re-export it")
    assert list(cut_clip.parent.iterdir()) == [cut_clip]


def test_reading_ahead_has_ended_before_the_file_is_closed(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FFmpeg crashes where a thread still decodes from a closed file."""
    alive: list[str] = []

    def close(reader: VideoReader, *error: object) -> None:
        alive.extend(thread.name for thread in threading.enumerate())
        reader.container.close()

    def fail(*arguments: object) -> None:
        raise MediaError("disk full")

    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)
    monkeypatch.setattr(VideoReader, "__exit__", close)
    monkeypatch.setattr(VideoWriter, "write", fail)
    assert main(["run", str(make_clip(num_frames=60)), "-o", str(tmp_path / "out.mp4"), *EDIT]) == 1
    assert alive
    assert "prefetch" not in alive


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_full_disk_is_said_in_one_line_and_leaves_nothing(make_clip: MakeClip, tmp_path: Path, suffix: str) -> None:
    """A limit on the size of files, which the system reports as it does a full disk, lies below the result's size."""
    source = make_clip(size_wh=(320, 240), num_frames=30)
    out = tmp_path / "outputs" / f"out{suffix}"
    out.parent.mkdir()
    code = (
        "import sys; from unittest import mock; from tests.stub_editing import stub_pipeline\n"
        "from videoedit.cli import main\n"
        "with mock.patch('videoedit.jobs.one_file.build_pipeline', stub_pipeline): sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "run", str(source), "-o", str(out), "--crf", "0", *EDIT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 1, done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith(f"videoedit: cannot write {out}: File too large")
    assert "Traceback" not in done.stderr
    assert not list(out.parent.iterdir())


def test_failing_encoder_is_quoted_and_leaves_nothing(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)
    wrong = replace(ENCODERS["libx264"], options=lambda level, speed: {"preset": "nosuch"})
    monkeypatch.setitem(ENCODERS, "libx264", wrong)
    source = make_clip()
    for more in ([], ["--dry-run"]):
        assert main(["run", str(source), "-o", str(tmp_path / "out.mp4"), *EDIT, *more]) == 1
        assert "out.mp4: Error setting preset/tune nosuch/(null) (Invalid argument)" in last_line(capsys)
    assert list(tmp_path.iterdir()) == [source]

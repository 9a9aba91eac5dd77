"""Outputs that cannot be written to the end: FFmpeg's own reason in one line, and nothing half-written."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stub_editing import EDIT, stub_pipeline
from videoedit.cli import main
from videoedit.video.encoders import ENCODERS

MakeClip = Callable[..., Path]

FULL_AT = 100_000
"""Bytes after which a file cannot grow, as on a full disk."""
SMALL_DISK = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({FULL_AT}, {FULL_AT}))
import videoedit.jobs.one_file
from tests.stub_editing import stub_pipeline
videoedit.jobs.one_file.build_pipeline = stub_pipeline
from videoedit.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_full_disk_is_named_and_nothing_is_left(make_clip: MakeClip, tmp_path: Path, suffix: str) -> None:
    source = make_clip(num_frames=60, size_wh=(320, 240))
    before = sorted(tmp_path.iterdir())
    flags = ("-o", str(tmp_path / f"out{suffix}"), "--crf", "0", *EDIT)
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, "run", str(source), *flags], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("videoedit: ")]
    assert f"out{suffix}: File too large" in line
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_encoder_that_fails_is_quoted_and_nothing_is_left(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)
    wrong = replace(ENCODERS["libx264"], options=lambda level, speed: {"preset": "nosuch"})
    monkeypatch.setitem(ENCODERS, "libx264", wrong)
    source = make_clip()
    before = sorted(tmp_path.iterdir())
    assert main(["run", str(source), "-o", str(tmp_path / "out.mp4"), *EDIT]) == 1
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert "out.mp4: Error setting preset/tune nosuch/(null) (Invalid argument)" in line
    assert sorted(tmp_path.iterdir()) == before

"""`--start` and `--end` of a whole job."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stub_editing import EDIT, stub_pipeline
from videoedit.cli import main
from videoedit.video.reading.reader import VideoReader


def test_part_of_a_clip_is_edited_and_said(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)
    source, out = make_clip(num_frames=40, size_wh=(96, 64)), tmp_path / "out.mp4"
    assert main(["run", str(source), "-o", str(out), "--start", "0.5", "--end", "30f", *EDIT]) == 0
    with VideoReader(source) as before, VideoReader(out) as after:
        wanted = [frame for frame in before if frame.time >= 0.5 and frame.index < 30]
        written = list(after)
    assert [frame.time for frame in written] == [frame.time - wanted[0].time for frame in wanted]
    assert all(a.planes[0][32, 48] < b.planes[0][32, 48] - 10 for a, b in zip(written, wanted, strict=True))
    assert "edited from 0.5 s up to frame 30" in caplog.text

"""Faults that video face editors are known for, each shown to be absent here by what its user would have seen.

(That one bad file of a batch takes no finished one with it is shown in `test_batch.py`.)
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.jobs.every_video import shown_in, sounds_in
from tests.stub_editing import EDIT, stub_pipeline
from videoedit.cli import main
from videoedit.frames import Frame
from videoedit.video.reader import VideoReader
from videoedit.video.writer import VideoWriter

MakeClip = Callable[..., Path]
SIZE = (96, 64)
BLACK = 30
"""Mean of Y' below which a picture would be taken for black."""


@pytest.fixture(autouse=True)
def _stub_editing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)


def edited(source: Path, *flags: str, name: str = "out.mp4") -> Path:
    out = source.with_name(name)
    assert main(["run", str(source), "-o", str(out), "--crf", "0", *flags, *EDIT]) == 0
    return out


def test_a_phone_clip_is_not_scrambled_by_its_rotation(make_clip: MakeClip) -> None:
    """Width and height exchanged give the same number of bytes, and rows of garbage."""
    source = make_clip(size_wh=SIZE, rotation=90)
    for before, after in zip(shown_in(source), shown_in(edited(source)), strict=True):
        assert after.matrix == before.matrix
        np.testing.assert_array_equal(after.planes[0][:, :8], before.planes[0][:, :8])
        steps = np.abs(np.diff(after.planes[0].astype(int), axis=0))[:, :8]
        assert steps.mean() < 12  # scrambled rows do not continue each other


def test_a_variable_rate_gets_no_black_tail_and_keeps_its_speed(make_clip: MakeClip) -> None:
    """Duration times nominal rate counts frames that are not there."""
    ticks = tuple(int(3000 * place * (1 if place < 6 else 1.5)) for place in range(12))
    source = make_clip(size_wh=SIZE, ticks=ticks, fps=Fraction(30))
    before, after = shown_in(source), shown_in(edited(source))
    assert [one.time for one in after] == [one.time for one in before]
    assert len(after) == 12
    assert min(one.planes[0].mean() for one in after) > BLACK


def test_sound_longer_than_the_pictures_adds_no_black_frames(make_clip: MakeClip) -> None:
    """The duration of a file is not that of its pictures."""
    source = make_clip(size_wh=SIZE, audio_seconds=1.2)
    out = edited(source)
    after = shown_in(out)
    assert len(after) == 12
    assert min(one.planes[0].mean() for one in after) > BLACK
    assert sounds_in(out) == sounds_in(source)


def test_frames_do_not_pile_up_before_a_slow_encoder(make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read ahead has a bound, whichever stage is the slow one."""
    num_read = num_written = 0
    lags: list[int] = []
    pictures, write = VideoReader.pictures, VideoWriter.write

    def counted(reader: VideoReader) -> Iterator[tuple[av.VideoFrame, Fraction]]:
        nonlocal num_read
        for picture in pictures(reader):
            num_read += 1
            yield picture

    def slow(writer: VideoWriter, frame: Frame) -> None:
        nonlocal num_written
        time.sleep(0.002)
        lags.append(num_read - num_written)
        num_written += 1
        write(writer, frame)

    monkeypatch.setattr(VideoReader, "pictures", counted)
    monkeypatch.setattr(VideoWriter, "write", slow)
    edited(make_clip(num_frames=240))
    assert len(lags) == 240
    assert max(lags) < 100


def test_sound_in_mp4_is_what_it_was_not_flac(make_clip: MakeClip) -> None:
    out = edited(make_clip(size_wh=SIZE))
    with av.open(str(out)) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["aac"]


def test_a_failing_encode_has_a_reason(make_clip: MakeClip, capsys: pytest.CaptureFixture[str]) -> None:
    source = make_clip(size_wh=SIZE)
    flags = ("--output-video-encoder", "ffv1")
    assert main(["run", str(source), "-o", str(source.with_name("out.mp4")), *flags, *EDIT]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "ffv1 does not go into .mp4" in line


def test_clips_of_one_name_in_two_folders_do_not_meet(make_clip: MakeClip, tmp_path: Path) -> None:
    """Temporary files that are named for the clip alone would."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    sources = [make_clip("a/clip.mp4", size_wh=SIZE, num_frames=20), make_clip("b/clip.mp4", size_wh=(64, 96))]
    with ThreadPoolExecutor(2) as together:
        outs = list(together.map(edited, sources))
    for source, out, count in zip(sources, outs, (20, 12), strict=True):
        before, after = shown_in(source), shown_in(out)
        assert len(after) == count
        np.testing.assert_array_equal(after[-1].planes[0][:4], before[-1].planes[0][:4])
        assert sorted(path.name for path in source.parent.iterdir()) == ["clip.mp4", "out.mp4"]


@pytest.mark.parametrize("fps", ["15", "20", "50"])
def test_another_frame_rate_shows_at_every_moment_what_was_shown_then(make_clip: MakeClip, fps: str) -> None:
    source = make_clip(size_wh=SIZE, fps=Fraction(30), num_frames=24)
    before, after = shown_in(source), shown_in(edited(source, "--fps", fps))
    step = 1 / Fraction(fps)
    assert [one.time for one in after] == [place * step for place in range(len(after))]
    assert abs(len(after) - 24 * Fraction(fps) / 30) <= 2  # the last frame is shown three times as long
    for one in after:
        candidates = [old for old in before if abs(old.time - one.time) <= step] or before[-1:]
        assert any(np.array_equal(old.planes[0][:, :8], one.planes[0][:, :8]) for old in candidates)

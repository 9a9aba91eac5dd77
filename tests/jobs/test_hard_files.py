"""Files that editors of video are known to break, through a whole job: what comes out is what went in, but the face."""

import time
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.stub_editing import EDIT, stub_pipeline
from tests.video.clips import LOSSLESS, frames_of, packets_of
from videoedit.cli import main
from videoedit.frames import Frame
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.writer import VideoWriter

MakeClip = Callable[..., Path]
SIZE = (96, 64)


@pytest.fixture(autouse=True)
def _stubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)


def edited(source: Path, *flags: str) -> Path:
    """Edit losslessly; the middle of every picture gets darker."""
    out = source.with_name("out.mp4")
    flags = ("--crf", "0", "--output-video-preset", "ultrafast", *flags)
    assert main(["run", str(source), "-o", str(out), *flags, *EDIT]) == 0
    return out


def times_of(path: Path) -> list[Fraction]:
    """Return when every picture is shown, as FFmpeg says."""
    with av.open(str(path)) as container:
        return [picture.pts * picture.time_base for picture in container.decode(video=0)]


def assert_same_but_darker_in_the_middle(before: Frame, after: Frame) -> None:
    luma, new = before.planes[0].astype(int), after.planes[0].astype(int)
    assert (new[30:34, 46:50] < luma[30:34, 46:50] - 10).all()
    for edge in (np.s_[:, :4], np.s_[:, -4:]):
        np.testing.assert_array_equal(new[edge], luma[edge])


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_turned_phone_clip_is_not_scrambled(make_clip: MakeClip, rotation: int) -> None:
    source = make_clip(rotation=rotation, size_wh=SIZE)
    before, after = frames_of(source), frames_of(edited(source))
    assert len(before) == len(after)
    for frame, new in zip(before, after, strict=True):
        assert (new.rotation, new.size_wh) == (rotation, SIZE)
        assert_same_but_darker_in_the_middle(frame, new)


def test_variable_rate_clip_keeps_count_times_and_its_last_pictures(make_clip: MakeClip) -> None:
    ticks = tuple(int(tick) for tick in np.cumsum([3003, 1001, 9009, 3003, 6006, 2002] * 4))
    source = make_clip(ticks=ticks, num_frames=len(ticks), size_wh=SIZE)
    out = edited(source)
    before, after = frames_of(source), frames_of(out)
    assert len(after) == 24
    assert times_of(out) == times_of(source)
    for frame, new in zip(before[-5:], after[-5:], strict=True):
        assert_same_but_darker_in_the_middle(frame, new)


@pytest.mark.parametrize("audio_seconds", [0.2, 0.9])
def test_sound_of_another_length_adds_no_pictures_and_takes_none(make_clip: MakeClip, audio_seconds: float) -> None:
    source = make_clip(num_frames=12, audio_seconds=audio_seconds, size_wh=SIZE)  # 0.4 s
    out = edited(source)
    before, after = frames_of(source), frames_of(out)
    assert times_of(out) == times_of(source)
    assert_same_but_darker_in_the_middle(before[-1], after[-1])
    assert packets_of(out, "audio") == packets_of(source, "audio")


def test_sound_keeps_its_codec(make_clip: MakeClip) -> None:
    with av.open(str(edited(make_clip(size_wh=SIZE)))) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["aac"]


def test_slow_encoder_holds_the_rest_back(make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_clip(num_frames=120, size_wh=SIZE, audio_seconds=None)
    alive: weakref.WeakValueDictionary[int, np.ndarray] = weakref.WeakValueDictionary()
    most = 0
    frame_of, write = VideoReader._frame_of, VideoWriter.write

    def counted(*arguments: object) -> Frame:
        frame = frame_of(*arguments)  # type: ignore[arg-type]
        alive[frame.index] = frame.planes[0]
        return frame

    def slowly(writer: VideoWriter, frame: Frame) -> None:
        nonlocal most
        time.sleep(0.005)
        most = max(most, len(alive))
        write(writer, frame)

    monkeypatch.setattr(VideoReader, "_frame_of", counted)
    monkeypatch.setattr(VideoWriter, "write", slowly)
    assert len(frames_of(edited(source))) == 120
    assert 0 < most < 80


def test_clips_of_one_name_edited_at_the_same_time_do_not_meet(make_clip: MakeClip, tmp_path: Path) -> None:
    sources = [make_clip(f"{place}-clip.mp4", num_frames=count, size_wh=SIZE) for place, count in ((1, 8), (2, 11))]
    outs = [tmp_path / str(place) / "clip.mp4" for place in (1, 2)]
    with ExitStack() as stack:
        writers = []
        for source, out in zip(sources, outs, strict=True):
            out.parent.mkdir()
            reader = stack.enter_context(VideoReader(source))
            writers.append((iter(reader), stack.enter_context(VideoWriter(out, reader, LOSSLESS))))
        while writers:
            for pair in tuple(writers):
                frame = next(pair[0], None)
                pair[1].write(frame) if frame else writers.remove(pair)
    for source, out in zip(sources, outs, strict=True):
        before, after = frames_of(source), frames_of(out)
        for frame, new in zip(before, after, strict=True):
            np.testing.assert_array_equal(frame.planes[0], new.planes[0])


@pytest.mark.parametrize("fps", ["15", "20", "50"])
def test_another_frame_rate_shows_at_every_moment_what_was_shown_then(make_clip: MakeClip, fps: str) -> None:
    source = make_clip(size_wh=SIZE, fps=Fraction(30), num_frames=24)
    before, after = frames_of(source), frames_of(edited(source, "--fps", fps))
    step = 1 / Fraction(fps)
    assert [frame.time for frame in after] == [place * step for place in range(len(after))]
    assert abs(len(after) - 24 * Fraction(fps) / 30) <= 2  # the last frame may be shown for longer
    for frame in after:
        near = [old for old in before if -step / 2 <= frame.time - old.time <= Fraction(1, 30) + step / 2] or before[
            -1:
        ]
        assert any(np.array_equal(old.planes[0][:, :4], frame.planes[0][:, :4]) for old in near)

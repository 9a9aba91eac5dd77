"""A clip read and written again: planes in, planes out; times, counts and sound as they were."""

import errno
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.video.clips import LOSSLESS, MakeClip, copied
from videoedit.errors import MediaError
from videoedit.video.reading.reader import VideoReader
from videoedit.video.thumbnail import thumbnail
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.writer import VideoWriter


def times_of(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


@pytest.mark.parametrize("ticks", [None, (0, 3003, 12012, 13000, 30030)])
def test_last_frame_is_shown_as_long_as_before(
    make_clip: MakeClip, tmp_path: Path, ticks: tuple[int, ...] | None
) -> None:
    source = make_clip(audio_seconds=None, ticks=ticks, num_frames=5, num_b_frames=0)
    out = copied(source, tmp_path / "out.mp4", EncoderConfig(preset="medium"))  # with B-frames
    with av.open(str(source)) as before, av.open(str(out)) as after:
        durations = [c.streams.video[0].duration * c.streams.video[0].time_base for c in (before, after)]
    assert abs(durations[0] - durations[1]) <= Fraction(1, 1000)  # edit lists count in milliseconds
    assert durations[0] > times_of(source)[-1] + Fraction(2 * 3003, 90_000)


def test_sound_lies_between_the_pictures_not_after_them(make_clip: MakeClip, tmp_path: Path) -> None:
    source = make_clip(num_frames=90, audio_seconds=3.0)
    with av.open(str(copied(source, tmp_path / "out.mp4"))) as container:
        kinds = [p.stream.type for p in container.demux() if p.dts is not None]
    first_half = kinds[: len(kinds) // 2]
    assert {"audio", "video"} <= set(first_half)


def test_sound_can_be_left_out(make_clip: MakeClip, tmp_path: Path) -> None:
    out = copied(make_clip(), tmp_path / "out.mp4", EncoderConfig(audio="none"))
    with av.open(str(out)) as container:
        assert not container.streams.audio


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
def test_planes_survive_reading_and_lossless_writing(make_clip: MakeClip, tmp_path: Path, pixel_format: str) -> None:
    source = make_clip(pixel_format=pixel_format)
    out = copied(source, tmp_path / "out.mp4")
    with VideoReader(source) as first, VideoReader(out) as second:
        for before, after in zip(first, second, strict=True):
            assert after.format == before.format
            for plane, again in zip(before.planes, after.planes, strict=True):
                np.testing.assert_array_equal(plane, again)


def test_full_range_stays_full_range(make_clip: MakeClip, tmp_path: Path) -> None:
    source = make_clip(full_range=True)
    out = copied(source, tmp_path / "out.mp4")
    for path in (source, out):
        with VideoReader(path) as reader:
            assert next(iter(reader)).format.is_full_range


def test_untagged_video_gets_the_defaults_by_height_and_stays_untagged(make_clip: MakeClip, tmp_path: Path) -> None:
    small, large = make_clip("s.mp4"), make_clip("l.mp4", size_wh=(64, 720), num_frames=2)
    for path, matrix in ((small, "bt601"), (large, "bt709")):
        with VideoReader(path) as reader:
            pixel_format = next(iter(reader)).format
        assert (pixel_format.matrix, pixel_format.is_full_range) == (matrix, False)
    with av.open(str(copied(small, tmp_path / "out.mp4"))) as container:
        assert int(next(container.decode(video=0)).colorspace) == 2


def test_frames_cannot_be_written_into_by_mistake(make_clip: MakeClip) -> None:
    with VideoReader(make_clip()) as reader:
        plane = next(iter(reader)).planes[0]
        with pytest.raises(ValueError, match="read-only"):
            plane[0, 0] = 1


def test_thumbnail_is_small_and_knows_where_it_came_from(make_clip: MakeClip) -> None:
    with VideoReader(make_clip(size_wh=(256, 128))) as reader:
        frame = next(iter(reader))
    image, frame_from_thumbnail = thumbnail(frame, 64)
    assert image.shape == (32, 64, 3)
    np.testing.assert_allclose(frame_from_thumbnail, [[4, 0, 1.5], [0, 4, 1.5]])
    assert thumbnail(frame, 1000)[0].shape == (128, 256, 3)


@pytest.mark.parametrize("case", ["missing", "empty", "text", "folder", "audio only"])
def test_input_that_is_no_video_gets_one_line_with_its_name(make_clip: MakeClip, tmp_path: Path, case: str) -> None:
    path = tmp_path / "bad.mp4"
    if case == "empty":
        path.touch()
    if case == "text":
        path.write_text("this is no video\n" * 50)
    if case == "folder":
        path.mkdir()
    if case == "audio only":
        with av.open(str(path), "w") as container:
            stream = container.add_stream("aac", rate=16_000, layout="mono")
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), "s16", "mono")
            silence.sample_rate = 16_000
            container.mux(stream.encode(silence))
            container.mux(stream.encode(None))
    with pytest.raises(MediaError) as caught:
        VideoReader(path)
    assert "bad.mp4" in str(caught.value)
    assert "\n" not in str(caught.value)


def write_one_and_fail(source: Path, target: Path) -> None:
    with VideoReader(source) as reader, VideoWriter(target, reader, LOSSLESS) as writer:
        writer.write(next(iter(reader)))
        raise RuntimeError("stop")


def test_failure_leaves_neither_target_nor_temporary_file(make_clip: MakeClip, tmp_path: Path) -> None:
    source = make_clip()
    before = set(tmp_path.iterdir())
    with pytest.raises(RuntimeError):
        write_one_and_fail(source, tmp_path / "out.mp4")
    assert set(tmp_path.iterdir()) == before


def test_target_appears_only_at_the_end(make_clip: MakeClip, tmp_path: Path) -> None:
    with VideoReader(make_clip()) as reader, VideoWriter(tmp_path / "out.mp4", reader, LOSSLESS) as writer:
        for frame in reader:
            writer.write(frame)
            assert not (tmp_path / "out.mp4").exists()
    assert (tmp_path / "out.mp4").exists()


def test_existing_target_is_kept_unless_told_otherwise(make_clip: MakeClip, tmp_path: Path) -> None:
    source, target = make_clip(), tmp_path / "out.mp4"
    target.write_text("precious")
    with VideoReader(source) as reader:
        with pytest.raises(MediaError, match=r"out\.mp4 exists"):
            VideoWriter(target, reader, LOSSLESS)
        with pytest.raises(MediaError, match="would replace a file that is read"):
            VideoWriter(source, reader, LOSSLESS, overwrite=True)
        with pytest.raises(MediaError, match=r"folder .* does not exist"):
            VideoWriter(tmp_path / "nowhere" / "out.mp4", reader, LOSSLESS)
    assert target.read_text() == "precious"


def test_a_file_system_that_takes_no_file_is_named_before_a_frame_is_made(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "touch", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with (
        VideoReader(make_clip()) as reader,
        pytest.raises(MediaError, match=r"out\.mp4: Read-only file system; choose a writable folder"),
    ):
        VideoWriter(tmp_path / "out.mp4", reader, LOSSLESS)


@pytest.mark.parametrize("encoder", ["libvpx-vp9", "ffv1"])
def test_transparency_is_left_out_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, encoder: str
) -> None:
    source, target = tmp_path / "clear.mkv", tmp_path / "solid.webm"
    with av.open(str(source), "w") as container:
        stream = container.add_stream(encoder, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuva420p"
        for index in range(3):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 4), 40 * index, np.uint8), "rgba")
            picture = picture.reformat(format="yuva420p")
            picture.pts = index
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    copied(source, target)
    assert caplog.text.count("transparency is not kept") == 1
    with av.open(str(target)) as container:
        assert not {key.lower() for key in container.streams.video[0].metadata} & {"alpha_mode"}

"""Segments encoded apart become one video: frames, times and the rest of the source, with no trace of the cut."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.conftest import ClipRecipe, write_clip
from tests.video.clips import LOSSLESS, copied, frames_of, raw_clip
from videoedit.errors import MediaError
from videoedit.video.reading.reader import VideoReader
from videoedit.video.reading.timeline import Moment, frames_between
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.join import join
from videoedit.video.writing.writer import VideoWriter

TICKS = tuple(int(step) for step in np.cumsum([3003, 1001, 4004, 3003, 3003, 9009] * 10))


def cut_and_joined(
    source: Path, target: Path, cuts: Sequence[int], config: EncoderConfig = LOSSLESS, odd: EncoderConfig | None = None
) -> Path:
    """Copy a clip in segments; the last may be encoded otherwise."""
    with VideoReader(source) as reader:
        moments = [Moment.of(frame) for frame in reader]
    segments = []
    for begin, end in zip([0, *cuts], [*cuts, len(moments)], strict=True):
        segments.append(target.with_name(f"part-{begin}{target.suffix}"))
        choice = odd if odd is not None and end == len(moments) else config
        with (
            VideoReader(source) as reader,
            VideoWriter(segments[-1], reader, choice, only_pictures=True, overwrite=True) as writer,
        ):
            for frame in frames_between(source, moments, range(begin, end)):
                writer.write(frame)
    with VideoReader(source) as reader, VideoWriter(target, reader, config) as writer:
        join(segments, moments, writer)
    return target


def packets_of(path: Path, kind: str) -> list[Any]:
    with av.open(str(path)) as container:
        stream = next(iter(getattr(container.streams, kind)), None)
        packets = [] if stream is None else [packet for packet in container.demux(stream) if packet.size]
        return [(packet.pts, packet.dts, packet.duration, bytes(packet)) for packet in packets]


def sound_of(path: Path) -> list[bytes]:
    return [packet[3] for packet in packets_of(path, "audio")]


RECIPES = {
    "plain": ClipRecipe(num_frames=40, audio_seconds=1.4),
    "variable rate": ClipRecipe(num_frames=60, ticks=TICKS),
    "turned": ClipRecipe(num_frames=30, rotation=90),
    "ten bit": ClipRecipe(num_frames=30, pixel_format="yuv422p10le"),
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_joined_video_is_the_source_frame_by_frame(tmp_path: Path, recipe: ClipRecipe, suffix: str) -> None:
    source = write_clip(tmp_path / f"source{suffix}", recipe)
    config = EncoderConfig(crf=0, preset="medium")  # with B-frames
    target = cut_and_joined(source, tmp_path / f"joined{suffix}", [16, 19], config)
    before, after = frames_of(source), frames_of(target)
    assert [(frame.time, frame.rotation) for frame in after] == [(frame.time, frame.rotation) for frame in before]
    for one, other in zip(before, after, strict=True):
        for plane, same in zip(one.planes, other.planes, strict=True):
            np.testing.assert_array_equal(plane, same)
    assert [packet[3] for packet in packets_of(target, "audio")] == [
        packet[3] for packet in packets_of(source, "audio")
    ]


@pytest.mark.parametrize("suffix", [".mov", ".mkv", ".webm", ".ts"])
def test_joined_video_is_shown_as_the_source_is(tmp_path: Path, suffix: str) -> None:
    source = raw_clip(tmp_path / "source.mp4", size_wh=(64, 48), num_frames=9, orientation=(90, True))
    target = cut_and_joined(source, tmp_path / f"joined{suffix}", [4])
    for one, other in zip(frames_of(source), frames_of(target), strict=True):
        np.testing.assert_array_equal(one.upright(one.planes[0]), other.upright(other.planes[0]))


def test_joined_video_lasts_as_long_and_is_decoded_in_order(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "source.mp4", ClipRecipe(num_frames=60, ticks=TICKS))
    config = EncoderConfig(preset="medium")
    whole = copied(source, tmp_path / "whole.mp4", config)
    target = cut_and_joined(source, tmp_path / "joined.mp4", [16, 32, 59], config)
    packets = packets_of(target, "video")
    assert [dts for _, dts, _, _ in packets] == sorted({dts for _, dts, _, _ in packets})
    assert all(dts <= pts for pts, dts, _, _ in packets)
    with av.open(str(target)) as container, av.open(str(whole)) as other:
        assert container.streams.video[0].duration == other.streams.video[0].duration
        assert container.streams.video[0].start_time == other.streams.video[0].start_time
    assert sorted(packet[0] for packet in packets) == sorted(packet[0] for packet in packets_of(whole, "video"))


def test_cut_is_not_seen(tmp_path: Path) -> None:
    """The frames around a cut come out as well as the others do."""
    source = write_clip(tmp_path / "source.mp4", ClipRecipe(num_frames=64, size_wh=(128, 96)))
    target = cut_and_joined(source, tmp_path / "joined.mp4", [16, 32, 48], EncoderConfig(preset="medium"))
    errors = [
        float(np.square(one.planes[0].astype(float) - other.planes[0]).mean())
        for one, other in zip(frames_of(source), frames_of(target), strict=True)
    ]
    near = [errors[cut + offset] for cut in (16, 32, 48) for offset in (-2, -1, 0, 1)]
    assert max(near) < 1.5 * max(error for place, error in enumerate(errors) if 4 <= place % 16 < 12)


def test_segment_that_is_encoded_otherwise_or_broken_is_named(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "source.mp4", ClipRecipe(num_frames=40))
    with pytest.raises(MediaError, match="part-16"):
        cut_and_joined(source, tmp_path / "joined.mp4", [16], odd=EncoderConfig(preset="medium"))
    assert not (tmp_path / "joined.mp4").exists()
    with VideoReader(source) as reader:
        moments = [Moment.of(frame) for frame in reader]
    for segments in ([tmp_path / "gone.mp4"], [tmp_path / "part-0.mp4"]):
        with (
            pytest.raises(MediaError, match=r"gone|16 of 40 frames"),
            VideoReader(source) as reader,
            VideoWriter(tmp_path / "joined.mp4", reader, LOSSLESS) as writer,
        ):
            join(segments, moments, writer)

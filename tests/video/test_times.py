"""Every way in which real videos keep time, read and written again: planes, packets and times, row by row."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.video.clips import copied, frames_of, packets_of
from videoedit.video.writing.encoding import EncoderConfig

MakeClip = Callable[..., Path]
LOSSLESS = EncoderConfig(crf=0, preset="ultrafast")

RATES = ["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60"]
VARIABLE = tuple(int(tick) for tick in np.cumsum([0, 3003, 9009, 1001, 3003, 12012, 2002, 3003, 3003, 6006, 1500, 90]))


def cut_copy(source: Path, begin: Fraction) -> Path:
    """Copy a video from a time on without encoding: an edit list hides the pictures before it that are needed."""
    target = source.with_name(f"cut-{source.name}")
    with av.open(str(source)) as container, av.open(str(target), "w") as out:
        copies = {stream.index: out.add_stream_from_template(stream) for stream in container.streams}
        for packet in container.demux():
            if packet.dts is None or (packet.stream.type == "audio" and packet.pts * packet.time_base < begin):
                continue
            ticks = round(begin / packet.time_base)
            packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
            packet.stream = copies[packet.stream.index]
            out.mux(packet)
    with av.open(str(target)) as cut:
        assert any(packet.is_discard for packet in cut.demux(video=0))
    return target


ROWS: dict[str, Callable[[MakeClip, str], Path]] = {
    **{f"rate {rate}": lambda make, name, rate=rate: make(name, fps=Fraction(rate)) for rate in RATES},
    "variable rate": lambda make, name: make(name, ticks=VARIABLE),
    "no B-frames": lambda make, name: make(name, num_b_frames=0),
    "many B-frames": lambda make, name: make(name, num_b_frames=4, num_frames=20),
    "begins late": lambda make, name: make(name, ticks=tuple(2070 + 3003 * index for index in range(12))),
    "begins much later": lambda make, name: make(name, ticks=tuple(180_000 + 3003 * index for index in range(12))),
    "sound longer": lambda make, name: make(name, audio_seconds=1.5),
    "sound shorter": lambda make, name: make(name, audio_seconds=0.1),
    "sound later": lambda make, name: make(name, audio_start=0.25),
    "no sound": lambda make, name: make(name, audio_seconds=None),
    "edit list": lambda make, name: cut_copy(make(name, num_frames=20, audio_seconds=0.8), Fraction(1001, 5000)),
    "one frame": lambda make, name: make(name, num_frames=1),
}


def times_of(path: Path) -> list[Fraction]:
    """Return when every picture is shown, as FFmpeg says."""
    with av.open(str(path)) as container:
        return [picture.pts * picture.time_base for picture in container.decode(video=0)]


def end_of(path: Path) -> Fraction:
    """Return the end of the last picture, as the container says."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return (stream.start_time + stream.duration) * stream.time_base


def sound_of(path: Path) -> list[tuple[bytes, Fraction]]:
    with av.open(str(path)) as container:
        return packets_of(path, "audio") if container.streams.audio else []


@pytest.mark.parametrize("target", ["out.mp4", "out.mkv"])
@pytest.mark.parametrize("source", ["clip.mp4", "clip.mkv"])
@pytest.mark.parametrize("row", ROWS)
def test_times_pictures_and_sound_come_out_as_they_went_in(
    make_clip: MakeClip, tmp_path: Path, row: str, source: str, target: str
) -> None:
    if row == "edit list" and source.endswith(".mkv"):
        pytest.skip("Matroska has no edit lists")
    path = ROWS[row](make_clip, source)
    out = copied(path, tmp_path / target, LOSSLESS)
    tolerance = Fraction(1, 2000) if target.endswith(".mkv") else 0
    times, written = times_of(path), times_of(out)
    assert len(written) == len(times)
    assert max(abs(after - before) for before, after in zip(times, written, strict=True)) <= tolerance
    for before, after in zip(frames_of(path), frames_of(out), strict=True):
        for plane, same in zip(before.planes, after.planes, strict=True):
            np.testing.assert_array_equal(plane, same)
    for (packet, time), (same, again) in zip(sound_of(path), sound_of(out), strict=True):
        assert packet == same
        assert abs(again - time) <= Fraction(1, 1000)
    if (source, target) == ("clip.mp4", "out.mp4"):
        assert abs(end_of(out) - end_of(path)) <= Fraction(1, 1000)  # edit lists count in milliseconds

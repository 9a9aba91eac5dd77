"""Files that are not whole: every frame that decodes comes, then one line says from when on something is missing."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.conftest import moving_colours
from tests.video.clips import remuxed
from videoedit.errors import DamagedError, MediaError
from videoedit.frames import Frame
from videoedit.video.reading.reader import VideoReader
from videoedit.video.reading.wholeness import is_cut_short

MakeClip = Callable[..., Path]


def frames_and_damage(path: Path, num_threads: int = 0) -> tuple[list[Frame], str]:
    """Read as far as it goes; the second value is empty where all is whole."""
    frames = []
    with VideoReader(path, num_threads) as reader:
        try:
            for frame in reader:
                frames.append(frame)  # noqa: PERF402 - what came before an error counts
        except DamagedError as error:
            return frames, str(error)
    return frames, ""


def with_broken_packet(path: Path, which: int) -> Path:
    """Turn over every byte of one packet of pictures but its first four."""
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    start, size = packets[which]
    content = bytearray(path.read_bytes())
    content[start + 4 : start + size] = bytes(255 - byte for byte in content[start + 4 : start + size])
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("cut.mp4", {"movflags": "+faststart"}),
        ("cut.mov", {"movflags": "+faststart"}),
        ("parts.mp4", {"movflags": "+frag_keyframe+empty_moov"}),
        ("cut.mkv", {}),
        ("cut.webm", {}),
    ],
)
def test_file_that_ends_early_gives_what_is_there_and_says_when_it_ends(
    make_clip: MakeClip, tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    source = make_clip(num_frames=40, audio_seconds=None)
    path = _vp9(tmp_path / name) if name.endswith("webm") else remuxed(source, tmp_path / name, **options)
    whole, damage = frames_and_damage(path)
    assert (len(whole), damage) == (40, "")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    frames, damage = frames_and_damage(path)
    assert 10 < len(frames) < 40
    assert f"{name} is damaged after {float(frames[-1].time - frames[0].time):.2f} s (the file ends early)" in damage
    by_time = {frame.time: frame for frame in whole}
    for frame in frames:
        for plane, same in zip(by_time[frame.time].planes, frame.planes, strict=True):
            np.testing.assert_array_equal(plane, same)


def _vp9(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx-vp9", rate=25, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height = 64, 48
        for index in range(40):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moving_colours((64, 48), index), "rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("num_threads", [1, 8])
@pytest.mark.parametrize("which", [-12, -2, -1])
def test_broken_packet_costs_its_own_frame_and_is_said(make_clip: MakeClip, which: int, num_threads: int) -> None:
    """With eight threads the decoder meets the error only while it is emptied."""
    path = with_broken_packet(make_clip(num_frames=40, audio_seconds=None), which)
    frames, damage = frames_and_damage(path, num_threads)
    assert len(frames) == 39
    assert "is damaged after" in damage
    times = [frame.time for frame in frames]
    assert times == sorted(set(times))


def test_damage_is_dated_by_the_last_good_frame(make_clip: MakeClip) -> None:
    path = make_clip(num_frames=40, audio_seconds=None, num_b_frames=0, fps=Fraction(25))
    _, damage = frames_and_damage(with_broken_packet(path, 20), num_threads=1)
    assert "is damaged after 0.76 s" in damage  # the twentieth of 25 a second


def test_a_recording_that_begins_between_key_frames_is_whole(make_clip: MakeClip, tmp_path: Path) -> None:
    source = make_clip(num_frames=40, audio_seconds=None, num_b_frames=0, key_interval=16)
    target = tmp_path / "broadcast.ts"
    with av.open(str(source)) as before, av.open(str(target), "w") as after:
        stream = after.add_stream_from_template(before.streams.video[0])
        for number, packet in enumerate(before.demux(video=0)):
            if packet.dts is not None and number >= 5:
                packet.stream = stream
                after.mux(packet)
    frames, damage = frames_and_damage(target)
    assert damage == ""
    assert len(frames) >= 24


def test_pictures_that_change_size_come_in_the_size_of_the_first(
    make_clip: MakeClip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parts = [make_clip(f"{w}.ts", size_wh=(w, 48), num_frames=5, audio_seconds=None) for w in (64, 96)]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames, _ = frames_and_damage(joined)
    assert {frame.size_wh for frame in frames} == {(64, 48)}
    assert len(frames) == 10
    assert caplog.text.count("96x48 are converted to yuv420p 64x48") == 1


def test_tags_that_are_no_text_do_not_matter(make_clip: MakeClip, tmp_path: Path) -> None:
    path = remuxed(make_clip(), tmp_path / "tags.mkv")
    content = path.read_bytes()
    assert b"Lavf" in content
    path.write_bytes(content.replace(b"Lavf", b"\xff\xfe\xe4\xf6"))
    frames, damage = frames_and_damage(path)
    assert (len(frames), damage) == (12, "")


def test_file_whose_codec_nobody_knows_is_refused_in_one_line(make_clip: MakeClip) -> None:
    path = make_clip()
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    with pytest.raises(MediaError, match=r"clip\.mp4 .*decode"):
        VideoReader(path)


def test_length_is_compared_with_the_headers(make_clip: MakeClip, tmp_path: Path) -> None:
    mkv = remuxed(make_clip(), tmp_path / "a.mkv")
    assert not is_cut_short(mkv)
    assert not is_cut_short(tmp_path / "gone.mkv")
    content = bytearray(mkv.read_bytes())
    where = content.index(b"\x18\x53\x80\x67") + 4
    content[where : where + 8] = b"\x01" + b"\xff" * 7  # of unknown length, as a live recording
    mkv.write_bytes(content[:-50])
    assert not is_cut_short(mkv)
    (tmp_path / "open.mp4").write_bytes(b"\x00\x00\x00\x08free\x00\x00\x00\x00mdat" + bytes(100))
    assert not is_cut_short(tmp_path / "open.mp4")  # its last box reaches to the end
    text = tmp_path / "text.txt"
    text.write_text("RIFFraff " * 10)
    assert is_cut_short(text)

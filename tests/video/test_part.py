"""Parts of a video: exact to the frame, with the sound that belongs to them, found without decoding all before."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.conftest import moving_colours
from tests.video.clips import counted_frames
from tests.video.rich_clips import TEXTS, rich_clip
from videoedit.errors import ConfigError, MediaError, TooShortError
from videoedit.frames import Frame
from videoedit.video.carrying.carried import carried, chapters_of_part
from videoedit.video.reading.part import Part, Place, part_of, place_of
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.writer import VideoWriter

MakeClip = Callable[..., Path]
LONG = {"num_frames": 90, "key_interval": 20, "fps": Fraction(30000, 1001), "audio_seconds": 3.5}
VARIABLE = tuple(index * 3000 + (index % 7) * 400 for index in range(90))


def frames_of(path: Path, part: Part | None = None) -> list[Frame]:
    with VideoReader(path, part=part) as reader:
        return list(reader)


def sound_of(path: Path) -> dict[bytes, Fraction]:
    """Return every sound packet's time; all are different."""
    with av.open(str(path)) as container:
        return {bytes(p): p.pts * p.time_base for p in container.demux(audio=0) if p.dts is not None}


def is_in(part: Part, frame: Frame, begin: Fraction) -> bool:
    """Say in the plainest way what a part means."""
    place = {"seconds": frame.time - begin, "frame": frame.index}
    start = "seconds" if part.start.frame is None else "frame"
    if place[start] < getattr(part.start, start):
        return False
    if part.end is None:
        return True
    end = "seconds" if part.end.frame is None else "frame"
    return bool(place[end] < getattr(part.end, end))


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.mov"])
@pytest.mark.parametrize("ticks", [None, VARIABLE], ids=["constant", "variable"])
@pytest.mark.parametrize(
    ("start", "end"), [("1.1", "2.03"), ("40f", "45f"), ("0:01.1", None), (None, "7f"), ("0.5", "20f")]
)
def test_part_holds_exactly_its_frames_with_their_times(
    make_clip: MakeClip, name: str, ticks: tuple[int, ...] | None, start: str | None, end: str | None
) -> None:
    path = make_clip(name, ticks=ticks, **LONG)
    every = frames_of(path)
    part = part_of(start, end)
    wanted = [frame for frame in every if is_in(part, frame, every[0].time)]
    found = frames_of(path, part)
    assert 0 < len(found) < 90
    assert [(frame.time, frame.duration) for frame in found] == [(frame.time, frame.duration) for frame in wanted]
    assert [frame.index for frame in found] == list(range(len(found)))
    for before, after in zip(wanted, found, strict=True):
        for plane, same in zip(before.planes, after.planes, strict=True):
            np.testing.assert_array_equal(plane, same)


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
@pytest.mark.parametrize(("start", "end"), [("1.1", "2.03"), ("33f", "61f"), ("1.1", None), (None, "1.5")])
def test_part_is_written_from_0_with_the_sound_that_belongs_to_it(
    make_clip: MakeClip, tmp_path: Path, ending: str, start: str | None, end: str | None
) -> None:
    source, out = make_clip(**LONG), tmp_path / f"out{ending}"
    part = part_of(start, end)
    wanted = frames_of(source, part)
    with (
        VideoReader(source, part=part) as reader,
        VideoWriter(out, reader, EncoderConfig(crf=0, preset="ultrafast")) as writer,
    ):
        for frame in reader:
            writer.write(frame)
    written = frames_of(out)
    assert len(written) == len(wanted)
    tick = Fraction(1, 1000) if ending == ".mkv" else Fraction(1, 90_000)
    for before, after in zip(wanted, written, strict=True):
        assert abs((after.time - written[0].time) - (before.time - wanted[0].time)) <= tick
        np.testing.assert_array_equal(before.planes[0], after.planes[0])
    before, after = sound_of(source), sound_of(out)
    begin, stop = wanted[0].time, wanted[-1].time + wanted[-1].duration
    in_part = {packet for packet, time in before.items() if (not start or time >= begin) and (not end or time < stop)}
    assert set(after) == in_part
    for packet, time in after.items():  # sound lies to the pictures as it did; mp4's edit lists count milliseconds
        assert abs((time - written[0].time) - (before[packet] - begin)) <= Fraction(1, 1000)


def test_only_what_is_needed_is_decoded(make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_clip(**LONG | {"num_frames": 300, "audio_seconds": None})
    decoded = counted_frames(monkeypatch)
    assert len(frames_of(path, part_of("8", "8.5"))) == 15
    assert len(decoded) <= 1 + 20 + 16


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("open.mp4", "libx264", {"x264-params": "open-gop=1:scenecut=0:b-adapt=0:keyint=20:bframes=3"}),
        ("open.ts", "mpeg2video", {"g": "12", "bf": "2"}),
        ("unstamped.mpg", "mpeg2video", {"g": "12", "bf": "2"}),
        ("refreshed.ts", "libx264", {"x264-params": "intra-refresh=1:keyint=30"}),
    ],
)
def test_part_begins_at_the_right_frame_where_key_frames_are_not_what_they_seem(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    """Open groups begin with pictures that need the group before; some stamps, some key frames are left out."""
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(90):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moving_colours((64, 48), index), "rgb24")))
        container.mux(stream.encode(None))
    every = frames_of(path)
    for start in range(28, 70, 7):
        found = frames_of(path, Part(start=Place(seconds=every[start].time - every[0].time)))
        assert [frame.time for frame in found] == [frame.time for frame in every[start:]]
        for frame, same in zip(every[start:], found, strict=True):
            np.testing.assert_array_equal(frame.planes[0], same.planes[0])


def test_subtitle_that_is_still_shown_begins_with_the_part(tmp_path: Path) -> None:
    begin = Fraction(2, 5) * TEXTS[0][1] / 1000  # within the first text
    with av.open(str(rich_clip(tmp_path / "clip.mkv", ["srt"]))) as source:
        packets = list(carried(source, source.streams.subtitles, begin))
        shown = [(p.pts * p.time_base * 1000, p.duration * p.time_base * 1000, bytes(p)) for p in packets]
    offset = begin * 1000
    assert [(start, length) for start, length, _ in shown] == [
        (0, TEXTS[0][1] - offset),
        (TEXTS[1][0] - offset, TEXTS[1][1] - TEXTS[1][0]),
    ]
    assert [text.decode() for *_, text in shown] == [text for *_, text in TEXTS]


def test_chapters_are_cut_to_the_part() -> None:
    tick = Fraction(1, 1000)
    chapters = [
        {"id": number, "start": start, "end": end, "time_base": tick, "metadata": {}}
        for number, (start, end) in enumerate([(0, 1000), (1000, 3000), (3000, 9000), (9000, 9500)])
    ]
    cut = chapters_of_part(chapters, Fraction(2), Fraction(4))
    assert [(chapter["id"], chapter["start"], chapter["end"]) for chapter in cut] == [(1, 0, 1000), (2, 1000, 2000)]
    assert chapters_of_part(chapters, Fraction(0), None) == chapters


@pytest.mark.parametrize("text", ["soon", "-1", "1:75", "12 f", "1:2:3:4", "", "nan", "1e3"])
def test_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--at must be seconds"):
        place_of(text, "--at")


@pytest.mark.parametrize(("start", "end"), [("2", "2"), ("3f", "2f"), (None, "0"), (None, "0f")])
def test_empty_part_is_refused(start: str | None, end: str) -> None:
    with pytest.raises(ConfigError, match="--end must lie after --start"):
        part_of(start, end)


@pytest.mark.parametrize("start", ["9", "90f"])
def test_part_behind_the_end_is_refused(make_clip: MakeClip, start: str) -> None:
    with pytest.raises(MediaError, match="ends before"):
        frames_of(make_clip(), part_of(start, None))


def test_a_part_that_holds_nothing_is_refused_with_the_reason(make_clip: MakeClip) -> None:
    path = make_clip(num_frames=12, fps=Fraction(25))
    with pytest.raises(ConfigError, match=r"has no frame from frame 5 up to 0\.1 s; choose a later --end"):
        frames_of(path, part_of("5f", "0.1"))
    with pytest.raises(TooShortError, match=r"ends before 1e\+25 s"):
        frames_of(path, part_of("9999999999999999999999999", None))

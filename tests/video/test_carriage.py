"""Sounds, subtitles, chapters, tags, files and covers: carried over, or one line says what is not."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition

from tests.video.clips import copied, packets_of, raw_clip
from tests.video.rich_clips import CHAPTERS, FONT, TEXTS, cover_png, rich_clip
from videoedit.errors import MediaError
from videoedit.video.carrying.carriage import is_cover, kept_metadata
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.containers import CONTAINERS
from videoedit.video.writing.encoding import EncoderConfig

FAST = EncoderConfig(preset="ultrafast")
MS = Fraction(1, 1000)


def streams_of(path: Path) -> list[tuple[str, str, str]]:
    """Return kind, codec and language of every stream."""
    with av.open(str(path)) as container:
        return [
            (stream.type, stream.codec_context.name if stream.codec_context else "", stream.language or "")
            for stream in container.streams
        ]


def texts_of(path: Path, index: int = 0) -> list[tuple[int, int, str]]:
    """Return start, end and text of every subtitle that shows something."""
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[index]
        shown = []
        for packet in container.demux(stream):
            found = stream.codec_context.decode2(packet) if packet.size else None
            for rect in found or ():
                start, length = (
                    round(packet.pts * packet.time_base / MS),
                    round(packet.duration * packet.time_base / MS),
                )
                shown.append((start, start + length, rect.dialogue.decode()))
    return [text for text in shown if text[2]]


def click_of(path: Path, index: int = 0) -> float:
    """Return the second at which a sound begins to be heard."""
    with av.open(str(path)) as container:
        for frame in container.decode(audio=index):
            loud = np.abs(frame.to_ndarray().astype(np.float64)).max(axis=0)
            if frame.format.name.startswith("s16"):
                loud /= 32768
            if (loud > 0.05).any():
                return float(frame.pts * frame.time_base) + int(np.argmax(loud > 0.05)) / frame.sample_rate
    raise AssertionError("nothing is heard")


def sounding(path: Path, encoder: str, kinds: Sequence[tuple[str, int, Sequence[tuple[int, Any]]]]) -> Path:
    """Write a second of pictures with one sound: kinds of layout, rate and frames with their starts in samples."""
    sample_format = "s16p" if encoder == "libmp3lame" else "s16"
    raw = raw_clip(path.with_suffix(".pictures.mkv"), num_frames=25)
    with av.open(str(raw)) as pictures, av.open(str(path), "w") as out:
        video = out.add_stream_from_template(pictures.streams.video[0])
        sound = out.add_stream(encoder, rate=kinds[0][1], layout=kinds[0][0])
        out.mux([packet for packet in pictures.demux(video=0) if packet.size and _turned_to(packet, video)])
        for layout, rate, frames in kinds:
            context = av.CodecContext.create(encoder, "w")
            context.layout, context.rate, context.format = layout, rate, sample_format
            for start, samples in frames:
                frame = av.AudioFrame.from_ndarray(samples, sample_format, layout)
                frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
                out.mux([packet for packet in context.encode(frame) if _turned_to(packet, sound)])
            out.mux([packet for packet in context.encode(None) if _turned_to(packet, sound)])
    return path


def _turned_to(packet: Any, stream: Any) -> bool:
    packet.stream = stream
    return True


def loudness_of(path: Path) -> Any:
    """Return the loudest sample of every hundredth of the first second."""
    heard = np.zeros(48_000)
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            begin = round(frame.pts * frame.time_base * 48_000)
            samples = np.abs(frame.to_ndarray()[0])[: max(48_000 - begin, 0)]
            heard[begin : begin + len(samples)] = samples
    return heard.reshape(-1, 480).max(axis=1)


def chapters_of(path: Path) -> list[tuple[int, int, str]]:
    with av.open(str(path)) as container:
        return [
            (
                round(one["start"] * one["time_base"] / MS),
                round(one["end"] * one["time_base"] / MS),
                one["metadata"]["title"],
            )
            for one in container.chapters()
        ]


@pytest.mark.parametrize("name", ["in.mkv", "in.mp4"])
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".ts"])
def test_all_sounds_are_copied_packet_by_packet(tmp_path: Path, name: str, suffix: str) -> None:
    source = rich_clip(tmp_path / name)
    out = copied(source, tmp_path / f"out{suffix}", FAST)
    for index in (0, 1):
        before, after = packets_of(source, "audio", index), packets_of(out, "audio", index)
        header = 7 if suffix == ".ts" else 0  # ADTS: every packet of AAC says there what it is
        assert [data[header:] for data, _ in after] == [data for data, _ in before]
        times = [[time - packets[0][1] for _, time in packets] for packets in (before, after)]
        assert max(abs(one - other) for one, other in zip(*times, strict=True)) <= MS
        if suffix != ".ts":  # where everything begins later where anything begins before 0
            assert abs(after[0][1] - before[0][1]) <= MS / 2
    languages = [language for kind, _, language in streams_of(out) if kind == "audio"]
    assert languages == ["eng", "fra"]


@pytest.mark.parametrize(
    ("subtitle", "name", "suffix", "becomes"),
    [
        ("subrip", "in.mkv", ".mp4", "mov_text"),
        ("subrip", "in.mkv", ".mov", "mov_text"),
        ("subrip", "in.mkv", ".webm", "webvtt"),
        ("subrip", "in.mkv", ".mkv", "srt"),
        ("ass", "in.mkv", ".mkv", "ssa"),
        ("ass", "in.mkv", ".mp4", "mov_text"),
        ("mov_text", "in.mp4", ".mkv", "srt"),
        ("mov_text", "in.mp4", ".mov", "mov_text"),
        ("mov_text", "in.mp4", ".webm", "webvtt"),
        ("webvtt", "in.webm", ".mkv", "webvtt"),
        ("webvtt", "in.webm", ".mp4", "mov_text"),
    ],
)
def test_subtitles_say_the_same_at_the_same_times(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, subtitle: str, name: str, suffix: str, becomes: str
) -> None:
    source = rich_clip(tmp_path / name, [subtitle], sounds=["libopus"] if name == "in.webm" else ["aac"])
    out = copied(source, tmp_path / f"out{suffix}", FAST)
    assert ("subtitle", becomes, "deu") in streams_of(out)
    assert texts_of(out) == list(TEXTS)
    assert ("is converted to" in caplog.text) == (
        {subtitle, becomes} not in ({"subrip", "srt"}, {"ass", "ssa"}, {becomes})
    )


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_chapters_title_and_cover_go_along(tmp_path: Path, caplog: pytest.LogCaptureFixture, suffix: str) -> None:
    for name in ("in.mkv", "in.mp4"):
        out = copied(rich_clip(tmp_path / name), tmp_path / f"{name[-3:]}{suffix}", FAST)
        assert chapters_of(out) == list(CHAPTERS)
        with av.open(str(out)) as container:
            assert container.metadata["title"] == "A title"
            covers = [bytes(next(iter(container.demux(one)))) for one in container.streams.video[1:]]
        assert covers == ([] if suffix in (".mov", ".webm") else [cover_png()])
        assert ("(cover, png) is left out" in caplog.text) == (not covers)


def test_attached_files_go_along_in_matroska_and_nowhere_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = rich_clip(tmp_path / "in.mkv")
    with av.open(str(copied(source, tmp_path / "out.mkv", FAST))) as container:
        attached = [(one.metadata["filename"], one.mimetype, one.data) for one in container.streams.attachments]
    assert attached == [("font.ttf", "font/ttf", FONT)]
    assert "left out" not in caplog.text
    copied(source, tmp_path / "out.mp4", FAST)
    assert "(attachment, unknown) is left out: .mp4 does not hold it" in caplog.text


def test_whatever_is_left_out_is_said_in_one_line_each(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = rich_clip(tmp_path / "in.mkv", ["subrip"])
    copied(source, tmp_path / "out.ts", FAST)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 5
    for words in ("(subtitle, srt)", "(attachment,", "(cover, png)", "chapters", "metadata title"):
        assert sum(words in line and "left out" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("suffix", "audio", "codec"),
    [(".mp4", "encode", "aac"), (".mkv", "encode", "aac"), (".webm", "copy", "opus"), (".ts", "encode", "aac")],
)
def test_encoded_sound_is_heard_when_it_was_heard_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, suffix: str, audio: Any, codec: str
) -> None:
    source = rich_clip(tmp_path / "in.mp4")
    out = copied(source, tmp_path / f"out{suffix}", EncoderConfig(preset="ultrafast", audio=audio))
    assert [name for kind, name, _ in streams_of(out) if kind == "audio"] == [codec, codec]
    with av.open(str(out)) as container:
        start = float(next(container.decode(video=0)).time)
    for index in (0, 1):
        assert abs(click_of(out, index) - start - click_of(source, index)) < 0.003
        assert packets_of(out, "audio", index) != packets_of(source, "audio", index)
    assert ("encoded as libopus: .webm does not hold it" in caplog.text) == (audio == "copy")


def test_sound_that_pauses_and_begins_late_keeps_its_times_when_encoded(tmp_path: Path) -> None:
    frames = [(start, np.full((1, 4800), 9000, np.int16)) for start in (14_400, 38_400)]  # at 0.3 s and 0.8 s
    source = sounding(tmp_path / "in.mkv", "pcm_s16le", [("mono", 48_000, frames)])
    out = copied(source, tmp_path / "out.mp4", EncoderConfig(preset="ultrafast", audio="encode"))
    loud = loudness_of(out) > 0.1
    assert packets_of(out, "audio")[0][1] > Fraction(1, 4)
    assert np.flatnonzero(loud).min() == pytest.approx(30, abs=1)
    assert not loud[42:79].any()
    assert loud[82:89].all()


def test_sound_that_overlaps_itself_is_not_heard_twice(tmp_path: Path) -> None:
    quiet, loud = np.zeros((1, 24_000), np.int16), np.full((1, 4800), 9000, np.int16)
    source = sounding(
        tmp_path / "in.mkv", "pcm_s16le", [("mono", 48_000, [(0, quiet), (12_000, loud), (38_400, loud)])]
    )
    out = copied(source, tmp_path / "out.mp4", EncoderConfig(preset="ultrafast", audio="encode"))
    heard = loudness_of(out) > 0.1
    assert not heard[:79].any()
    assert heard[82:89].all()


def test_sound_that_changes_its_kind_is_encoded_to_the_end(tmp_path: Path) -> None:
    tone = (np.sin(np.arange(24_000) * 0.2) * 9000).astype(np.int16)
    kinds = [("mono", 48_000, [(0, tone[None])]), ("stereo", 44_100, [(26_460, np.stack([tone, tone]))])]
    source = sounding(tmp_path / "in.mkv", "libmp3lame", kinds)
    loud = loudness_of(copied(source, tmp_path / "out.mp4", EncoderConfig(preset="ultrafast", audio="encode"))) > 0.1
    assert loud[10:45].all()
    assert loud[65:95].all()


def test_sound_is_left_out_when_asked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    out = copied(rich_clip(tmp_path / "in.mp4"), tmp_path / "out.mp4", EncoderConfig(preset="ultrafast", audio="none"))
    assert not [kind for kind, _, _ in streams_of(out) if kind == "audio"]
    assert "left out" not in caplog.text


def test_sound_with_a_cover_is_no_video(tmp_path: Path) -> None:
    source = tmp_path / "sound.mp4"
    with av.open(str(rich_clip(tmp_path / "in.mp4"))) as container, av.open(str(source), "w") as out:
        cover, sound = container.streams.video[1], container.streams.audio[0]
        streams = {one.index: out.add_stream_from_template(one, opaque=True) for one in (sound, cover)}
        streams[cover.index].disposition = cover.disposition
        for packet in container.demux(sound, cover):
            if packet.size:
                packet.stream = streams[packet.stream.index]
                packet.pts, packet.dts = packet.pts or 0, packet.dts or 0
                out.mux(packet)
    with pytest.raises(MediaError, match="has no video stream"):
        VideoReader(source)


def test_marks_of_sounds_are_kept(tmp_path: Path) -> None:
    with av.open(str(copied(rich_clip(tmp_path / "in.mkv"), tmp_path / "out.mkv", FAST))) as container:
        assert [stream.disposition for stream in container.streams.audio] == [Disposition.default, Disposition.comment]


def test_metadata_of_phones_and_time_codes_goes_along(tmp_path: Path) -> None:
    source = tmp_path / "in.mov"
    tags = {"com.apple.quicktime.make": "Maker", "title": "A title", "comment": "as it was"}
    with av.open(str(source), "w", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update(tags)
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 48
        stream.metadata["timecode"] = "01:02:03:04"
        with av.open(str(raw_clip(tmp_path / "raw.nut", size_wh=(64, 48)))) as pictures:
            for picture in pictures.decode(video=0):
                container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    for name in ("out.mov", "out.mp4", "out.mkv"):
        with av.open(str(copied(source, tmp_path / name, FAST))) as container:
            found = {key.lower(): value for key, value in container.metadata.items()}
            for key, value in tags.items():
                assert found[key] == value
            video = {key.lower(): value for key, value in container.streams.video[0].metadata.items()}
            assert video["timecode"] == "01:02:03:04"


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_metadata_of_every_name_comes_through(tmp_path: Path, suffix: str) -> None:
    names = set().union(*(kind.own_tags or () for kind in CONTAINERS.values()))
    values = {"location": "+48.1000+011.5000/", "creation_time": "2024-01-02T03:04:05.000000Z", "date": "2024"}
    usual = {name: values.get(name, "7") for name in sorted(names)}
    for tags in ({name: usual[name] for name in CONTAINERS[suffix].own_tags or names}, usual | {"x_strange": "x"}):
        source = tmp_path / "tagged.mkv"
        with av.open(str(raw_clip(tmp_path / "raw.mkv"))) as pictures, av.open(str(source), "w") as container:
            container.metadata.update(tags)
            stream = container.add_stream_from_template(pictures.streams.video[0])
            for packet in pictures.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    container.mux(packet)
        with av.open(str(copied(source, tmp_path / f"out{suffix}", FAST, overwrite=True))) as container:
            found = {key.lower(): value for key, value in container.metadata.items()}
        assert {name: found.get(name) for name in tags} == tags


def test_strange_metadata_gives_way_to_a_cover_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = rich_clip(tmp_path / "in.mkv", metadata={"strange": "x"})
    with av.open(str(copied(source, tmp_path / "out.mp4", FAST))) as container:
        assert container.metadata["title"] == "A title"
        assert "strange" not in container.metadata
        assert any(is_cover(stream) for stream in container.streams.video)
    assert "metadata strange is left out: .mp4 does not hold it beside a cover" in caplog.text


def test_what_the_muxer_writes_anew_is_not_carried() -> None:
    found = {
        "ENCODER": "x",
        "major_brand": "isom",
        "COMMENT": "kept",
        "_STATISTICS_TAGS": "BPS",
        "BPS": "1",
        "title": "t",
    }
    assert kept_metadata(found) == {"comment": "kept", "title": "t"}


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mkv", ".ts"])
def test_languages_of_any_kind_are_kept_or_told(tmp_path: Path, caplog: pytest.LogCaptureFixture, suffix: str) -> None:
    source = rich_clip(tmp_path / "in.mkv", languages=("srp", "en-US"))
    out = copied(source, tmp_path / f"out{suffix}", FAST)
    languages = [language for kind, _, language in streams_of(out) if kind == "audio"]
    assert languages == ["srp", "en-US" if suffix == ".mkv" else ""]
    told = f"language en-US of stream 2 is left out: {suffix} holds codes of three letters"
    assert (told in caplog.text) == (suffix != ".mkv")

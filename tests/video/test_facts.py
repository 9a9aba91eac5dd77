"""Facts of videos, each found where it is and not found where it is not."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from tests.video.clips import MakeClip, picture_of, raw_clip
from videoedit.video.reading.facts import Pictures, VideoFacts, read_facts
from videoedit.video.reading.packets import read_streams
from videoedit.video.reading.reader import VideoReader


def silent(pictures: Pictures, total: int) -> Pictures:
    return pictures


def facts_of(path: Path) -> VideoFacts:
    with VideoReader(path) as reader:
        return read_facts(reader, silent)


def test_frames_are_counted_and_times_are_those_of_the_first_and_the_end_of_the_last(make_clip: MakeClip) -> None:
    timing = facts_of(make_clip(num_frames=31, num_b_frames=0)).timing
    assert (timing.num_frames, timing.start) == (31, 0)
    assert timing.end == 33 * Fraction(1001, 30_000)  # the last is shown three times as long
    assert (timing.is_variable, timing.rate) == (False, Fraction(30_000, 1001))
    assert timing.shortest == timing.longest == Fraction(1001, 30_000)


def test_times_rounded_by_the_container_are_constant_all_the_same(tmp_path: Path, make_clip: MakeClip) -> None:
    source = make_clip(num_frames=31, audio_seconds=None)
    with av.open(str(source)) as before, av.open(str(tmp_path / "rounded.mkv"), "w") as after:
        stream = after.add_stream_from_template(before.streams.video[0])
        for packet in before.demux():
            if packet.size:
                packet.stream = stream
                after.mux(packet)
    timing = facts_of(tmp_path / "rounded.mkv").timing
    assert timing.shortest < timing.longest
    assert (timing.is_variable, timing.rate) == (False, Fraction(30_000, 1001))


def test_variable_rate_is_told_from_a_constant_one(make_clip: MakeClip) -> None:
    ticks = (0, 3000, 6000, 12_000, 15_000, 24_000)
    timing = facts_of(make_clip(num_frames=6, ticks=ticks)).timing
    assert timing.is_variable
    assert (timing.shortest, timing.longest) == (Fraction(1, 30), Fraction(1, 10))
    assert timing.rate == 5 / Fraction(24_000, 90_000)


def test_a_header_that_claims_another_rate_is_not_believed(make_clip: MakeClip) -> None:
    ticks = tuple(range(0, 6 * 3600, 3600))  # 25 a second, where the header says 29.97
    timing = facts_of(make_clip(num_frames=6, ticks=ticks)).timing
    assert (timing.is_variable, timing.rate) == (False, Fraction(25))


def test_size_is_told_as_stored_and_as_shown(tmp_path: Path) -> None:
    path = raw_clip(tmp_path / "turned.mp4", size_wh=(64, 48), orientation=(90, True), aspect=Fraction(3, 2))
    facts = facts_of(path)
    assert (facts.size_wh, facts.shown_wh) == ((64, 48), (48, 96))
    assert (facts.rotation, facts.is_mirrored, facts.pixel_aspect) == (90, True, Fraction(3, 2))
    plain = facts_of(raw_clip(tmp_path / "plain.mp4", size_wh=(64, 48)))
    assert (plain.shown_wh, plain.rotation, plain.is_mirrored, plain.pixel_aspect) == ((64, 48), 0, False, 1)


def test_colours_are_named_or_untagged(tmp_path: Path) -> None:
    tags = {"colorspace": 9, "color_range": 1, "color_primaries": 9, "color_trc": 16}
    facts = facts_of(raw_clip(tmp_path / "pq.mp4", pixel_format="yuv420p10le", tags=tags))
    names = {"range": "limited", "matrix": "bt2020nc", "primaries": "bt2020", "transfer": "smpte2084"}
    assert (facts.pixel_format, facts.colours, facts.high_range) == ("yuv420p10le", names, "PQ")
    untagged = facts_of(raw_clip(tmp_path / "untagged.mp4"))
    assert (set(untagged.colours.values()), untagged.high_range) == ({None}, None)


def test_interlaced_frames_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "fields.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"x264-params": "tff=1"})
        stream.width, stream.height = 64, 64
        for index in range(4):
            container.mux(stream.encode(picture_of((64, 64), index, "yuv420p")))
        container.mux(stream.encode(None))
    assert facts_of(path).num_interlaced == 4
    assert facts_of(raw_clip(tmp_path / "whole.mp4")).num_interlaced == 0


def test_damage_is_told_and_what_decodes_is_counted(tmp_path: Path, make_clip: Any) -> None:
    whole = make_clip(num_frames=40, key_interval=5)
    assert facts_of(whole).damage is None
    cut = tmp_path / "cut.mkv"
    with av.open(str(whole)) as before, av.open(str(cut), "w") as after:
        stream = after.add_stream_from_template(before.streams.video[0])
        for packet in before.demux(video=0):
            if packet.size:
                packet.stream = stream
                after.mux(packet)
    content = cut.read_bytes()
    cut.write_bytes(content[: len(content) // 2])
    facts = facts_of(cut)
    assert 5 < facts.timing.num_frames < 40
    assert facts.damage is not None
    assert "ends early" in facts.damage


def test_streams_begin_with_their_earliest_packet(make_clip: MakeClip) -> None:
    assert read_streams(make_clip(num_b_frames=2))[0].start == 0

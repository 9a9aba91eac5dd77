"""A row for every kind of video: edited, its samples outside the face, its sound and its times are as they were.

(Rates, offsets and edit lists have rows of their own in `tests/video/test_times.py`.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.jobs.every_video import (
    Make,
    Shown,
    clip,
    raw,
    restamped,
    rich,
    shaped,
    shown_in,
    sounds_in,
    without_stamps,
)
from tests.stub_editing import stub_pipeline
from videoedit.jobs.one_file import RunConfig, edit_file, unseen
from videoedit.video.reading.part import part_of
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.wishes import EditConfig, Wish

TICK = Fraction(1, 1000)
"""Of Matroska's clock, the coarsest of all."""
EXACT = Fraction(0)
LOSSLESS = {"crf": 0, "preset": "ultrafast"}
VP9 = {"encoder": "libvpx-vp9", "crf": 0, "preset": "ultrafast"}
FFV1 = {"encoder": "ffv1"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of video, and how it comes out."""

    name: str
    make: Make
    out: str = "out.mp4"
    tolerance: Fraction = EXACT
    """Seconds by which times may differ: half a tick where the output's clock is coarser."""
    encoder: dict[str, Any] = field(default_factory=dict)
    job: dict[str, Any] = field(default_factory=dict)
    expected: Callable[[list[Shown]], Sequence[Shown]] = list
    """What should be shown but for the edit, from what the source shows."""
    is_turned: bool = False
    """True where the height of what is shown lies along the stored rows."""
    has_durations: bool = False
    """True where the source tells how long each frame is shown."""
    num_sounds: int = 1
    sound_tolerance: Fraction | None = None
    """The same for sound, where it differs."""
    num_header: int = 0
    """Bytes at the start of every packet of the source's sound that the output's container does not have."""


def even(shown: list[Shown]) -> list[Shown]:
    return [replace(one, time=Fraction(place, 25)) for place, one in enumerate(shown)]


def upright(quarters: int) -> Callable[[list[Shown]], list[Shown]]:
    return lambda shown: [
        replace(one, planes=tuple(np.rot90(plane, quarters) for plane in one.planes), matrix=None) for one in shown
    ]


def tagged_rgb(shown: list[Shown]) -> list[Shown]:
    """RGB says so in every file."""
    return [replace(one, tags=(0, 2, *one.tags[2:])) for one in shown]


def every_second(shown: list[Shown]) -> list[Shown]:
    return shown[::2]


def from_third(shown: list[Shown]) -> list[Shown]:
    return [replace(one, time=one.time - shown[2].time) for one in shown[2:7]]


TIMES = [
    Row(name="variable rate", make=clip(ticks=(0, 3000, 3100, 9000, 30_000, 31_000, 31_500, 40_000, 90_000))),
    Row(name="last frame shown longer", make=clip(num_b_frames=0), has_durations=True),
    Row(name="no stamps", make=without_stamps, expected=even, num_sounds=0),
    Row(name="repeated stamps", make=restamped((0, 1, 1, 3, 4, 5, 5, 7, 8)), expected=even, num_sounds=0),
    Row(
        name="part", make=clip(audio_seconds=None), num_sounds=0, job={"part": part_of("2f", "7f")}, expected=from_third
    ),
    Row(name="half the rate", make=clip(fps=50), encoder={"fps": Fraction(25)}, expected=every_second),
]
GEOMETRY = [
    *(Row(name=f"turned {turn}", make=clip(rotation=turn), is_turned=turn != 180) for turn in (90, 180, 270)),
    *(
        Row(
            name=f"turned {turn} into ts",
            make=clip(rotation=turn, audio_seconds=None),
            out="out.ts",
            expected=upright(turn // 90),
            num_sounds=0,
            tolerance=Fraction(1, 90_000),
        )
        for turn in (90, 180, 270)
    ),
    *(
        Row(name=f"mirrored, turned {turn}", make=shaped(orientation=(turn, True)), is_turned=turn == 90, num_sounds=0)
        for turn in (0, 90)
    ),
    Row(name="wide pixels", make=shaped(aspect=Fraction(4, 3)), num_sounds=0),
    Row(name="odd size kept", make=raw(size_wh=(97, 65)), out="out.mkv", encoder=FFV1, num_sounds=0),
    Row(name="odd size in 4:4:4", make=raw(size_wh=(97, 65), pixel_format="yuv444p"), num_sounds=0),
]
DIRECT = [f"yuv{sampling}p{depth}" for sampling in ("420", "422", "444") for depth in ("", "10le", "12le")]
PIXELS = (
    [Row(name=name, make=raw(pixel_format=name), out="out.mkv", encoder=FFV1, num_sounds=0) for name in DIRECT]
    + [
        Row(
            name=name,
            make=raw("in.nut", pixel_format=name),
            out="out.mkv",
            encoder=encoder,
            expected=tagged_rgb,
            num_sounds=0,
        )
        for name, encoder in (("gbrp", VP9), ("gbrp10le", FFV1), ("gbrp12le", FFV1))
    ]
    + [
        Row(
            name=name,
            make=raw(pixel_format="yuv420p10le", colorspace=9, color_primaries=9, color_trc=transfer, color_range=1),
            out="out.mkv",
            encoder=FFV1,
            num_sounds=0,
        )
        for name, transfer in (("PQ", 16), ("HLG", 18))
    ]
    + [
        Row(name=f"matrix {matrix}, range {span}", make=raw(colorspace=matrix, color_range=span), num_sounds=0)
        for matrix in (1, 6, 9)
        for span in (1, 2)
    ]
)
CONTAINERS = [
    Row(name="mov", make=clip("in.mov"), out="out.mov"),
    Row(name="mkv", make=clip("in.mkv"), out="out.mkv", tolerance=TICK / 2),
    Row(name="mp4 into mkv", make=clip(), out="out.mkv", tolerance=TICK / 2),
    Row(name="avi into mkv", make=clip("in.avi", num_b_frames=0), out="out.mkv", tolerance=TICK / 2),
    Row(name="ts into mp4", make=clip("in.ts"), num_header=7, sound_tolerance=Fraction(1, 32_000)),
    Row(name="ts", make=clip("in.ts"), out="out.ts"),
    Row(name="webm", make=rich("in.webm", "libopus"), out="out.webm", encoder=VP9),
    Row(name="two sounds", make=rich("in.mkv", "aac", "libopus"), out="out.mkv", num_sounds=2),
    Row(name="two sounds into mp4", make=rich("in.mkv", "aac", "libopus"), num_sounds=2, tolerance=TICK / 2),
]
ROWS = TIMES + GEOMETRY + PIXELS + CONTAINERS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_samples_packets_and_times_are_as_they_were(tmp_path: Path, row: Row) -> None:
    source = row.make(tmp_path)
    out = tmp_path / row.out
    wish = EditConfig(wishes=(Wish(attribute="light", reference=None),))
    encoder = EncoderConfig(**(row.encoder if "encoder" in row.encoder else LOSSLESS | row.encoder))
    job = RunConfig(input=str(source), output=str(out), edit=wish, encoder=encoder, **row.job)
    report = edit_file(job, unseen, stub_pipeline(wish))
    expected, found = row.expected(shown_in(source)), shown_in(out)
    assert report.num_faces == report.num_frames
    assert len(found) == len(expected) >= 5
    for before, after in zip(expected, found, strict=True):
        assert abs(after.time - before.time) <= row.tolerance
        assert (after.matrix, after.tags, after.aspect) == (before.matrix, before.tags, before.aspect)
        assert after.duration == before.duration or not row.has_durations
        _compare(before.planes, after.planes, is_turned=row.is_turned)
    _compare_sounds(source, out, row)


def _compare(before: Sequence[np.ndarray], after: Sequence[np.ndarray], *, is_turned: bool) -> None:
    """See that samples are as before but in the middle, where a face is seen, and other ones there."""
    assert [plane.shape for plane in after] == [plane.shape for plane in before]
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        height, width = old.shape
        side = 0.8 * (width if is_turned else height)
        y, x = np.abs(np.mgrid[0:height, 0:width] - np.array([[[height]], [[width]]]) / 2)
        outside = (y > side / 2 + 2) | (x > side / 2 + 2)
        assert outside.any()
        np.testing.assert_array_equal(new[outside], old[outside])
        if number == 0:
            assert np.abs(new.astype(int) - old)[height // 2, width // 2] * 255 / _largest(old) > 8


def _largest(samples: np.ndarray) -> int:
    return 255 if samples.dtype == np.uint8 else 1023 if samples.max() < 1024 else 4095


def _compare_sounds(source: Path, out: Path, row: Row) -> None:
    before, after = sounds_in(source), sounds_in(out)
    tolerance = row.tolerance if row.sound_tolerance is None else row.sound_tolerance
    assert len(after) == len(before) == row.num_sounds
    for old, new in zip(before, after, strict=True):
        assert [data for data, _ in new] == [data[row.num_header :] for data, _ in old]
        assert max(abs(one - other) for (_, one), (_, other) in zip(old, new, strict=True)) <= tolerance

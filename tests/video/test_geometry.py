"""Turned, mirrored, stretched, odd and scaled videos: what is shown stays what is shown, sample by sample."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.video.clips import MakeClip, copied, frames_of, packets_of, raw_clip
from videoedit.errors import ConfigError
from videoedit.frames import Frame, Plane
from videoedit.geometry import transform_points
from videoedit.video.orientation import matrix, matrix_of, orientation_of
from videoedit.video.reading.reader import VideoReader
from videoedit.video.thumbnail import thumbnail
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.rate import ConstantRate, clock_of, fps_of

ORIENTATIONS = [(rotation, is_mirrored) for rotation in (0, 90, 180, 270) for is_mirrored in (False, True)]


def aspect_of(path: Path) -> Fraction | None:
    with av.open(str(path)) as container:
        return container.streams.video[0].sample_aspect_ratio


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_stored_samples_and_display_matrix_are_kept_where_the_container_has_one(
    tmp_path: Path, suffix: str, orientation: tuple[int, bool]
) -> None:
    source = raw_clip(tmp_path / "in.mp4", size_wh=(64, 48), orientation=orientation, aspect=Fraction(4, 3))
    out = copied(source, tmp_path / f"out{suffix}")
    for old, new in zip(frames_of(source), frames_of(out), strict=True):
        assert (new.rotation, new.is_mirrored) == (old.rotation, old.is_mirrored) == orientation
        assert matrix_of(new.origin) == matrix_of(old.origin)
        for plane, again in zip(old.planes, new.planes, strict=True):
            np.testing.assert_array_equal(plane, again)
    assert aspect_of(out) == aspect_of(source) == Fraction(4, 3)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("suffix", [".webm", ".ts"])
def test_samples_are_turned_where_the_container_cannot_say_it(
    tmp_path: Path, suffix: str, orientation: tuple[int, bool]
) -> None:
    aspect = Fraction(4, 3) if suffix == ".ts" else None
    source = raw_clip(tmp_path / "in.mp4", size_wh=(64, 48), orientation=orientation, aspect=aspect)
    out = copied(source, tmp_path / f"out{suffix}", EncoderConfig(crf=0, preset="ultrafast"))
    for old, new in zip(frames_of(source), frames_of(out), strict=True):
        assert (new.rotation, new.is_mirrored) == (0, False)
        for plane, again in zip(old.planes, new.planes, strict=True):
            np.testing.assert_array_equal(old.upright(plane), again)
    if aspect:
        assert aspect_of(out) == (Fraction(3, 4) if orientation[0] % 180 else Fraction(4, 3))


@pytest.mark.parametrize(("orientation", "size_wh"), [((0, False), (85, 48)), ((90, False), (36, 64))])
def test_pixels_become_square_where_nothing_could_say_that_they_are_not_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, orientation: tuple[int, bool], size_wh: tuple[int, int]
) -> None:
    source = raw_clip(tmp_path / "in.mp4", size_wh=(64, 48), orientation=orientation, aspect=Fraction(4, 3))
    out = copied(source, tmp_path / "out.webm")
    assert (frames_of(out)[0].size_wh, aspect_of(out) or 1) == (size_wh, 1)
    assert "pictures are stretched to" in caplog.text


def test_a_turned_odd_size_is_made_even_first_so_that_chroma_stays_with_its_luma(tmp_path: Path) -> None:
    source = raw_clip(tmp_path / "in.mkv", size_wh=(65, 49), pixel_format="yuv444p", orientation=(90, False))
    turned = frames_of(copied(source, tmp_path / "out.webm"))[0]
    assert turned.size_wh == (49, 65)  # nothing shares chroma in 4:4:4
    halved = EncoderConfig(encoder="libvpx-vp9", crf=0, pixel_format="yuv420p")
    source = copied(source, tmp_path / "in420.mkv", halved)
    turned, old = frames_of(copied(source, tmp_path / "out420.webm"))[0], frames_of(source)[0]
    assert old.size_wh == (65, 49)
    assert turned.size_wh == (50, 66)
    for plane, again in zip(old.planes, turned.planes, strict=True):
        inside = again[-plane.shape[1] :, : plane.shape[0]]
        np.testing.assert_array_equal(np.rot90(plane), inside)


def test_chroma_halved_in_one_direction_turns_with_the_picture(tmp_path: Path) -> None:
    source = raw_clip(tmp_path / "in.mp4", pixel_format="yuv422p", orientation=(90, False))
    out = copied(source, tmp_path / "out.webm")
    with av.open(str(out)) as container:
        picture = next(container.decode(video=0))
    assert picture.format.name == "yuv440p"
    rows = np.frombuffer(memoryview(picture.planes[1]), np.uint8).reshape(32, -1)[:, :64]
    np.testing.assert_array_equal(np.rot90(frames_of(source)[0].planes[1]), rows)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_matrix_says_what_upright_does(tmp_path: Path, orientation: tuple[int, bool]) -> None:
    frame = frames_of(raw_clip(tmp_path / "in.mp4", size_wh=(64, 48), orientation=orientation))[0]
    numbers = matrix(orientation[0], is_mirrored=orientation[1])
    assert orientation_of(frame.origin) == orientation
    assert (matrix_of(frame.origin) or matrix(0)) == numbers
    shown = frame.upright(np.arange(48)[:, None] * 64 + np.arange(64))
    first_row = [(int(place) % 64, int(place) // 64) for place in shown[0, :2]]
    (x0, y0), (x1, y1) = [(numbers[0] * x + numbers[3] * y, numbers[1] * x + numbers[4] * y) for x, y in first_row]
    assert (x1 - x0, y1 - y0) == (65536, 0)  # the first row runs to the right
    x, y = int(shown[1, 0]) % 64, int(shown[1, 0]) // 64
    assert (numbers[0] * x + numbers[3] * y - x0, numbers[1] * x + numbers[4] * y - y0) == (0, 65536)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_thumbnail_is_upright_and_knows_where_it_came_from(tmp_path: Path, orientation: tuple[int, bool]) -> None:
    with VideoReader(raw_clip(tmp_path / "in.mp4", size_wh=(64, 48), orientation=orientation)) as reader:
        frame = next(iter(reader))
        image, frame_from_thumbnail = thumbnail(frame, 64)
        stored = frame.origin.to_ndarray(format="rgb24")
    np.testing.assert_array_equal(image, frame.upright(stored))
    for x, y in ((3, 5), (30, 40), (47, 20)):
        stored_x, stored_y = np.round(transform_points(frame_from_thumbnail, np.array([[x, y]], float))[0]).astype(int)
        np.testing.assert_array_equal(image[y, x], stored[stored_y, stored_x])


@pytest.mark.parametrize(("scale", "size_wh"), [("0.5", (64, 48)), ("2", (256, 192)), ("0.3", (38, 30))])
def test_scaled_pictures_look_the_same_and_keep_times_and_form(
    tmp_path: Path, scale: str, size_wh: tuple[int, int]
) -> None:
    source = raw_clip(tmp_path / "in.mp4", size_wh=(128, 96), aspect=Fraction(4, 3), orientation=(90, False))
    out = copied(source, tmp_path / "out.mp4", EncoderConfig(crf=0, preset="ultrafast", scale=Fraction(scale)))
    pairs = list(zip(frames_of(source), frames_of(out), strict=True))
    assert aspect_of(out) == Fraction(4, 3)
    for old, new in pairs:
        assert (new.time, new.rotation, new.size_wh) == (old.time, 90, size_wh)
        small = [
            frame.origin.reformat(width=16, height=12, format="gray", interpolation="AREA") for frame in (old, new)
        ]
        before, after = (picture.to_ndarray().astype(float) for picture in small)
        assert np.abs(before - after).mean() < 3


def test_scales_and_rates_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match="--scale"):
        EncoderConfig(scale=Fraction(0))
    for text in ("0", "fast", "1/0", "1000", "-25"):
        with pytest.raises(ConfigError, match="--fps"):
            fps_of(text)


@pytest.mark.parametrize(
    ("ticks", "fps", "shown"),
    [
        ((0, 1, 2, 3, 4, 5), "12.5", [0, 2, 4]),
        ((0, 1, 2), "50", [0, 0, 1, 1, 2, 2]),
        ((0, 1, 2, 3), "25", [0, 1, 2, 3]),
        ((0, 1, 4, 5), "25", [0, 1, 1, 1, 2, 3]),  # a gap of a variable rate is filled
        ((7, 8, 9), "25", [0, 1, 2]),
    ],
)
def test_another_rate_drops_and_repeats_frames_by_their_times(
    tmp_path: Path, ticks: tuple[int, ...], fps: str, shown: list[int]
) -> None:
    frame = frames_of(raw_clip(tmp_path / "in.nut", num_frames=1))[0]
    rate = ConstantRate(Fraction(fps))
    frames = [
        replace(frame, time=Fraction(tick, 25), duration=Fraction(1, 25), planes=_grey(frame, n))
        for n, tick in enumerate(ticks)
    ]
    out = [one for frame in frames for one in rate.take(frame)] + list(rate.finish())
    assert [int(one.planes[0][0, 0]) for one in out] == shown
    step = 1 / Fraction(fps)
    assert [one.time for one in out] == [Fraction(ticks[0], 25) + n * step for n in range(len(shown))]


def _grey(frame: Frame, value: int) -> tuple[Plane, ...]:
    return tuple(np.full_like(plane, value) for plane in frame.planes)


@pytest.mark.parametrize(("fps", "name"), [("30000/1001", "out.mp4"), ("50", "out.mkv"), ("24", "out.webm")])
def test_a_rate_that_was_asked_for_is_exact_and_leaves_the_sound_alone(
    make_clip: MakeClip, tmp_path: Path, fps: str, name: str
) -> None:
    source = make_clip("in.mkv", num_frames=5, ticks=(0, 3600, 7200, 14400, 30000))
    out = copied(
        source,
        tmp_path / name,
        EncoderConfig(fps=fps_of(fps), preset="ultrafast", audio="copy" if name != "out.webm" else "none"),
    )
    times = [frame.time for frame in frames_of(out)]
    tick = Fraction(0) if name.endswith("mp4") else Fraction(1, 1000)
    assert len(times) > 8
    for index, time in enumerate(times):
        assert abs(time - index / fps_of(fps)) <= tick / 2
    if name != "out.webm":
        assert packets_of(out, "audio") == packets_of(source, "audio")


def test_a_clock_for_a_rate_is_exact_or_fine() -> None:
    assert clock_of(Fraction(25), Fraction(0)) == Fraction(1, 25)
    assert clock_of(Fraction(30000, 1001), Fraction(1, 999_983)) == Fraction(1, 90_000)

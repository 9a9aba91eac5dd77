"""Encoder × container × pixel format: planes, packets and times of what comes out, decoded again."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.video.clips import MakeClip, copied, frames_of, packets_of, planes_of, raw_clip
from videoedit.errors import ConfigError
from videoedit.video.writing import encoding
from videoedit.video.writing.clock import PictureClock
from videoedit.video.writing.containers import CONTAINERS, container_of, writable_suffix
from videoedit.video.writing.encoding import EncoderConfig, choose_encoder

EIGHT = ("yuv420p", "yuv422p", "yuv444p")
TEN = ("yuv420p10le", "yuv422p10le", "yuv444p10le")
TWELVE = ("yuv420p12le", "yuv422p12le", "yuv444p12le")
RGB = ("gbrp", "gbrp10le", "gbrp12le")
HELD = {
    "libx264": EIGHT + TEN,
    "libx265": EIGHT + TEN + TWELVE + RGB,
    "libsvtav1": ("yuv420p", "yuv420p10le"),
    "libvpx-vp9": (*EIGHT, "gbrp"),
    "ffv1": EIGHT + TEN + TWELVE + RGB,
}
"""What each encoder holds without loss."""
NAMES = {
    "libx264": "h264",
    "libx265": "hevc",
    "libsvtav1": "av1",
    "libvpx-vp9": "vp9",
    "ffv1": "ffv1",
    "prores_ks": "prores",
}


def lossless(encoder: str) -> EncoderConfig:
    crf, preset = (None, "medium") if encoder == "ffv1" else (0, "ultrafast")
    return EncoderConfig(encoder=encoder, crf=crf, preset=preset)


@pytest.mark.parametrize(("encoder", "pixel_format"), [(name, form) for name, forms in HELD.items() for form in forms])
def test_lossless_encoding_returns_the_very_planes(tmp_path: Path, encoder: str, pixel_format: str) -> None:
    source = raw_clip(tmp_path / "source.nut", pixel_format=pixel_format)
    out = copied(source, tmp_path / "out.mkv", lossless(encoder))
    assert codec_of(out) == NAMES[encoder]
    before, after = frames_of(source), frames_of(out)
    assert [frame.time for frame in after] == [frame.time for frame in before]
    for old, new in zip(before, after, strict=True):
        assert new.format == old.format
        for plane, again in zip(old.planes, new.planes, strict=True):
            np.testing.assert_array_equal(plane, again)


@pytest.mark.parametrize(
    ("suffix", "encoder"),
    [(suffix, name) for suffix, kind in CONTAINERS.items() for name in kind.encoders if suffix not in (".mts", ".m4v")],
)
def test_every_container_keeps_pictures_packets_and_times(
    make_clip: MakeClip, tmp_path: Path, suffix: str, encoder: str
) -> None:
    source = make_clip(num_frames=9, ticks=(0, 3003, 6006, 13000, 30030, 33033, 36036, 39039, 50000))
    preset = "medium" if encoder in ("prores_ks", "ffv1") else "veryfast"
    out = copied(source, tmp_path / f"out{suffix}", EncoderConfig(encoder=encoder, preset=preset))
    assert codec_of(out) == NAMES[encoder]
    before, after = frames_of(source), frames_of(out)
    assert len(packets_of(out, "video")) == len(after) == len(before) == 9
    start = after[0].time if container_of(out).muxer == "mpegts" else 0  # where B-frames may not begin before 0
    tick = Fraction(1, 1000) if container_of(out).muxer in ("matroska", "webm") else Fraction(0)
    assert start < Fraction(1, 2)
    for old, new in zip(before, after, strict=True):
        assert abs(new.time - start - old.time) <= tick / 2
        assert abs(new.planes[0].astype(float) / 2 ** (new.format.depth - 8) - old.planes[0]).mean() < 3


@pytest.mark.parametrize("encoder", ["libx264", "libx265", "libsvtav1", "libvpx-vp9"])
@pytest.mark.parametrize("num_frames", [1, 2, 3])
def test_a_clip_of_few_frames_keeps_their_times(
    make_clip: MakeClip, tmp_path: Path, encoder: str, num_frames: int
) -> None:
    source = make_clip(num_frames=num_frames, num_b_frames=0)
    out = copied(source, tmp_path / "out.mp4", EncoderConfig(encoder=encoder, preset="fast"))
    assert [frame.time for frame in frames_of(out)] == [frame.time for frame in frames_of(source)]
    with av.open(str(out)) as container:
        orders = [packet.dts for packet in container.demux(video=0) if packet.size]
    assert orders == sorted(set(orders))
    assert abs(orders[0]) < 90_000


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le", "yuv444p10le"])
def test_prores_is_near_the_source_and_keeps_its_depth(tmp_path: Path, pixel_format: str) -> None:
    source = raw_clip(tmp_path / "source.nut", pixel_format=pixel_format)
    errors = {}
    for quality in (100, 0):
        out = copied(source, tmp_path / f"{quality}.mov", EncoderConfig(encoder="prores_ks", quality=quality))
        pairs = list(zip(frames_of(source), frames_of(out), strict=True))
        assert pairs[0][1].format.depth >= 10
        errors[quality] = max(
            np.abs(old.planes[0] / 2.0**old.format.depth - new.planes[0] / 2.0**new.format.depth).max()
            for old, new in pairs
        )
    assert errors[100] < 2 / 255 < errors[0]


def codec_of(path: Path) -> str:
    with av.open(str(path)) as container:
        return str(container.streams.video[0].codec_context.codec.canonical_name)


@pytest.mark.parametrize(
    ("name", "pixel_format", "encoder", "given", "is_said"),
    [
        ("a.mp4", "yuv420p", "libx264", "yuv420p", False),
        ("a.mov", "yuv420p10le", "libx264", "yuv420p10le", False),
        ("a.mkv", "yuv422p12le", "libx265", "yuv422p12le", True),
        ("a.mp4", "gbrp", "libx265", "gbrp", True),
        ("a.mp4", "yuvj420p", "libx264", "yuv420p", False),
        ("a.webm", "yuv444p", "libvpx-vp9", "yuv444p", False),
        ("a.webm", "yuv420p10le", "libsvtav1", "yuv420p10le", True),
        ("a.webm", "yuv422p10le", "libsvtav1", "yuv420p10le", True),
        ("a.ts", "yuv420p", "libx264", "yuv420p", False),
    ],
)
def test_without_a_wish_the_container_s_usual_encoder_keeps_the_depth(
    name: str, pixel_format: str, encoder: str, given: str, is_said: bool
) -> None:
    choice = choose_encoder(EncoderConfig(), name, pixel_format)
    assert (choice.name, choice.pixel_format, bool(choice.remarks)) == (encoder, given, is_said)


def test_rgb_that_is_kept_unasked_is_told_with_the_way_to_what_all_players_show() -> None:
    asked = (EncoderConfig(encoder="ffv1"), EncoderConfig(pixel_format="gbrp"), EncoderConfig(pixel_format="yuv420p"))
    assert "--pix-fmt yuv420p" in choose_encoder(EncoderConfig(), "a.mkv", "gbrp").remarks[-1]
    assert not [
        one for config in asked for one in choose_encoder(config, "a.mkv", "gbrp").remarks if "--pix-fmt" in one
    ]


@pytest.mark.parametrize(
    ("wishes", "options"),
    [
        ({}, {"crf": "18", "preset": "medium"}),
        ({"crf": 0, "preset": "slow"}, {"qp": "0", "preset": "slow"}),
        ({"quality": 100}, {"qp": "0", "preset": "medium"}),
        ({"quality": 0}, {"crf": "51", "preset": "medium"}),
        ({"encoder": "libsvtav1", "crf": 63, "preset": "ultrafast"}, {"crf": "63", "preset": "9"}),
        ({"encoder": "libvpx-vp9"}, {"crf": "24", "cpu-used": "2", "deadline": "good", "row-mt": "1"}),
        ({"encoder": "prores_ks"}, {"vendor": "apl0", "profile": "hq"}),
    ],
)
def test_quality_and_speed_reach_the_encoder(wishes: dict[str, object], options: dict[str, str]) -> None:
    config = EncoderConfig(**wishes)  # type: ignore[arg-type]
    assert choose_encoder(config, "a.mkv", "yuv422p").options == options


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"encoder": "libx246"}, "did you mean"),
        ({"encoder": "libx264", "crf": 60}, "--crf must be in 0..51 for libx264"),
        ({"crf": -1}, "--crf must be in 0..51"),
        ({"crf": 18, "quality": 80}, "leave one of them out"),
        ({"quality": 101}, "0..100"),
        ({"preset": "quick"}, "no preset 'quick'"),
        ({"encoder": "ffv1", "crf": 1}, "always lossless"),
        ({"encoder": "prores_ks", "crf": 1}, "--output-video-quality"),
        ({"encoder": "prores_ks", "preset": "fast"}, "no speeds"),
        ({"encoder": "libx264", "pixel_format": "yuv420p12le"}, "change --pix-fmt"),
        ({"pixel_format": "yuv42p"}, "no pixel format 'yuv42p'"),
        ({"encoder": "libvpx-vp9"}, "libvpx-vp9 does not go into .mov"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_in_one_line(wishes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        choose_encoder(EncoderConfig(**wishes), "a.mov", "yuv420p")  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.avi", "a.xyz", "a"])
def test_files_that_are_not_written_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot write"):
        container_of(name)


@pytest.mark.parametrize("suffix", [".avi", ".mxf", ".wmv", ".y4m", ""])
def test_videos_that_are_only_read_become_mkv(suffix: str) -> None:
    assert writable_suffix(f"a{suffix.upper()}") == ".mkv"
    assert suffix not in CONTAINERS


def test_asked_for_pixel_format_is_what_comes_out(tmp_path: Path) -> None:
    source = raw_clip(tmp_path / "source.nut", pixel_format="yuv420p")
    out = copied(source, tmp_path / "out.mp4", EncoderConfig(crf=0, preset="ultrafast", pixel_format="yuv444p10le"))
    assert frames_of(out)[0].format.name == "yuv444p10le"
    np.testing.assert_array_equal(planes_of(source, 0)[0].astype(int) * 4, planes_of(out, 0)[0])


@pytest.mark.parametrize(("wished", "stand_in"), [("hevc_nvenc", "libx265"), ("av1_qsv", "libsvtav1")])
def test_hardware_that_does_not_open_is_replaced_and_said(
    make_clip: MakeClip,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    wished: str,
    stand_in: str,
) -> None:
    monkeypatch.setattr(encoding, "does_open", lambda name: name != wished)
    out = copied(make_clip(num_frames=2), tmp_path / "out.mp4", EncoderConfig(encoder=wished, preset="ultrafast"))
    assert codec_of(out) == NAMES[stand_in]
    assert f"{wished} does not open on this machine: {stand_in} is used" in caplog.text


def test_only_opening_it_tells_whether_hardware_is_there() -> None:
    assert encoding.does_open("libx264")
    if not encoding.does_open("h264_qsv"):
        assert choose_encoder(EncoderConfig(encoder="h264_qsv"), "a.mp4", "yuv420p").name == "libx264"


def test_repacked_pixels_lose_nothing_and_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "does_open", lambda name: True)
    choice = choose_encoder(EncoderConfig(encoder="h264_qsv"), "a.mp4", "yuv420p")
    assert (choice.name, choice.pixel_format, choice.remarks) == ("h264_qsv", "nv12", ())


@pytest.mark.parametrize(("encoder", "size_wh"), [("libx264", (66, 50)), ("libvpx-vp9", (65, 49)), ("ffv1", (65, 49))])
def test_odd_sizes_are_kept_or_the_last_column_and_row_repeated_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, encoder: str, size_wh: tuple[int, int]
) -> None:
    source = raw_clip(tmp_path / "source.nut", size_wh=(65, 49))
    out = copied(source, tmp_path / "out.mkv", lossless(encoder))
    for old, new in zip(frames_of(source), frames_of(out), strict=True):
        assert new.size_wh == size_wh
        np.testing.assert_array_equal(old.planes[0], new.planes[0][:49, :65])
        np.testing.assert_array_equal(
            new.planes[0], np.pad(old.planes[0], [(0, size_wh[1] - 49), (0, size_wh[0] - 65)], mode="edge")
        )
        np.testing.assert_array_equal(old.planes[1], new.planes[1])
    assert ("the last column or row is repeated" in caplog.text) == (size_wh == (66, 50))


@pytest.mark.parametrize("pixel_format", ["rgb24", "nv12", "yuyv422", "gbrp", "yuva420p"])
def test_other_pixel_formats_become_the_nearest_direct_one_without_loss(tmp_path: Path, pixel_format: str) -> None:
    source = raw_clip(tmp_path / "source.nut", pixel_format=pixel_format)
    with av.open(str(source)) as container:
        pictures = list(container.decode(video=0))
    out = copied(source, tmp_path / "out.mkv", EncoderConfig(crf=0, preset="ultrafast"))
    for picture, frame in zip(pictures, frames_of(out), strict=True):
        assert frame.format.depth == max(component.bits for component in picture.format.components)
        if picture.format.is_rgb:
            again = frame.origin.to_ndarray(format="rgb24")
            np.testing.assert_array_equal(picture.to_ndarray(format="rgb24"), again)
        else:
            luma = picture.reformat(format=frame.format.name)
            rows = np.frombuffer(memoryview(luma.planes[0]), frame.planes[0].dtype).reshape(64, -1)[:, :64]
            np.testing.assert_array_equal(rows, frame.planes[0])


@pytest.mark.parametrize("garbage", [4485090715960753727, -4485090715960753727])
def test_a_decoding_time_that_libx265_never_set_is_replaced(garbage: int) -> None:
    clock = PictureClock()
    orders = []
    for pts, dts in ((0, garbage), (6006, garbage), (3003, garbage), (9009, 6006)):
        packet = av.Packet(1)
        packet.pts, packet.dts, packet.time_base = pts, dts, Fraction(1, 90_000)
        clock.mend_order(packet)
        orders.append(packet.dts)
    assert orders == [-2, -1, 0, 6006]

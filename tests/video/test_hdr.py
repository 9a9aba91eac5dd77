"""HDR: edited through the curve, written with its tags and light data; what cannot be kept is said."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from av.sidedata.sidedata import Type

from tests.conftest import moving_colours
from tests.test_pipeline import BrighteningEditor, FixedDetector
from tests.video.clips import LOSSLESS, copied, frames_of
from tests.video.dolby_vision import with_layer
from tests.video.test_join import cut_and_joined
from videoedit.align.from_frame import crop_of_frame
from videoedit.clock import SystemClock
from videoedit.colour import region_rgb, to_image
from videoedit.errors import MediaError
from videoedit.frames import Frame
from videoedit.pipeline import Pipeline, PipelineConfig
from videoedit.tone import from_sdr, to_sdr
from videoedit.video import hdr
from videoedit.video.hdr import StaticLight, keeping_light
from videoedit.video.live.capture import played
from videoedit.video.reading.reader import VideoReader
from videoedit.video.side_data import side_data_of
from videoedit.video.thumbnail import thumbnail
from videoedit.video.writing.encoding import EncoderConfig, choose_encoder

PQ, HLG = 16, 18
MASTERING = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"
SIZE = (96, 64)

MakeHdr = Callable[..., Path]


@pytest.fixture
def make_hdr(tmp_path: Path) -> MakeHdr:
    """Return a function that writes known SDR colours as an HDR clip."""

    def make(
        transfer: int | None = PQ,
        name: str = "hdr.mkv",
        params: str = MASTERING,
        num_frames: int = 3,
        change: Callable[[av.Packet], av.Packet] = lambda packet: packet,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            options = {"x265-params": f"log-level=none:lossless=1:{params}", "preset": "ultrafast"}
            stream = container.add_stream("libx265", rate=Fraction(25), options=options)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv444p10le"
            tags = {"colorspace": 9, "color_primaries": 9, "color_trc": transfer, "color_range": 1}
            for tag, value in tags.items() if transfer else ():
                setattr(stream.codec_context, tag, value)
            for index in range(num_frames):
                picture = _coded(moving_colours(SIZE, index) / np.float32(255), transfer or PQ)
                container.mux([*map(change, stream.encode(picture))])
            container.mux([*map(change, stream.encode(None))])
        return path

    return make


def _coded(colours: np.ndarray, transfer: int) -> av.VideoFrame:
    """Write colours of a standard screen in limited-range BT.2020 codes of 10 bit."""
    from videoedit.colour import luma_chroma_matrix
    from videoedit.frames import PixelFormat

    pixel_format = PixelFormat("yuv444p10le", 10, (0, 0), "bt2020", False, {PQ: "pq", HLG: "hlg"}[transfer], "bt2020")
    values = from_sdr(colours, pixel_format) @ luma_chroma_matrix("bt2020").T
    picture = av.VideoFrame(*SIZE, "yuv444p10le")
    for plane, value, scale, zero in zip(
        picture.planes, np.moveaxis(values, 2, 0), (876, 896, 896), (64, 512, 512), strict=True
    ):
        rows = np.frombuffer(memoryview(plane), np.uint16).reshape(plane.height, -1)
        rows[:, : plane.width] = np.round(value * scale + zero)
    return picture


def shown(frame: Frame) -> np.ndarray:
    return to_sdr(region_rgb(frame, (0, 0, *frame.size_wh)), frame.format)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_every_stage_sees_the_colours_of_a_standard_screen(make_hdr: MakeHdr, transfer: int) -> None:
    frame = frames_of(make_hdr(transfer))[0]
    colours = moving_colours(SIZE, 0).astype(int)
    small, _ = thumbnail(frame, 960)
    assert abs(small.astype(int) - colours).mean() < 2
    crop = crop_of_frame(frame, np.array([[1.0, 0, -16], [0, 1, 0]]), 64)
    difference = abs(crop.astype(int) - colours[:, 16:80])
    assert np.percentile(difference, 98) <= 2  # saturated colours have few codes
    plain = to_image(region_rgb(frame, (0, 0, *SIZE)))
    assert abs(plain.astype(int) - colours).mean() > 15


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_edit_changes_the_shown_colours_and_nothing_beyond_the_face(make_hdr: MakeHdr, transfer: int) -> None:
    editor = BrighteningEditor()
    edits = [editor.edit_like(np.zeros((1, 1, 3), np.uint8), "Light")]
    pipeline = Pipeline(FixedDetector(), editor, edits, PipelineConfig(min_face=4.0, smooth="off"))
    for edited in pipeline.run(iter(frames_of(make_hdr(transfer)))):
        before, after = edited.source, edited.frame
        for plane, new in zip(before.planes, after.planes, strict=True):
            np.testing.assert_array_equal(plane[:, :10], new[:, :10])
        middle = (slice(28, 36), slice(44, 52))
        wanted = np.minimum(shown(before)[middle] + 0.1, 1.0)  # the editor's 0.2 is of 2
        np.testing.assert_allclose(shown(after)[middle], wanted, atol=0.02)


@pytest.mark.parametrize(
    ("name", "encoder"),
    [
        ("out.mp4", "auto"),
        ("out.mov", "auto"),
        ("out.mkv", "auto"),
        ("out.ts", "auto"),
        ("out.webm", "auto"),
        ("out.mkv", "libx264"),
        ("out.mp4", "libsvtav1"),
    ],
)
def test_tags_mastering_and_light_levels_are_kept(
    make_hdr: MakeHdr, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, encoder: str
) -> None:
    source = make_hdr()
    before = frames_of(source)[0]
    config = EncoderConfig(encoder=encoder, preset="ultrafast", pixel_format="yuv420p10le")
    after = frames_of(copied(source, tmp_path / name, config))[0]
    assert (after.format.depth, after.format.matrix, after.format.transfer) == (10, "bt2020", "pq")
    assert after.format.primaries == "bt2020"
    light, kept = StaticLight.of(before.origin), StaticLight.of(after.origin)
    assert light.levels == kept.levels == (1000, 400)
    np.testing.assert_allclose([float(xy) for xy in kept.points_xy], [float(xy) for xy in light.points_xy], atol=2e-5)
    np.testing.assert_allclose([float(nit) for nit in kept.range_nits], [0.005, 1000], atol=1e-4)
    assert not [record for record in caplog.records if "light-level" in record.message]


def test_hdr_goes_into_the_stream_that_players_expect_it_in() -> None:
    assert choose_encoder(EncoderConfig(), "a.mp4", "yuv420p10le", has_high_range=True).name == "libx265"
    assert choose_encoder(EncoderConfig(), "a.webm", "yuv420p10le", has_high_range=True).name == "libsvtav1"
    assert (
        choose_encoder(EncoderConfig(encoder="libx264"), "a.mp4", "yuv420p10le", has_high_range=True).name == "libx264"
    )


def test_light_data_that_an_encoder_does_not_keep_are_told(
    make_hdr: MakeHdr, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copied(make_hdr(), tmp_path / "out.mkv", EncoderConfig(encoder="ffv1"))
    assert "ffv1 does not keep mastering and light-level data" in caplog.text
    caplog.clear()
    plain = make_hdr(params="repeat-headers=1", name="plain.mkv")
    assert frames_of(copied(plain, tmp_path / "plain-out.mkv", LOSSLESS))[0].format.transfer == "pq"
    assert "light-level" not in caplog.text


def test_metadata_for_every_single_picture_are_left_out_and_told() -> None:
    """A stand-in for a picture with HDR10+, which no encoder here can write."""
    data = type("Data", (bytes,), {"type": Type.DYNAMIC_HDR_PLUS})()
    choice = choose_encoder(EncoderConfig(), "a.mp4", "yuv420p10le", has_high_range=True)
    (remark,) = keeping_light(choice, SimpleNamespace(side_data=[data])).remarks  # type: ignore[arg-type]
    assert remark == "HDR10+ metadata is left out, the picture below it is kept"


def test_light_is_kept_beside_data_of_a_kind_without_a_name(make_hdr: MakeHdr, tmp_path: Path) -> None:
    source = make_hdr(name="enhanced.mkv", params=f"repeat-headers=1:{MASTERING}", change=with_enhancement)
    facts = side_data_of(frames_of(source)[0].origin)
    assert {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"} <= facts.keys()
    (after, *_) = frames_of(copied(source, tmp_path / "out.mkv", EncoderConfig(preset="ultrafast")))
    assert StaticLight.of(after.origin).levels == (1000, 400)


def with_enhancement(packet: av.Packet) -> av.Packet:
    """Put a unit of LCEVC before an HEVC picture, which FFmpeg knows and PyAV does not."""
    enhanced = av.Packet(b"\0\0\0\1\x4e\1\4\x08\xb4\0\x50\0\1\1\2\3\x80" + bytes(packet))
    enhanced.pts, enhanced.dts, enhanced.time_base = packet.pts, packet.dts, packet.time_base
    enhanced.is_keyframe, enhanced.duration, enhanced.stream = packet.is_keyframe, packet.duration, packet.stream
    return enhanced


def test_dolby_vision_s_layer_is_left_out_and_told(
    make_hdr: MakeHdr, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = make_hdr(name="dolby.mkv", change=with_layer)
    assert hdr.has_dolby_vision(frames_of(source)[0].origin)
    (after, *_) = frames_of(copied(source, tmp_path / "out.mp4", EncoderConfig(preset="ultrafast")))
    assert "out.mp4: Dolby Vision's layer is left out, the picture below it is kept" in caplog.text
    assert not hdr.has_dolby_vision(after.origin)
    assert after.format.transfer == "pq"
    assert StaticLight.of(after.origin).levels == (1000, 400)


def test_dolby_vision_without_a_picture_for_other_screens_is_refused(make_hdr: MakeHdr) -> None:
    path = make_hdr(name="untold.mkv", transfer=None, params="repeat-headers=1", change=with_layer)
    with pytest.raises(MediaError, match=r"untold\.mkv is Dolby Vision with no picture for other screens"):
        next(iter(VideoReader(path)))
    plain = make_hdr(name="plain.mkv", transfer=None, params="repeat-headers=1")
    assert next(iter(VideoReader(plain))).format.transfer == "sdr"


def test_segments_that_are_joined_keep_light_and_are_named_as_players_expect(make_hdr: MakeHdr, tmp_path: Path) -> None:
    source = make_hdr(num_frames=8)
    config = EncoderConfig(crf=0, preset="ultrafast", pixel_format="yuv444p10le")
    joined = cut_and_joined(source, tmp_path / "joined.mp4", [3], config)
    before, after = frames_of(source), frames_of(joined)
    assert {StaticLight.of(after[index].origin).levels for index in (0, 3)} == {(1000, 400)}
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.planes[0], other.planes[0])
    for path in (joined, copied(source, tmp_path / "whole.mov", config)):
        with av.open(str(path)) as container:
            assert container.streams.video[0].codec_context.codec_tag == "hvc1"


def test_live_editing_refuses_it(make_hdr: MakeHdr) -> None:
    path = make_hdr(num_frames=1)
    with pytest.raises(MediaError, match=r"hdr\.mkv is HDR, which is not edited live"):
        list(played(str(path), SystemClock()))


@pytest.mark.parametrize(("colorspace", "name"), [(14, "ICtCp"), (8, "YCgCo")])
def test_colours_of_another_kind_are_refused_by_name(tmp_path: Path, colorspace: int, name: str) -> None:
    path = tmp_path / "strange.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=25, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv444p10le"
        stream.codec_context.colorspace = colorspace
        container.mux(stream.encode(av.VideoFrame(*SIZE, "yuv444p10le")))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match=rf"strange\.mkv has colours of a kind that is not edited \({name}\)"):
        next(iter(VideoReader(path)))

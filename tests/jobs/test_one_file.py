"""The main job on the shipped clip with the shipped models: visible glasses, untouched sound, exact surroundings."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.stub_editing import stub_pipeline
from videoedit.errors import ConfigError, MediaError, NoFaceError
from videoedit.jobs.one_file import RunConfig, edit_file
from videoedit.jobs.resume import resume_file
from videoedit.jobs.views import View
from videoedit.pipeline import EditedFrame, PipelineConfig
from videoedit.strength import Keyframes
from videoedit.video.reading.part import Part, part_of
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.wishes import EditConfig, Wish, build_pipeline

SAMPLES = Path(__file__).resolve().parents[2] / "sample_clips"
SIZE = 256
CLIP, HOPPER = SAMPLES / "astronaut.mp4", SAMPLES / "hopper-glasses.jpg"
GLASSES = Wish(attribute="glasses", reference=str(HOPPER))


def silent(frames: Iterable[EditedFrame], total: int) -> Iterable[EditedFrame]:
    return frames


def config_of(source: Path, target: Path, wishes: tuple[Wish, ...] = (GLASSES,), **choices: Any) -> RunConfig:
    edit = EditConfig(wishes=wishes, device="cpu", pipeline=PipelineConfig(smooth="low"))
    return RunConfig(
        input=str(source), output=str(target), edit=edit, encoder=EncoderConfig(preset="ultrafast"), **choices
    )


def packets_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.dts is not None]


def times_of(path: Path) -> list[object]:
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    target = tmp_path_factory.mktemp("run") / "glasses.mp4"
    return target, edit_file(config_of(CLIP, target), silent)


def test_every_frame_of_the_sample_is_edited_and_keeps_its_time(finished: tuple[Path, object]) -> None:
    target, report = finished
    assert times_of(target) == times_of(CLIP)
    assert report.num_frames == report.num_frames_with_face == report.num_faces == len(times_of(CLIP))  # type: ignore[attr-defined]


def test_sound_of_the_sample_is_copied_packet_by_packet(finished: tuple[Path, object]) -> None:
    assert packets_of(finished[0]) == packets_of(CLIP)
    assert len(packets_of(CLIP)) > 50


@pytest.fixture(scope="module")
def first_second() -> list[tuple[object, EditedFrame]]:
    pipeline = build_pipeline(config_of(CLIP, Path("unused.mp4")).edit)
    with VideoReader(CLIP) as reader:
        originals = [frame for frame, _ in zip(reader, range(12), strict=False)]
    return list(zip(originals, pipeline.run(iter(originals)), strict=True))


def test_glasses_darken_the_eye_region_and_leave_the_chin(first_second: list[tuple[object, EditedFrame]]) -> None:
    from videoedit.align.from_frame import crop_of_frame
    from videoedit.align.regions import region_mask

    inside = region_mask("Eyeglasses", SIZE)
    for before, after in first_second:
        assert len(after.placements) == 1
        crops = [
            crop_of_frame(f, after.placements[0].crop_from_frame, SIZE).astype(float) for f in (before, after.frame)
        ]  # type: ignore[arg-type]
        change = abs(crops[1] - crops[0]).mean(axis=2)
        assert change[inside].mean() > 4.0
        assert change[~inside].mean() < 0.4 * change[inside].mean()


def test_every_sample_outside_the_crop_is_identical_before_encoding(
    first_second: list[tuple[object, EditedFrame]],
) -> None:
    from videoedit.align.from_frame import box_of_crop
    from videoedit.colour import chroma_box

    for before, after in first_second:
        box = box_of_crop(before, after.placements[0].crop_from_frame, SIZE)  # type: ignore[arg-type]
        boxes = (box, chroma_box(box, before.format), chroma_box(box, before.format))  # type: ignore[attr-defined]
        for plane, new, (left, top, right, bottom) in zip(before.planes, after.frame.planes, boxes, strict=True):  # type: ignore[attr-defined]
            outside = np.ones(plane.shape, bool)
            outside[top:bottom, left:right] = False
            np.testing.assert_array_equal(plane[outside], new[outside])


def test_reference_without_a_face_and_unreadable_reference_are_named(tmp_path: Path) -> None:
    import cv2

    blank, text = tmp_path / "blank.png", tmp_path / "text.jpg"
    cv2.imwrite(str(blank), np.full((200, 200, 3), 128, np.uint8))
    text.write_text("no picture")
    for path, message in (
        (blank, "no face in reference"),
        (text, "not a picture"),
        (tmp_path / "gone.jpg", "cannot read"),
    ):
        wish = Wish(attribute="glasses", reference=str(path))
        with pytest.raises(MediaError, match=message) as caught:
            edit_file(config_of(CLIP, tmp_path / "out.mp4", wishes=(wish,)), silent)
        assert path.name in str(caught.value)
    assert not (tmp_path / "out.mp4").exists()


def test_unknown_attribute_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    wish = Wish(attribute="eyeglases", reference=str(HOPPER))
    with pytest.raises(ConfigError, match="did you mean 'eyeglasses'"):
        edit_file(config_of(CLIP, tmp_path / "out.mp4", wishes=(wish,)), silent)
    assert not list(tmp_path.iterdir())


def test_clip_without_a_face_passes_or_fails_as_asked(make_clip: object, tmp_path: Path) -> None:
    source = make_clip("plain.mp4", size_wh=(160, 120))  # type: ignore[operator]
    report = edit_file(config_of(source, tmp_path / "out.mp4"), silent)
    assert (report.num_frames, report.num_faces) == (12, 0)
    with pytest.raises(NoFaceError, match=r"no face to edit in .*; lower --min-face"):
        edit_file(config_of(source, tmp_path / "other.mp4", no_face="fail"), silent)
    assert not (tmp_path / "other.mp4").exists()


def test_python_call_does_what_the_command_does(finished: tuple[Path, object], tmp_path: Path) -> None:
    import videoedit

    report = videoedit.run(CLIP, tmp_path / "api.mp4", attr="glasses", ref=HOPPER, device="cpu")
    assert report.num_frames == finished[1].num_frames  # type: ignore[attr-defined]
    assert times_of(tmp_path / "api.mp4") == times_of(CLIP)
    with pytest.raises(ValueError, match="one for each of 2"):
        videoedit.run(CLIP, tmp_path / "two.mp4", attr=["glasses", "smile"], ref=[HOPPER, HOPPER, HOPPER])


def stub_job(source: Path, target: Path, strength: float | Keyframes = 1.0, **choices: Any) -> RunConfig:
    wish = Wish(attribute="light", reference=None, strength=strength)
    return config_of(source, target, wishes=(wish,), **choices)


def test_comparison_has_the_source_on_the_left_and_the_report_a_line_per_frame(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    clip, out, report = make_clip(size_wh=(96, 64)), tmp_path / "both.mp4", tmp_path / "frames.jsonl"
    job = stub_job(clip, out, view=View(compare=True), report=str(report))
    edit_file(replace(job, encoder=EncoderConfig(crf=0, preset="ultrafast")), silent, stub_pipeline(job.edit))
    assert times_of(out) == times_of(clip)
    with VideoReader(clip) as reader, VideoReader(out) as made:
        for source, both in zip(reader, made, strict=True):
            assert both.size_wh == (192, 64)
            np.testing.assert_array_equal(both.planes[0][:, :96], source.planes[0])
            difference = source.planes[0].astype(int) - both.planes[0][:, 96:]
            assert difference[28:36, 40:56].min() > 5  # the stub darkens the middle
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert [row["faces"][0]["decision"] for row in rows] == ["edited"] * 12


def test_strength_over_time_counts_from_the_beginning_of_the_file_in_a_part_of_it_too(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    clip, strength = make_clip(size_wh=(96, 64), fps=Fraction(25)), Keyframes((0.0, 0.4), (0.0, 1.0))

    def darkening(part: Part, name: str) -> list[float]:
        job = replace(stub_job(clip, tmp_path / name, strength, part=part), encoder=EncoderConfig(crf=0))
        edit_file(job, silent, stub_pipeline(job.edit))
        with VideoReader(clip, part=part) as reader, VideoReader(tmp_path / name) as made:
            pairs = zip(reader, made, strict=True)
            return [float((a.planes[0].astype(int) - b.planes[0])[28:36, 40:56].mean()) for a, b in pairs]

    whole, end = darkening(part_of(None, None), "whole.mp4"), darkening(part_of("6f", None), "end.mp4")
    assert whole[0] == 0
    assert np.diff(whole[:8]).min() > 0
    np.testing.assert_allclose(end[2:], whole[8:], atol=0.6)  # the part's own start is smoothed from one side


@pytest.mark.parametrize("choices", [{"view": View(compare=True)}, {"view": View(debug=True)}, {"report": "x.json"}])
def test_views_and_reports_do_not_go_with_resuming(choices: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="do not go with --resume"):
        resume_file(stub_job(CLIP, tmp_path / "out.mp4", **choices), 300, silent)


def test_picture_is_not_compared(tmp_path: Path) -> None:
    job = stub_job(HOPPER, tmp_path / "out.jpg", view=View(compare=True))
    with pytest.raises(ConfigError, match="--compare is for videos"):
        edit_file(job, silent, stub_pipeline(job.edit))

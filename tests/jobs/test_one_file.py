"""The main job on the shipped clip with the shipped models: visible glasses, untouched sound, exact surroundings."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from videoedit.errors import ConfigError, MediaError, NoFaceError
from videoedit.jobs.one_file import RunConfig, edit_file
from videoedit.pipeline import EditedFrame, PipelineConfig
from videoedit.video.encoding import EncoderConfig
from videoedit.video.reader import VideoReader
from videoedit.wishes import EditConfig, Wish, build_pipeline

SAMPLES = Path(__file__).resolve().parents[2] / "sample_clips"
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

    inside = region_mask("Eyeglasses", 128)
    for before, after in first_second:
        assert len(after.placements) == 1
        crops = [
            crop_of_frame(f, after.placements[0].crop_from_frame, 128).astype(float) for f in (before, after.frame)
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
        box = box_of_crop(before, after.placements[0].crop_from_frame, 128)  # type: ignore[arg-type]
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
    with pytest.raises(NoFaceError, match="no face in"):
        edit_file(config_of(source, tmp_path / "other.mp4", no_face="fail"), silent)
    assert not (tmp_path / "other.mp4").exists()


def test_python_call_does_what_the_command_does(finished: tuple[Path, object], tmp_path: Path) -> None:
    import videoedit

    report = videoedit.run(CLIP, tmp_path / "api.mp4", attr="glasses", ref=HOPPER, device="cpu")
    assert report.num_frames == finished[1].num_frames  # type: ignore[attr-defined]
    assert times_of(tmp_path / "api.mp4") == times_of(CLIP)
    with pytest.raises(ValueError, match="one for each of 2"):
        videoedit.run(CLIP, tmp_path / "two.mp4", attr=["glasses", "smile"], ref=[HOPPER, HOPPER, HOPPER])

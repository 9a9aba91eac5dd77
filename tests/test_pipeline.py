"""The way of a frame with a known detector and a known editor: count, order, times, places, exactness."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.video.clips import raw_clip
from videoedit.align.templates import TEMPLATES
from videoedit.edit.base import Edit
from videoedit.errors import ConfigError
from videoedit.faces import Face
from videoedit.frames import Frame, Image
from videoedit.geometry import inverse, transform_points
from videoedit.pipeline import EditedFrame, Pipeline, PipelineConfig
from videoedit.track.cuts import FLASH
from videoedit.track.fading import Fading
from videoedit.video.reading.reader import VideoReader

MakeClip = Callable[..., Path]
SIZE = 32


@dataclass
class FixedDetector:
    """Finds one face of 0.4 of the height in the middle of every picture but those in `absent`."""

    absent: frozenset[int] = frozenset()
    num_seen: int = 0

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        found = []
        for image in images:
            found.append([] if self.num_seen in self.absent else [_middle_face(image)])
            self.num_seen += 1
        return found


@dataclass
class BrighteningEditor:
    """Adds the edit's code to every pixel."""

    attributes: tuple[str, ...] = ("Light",)
    crop_size: int = SIZE
    template: str = "elegant"
    batch_sizes: list[int] = field(default_factory=list)
    points: list[Tensor | None] = field(default_factory=list)
    """That came with the edits."""

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.full((1, 1, 1, 1), 0.2), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.full((1, 1, 1, 1), -0.2), strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        self.batch_sizes.append(len(crops))
        self.points += [edit.points for edit in edits]
        change = torch.zeros_like(crops)
        for edit in edits:
            strengths = torch.tensor([edit.strength]) if edit.strengths is None else edit.strengths
            change = change + strengths[:, None, None, None] * edit.code
        return change

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.full((len(crops), SIZE, SIZE), 0.5)


@dataclass
class TurnedDetector(FixedDetector):
    """Sees that face turned toward the right."""

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        faces = [_middle_face(image) for image in images]
        away = np.outer(np.arange(5) == 2, [0.16 * images[0].shape[0] * 0.4, 0.0])  # of the nose alone
        return [[Face(face.box_xyxy, face.points_xy + away, 0.9)] for face in faces]


def _middle_face(image: Image) -> Face:
    height, width = image.shape[:2]
    points = (TEMPLATES["elegant"] - 128) / 256 * 0.8 * height + [width / 2, height / 2]
    box = np.concatenate([points.min(axis=0) - 10, points.max(axis=0) + 10])
    return Face(box, points, 0.9)


def run(
    path: Path, detector: FixedDetector, strength: float = 1.0, **choices: object
) -> Iterator[tuple[Frame, EditedFrame]]:
    editor = BrighteningEditor()
    config = PipelineConfig(**({"min_face": 8.0, "batch_size": 4} | choices))  # type: ignore[arg-type]
    pipeline = Pipeline(detector, editor, [editor.edit_without("Light", strength)], config)
    with VideoReader(path) as reader:
        originals = list(reader)
    yield from zip(originals, pipeline.run(iter(originals)), strict=True)


@pytest.fixture
def clip(make_clip: MakeClip) -> Path:
    return make_clip(size_wh=(128, 96), num_frames=13, ticks=(0, 1, 5, 9, 20, 30, 31, 40, 50, 60, 70, 80, 100))


@pytest.mark.parametrize("smooth", ["off", "medium", "high"])
def test_pipeline_keeps_count_order_and_times(clip: Path, smooth: str) -> None:
    pairs = list(run(clip, FixedDetector(), smooth=smooth))
    assert len(pairs) == 13
    for before, after in pairs:
        assert (after.frame.index, after.frame.time, after.frame.duration) == (
            before.index,
            before.time,
            before.duration,
        )


def test_every_frame_with_a_face_is_edited_inside_its_crop_and_nowhere_else(clip: Path) -> None:
    for before, after in run(clip, FixedDetector()):
        change = after.frame.planes[0].astype(int) - before.planes[0]
        assert change[40:56, 56:72].max() < -10
        assert not change[:, :20].any()
        assert not change[:, -20:].any()


@pytest.mark.parametrize("is_live", [False, True])
@pytest.mark.parametrize(("attribute", "is_limited"), [("Eyeglasses", True), ("Light", False)])
def test_edit_of_a_turned_face_ends_at_its_outline(clip: Path, is_live: bool, attribute: str, is_limited: bool) -> None:
    editor = BrighteningEditor((attribute,))
    config = PipelineConfig(min_face=8.0, is_live=is_live)
    with VideoReader(clip) as reader:
        pipeline = Pipeline(TurnedDetector(), editor, [editor.edit_without(attribute)], config)
        for edited in pipeline.run(reader):
            (placement,) = edited.placements
            assert 20 < placement.yaw < 35
            change = edited.frame.planes[0].astype(int) - edited.source.planes[0]
            x, y = transform_points(inverse(placement.crop_from_frame), SIZE * np.array([[0.2, 0.4], [0.88, 0.4]])).T
            near, far = (change[round(y[i]), round(x[i])] for i in (0, 1))
            assert near < -10
            assert (far == 0) == is_limited


def test_limit_of_a_face_is_that_of_editor_outline_border_and_fade(clip: Path) -> None:
    editor = BrighteningEditor(("Eyeglasses",))
    pipeline = Pipeline(TurnedDetector(), editor, [editor.edit_without("Eyeglasses")], PipelineConfig(min_face=8.0))
    with VideoReader(clip) as reader:
        edited = next(pipeline.run(reader))
    limit = pipeline.limit_of(edited.source, replace(edited.placements[0], fade=0.6))
    assert limit[16, 6:18] == pytest.approx(0.3)
    assert not limit[:, 27:].any()
    assert not limit[0].any()
    full = pipeline.limit_of(edited.source, replace(edited.placements[0], yaw=0.0))
    assert full[16, 27] == pytest.approx(0.5)


def test_frame_without_a_face_passes_bit_exact(clip: Path) -> None:
    pairs = list(run(clip, FixedDetector(absent=frozenset({0, 1})), smooth="off"))
    assert [len(after.placements) for _, after in pairs][:3] == [0, 0, 1]
    for before, after in pairs[:2]:
        for plane, same in zip(before.planes, after.frame.planes, strict=True):
            np.testing.assert_array_equal(plane, same)


def test_strength_zero_returns_every_frame_bit_exact(clip: Path) -> None:
    for before, after in run(clip, FixedDetector(), strength=0.0):
        for plane, same in zip(before.planes, after.frame.planes, strict=True):
            np.testing.assert_array_equal(plane, same)


def test_small_faces_are_left_alone(clip: Path) -> None:
    assert not any(after.placements for _, after in run(clip, FixedDetector(), min_face=500.0))


def test_faces_are_edited_in_batches(clip: Path) -> None:
    editor = BrighteningEditor()
    pipeline = Pipeline(
        FixedDetector(), editor, [editor.edit_without("Light")], PipelineConfig(min_face=8.0, batch_size=5)
    )
    with VideoReader(clip) as reader:
        done = list(pipeline.run(reader))
    assert editor.batch_sizes == [5, 5, 3]
    given = torch.cat([points for points in editor.points if points is not None])  # where the faces of each batch lie
    np.testing.assert_allclose(given, np.stack([edited.placements[0].points_xy for edited in done]))  # type: ignore[arg-type]


def test_many_faces_of_a_batch_reach_the_editor_in_several_calls(make_clip: MakeClip) -> None:
    editor = BrighteningEditor()
    pipeline = Pipeline(
        FixedDetector(), editor, [editor.edit_without("Light")], PipelineConfig(min_face=8.0, batch_size=20)
    )
    with VideoReader(make_clip(size_wh=(128, 96), num_frames=20)) as reader:
        assert [len(edited.placements) for edited in pipeline.run(reader)] == [1] * 20
    assert editor.batch_sizes == [8, 8, 4]


def test_pipeline_holds_only_its_window(make_clip: MakeClip) -> None:
    clip = make_clip(size_wh=(128, 96), num_frames=40)
    taken = []

    def source() -> Iterator[Frame]:
        with VideoReader(clip) as reader:
            for frame in reader:
                taken.append(frame.index)
                yield frame

    editor = BrighteningEditor()
    config = PipelineConfig(min_face=8.0, batch_size=1, smooth="off")
    next(Pipeline(FixedDetector(), editor, [editor.edit_without("Light")], config).run(source()))
    assert len(taken) <= Fading().reach + FLASH + 2


@pytest.mark.parametrize("choices", [{"smooth": "much"}, {"batch_size": 0}, {"feather": 0.7}, {"detector_side": 8}])
def test_impossible_choices_are_refused(choices: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        PipelineConfig(**choices)  # type: ignore[arg-type]


def test_times_are_exact_fractions(clip: Path) -> None:
    assert all(isinstance(after.frame.time, Fraction) for _, after in run(clip, FixedDetector()))


def test_edits_that_change_on_the_way_reach_their_own_frames_and_no_other(clip: Path) -> None:
    editor = BrighteningEditor()
    darker, brighter = editor.edit_without("Light"), editor.edit_like(np.zeros((SIZE, SIZE, 3), np.uint8), "Light")
    config = PipelineConfig(min_face=8.0, batch_size=5, smooth="off")
    pipeline = Pipeline(FixedDetector(), editor, lambda at: [darker if at.frame.index < 7 else brighter], config)
    with VideoReader(clip) as reader:
        edited = list(pipeline.run(reader))
    assert editor.batch_sizes == [5, 5, 3]
    for entry in edited:
        middle = (slice(40, 56), slice(56, 72))
        change = entry.frame.planes[0][middle].astype(int) - entry.source.planes[0][middle]
        assert (change.mean() < -5) == (entry.source.index < 7)


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_faces_of_turned_and_mirrored_videos_are_aligned_eye_to_eye(tmp_path: Path, is_mirrored: bool) -> None:
    clip = raw_clip(tmp_path / "in.mp4", size_wh=(96, 128), orientation=(90, is_mirrored))
    ((_, after),) = list(run(clip, FixedDetector()))[:1]
    face = _middle_face(np.zeros((96, 128, 3), np.uint8))
    shown = face.points_xy * [-1, 1] + [127, 0] if is_mirrored else face.points_xy
    stored = np.stack([95 - shown[:, 1], shown[:, 0]], axis=1)
    if is_mirrored:
        stored = stored[[1, 0, 2, 4, 3]]
    in_crop = transform_points(after.placements[0].crop_from_frame, stored)
    assert np.abs(in_crop - TEMPLATES["elegant"] * SIZE / 256).max() < 1.0

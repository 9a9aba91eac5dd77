"""Tracks keep their ids, and the steadied alignment follows without lag."""

from fractions import Fraction

import numpy as np
import pytest

from videoedit.align.templates import TEMPLATES, crop_from_points
from videoedit.faces import Face, Track
from videoedit.frames import Frame, PixelFormat
from videoedit.geometry import transform_points
from videoedit.track.smoothing import crop_from_pose, pose_of, steady
from videoedit.track.tracker import Tracker

FORMAT = PixelFormat("yuv420p", 8, (1, 1), "bt709", False)
SIZE = 128


def frame_at(index: int) -> Frame:
    planes = (np.zeros((4, 4), np.uint8), np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8))
    return Frame(planes, FORMAT, Fraction(index, 30), Fraction(1, 30), index)


def face_at(x: float, y: float, scale: float = 1.0, angle: float = 0.0) -> Face:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (TEMPLATES["elegant"] - 128) @ turn.T + [x, y]
    box = np.concatenate([points.min(axis=0) - 40 * scale, points.max(axis=0) + 40 * scale])
    return Face(box, points, 0.9)


def centres(placed: list[tuple[Frame, list]]) -> np.ndarray:
    return np.array([pose_of(placements[0].crop_from_frame, SIZE)[:2] for _, placements in placed])


def test_pose_and_transform_are_inverse_of_each_other() -> None:
    crop_from_frame = crop_from_points(face_at(300, 200, 1.3, 0.4).points_xy, "elegant", SIZE)
    np.testing.assert_allclose(crop_from_pose(pose_of(crop_from_frame, SIZE), SIZE), crop_from_frame, atol=1e-9)


def test_every_frame_comes_out_once_and_in_order() -> None:
    tracked = [(frame_at(i), [Track(0, face_at(200, 200))] if i % 3 else []) for i in range(40)]
    placed = list(steady(tracked, "elegant", SIZE, 3.0))
    assert [frame.index for frame, _ in placed] == list(range(40))


def test_off_keeps_the_detections_exactly() -> None:
    rng = np.random.default_rng(0)
    tracked = [(frame_at(i), [Track(0, face_at(*rng.uniform(100, 300, 2)))]) for i in range(12)]
    placed = list(steady(tracked, "elegant", SIZE, 0.0))
    for (_, tracks), (_, placements) in zip(tracked, placed, strict=True):
        expected = crop_from_points(tracks[0].face.points_xy, "elegant", SIZE)
        np.testing.assert_allclose(placements[0].crop_from_frame, expected, atol=1e-9)


def test_uniform_and_accelerated_motion_is_followed_without_lag() -> None:
    times = np.arange(60)
    path = np.stack([100 + 4 * times, 200 + 0.05 * times**2], axis=1)
    tracked = [(frame_at(i), [Track(0, face_at(x, y))]) for i, (x, y) in enumerate(path)]
    smooth = centres(list(steady(tracked, "elegant", SIZE, 3.0)))
    raw = centres(list(steady(tracked, "elegant", SIZE, 0.0)))
    np.testing.assert_allclose(smooth, raw, atol=1e-6)


def test_smoothing_removes_most_of_the_jitter() -> None:
    rng = np.random.default_rng(1)
    tracked = []
    for i in range(120):
        face = face_at(300, 200)
        noisy = face.points_xy + rng.normal(0, 0.02 * 70, (5, 2))
        tracked.append((frame_at(i), [Track(0, Face(face.box_xyxy, noisy, 0.9))]))
    raw = np.diff(centres(list(steady(tracked, "elegant", SIZE, 0.0))), axis=0)
    smooth = np.diff(centres(list(steady(tracked, "elegant", SIZE, 3.0))), axis=0)
    assert np.sqrt(np.square(smooth).mean()) < 0.3 * np.sqrt(np.square(raw).mean())


def test_short_gap_is_bridged_and_the_time_before_the_first_detection_is_not() -> None:
    tracked = [
        (frame_at(i), [Track(0, face_at(100 + 5 * i, 200))] if i not in (0, 1, 10, 11) else []) for i in range(20)
    ]
    placed = list(steady(tracked, "elegant", SIZE, 3.0))
    assert [len(placements) for _, placements in placed] == [0, 0] + [1] * 18
    x, _ = transform_points(placed[11][1][0].crop_from_frame, np.array([[155.0, 200.0]]))[0]
    assert x == pytest.approx(
        transform_points(placed[5][1][0].crop_from_frame, np.array([[125.0, 200.0]]))[0, 0], abs=0.1
    )


def test_ids_stay_while_faces_move_and_change_when_a_face_is_gone_for_long() -> None:
    tracker = Tracker(max_gap=3)
    first = tracker.update([face_at(100, 100), face_at(600, 100)])
    second = tracker.update([face_at(610, 105), face_at(108, 100)])
    assert [track.id for track in second] == [first[1].id, first[0].id]
    for _ in range(2):
        tracker.update([])
    assert tracker.update([face_at(108, 100)])[0].id == first[0].id
    for _ in range(5):
        tracker.update([])
    assert tracker.update([face_at(108, 100)])[0].id not in (first[0].id, first[1].id)

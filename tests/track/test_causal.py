"""Live steadiness: still faces are held still, moving ones followed at once, and nothing waits for the next frame."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from videoedit.align.templates import TEMPLATES, crop_from_points
from videoedit.faces import Face, Track
from videoedit.frames import Frame, PixelFormat
from videoedit.track.causal import GAINS, steady_live, steady_residuals_live
from videoedit.track.poses import pose_of
from videoedit.track.residuals import FaceEdit
from videoedit.track.smoothing import Placement
from videoedit.track.tracker import Tracked

FORMAT = PixelFormat("yuv420p", 8, (1, 1), "bt709", False)
SIZE = 128
EYE_DISTANCE = 70.0
PLANE = np.zeros((2, 2), np.uint8)

Path4 = Callable[[np.ndarray], np.ndarray]


def frame_at(index: int, fps: int = 30) -> Frame:
    return Frame((PLANE, PLANE, PLANE), FORMAT, Fraction(index, fps), Fraction(1, fps), index)


def face_at(pose: np.ndarray, noise: np.ndarray | float = 0.0) -> Face:
    x, y, log_scale, angle = pose
    turn = np.exp(log_scale) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (TEMPLATES["elegant"] - 128) @ turn.T + [x, y] + noise
    return Face(np.concatenate([points.min(axis=0) - 40, points.max(axis=0) + 40]), points, 0.9)


def still(t: np.ndarray) -> np.ndarray:
    return np.stack([300.0 + 0 * t, 200 + 0 * t, 0 * t, 0 * t], axis=1)


def gentle(t: np.ndarray) -> np.ndarray:
    return still(t) + np.stack([6 * np.sin(t / 24), 0.1 * t, 0.0003 * t, 0.03 * np.sin(t / 32)], axis=1)


def fast(t: np.ndarray) -> np.ndarray:
    swing = np.sin(2 * np.pi * t / 60)
    return still(t) + np.stack([60 * swing, 20 * swing, 0.2 * swing, 0.3 * swing], axis=1)


def poses(faces: list[Face], gain: float) -> np.ndarray:
    placed = steady_live(
        [Tracked(frame_at(i), [Track(0, face)]) for i, face in enumerate(faces)], "elegant", SIZE, gain
    )
    return np.array([pose_of(entry.placements[0].crop_from_frame, SIZE) for entry in placed])


def truth_noisy_and_steadied(path: Path4, noise: float, gain: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    times = np.arange(300)
    jitter = np.random.default_rng(3).normal(0, noise * EYE_DISTANCE, (300, 5, 2))
    clean = [face_at(pose) for pose in path(times)]
    noisy = [face_at(pose, shift) for pose, shift in zip(path(times), jitter, strict=True)]
    return poses(clean, 1.0), poses(noisy, 1.0), poses(noisy, gain)


@pytest.mark.parametrize("path", [still, gentle])
def test_most_of_the_detector_s_noise_is_gone_on_a_still_or_slow_face(path: Path4) -> None:
    truth, noisy, steadied = truth_noisy_and_steadied(path, 0.02, GAINS["medium"])
    raw, left = (np.sqrt(np.square(np.diff(values - truth, axis=0)[20:]).mean(axis=0)) for values in (noisy, steadied))
    assert (left <= 0.3 * raw).all()


@pytest.mark.parametrize("name", ["low", "medium", "high"])
def test_a_fast_face_is_followed_within_two_frames(name: str) -> None:
    truth, _, steadied = truth_noisy_and_steadied(fast, 0.02, GAINS[name])
    frames = np.arange(20, 280)
    for part in range(4):
        errors = [np.square(truth[frames - lag, part] - steadied[frames, part]).mean() for lag in np.arange(-2, 8)]
        assert abs(int(np.argmin(errors)) - 2) <= 2
    off_by = np.linalg.norm((steadied - truth)[20:, :2], axis=1)
    assert off_by.max() < 0.1 * EYE_DISTANCE  # it moves 6 px a frame, so that two frames of lag alone would be 12


def test_a_face_that_stops_is_not_overshot() -> None:
    path = still(np.arange(120))
    path[:, 0] += np.clip(np.arange(120) - 40, 0, 12) * 5.0
    truth, steadied = (
        poses([face_at(pose) for pose in path], 1.0),
        poses([face_at(pose) for pose in path], GAINS["medium"]),
    )
    assert (steadied - truth)[:, 0].max() < 5.0  # one frame of its motion, before the stop can be known
    assert abs((steadied - truth)[70:, 0]).max() < 0.01 * EYE_DISTANCE


def test_lower_rate_does_not_make_a_moving_face_swim() -> None:
    rng = np.random.default_rng(5)
    times = np.arange(0, 300, 3)
    tracked = [
        Tracked(frame_at(i, 10), [Track(0, face_at(pose, rng.normal(0, 0.02 * EYE_DISTANCE, (5, 2))))])
        for i, pose in enumerate(fast(times))
    ]
    entries = steady_live(tracked, "elegant", SIZE, 0.16)
    placed = np.array([pose_of(entry.placements[0].crop_from_frame, SIZE) for entry in entries])
    truth = poses([face_at(pose) for pose in fast(times)], 1.0)
    assert np.sqrt(np.square(placed - truth)[20:, :2].mean()) < 0.04 * EYE_DISTANCE


def test_off_keeps_the_detections_exactly_and_holds_nothing() -> None:
    face = face_at(np.array([250.0, 180.0, 0.1, 0.2]))
    tracked = [Tracked(frame_at(0), [Track(0, face)]), Tracked(frame_at(1), [])]
    first, second = (entry.placements for entry in steady_live(tracked, "elegant", SIZE, GAINS["off"]))
    np.testing.assert_allclose(first[0].crop_from_frame, crop_from_points(face.points_xy, "elegant", SIZE), atol=1e-9)
    assert second == []


def test_face_missed_for_a_moment_goes_on_as_it_moved_and_is_then_let_go() -> None:
    path = still(np.arange(60)) + np.outer(np.arange(60), [2.0, 0.0, 0.0, 0.0])
    tracked = [Tracked(frame_at(i), [Track(0, face_at(path[i]))] if i < 40 else []) for i in range(60)]
    placed = [entry.placements for entry in steady_live(tracked, "elegant", SIZE, GAINS["medium"])]
    assert [len(placements) for placements in placed] == [1] * 47 + [0] * 13
    fades = [placements[0].fade for placements in placed[35:47]]
    assert fades[:5] == [1.0] * 5
    assert fades[5:] == sorted(fades[5:], reverse=True)
    assert fades[-1] < 0.1
    drift = pose_of(placed[45][0].crop_from_frame, SIZE)[0] - pose_of(placed[39][0].crop_from_frame, SIZE)[0]
    assert drift == pytest.approx(12.0, abs=0.5)


def test_face_that_jumps_is_placed_there_at_once() -> None:
    path = still(np.arange(40))
    path[20:, 0] += 400
    steadied = poses([face_at(pose) for pose in path], GAINS["high"])
    assert abs(steadied[20:, 0] - steadied[20, 0]).max() < 1e-6
    assert steadied[20, 0] - steadied[19, 0] == pytest.approx(400, abs=1e-6)


def test_turning_past_half_a_turn_is_no_jump_of_angle() -> None:
    path = still(np.arange(60))
    path[:, 3] = np.pi - 0.3 + 0.01 * np.arange(60)
    steadied = poses([face_at(pose) for pose in path], GAINS["medium"])
    assert abs(np.diff(np.unwrap(steadied[:, 3]))[5:] - 0.01).max() < 0.002


def test_every_frame_is_given_before_the_next_is_taken() -> None:
    taken = []

    def source() -> Iterator[Tracked]:
        for i in range(10):
            taken.append(i)
            yield Tracked(frame_at(i), [Track(0, face_at(still(np.zeros(1))[0]))])

    def edited() -> Iterator[tuple[Frame, list[FaceEdit]]]:
        for entry in steady_live(source(), "elegant", SIZE, 0.16):
            yield entry.frame, [face(0.1)]

    for count, _ in enumerate(steady_residuals_live(edited(), 0.7), start=1):
        assert len(taken) == count


def face(residual: float | np.ndarray, crop: int = 100, track: int = 0) -> FaceEdit:
    values = np.broadcast_to(np.float32(residual), (3, 32, 32)).copy()
    return FaceEdit(Placement(track, np.eye(2, 3)), np.full((32, 32, 3), crop, np.uint8), values)


def residuals(faces: list[FaceEdit], memory: float = 0.7) -> np.ndarray:
    stream = steady_residuals_live([(frame_at(i), [one]) for i, one in enumerate(faces)], memory)
    return np.stack([entries[0].residual for _, entries in stream])


def test_flicker_of_the_residual_of_a_still_face_is_mostly_gone() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (60, 3, 32, 32)).astype(np.float32)
    steadied = residuals([face(0.3 + part) for part in noise])
    assert np.diff(steadied[10:], axis=0).std() < 0.3 * np.diff(noise, axis=0).std()
    assert steadied.mean() == pytest.approx(0.3, abs=0.005)


def test_residual_of_a_face_that_looks_different_is_not_mixed_in() -> None:
    steadied = residuals([face(0.0, crop=60)] * 5 + [face(0.8, crop=180)] * 5)
    np.testing.assert_allclose(steadied[:5], 0.0, atol=1e-4)
    np.testing.assert_allclose(steadied[5:], 0.8, atol=1e-4)


def test_changed_edit_takes_over_within_a_few_frames() -> None:
    steadied = residuals([face(0.0)] * 20 + [face(1.0)] * 20)
    assert steadied[20:, 0, 0, 0].min() >= 0.29
    assert steadied[28:].min() > 0.9


def test_residuals_of_two_tracks_are_kept_apart() -> None:
    stream = [(frame_at(i), [face(0.2, track=1), face(-0.4, track=2)]) for i in range(8)]
    for _, faces in steady_residuals_live(stream, 0.7):
        np.testing.assert_allclose(faces[0].residual, 0.2, atol=1e-6)
        np.testing.assert_allclose(faces[1].residual, -0.4, atol=1e-6)


def test_off_leaves_the_residuals_alone() -> None:
    steadied = residuals([face(0.1 * i) for i in range(5)], memory=0.0)
    np.testing.assert_array_equal(steadied[:, 0, 0, 0], np.float32([0.0, 0.1, 0.2, 0.3, 0.4]))


def test_edit_comes_over_some_frames_but_is_there_at_once_where_the_scene_begins() -> None:
    tracks = [Track(0, face_at(still(np.zeros(1))[0]))]

    def fades(first: int) -> list[float]:
        tracked = [Tracked(frame_at(i), tracks if i >= first else []) for i in range(12)]
        placed = steady_live(tracked, "elegant", SIZE, 0.16)
        return [entry.placements[0].fade for entry in placed if entry.placements]

    assert fades(0) == [1.0] * 12
    assert fades(3) == pytest.approx([0.0, 0.4, 0.6, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0])


def test_nobody_is_carried_over_a_cut() -> None:
    faces = [face_at(pose) for pose in gentle(np.arange(2))]
    tracked = [Tracked(frame_at(i), [Track(0, faces[0])], scene=0) for i in range(5)]
    tracked += [Tracked(frame_at(5), [], scene=1), Tracked(frame_at(6), [Track(1, faces[1])], scene=1)]
    placed = [entry.placements for entry in steady_live(tracked, "elegant", SIZE, 0.16)]
    assert [[placement.track_id for placement in placements] for placements in placed[4:]] == [[0], [], [1]]


def test_small_and_turned_faces_are_left_alone_with_the_reason() -> None:
    def placed(face: Face) -> Placement:
        (entry,) = steady_live([Tracked(frame_at(0), [Track(0, face)])], "elegant", SIZE, 0.16)
        return entry.placements[0]

    face = face_at(still(np.zeros(1))[0])
    small = replace(face, box_xyxy=face.box_xyxy[[0, 1, 0, 1]] + [0, 0, 20, 20])
    turned = replace(face, points_xy=face.points_xy + np.outer(np.arange(5) == 2, [45.0, 0.0]))  # the nose moves
    assert (placed(face).fade, placed(face).reason) == (1.0, "")
    assert (placed(small).fade, placed(small).reason) == (0.0, "small")
    assert (placed(turned).fade, placed(turned).reason) == (0.0, "profile")

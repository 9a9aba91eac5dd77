"""The steadied alignment follows without lag."""

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
import skimage.data

from tests.track.drawn_faces import face_at, frame_at
from videoedit.align.templates import crop_from_points, template_points
from videoedit.faces import Face, Track
from videoedit.frames import Frame, PixelFormat
from videoedit.geometry import transform_points
from videoedit.track.causal import steady_live
from videoedit.track.looks import look_of_points
from videoedit.track.poses import crop_from_pose, pose_of
from videoedit.track.runs import Run, Sighting
from videoedit.track.smoothing import Placed, steady
from videoedit.track.tracker import Tracked

SIZE = 128
ASTRONAUT = np.array([[203.0, 112], [248, 112], [225, 140], [208, 160], [245, 160]])
"""Five points of the photographed face, roughly."""


def centres(placed: list[Placed]) -> np.ndarray:
    return np.array([pose_of(entry.placements[0].crop_from_frame, SIZE)[:2] for entry in placed])


def test_pose_and_transform_are_inverse_of_each_other() -> None:
    crop_from_frame = crop_from_points(face_at(300, 200, 1.3, 0.4).points_xy, "elegant", SIZE)
    np.testing.assert_allclose(crop_from_pose(pose_of(crop_from_frame, SIZE), SIZE), crop_from_frame, atol=1e-9)


def test_every_frame_comes_out_once_and_in_order() -> None:
    tracked = [Tracked(frame_at(i), [Track(0, face_at(200, 200))] if i % 3 else []) for i in range(40)]
    placed = list(steady(tracked, "elegant", SIZE, 3.0))
    assert [entry.frame.index for entry in placed] == list(range(40))


def test_off_keeps_the_detections_exactly() -> None:
    rng = np.random.default_rng(0)
    tracked = [Tracked(frame_at(i), [Track(0, face_at(*rng.uniform(100, 300, 2)))]) for i in range(12)]
    placed = list(steady(tracked, "elegant", SIZE, 0.0))
    for entry, found in zip(tracked, placed, strict=True):
        expected = crop_from_points(entry.tracks[0].face.points_xy, "elegant", SIZE)
        np.testing.assert_allclose(found.placements[0].crop_from_frame, expected, atol=1e-9)


def test_uniform_and_accelerated_motion_is_followed_without_lag() -> None:
    times = np.arange(60)
    path = np.stack([100 + 4 * times, 200 + 0.05 * times**2], axis=1)
    tracked = [Tracked(frame_at(i), [Track(0, face_at(x, y))]) for i, (x, y) in enumerate(path)]
    smooth = centres(list(steady(tracked, "elegant", SIZE, 3.0)))
    raw = centres(list(steady(tracked, "elegant", SIZE, 0.0)))
    np.testing.assert_allclose(smooth, raw, atol=1e-6)


def test_smoothing_removes_most_of_the_jitter() -> None:
    rng = np.random.default_rng(1)
    tracked = []
    for i in range(120):
        face = face_at(300, 200)
        noisy = face.points_xy + rng.normal(0, 0.02 * 70, (5, 2))
        tracked.append(Tracked(frame_at(i), [Track(0, Face(face.box_xyxy, noisy, 0.9))]))
    raw = np.diff(centres(list(steady(tracked, "elegant", SIZE, 0.0))), axis=0)
    smooth = np.diff(centres(list(steady(tracked, "elegant", SIZE, 3.0))), axis=0)
    assert np.sqrt(np.square(smooth).mean()) < 0.3 * np.sqrt(np.square(raw).mean())


def photographed(shifts: np.ndarray, errors: np.ndarray) -> tuple[list[Tracked], np.ndarray]:
    """Return a photographed face that is shifted from frame to frame, detected with errors, and where it truly is.

    Args:
        shifts: (T, 2) of the photo, in pixels.
        errors: (T, 2) of all five points, or (T, 5, 2).
    """
    photo, tracked, truth = np.asarray(skimage.data.astronaut()), [], []
    for index, (shift, error) in enumerate(zip(shifts, errors, strict=True)):
        drawn = cv2.warpAffine(photo, np.column_stack([np.eye(2), shift]), (400, 280), borderMode=cv2.BORDER_REFLECT)
        green, blue, red = (np.ascontiguousarray(drawn[:, :, channel]) for channel in (1, 2, 0))
        rgb = PixelFormat("gbrp", 8, (0, 0), "rgb", True)
        frame = Frame((green, blue, red), rgb, Fraction(index, 25), Fraction(1, 25), index)
        points = ASTRONAUT + shift + error
        box = np.concatenate([points.min(axis=0) - 20, points.max(axis=0) + 20])
        look = look_of_points(drawn, points, "elegant")
        tracked.append(Tracked(frame, [Track(0, Face(box, points, 0.9), look=look)]))
        truth.append(ASTRONAUT + shift)
    return tracked, np.array(truth)


def away(tracked: list[Tracked], truth: np.ndarray, *, live: bool) -> np.ndarray:
    """Return how far the face's points lie from where they belong in the steadied crops, (T,) in eye distances."""
    placed = steady_live(iter(tracked), "elegant", SIZE, 0.16) if live else steady(iter(tracked), "elegant", SIZE, 3.0)
    seen = [
        transform_points(entry.placements[0].crop_from_frame, points)
        for entry, points in zip(placed, truth, strict=True)
    ]
    mean = np.mean(seen, axis=0)
    return np.linalg.norm(seen - mean, axis=2).mean(axis=1) / np.linalg.norm(mean[1] - mean[0])


def test_the_points_of_a_face_are_those_of_the_moment_rather_than_of_long_before() -> None:
    track = Track(0, face_at(200, 200))
    sightings = [replace(Sighting.of(track, "elegant", SIZE), points_xy=np.full((5, 2), v)) for v in (0.0, 0.0, 10.0)]
    run = Run(np.array([-8, -7, 0]), tuple(sightings), begins_scene=False, ends_scene=True)
    assert run.points_xy.shape == (5, 2)
    assert run.points_xy.min() > 9.9


@pytest.mark.parametrize("live", [False, True])
def test_the_points_of_a_face_are_told_in_its_crop_and_do_not_tremble(live: bool) -> None:
    rng, faces, template = np.random.default_rng(2), [], template_points("elegant", SIZE)
    for i in range(60):
        face = face_at(300 + i, 200, 1.5, 0.2)
        broad = face.points_xy + np.array([[-4, 0], [4, 0], [0, 0], [0, 0], [0, 0]])  # eyes far apart
        faces.append(Face(face.box_xyxy, broad + rng.normal(0, 1.0, (5, 2)), 0.9))
    tracked = [Tracked(frame_at(i), [Track(0, face)]) for i, face in enumerate(faces)]
    placed = list(steady_live(tracked, "elegant", SIZE, 0.3) if live else steady(tracked, "elegant", SIZE, 3.0))
    found = np.stack([np.asarray(entry.placements[0].points_xy) for entry in placed])[10:-10]
    raw = np.stack(
        [transform_points(crop_from_points(face.points_xy, "elegant", SIZE), face.points_xy) for face in faces]
    )[10:-10]
    np.testing.assert_allclose(found.mean(axis=0), raw.mean(axis=0), atol=0.2)
    assert np.abs(found.mean(axis=0) - template).max() > 1.0  # the face keeps its own shape
    assert np.diff(found, axis=0).std() < 0.35 * np.diff(raw, axis=0).std()


@pytest.mark.parametrize("live", [False, True])
def test_a_face_that_shakes_from_frame_to_frame_is_followed(live: bool) -> None:
    shifts = np.random.default_rng(0).normal(0, 6.0, (24, 2)) - [30, 0]
    tracked, truth = photographed(shifts, np.zeros((24, 2)))
    assert away(tracked, truth, live=live).max() < 0.03


@pytest.mark.parametrize("live", [False, True])
def test_a_detection_beside_the_face_is_not_followed(live: bool) -> None:
    errors = np.zeros((24, 2))
    errors[[8, 15]] = [[7.0, -5.0], [-6.0, 6.0]]
    tracked, truth = photographed(np.full((24, 2), -30.0), errors)
    assert away(tracked, truth, live=live).max() < 0.03


AROUND = ASTRONAUT - ASTRONAUT.mean(axis=0)
WILD = {
    "aside": np.array([30.0, 20.0]),
    "far away": np.array([90.0, 0.0]),
    "grown": 0.6 * AROUND,
    "shrunk": -0.4 * AROUND,
    "turned over": -1.9 * AROUND,
    "one eye down": np.outer(np.arange(5) == 1, [-5.0, 50.0]),
    "scattered": np.random.default_rng(4).normal(0, 20, (5, 2)),
}


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("kind", WILD)
def test_one_wild_detection_does_not_throw_the_edit_away_from_the_face(kind: str, live: bool) -> None:
    errors = np.random.default_rng(1).normal(0, 0.6, (24, 5, 2))
    errors[15] += WILD[kind]
    shifts = np.outer(np.arange(24) - 15, [1.5, 0.5]) - 30
    tracked, truth = photographed(shifts, errors)
    assert away(tracked, truth, live=live)[8:].max() < 0.03


def test_a_face_that_is_elsewhere_and_looks_different_is_doubted_for_a_moment_only() -> None:
    errors = np.zeros((24, 2))
    errors[10:] = [40.0, 60.0]  # from here on something else is followed, without a cut
    tracked, truth = photographed(np.full((24, 2), -30.0), errors)
    placed = list(steady_live(iter(tracked), "elegant", SIZE, 0.16))
    eyes = [
        transform_points(entry.placements[0].crop_from_frame, points)[0]
        for entry, points in zip(placed, truth, strict=True)
    ]
    off = np.linalg.norm(np.array(eyes) - eyes[9], axis=1)
    assert off[10] < 2
    assert off[20:].min() > 20


def test_short_gap_is_bridged_and_the_time_before_the_first_detection_is_not() -> None:
    tracked = [
        Tracked(frame_at(i), [Track(0, face_at(100 + 5 * i, 200))] if i not in (0, 1, 10, 11) else [])
        for i in range(20)
    ]
    placed = list(steady(tracked, "elegant", SIZE, 3.0))
    assert [len(entry.placements) for entry in placed] == [0, 0] + [1] * 18
    x, _ = transform_points(placed[11].placements[0].crop_from_frame, np.array([[155.0, 200.0]]))[0]
    assert x == pytest.approx(
        transform_points(placed[5].placements[0].crop_from_frame, np.array([[125.0, 200.0]]))[0, 0], abs=0.1
    )


@pytest.mark.parametrize("live", [False, True])
def test_one_look_that_deceives_does_not_change_who_a_track_is(live: bool) -> None:
    tracked = [Tracked(frame_at(i), [Track(0, face_at(200, 200), person=5 if i == 9 else 2)]) for i in range(20)]
    placed = steady_live(tracked, "elegant", SIZE, 0.16) if live else steady(tracked, "elegant", SIZE, 3.0)
    assert [entry.placements[0].person for entry in placed] == [2] * 20

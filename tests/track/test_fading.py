"""The edit comes, goes and stays away as it should."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.track.drawn_faces import face_at, frame_at, look_of, seen
from videoedit.faces import Face, Track
from videoedit.track.fading import Fading, fade_of
from videoedit.track.runs import Run, Sighting
from videoedit.track.smoothing import Placement, steady
from videoedit.track.tracker import Tracked
from videoedit.track.yaw import yaw_of

SIZE = 128


def placements(count: int, face_of: Callable[[int], Face | None], scene_of: Callable[[int], int] = lambda i: 0) -> list:
    """Return the only placement of every frame, or None."""
    placed = [found.placements for found in steady(seen(count, face_of, scene_of), "elegant", SIZE, 3.0)]
    return [found[0] if found else None for found in placed]


def fades(found: list[Placement | None]) -> np.ndarray:
    return np.array([-1.0 if placement is None else placement.fade for placement in found])


def present(*spans: tuple[int, int]) -> Callable[[int], Face | None]:
    return lambda i: face_at(200, 200) if any(start <= i < end for start, end in spans) else None


def turned(yaw: float) -> Face:
    """Project a head with a nose of half the eyes' distance."""
    x, y, z = np.array([[-35, -35, 0], [35, -35, 0], [0, 0, 30], [-28, 35, 0], [28, 35, 0]], float).T
    angle = np.radians(yaw)
    points = np.stack([x * np.cos(angle) + z * np.sin(angle), y], axis=1) + 200
    return Face(np.array([100.0, 100, 300, 300]), points, 0.9)


def test_edit_comes_and_goes_over_some_frames() -> None:
    found = placements(60, present((20, 40)))
    expected = [0.2, 0.4, 0.6, 0.8] + [1.0] * 12 + [0.8, 0.6, 0.4, 0.2]
    np.testing.assert_allclose(fades(found), [-1.0] * 20 + expected + [-1.0] * 20)
    assert (found[20].reason, found[30].reason, found[39].reason) == ("arriving", "", "leaving")


def test_face_that_is_there_from_cut_to_cut_is_edited_at_once() -> None:
    found = placements(30, present((10, 20)), lambda i: i // 10)
    np.testing.assert_allclose(fades(found), [-1.0] * 10 + [1.0] * 10 + [-1.0] * 10)
    assert {placement.scene for placement in found if placement} == {1}


def test_nothing_is_carried_over_a_cut() -> None:
    found = placements(30, lambda i: face_at(200 if i < 15 else 260, 200), lambda i: int(i >= 15))
    x = [np.linalg.inv(placement.crop_from_frame[:, :2]) @ -placement.crop_from_frame[:, 2] for placement in found]
    np.testing.assert_allclose(np.diff(x, axis=0)[:, 0], [60.0 if i == 14 else 0.0 for i in range(29)], atol=1e-6)
    gap = placements(30, lambda i: None if 13 <= i < 17 else face_at(200, 200), lambda i: int(i >= 15))
    assert [i for i, placement in enumerate(gap) if placement is None] == [13, 14, 15, 16]


@pytest.mark.parametrize("length", [1, 5])
def test_face_of_few_frames_is_left_alone(length: int) -> None:
    found = placements(40, present((20, 20 + length)))
    assert set(fades(found[20 : 20 + length])) == {0.0}
    assert found[20].reason == "brief"


def test_single_picture_is_edited() -> None:
    assert fades(placements(1, present((0, 1)))).tolist() == [1.0]


def test_no_face_at_all_is_no_placement() -> None:
    assert placements(30, lambda i: None) == [None] * 30


def test_short_gap_is_bridged_in_full_and_a_long_one_is_not() -> None:
    short = fades(placements(60, present((0, 20), (30, 60))))
    np.testing.assert_allclose(short, 1.0)
    long = fades(placements(60, present((0, 20), (31, 60))))
    np.testing.assert_allclose(long[16:35], [0.8, 0.6, 0.4, 0.2] + [-1.0] * 11 + [0.2, 0.4, 0.6, 0.8])


def test_face_that_leaves_and_returns_is_edited_both_times() -> None:
    found = fades(placements(80, present((0, 20), (50, 80))))
    assert (found[:16] == 1).all()
    assert (found[20:50] == -1).all()
    assert (found[54:] == 1).all()


@pytest.mark.parametrize(("size", "fade"), [(0.15, 0.0), (1.0, 1.0)])
def test_small_face_is_left_alone(size: float, fade: float) -> None:
    found = placements(20, lambda i: face_at(200, 200, scale=size))
    assert set(fades(found)) == {fade}
    assert found[0].reason == ("small" if fade == 0 else "")


def test_turning_head_fades_the_edit_without_a_step() -> None:
    found = placements(90, turned)
    strength = fades(found)
    assert (strength[:30] == 1).all()
    assert (strength[70:] == 0).all()
    assert np.abs(np.diff(strength)).max() < 0.2
    assert found[80].reason == "profile"


@pytest.mark.parametrize("yaw", [0, 20, 45, 80])
def test_yaw_is_told_with_its_sign_and_whatever_the_roll(yaw: float) -> None:
    points = turned(yaw).points_xy
    mirrored = (points * [-1, 1])[[1, 0, 2, 4, 3]]
    quarter = points @ np.array([[0.0, 1], [-1, 0]])
    assert yaw_of(points) == pytest.approx(yaw, abs=8)
    assert yaw_of(mirrored) == pytest.approx(-yaw_of(points), abs=1e-6)
    assert yaw_of(quarter) == pytest.approx(yaw_of(points), abs=1e-6)


@pytest.mark.parametrize(("person", "fade", "reason"), [(0, 1.0, ""), (1, 0.0, "hidden")])
def test_gap_is_bridged_only_where_the_picture_looks_like_the_face(person: int, fade: float, reason: str) -> None:
    sightings = tuple(Sighting.of(Track(0, face_at(200, 200), look_of(0)), "elegant", SIZE) for _ in range(20))
    times = np.array([t for t in range(-10, 12) if t not in (0, 1)])
    run = Run(times, sightings, begins_scene=True, ends_scene=True)
    assert run.now is None
    assert fade_of(run, Fading(), look_of(person)) == (fade, reason)


def test_face_that_is_not_chosen_is_left_alone_and_a_choice_fades_in() -> None:
    def tracked(index: int) -> Tracked:
        return Tracked(frame_at(index), [Track(0, face_at(200, 200), is_chosen=index >= 20)])

    placed = [entry.placements[0] for entry in steady((tracked(i) for i in range(40)), "elegant", 128, 3.0)]
    assert (placed[0].fade, placed[0].reason) == (0.0, "not chosen")
    fades = [placement.fade for placement in placed]
    assert fades == sorted(fades)
    assert max(np.diff(fades)) < 0.35
    assert fades[20] == 1.0

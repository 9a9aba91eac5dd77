"""Composed scenes: reproducible, with faces where their labels say."""

import cv2
import numpy as np
import pytest

from videoedit.train.detector.light import cover_faces, shadowed, soften, with_letters
from videoedit.train.detector.scenes import SWAPPED, SceneConfig, make_scene, moved_picture
from videoedit.train.pictures import Picture, is_held_out, turn_of

FACE = np.array([[30.0, 40, 70, 90, 40, 60, 60, 60, 50, 70, 42, 80, 58, 80, 1]])
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255))


@pytest.fixture
def picture() -> Picture:
    image = np.full((120, 110, 3), 100, np.uint8)
    for point, colour in zip(FACE[0, 4:14].reshape(5, 2), COLOURS, strict=True):
        cv2.circle(image, (int(point[0]), int(point[1])), 5, colour, -1)
    _, png = cv2.imencode(".png", image[:, :, ::-1])
    return Picture("Some_One_0001.jpg", png.tobytes(), FACE)


def test_a_scene_depends_on_its_seed_and_number_alone(picture: Picture) -> None:
    first, again, other = (make_scene([picture], SceneConfig(), 3, index) for index in (5, 5, 6))
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.faces, again.faces)
    assert (first.image != other.image).any()


def test_scenes_are_mirrored_as_often_as_they_are_to_be(picture: Picture) -> None:
    never, always = (
        [make_scene([picture], SceneConfig(mirrored=share), 3, index) for index in range(8)] for share in (0.0, 1.0)
    )
    for straight, mirrored in zip(never, always, strict=True):
        np.testing.assert_array_equal(straight.image[:, ::-1], mirrored.image)
    half = [make_scene([picture], SceneConfig(), 3, index) for index in range(8)]
    as_never = sum(np.array_equal(one.image, other.image) for one, other in zip(half, never, strict=True))
    assert 0 < as_never < 8


def test_scenes_hold_faces_of_many_sizes_and_some_hold_none(picture: Picture) -> None:
    scenes = [make_scene([picture], SceneConfig(), 0, index) for index in range(80)]
    sizes = np.concatenate([scene.faces[:, 2] - scene.faces[:, 0] for scene in scenes])
    assert sizes.min() < 20
    assert sizes.max() > 150
    assert any(len(scene.faces) == 0 for scene in scenes)
    assert all(scene.image.shape == (320, 320, 3) and len(scene.faces) <= 12 for scene in scenes)


def test_the_eye_named_first_is_on_the_left_of_the_scene(picture: Picture) -> None:
    for index in range(30):
        faces = make_scene([picture], SceneConfig(), 1, index).faces
        assert (faces[:, 4] < faces[:, 6]).all()


@pytest.mark.parametrize(("nodding", "differ"), [(0.0, False), (1.0, True)])
def test_some_heads_are_bent_which_moves_the_nose_between_eyes_and_mouth(
    picture: Picture, *, nodding: float, differ: bool
) -> None:
    config = SceneConfig(nodding=nodding)
    faces = np.concatenate([make_scene([picture], config, 2, index).faces for index in range(30)])
    points = faces[:, 4:14].reshape(-1, 5, 2)
    eyes, nose, mouth = points[:, :2].mean(axis=1), points[:, 2], points[:, 3:].mean(axis=1)
    share = np.linalg.norm(nose - eyes, axis=1) / np.linalg.norm(mouth - eyes, axis=1)
    assert (np.ptp(share) > 0.05) == differ


@pytest.mark.parametrize(("zoom", "degrees"), [(1.0, 30.0), (0.4, 0.0), (2.2, -20.0)])
def test_points_lie_on_what_they_name_after_a_move(picture: Picture, zoom: float, degrees: float) -> None:
    image, faces = moved_picture(picture, zoom, np.deg2rad(degrees))
    for point, colour in zip(faces[0, 4:14].reshape(5, 2), COLOURS, strict=True):
        x, y = np.round(point).astype(int)
        assert np.abs(image[y, x].astype(int) - colour).max() < 60


def test_mirroring_swaps_the_pairs() -> None:
    assert [SWAPPED[SWAPPED[index]] for index in range(5)] == list(range(5))


def test_nothing_of_a_covered_face_is_left_anywhere(picture: Picture) -> None:
    for seed in range(40):
        covered = cover_faces(picture.image(), picture.faces, np.random.default_rng(seed))
        for colour in (COLOURS[index] for index in (0, 1, 3, 4)):  # the nose's colour may be the filling
            assert (np.abs(covered.astype(int) - colour).max(axis=2) < 60).sum() <= 12


def test_no_face_is_copied_into_the_hole_of_its_neighbour() -> None:
    image = np.full((100, 200, 3), 100, np.uint8)
    rows = np.array([FACE[0] + np.tile([shift, 0], 8)[:15] for shift in (0, 70)])
    rows[:, 14] = 1
    for row, colour in zip(rows, ((255, 0, 0), (0, 0, 255)), strict=True):
        cv2.circle(image, row[8:10].astype(int).tolist(), 18, colour, -1)
        cv2.circle(image, row[8:10].astype(int).tolist(), 6, (100, 100, 100), -1)  # by which a hole may be filled
    _, png = cv2.imencode(".png", image[:, :, ::-1])
    two = Picture("Two_0001.jpg", png.tobytes(), rows)
    for seed in range(40):
        covered = cover_faces(two.image(), two.faces, np.random.default_rng(seed)).astype(int)
        assert (covered[:, :, 0] - covered[:, :, 2] > 120).sum() < 30
        assert (covered[:, :, 2] - covered[:, :, 0] > 120).sum() < 30


def test_letters_are_written_on_a_copy() -> None:
    flat = np.full((320, 320, 3), 128, np.uint8)
    written = with_letters(flat, np.random.default_rng(0))
    assert (flat == 128).all()
    assert 20 < (written != 128).any(axis=2).sum() < 60_000


def test_a_shadow_darkens_one_side_only() -> None:
    lit = shadowed(np.full((120, 110, 3), 200, np.uint8), FACE[0], direction=0.0, softness=0.05, depth=0.75)
    assert abs(int(lit[60, 5, 0]) - 200) <= 2
    assert abs(int(lit[60, 100, 0]) - 50) <= 3


def test_softening_keeps_a_flat_picture() -> None:
    flat = np.full((20, 30), 77, np.uint8)
    np.testing.assert_array_equal(soften(flat, 3.0), flat)


def test_an_identity_is_wholly_on_one_side_of_the_split() -> None:
    people = [f"Person_{index}" for index in range(500)]
    assert all(is_held_out(f"{one}_0001.jpg") == is_held_out(f"{one}_0023.jpg") for one in people)
    assert 0.05 < np.mean([is_held_out(f"{one}_0001.jpg") for one in people]) < 0.15


def test_turn_grows_with_the_nose_leaving_the_middle() -> None:
    turned = FACE[0].copy()
    turned[8] = 58
    assert turn_of(FACE[0]) == 0
    assert turn_of(turned) == pytest.approx(0.4)

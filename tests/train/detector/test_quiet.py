"""Quieter points: the mean of the teacher stays, its noise goes."""

from pathlib import Path

import numpy as np
import pytest

from videoedit.train.detector.quiet import (
    NUM_EYE,
    fit_map,
    from_eye_frame,
    in_eye_frame,
    nearest,
    quieted,
    read_landmarks,
)
from videoedit.train.detector.teacher import read_table, save_table

RNG = np.random.default_rng(0)


def made_up(count: int, noise: float) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """Faces whose points are a fixed shift of landmarks, with noise; returns faces, landmarks and true points."""
    shape = np.concatenate(
        [
            np.array([20, 40]) + RNG.normal(0, 2, (NUM_EYE, 2)),
            np.array([60, 40]) + RNG.normal(0, 2, (NUM_EYE, 2)),
            [[40, 60], [25, 80], [55, 80]],
        ]
    )
    faces, landmarks, true = {}, {}, []
    for index in range(count):
        moved = (shape + RNG.normal(0, 0.5, shape.shape)) * RNG.uniform(0.8, 1.2) + RNG.uniform(0, 30, 2)
        points = moved[[0, NUM_EYE, -3, -2, -1]] + (0.0, 1.5)
        row = np.array([*moved.min(axis=0), 60, 70, *(points + RNG.normal(0, noise, (5, 2))).ravel(), 0.9])
        faces[f"{index}.jpg"], landmarks[f"{index}.jpg"] = row[None], moved[None]
        true.append(points)
    return faces, landmarks, np.array(true)


def test_noise_goes_and_the_mean_stays() -> None:
    faces, landmarks, true = made_up(600, noise=2.0)
    quiet = quieted(faces, landmarks, fit_map(faces, landmarks))
    error = np.array([quiet[name][0, 4:14].reshape(5, 2) for name in faces]) - true
    assert np.linalg.norm(error, axis=2).mean() < 0.8
    assert np.abs(error.mean(axis=0)).max() < 0.25


def test_faces_without_landmarks_keep_the_teachers_points() -> None:
    faces, landmarks, _ = made_up(80, noise=0.5)
    mapping = fit_map(faces, landmarks)
    far = {name: one + 500.0 for name, one in landmarks.items()}
    for others in ({}, far):
        quiet = quieted(faces, others, mapping)
        assert all((quiet[name] == faces[name]).all() for name in faces)


def test_the_frame_of_the_eyes_is_left_as_it_was_entered() -> None:
    _, landmarks, true = made_up(1, noise=0.0)
    one = landmarks["0.jpg"][0]
    np.testing.assert_allclose(from_eye_frame(one, in_eye_frame(one, true[0])), true[0])
    np.testing.assert_allclose(in_eye_frame(one, one[:NUM_EYE]).mean(axis=0), [-0.5, 0], atol=1e-9)


def test_of_several_people_the_one_with_the_same_eyes_is_taken() -> None:
    faces, landmarks, _ = made_up(1, noise=0.0)
    one = landmarks["0.jpg"][0]
    found = nearest(faces["0.jpg"][0], np.stack([one + 100, one]))
    assert found is not None
    np.testing.assert_array_equal(found, one)


def test_tables_are_read_as_they_were_written(tmp_path: Path) -> None:
    faces = {"a.jpg": RNG.uniform(0, 99, (2, 15)), "b.jpg": np.zeros((0, 15))}
    save_table(faces, tmp_path / "faces.csv")
    again = read_table(tmp_path / "faces.csv")
    assert again.keys() == faces.keys()
    np.testing.assert_allclose(again["a.jpg"], faces["a.jpg"], atol=1e-3)
    assert again["b.jpg"].shape == (0, 15)


def test_landmarks_of_one_file_are_collected(tmp_path: Path) -> None:
    path = tmp_path / "landmarks.csv"
    path.write_text("file,x_0,y_0,x_1,y_1\na.jpg,1,2,3,4\na.jpg,5,6,7,8\n")
    assert read_landmarks(path)["a.jpg"].tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


@pytest.mark.parametrize("count", [1, 3])
def test_a_few_faces_are_enough_for_a_map_that_is_finite(count: int) -> None:
    faces, landmarks, _ = made_up(count, noise=0.1)
    assert np.isfinite(fit_map(faces, landmarks)).all()

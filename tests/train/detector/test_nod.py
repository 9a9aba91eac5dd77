"""Heads that are bent: points stay on what they name, borders stay where they are."""

import cv2
import numpy as np
import pytest

from videoedit.train.detector.nod import STEEPEST, nodded

FACE = np.array([[60.0, 70, 140, 180, 80, 110, 120, 110, 100, 130, 84, 155, 116, 155, 1]])
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255))


def picture() -> np.ndarray:
    image = np.full((260, 200, 3), 100, np.uint8)
    for point, colour in zip(FACE[0, 4:14].reshape(5, 2), COLOURS, strict=True):
        cv2.circle(image, (int(point[0]), int(point[1])), 4, colour, -1)
    return image


@pytest.mark.parametrize("shift", [-STEEPEST, -0.2, 0.0, 0.3, STEEPEST])
def test_points_lie_on_what_they_name_after_a_nod(shift: float) -> None:
    image, faces = nodded(picture(), FACE, shift)
    for point, colour in zip(faces[0, 4:14].reshape(5, 2), COLOURS, strict=True):
        x, y = np.round(point).astype(int)
        assert np.abs(image[y, x].astype(int) - colour).max() < 60
    assert np.sign(faces[0, 9] - FACE[0, 9]) == np.sign(shift)


def test_a_bent_face_is_shorter_and_lies_lower_and_only_the_first_is_asked() -> None:
    second = FACE + 0.0
    second[:, :14:2] += 400
    image, faces = nodded(picture(), np.concatenate([FACE, second]), 0.4)
    assert faces[0, 3] - faces[0, 1] < 0.95 * (FACE[0, 3] - FACE[0, 1])
    assert faces[0, 1] > FACE[0, 1] + 10
    np.testing.assert_array_equal(faces[:, [0, 2, 14]], np.concatenate([FACE, second])[:, [0, 2, 14]])
    np.testing.assert_allclose(faces[1], second[0])
    np.testing.assert_array_equal(image[:, :30], picture()[:, :30])


def test_shifts_that_would_fold_the_head_are_refused() -> None:
    with pytest.raises(ValueError, match=r"between -0.42 and 0.42, got 0.5"):
        nodded(picture(), FACE, 0.5)

"""The embedded network finds lips on photographs, wherever the face lies; other networks are refused."""

import cv2
import numpy as np
import pytest
import skimage.data

from videoedit.align.lips import INNER_LOWER, INNER_UPPER, OUTER_LOWER, OUTER_UPPER, gap_of, width_of
from videoedit.detect import detectors
from videoedit.detect.outlines import LipsFinder
from videoedit.errors import ModelError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import transform_points


@pytest.fixture(scope="module")
def astronaut() -> tuple[Image, Points]:
    image = np.asarray(skimage.data.astronaut(), dtype=np.uint8)
    (face,) = detectors.build("refined").detect([image])[0]
    return image, face.points_xy


def test_lips_of_a_smiling_face_lie_about_its_mouth_and_are_open(astronaut: tuple[Image, Points]) -> None:
    image, points_xy = astronaut
    (lips,) = LipsFinder.from_card().find([image], [points_xy])
    assert np.linalg.norm(lips.xy[[0, 10]] - points_xy[3:], axis=1).max() < 0.12 * lips.unit
    middle = lips.xy[:, 1][[half[5] for half in (OUTER_UPPER, INNER_UPPER, INNER_LOWER, OUTER_LOWER)]]
    assert (np.diff(middle) > 0.03 * lips.unit).all()
    assert 0.8 < width_of(lips.shape) < 1.1
    assert 0.05 < gap_of(lips.shape) < 0.25
    seen = image[tuple(np.round(lips.xy[[INNER_UPPER[5], INNER_LOWER[5]]].mean(axis=0)).astype(int)[::-1])]
    assert seen.min() > 120  # a tooth


def test_lips_go_along_with_a_face_that_is_turned_and_enlarged(astronaut: tuple[Image, Points]) -> None:
    image, points_xy = astronaut
    turn = cv2.getRotationMatrix2D(tuple(points_xy[2]), 20.0, 1.5)
    turned = np.asarray(cv2.warpAffine(image, turn, (600, 600)), np.uint8)
    finder = LipsFinder.from_card()
    straight, moved = finder.find([image, turned], [points_xy, transform_points(turn, points_xy)])
    away = np.linalg.norm(moved.xy - transform_points(turn, straight.xy), axis=1) / moved.unit
    assert away.max() < 0.03
    assert finder.find([], []) == []


def test_a_network_of_other_points_is_refused_in_one_line() -> None:
    with pytest.raises(ModelError, match="face-points finds 5 points, not 40 of lips"):
        LipsFinder.from_card("face-points")

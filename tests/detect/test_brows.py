"""The embedded network finds brows on photographs, wherever the face lies; other networks are refused."""

import cv2
import numpy as np
import pytest
import skimage.data

from videoedit.align.brows import LEFT, RIGHT
from videoedit.detect import detectors
from videoedit.detect.outlines import BrowsFinder
from videoedit.errors import ModelError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import transform_points


@pytest.fixture(scope="module")
def astronaut() -> tuple[Image, Points]:
    image = np.asarray(skimage.data.astronaut(), dtype=np.uint8)
    (face,) = detectors.build("refined").detect([image])[0]
    return image, face.points_xy


def test_brows_lie_above_their_eyes_and_the_darkest_is_between_their_edges(astronaut: tuple[Image, Points]) -> None:
    image, points_xy = astronaut
    (brows,) = BrowsFinder.from_card().find([image], [points_xy])
    for half, eye in ((LEFT, -0.5), (RIGHT, 0.5)):
        shape = brows.shape[list(half)]
        x, y = shape.mean(axis=0)
        assert abs(x - eye) < 0.2
        assert 0.2 < -y < 0.4
        for upper, lower in zip(shape[1:4], shape[6:9], strict=True):
            shares = np.linspace(-0.5, 1.5, 21)  # from half a brow's thickness above it to as much below
            line = brows.placed(upper + np.outer(shares, lower - upper)).astype(np.float32)
            tones = cv2.remap(image, line[None, :, 0], line[None, :, 1], cv2.INTER_LINEAR)[0].mean(axis=1)
            assert -0.1 < shares[int(tones.argmin())] < 1.1


def test_brows_go_along_with_a_face_that_is_turned_and_enlarged(astronaut: tuple[Image, Points]) -> None:
    image, points_xy = astronaut
    turn = cv2.getRotationMatrix2D(tuple(points_xy[2]), 20.0, 1.5)
    turned = np.asarray(cv2.warpAffine(image, turn, (600, 600)), np.uint8)
    finder = BrowsFinder.from_card()
    straight, moved = finder.find([image, turned], [points_xy, transform_points(turn, points_xy)])
    away = np.linalg.norm(moved.xy - transform_points(turn, straight.xy), axis=1) / moved.unit
    assert away.max() < 0.04
    assert finder.find([], []) == []


def test_a_network_of_other_points_is_refused_in_one_line() -> None:
    with pytest.raises(ModelError, match="face-points finds 5 points, not 20 of brows"):
        BrowsFinder.from_card("face-points")

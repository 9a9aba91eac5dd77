"""Points found anew lie where the network sees them, at any turn and size, and are not believed too far away."""

import numpy as np
import pytest
import skimage.data
import torch
from torch import Tensor

from videoedit.align.templates import template_points
from videoedit.detect import detectors
from videoedit.detect.refine import PointsFinder, RefiningDetector
from videoedit.errors import ModelError
from videoedit.faces import Face, Points
from videoedit.frames import Image
from videoedit.nets.points import TEMPLATE, PointsConfig, PointsNetwork

SIZE = 64


class Shifting(PointsNetwork):
    """Says that every point lies a fixed distance beside the template."""

    def __init__(self, shift_xy: tuple[float, float]) -> None:
        super().__init__(PointsConfig(crop_size=SIZE))
        self._shift = torch.tensor(shift_xy)

    def forward(self, x: Tensor) -> Tensor:
        return (self.mean + self._shift).expand(len(x), 5, 2)


def turned_template(scale: float, degrees: float) -> Points:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * template_points(TEMPLATE, SIZE) @ turn.T + [200.0, 150.0]


@pytest.mark.parametrize(("scale", "degrees"), [(1.0, 0.0), (3.0, 30.0), (0.5, -90.0)])
def test_a_shift_in_the_crop_is_the_same_shift_on_the_face(scale: float, degrees: float) -> None:
    rough = turned_template(scale, degrees)
    image = np.zeros((400, 500, 3), np.uint8)
    (found,) = PointsFinder(Shifting((2.0, 1.0))).find([image], [rough])
    angle = np.deg2rad(degrees)
    moved = scale * np.array([2 * np.cos(angle) - np.sin(angle), 2 * np.sin(angle) + np.cos(angle)])
    np.testing.assert_allclose(found - rough, np.tile(moved, (5, 1)), atol=1e-5)


def test_points_that_would_move_too_far_stay() -> None:
    rough = turned_template(1.0, 0.0)
    (found,) = PointsFinder(Shifting((12.0, 0.0))).find([np.zeros((400, 500, 3), np.uint8)], [rough])
    np.testing.assert_array_equal(found, rough)


def test_every_face_of_every_picture_keeps_its_box_and_gets_its_own_points() -> None:
    one, two = turned_template(1.0, 0.0), turned_template(2.0, 10.0)

    class Two:
        def detect(self, images: list[Image]) -> list[list[Face]]:
            return [[Face(np.array([1.0, 2, 3, 4]), one, 0.9), Face(np.array([5.0, 6, 7, 8]), two, 0.8)], [], []]

    found = RefiningDetector(Two(), PointsFinder(Shifting((1.0, 0.0)))).detect([np.zeros((9, 9, 3), np.uint8)] * 3)
    assert [len(faces) for faces in found] == [2, 0, 0]
    assert found[0][1].box_xyxy.tolist() == [5, 6, 7, 8]
    assert found[0][1].score == 0.8
    np.testing.assert_allclose(np.linalg.norm(found[0][1].points_xy - two, axis=1), 2.0, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found[0][0].points_xy - one, axis=1), 1.0, atol=1e-5)


def test_embedded_network_leads_wrong_points_back_to_one_place() -> None:
    image = np.asarray(skimage.data.astronaut(), dtype=np.uint8)
    (face,) = detectors.build("refined").detect([image])[0]
    eye_distance = np.linalg.norm(face.points_xy[1] - face.points_xy[0])
    rng = np.random.default_rng(0)
    wrong = [face.points_xy + rng.normal(0, 0.05 * eye_distance, 2) for _ in range(12)]
    found = np.array(PointsFinder.from_card().find([image] * 12, wrong))
    spread_before, spread_after = (np.array(points).std(axis=0).mean() for points in (wrong, found))
    assert spread_after < 0.4 * spread_before
    assert np.linalg.norm(found.mean(axis=0) - face.points_xy, axis=1).max() < 0.04 * eye_distance


def test_a_network_of_other_points_is_refused_in_one_line() -> None:
    with pytest.raises(ModelError, match="lip-outlines finds 40 points, not 5 of a face"):
        PointsFinder.from_card("lip-outlines")

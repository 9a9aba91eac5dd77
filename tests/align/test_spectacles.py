"""Glasses are carried from one face to another as the five points of both say."""

import numpy as np
import pytest

from videoedit.align.spectacles import Pose, Sitting, bent, carried, exchanged
from videoedit.align.templates import template_points

SIZE = 128
FRONT = template_points("elegant", SIZE)


def turned(by: float) -> np.ndarray:
    """A face whose nose points to the side, and whose eyes and mouth corners come closer."""
    points = FRONT.copy()
    middle = points[[0, 1, 3, 4], 0].mean()
    points[[0, 1, 3, 4], 0] = middle + (points[[0, 1, 3, 4], 0] - middle) * np.cos(np.radians(by))
    points[2, 0] += 0.4 * np.sin(np.radians(by)) * (points[3:, 1].mean() - points[:2, 1].mean())
    return points


def spots_on(points_xy: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """One layer for each point of a frame: a soft spot where it is seen."""
    y, x = np.mgrid[:SIZE, :SIZE]
    places = Pose.of(points_xy).seen(frame)
    return np.stack([np.exp(-((x - a) ** 2 + (y - b) ** 2) / 8) for a, b in places]).astype(np.float32)


def middles(layers: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[:SIZE, :SIZE]
    total = layers.sum(axis=(1, 2))
    return np.stack([(layers * x).sum(axis=(1, 2)) / total, (layers * y).sum(axis=(1, 2)) / total], axis=1)


CORNERS = bent(np.array([-0.8, -0.1, 0.1, 0.8]), np.array([-0.1, 0.3, -0.1, 0.3]))


def test_a_layer_stays_where_it_is_on_the_same_face() -> None:
    layers = spots_on(FRONT, CORNERS)
    np.testing.assert_allclose(carried(layers, FRONT, FRONT), layers, atol=1e-3)


@pytest.mark.parametrize("yaw", [-30.0, 15.0, 35.0])
def test_glasses_turn_with_the_head_they_are_put_on(yaw: float) -> None:
    moved = carried(spots_on(FRONT, CORNERS), FRONT, turned(yaw))
    wanted = Pose.of(turned(yaw)).seen(CORNERS)
    assert np.abs(wanted - Pose.of(FRONT).seen(CORNERS)).max() > 1.5  # else nothing would be asked
    np.testing.assert_allclose(middles(moved), wanted, atol=0.35)


def test_glasses_of_a_turned_exemplar_are_turned_back() -> None:
    moved = carried(spots_on(turned(12.0), CORNERS), turned(12.0), FRONT)
    np.testing.assert_allclose(middles(moved), Pose.of(FRONT).seen(CORNERS), atol=0.35)


@pytest.mark.parametrize("yaw", [-30.0, 30.0])
def test_of_glasses_seen_from_the_side_the_near_half_is_put_on_twice(yaw: float) -> None:
    near, far = (bent(np.array([side * 0.7]), np.array([0.1])) for side in (-np.sign(yaw), np.sign(yaw)))
    layers = np.concatenate([spots_on(turned(yaw), near), spots_on(turned(yaw), far)])
    twice, gone = carried(layers, turned(yaw), FRONT)
    for place in (near, far):
        x, y = Pose.of(FRONT).seen(place)[0].round().astype(int)
        assert twice[y, x] > 0.9
    assert gone.max() < 0.1


@pytest.mark.parametrize("yaw", [0.0, -12.0, 15.0])
def test_left_and_right_of_what_is_worn_are_exchanged(yaw: float) -> None:
    other = exchanged(spots_on(turned(yaw), CORNERS), turned(yaw))
    np.testing.assert_allclose(middles(other), Pose.of(turned(yaw)).seen(CORNERS * [-1.0, 1.0, 1.0]), atol=0.35)
    assert exchanged(spots_on(FRONT, CORNERS)[:1], FRONT).shape == (1, SIZE, SIZE)


def test_glasses_follow_place_size_and_tilt_of_a_face() -> None:
    angle, scale = 0.2, 1.2
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([64.0, 56.0])
    other = (FRONT - middle) @ matrix.T + middle + [3.0, -2.0]
    places = Pose.of(FRONT).seen(CORNERS)
    np.testing.assert_allclose(
        middles(carried(spots_on(FRONT, CORNERS), FRONT, other)),
        (places - middle) @ matrix.T + middle + [3.0, -2.0],
        atol=0.35,
    )


def test_a_frame_sits_before_the_eyes_and_as_it_is_told() -> None:
    before = bent(np.array([0.0, 0.5, -1.0]), np.zeros(3))[:, 2]
    assert before[0] > before[1] > before[2] > 0  # its ends lie further back
    middle = FRONT[:2].mean(axis=0)
    ends = bent(np.array([-0.5, 0.0, 0.5]), np.zeros(3))
    straight = Pose.of(FRONT).seen(ends)
    np.testing.assert_allclose(straight[1], middle, atol=0.6)
    assert straight[2, 0] - straight[0, 0] == pytest.approx(FRONT[1, 0] - FRONT[0, 0], rel=0.02)
    lower = Pose.of(FRONT, Sitting(shift=(0.0, 0.1), scale=1.1)).seen(ends)
    apart = Pose.of(FRONT).scale
    assert lower[1, 1] - straight[1, 1] == pytest.approx(0.11 * apart, rel=0.05)
    assert lower[2, 0] - lower[0, 0] == pytest.approx(1.1 * (straight[2, 0] - straight[0, 0]), rel=0.01)
    rolled = Pose.of(FRONT, Sitting(roll=10.0)).seen(ends)
    assert np.degrees(np.arctan2(*(rolled[2] - rolled[0])[::-1])) == pytest.approx(10.0, abs=1.0)

"""The motion of a face in its crop is found, and what belongs to the face is moved along."""

import cv2
import numpy as np
import pytest
import skimage.data

from videoedit.frames import Image
from videoedit.geometry import Transform, compose, inverse, resize_transform, transform_points
from videoedit.track.causal import steady_residuals_live
from videoedit.track.motion import motion_between, moved_along
from videoedit.track.residuals import FaceEdit, steady_residuals
from videoedit.track.smoothing import Placement

CORNERS = np.array([[30.0, 30], [98, 30], [30, 110], [98, 110]])
CROP = np.array([[1.0, 0.0, -160.0], [0.0, 1.0, -70.0]])
"""`crop_from_photo`."""


def crop_of(motion: Transform, size: int = 128) -> Image:
    """Return the photographed face, moved in its crop of 128 pixels, at any size."""
    crop_from_photo = compose(resize_transform((size / 128, size / 128)), compose(motion, CROP))
    photo = np.asarray(skimage.data.astronaut())
    return np.asarray(cv2.warpAffine(photo, crop_from_photo, (size, size), flags=cv2.INTER_CUBIC), np.uint8)


def similarity(x: float, y: float, degrees: float = 0.0, scale: float = 1.0) -> Transform:
    angle = np.radians(degrees)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([64.0, 70.0])
    return np.column_stack([linear, middle - linear @ middle + [x, y]])


@pytest.mark.parametrize("size", [96, 128, 256])
@pytest.mark.parametrize("motion", [similarity(2.3, -1.7), similarity(-1.0, 3.0, 3.0, 1.03), similarity(0.0, 0.0)])
def test_motion_of_a_face_is_found_to_a_fraction_of_a_pixel(size: int, motion: Transform) -> None:
    found = motion_between(crop_of(np.eye(2, 3), size), crop_of(motion, size))
    fine = resize_transform((size / 128, size / 128))
    in_128 = compose(inverse(fine), compose(found, fine))
    assert np.linalg.norm(transform_points(in_128, CORNERS) - transform_points(motion, CORNERS), axis=1).max() < 0.35


def test_the_head_is_followed_not_its_lids_and_lips() -> None:
    motion, lips = similarity(1.5, -1.0), similarity(1.5, 5.0)
    talking = crop_of(motion)
    talking[80:104, 44:90] = crop_of(lips)[80:104, 44:90]
    found = motion_between(crop_of(np.eye(2, 3)), talking)
    assert np.linalg.norm(transform_points(found, CORNERS) - transform_points(motion, CORNERS), axis=1).max() < 0.4


def test_what_shows_nothing_or_moved_too_far_is_not_followed() -> None:
    flat = np.full((128, 128, 3), 90, np.uint8)
    np.testing.assert_array_equal(motion_between(flat, flat), np.eye(2, 3))
    np.testing.assert_array_equal(motion_between(crop_of(np.eye(2, 3)), crop_of(similarity(18.0, 0.0))), np.eye(2, 3))


def test_layers_of_any_resolution_and_number_are_moved_along() -> None:
    motion = similarity(4.0, -8.0)
    for side, channels in ((128, 3), (128, 4), (16, 1)):
        layers = np.zeros((channels, side, side), np.float32)
        at = slice(side * 3 // 8, side * 5 // 8)
        layers[:, at, at] = 1.0
        moved = moved_along(layers, motion, 128)
        assert moved.shape == layers.shape
        way = centre_of(moved[0]) - centre_of(layers[0])
        assert way * 128 / side == pytest.approx([4.0, -8.0], abs=0.4)
    assert moved_along(layers, np.eye(2, 3), 128) is layers


def centre_of(layer: np.ndarray) -> np.ndarray:
    y, x = np.indices(layer.shape)
    return np.array([(layer * x).sum(), (layer * y).sum()]) / layer.sum()


@pytest.mark.parametrize("live", [False, True])
def test_an_edit_stays_on_a_face_that_drifts_in_its_crop(live: bool) -> None:
    rng = np.random.default_rng(0)
    painted = np.zeros((3, 128, 128), np.float32)
    painted[:, 50:54, 30:98] = 0.8  # the bar of a pair of glasses
    motions = [similarity(3 * np.sin(i / 2), 2.5 * np.cos(i / 1.7), np.sin(i / 3)) for i in range(20)]
    right = [moved_along(painted, motion, 128) for motion in motions]
    noise = rng.normal(0, 0.1, (20, 3, 128, 128)).astype(np.float32)
    stream = [(i, [FaceEdit(Placement(0, np.eye(2, 3)), crop_of(motions[i]), right[i] + noise[i])]) for i in range(20)]
    steadied = steady_residuals_live(stream, 0.7) if live else steady_residuals(stream, 1.5)
    errors = [np.abs(faces[0].residual - right[i])[:, 40:64].mean() for i, faces in steadied]
    assert np.mean(errors[5:]) < 0.05  # of noise of 0.08; an average that stands still in the crop leaves 0.06 to 0.07


def test_any_number_of_layers_moves_as_each_does_alone() -> None:
    layers = np.random.default_rng(0).random((6, 64, 64)).astype(np.float32)
    motion = similarity(2.3, -1.7, 3.0)
    together = moved_along(layers, motion, 128)
    alone = np.concatenate([moved_along(one[None], motion, 128) for one in layers])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert not np.array_equal(together, layers)


@pytest.mark.parametrize(("first", "last"), [(0, 9), (20, 33), (50, 63), (0, 63), (31, 31)])
def test_what_lies_in_some_rows_moves_as_a_whole_crop_does(first: int, last: int) -> None:
    layers = np.zeros((4, 64, 64), np.float32)
    layers[:, first : last + 1] = np.random.default_rng(first).random((4, last + 1 - first, 64))
    motion = similarity(2.3, -4.7, 6.0)
    whole = cv2.warpAffine(
        np.ascontiguousarray(layers.transpose(1, 2, 0)),
        motion,
        (64, 64),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    np.testing.assert_allclose(moved_along(layers, motion, 64), whole.transpose(2, 0, 1), atol=2e-3)

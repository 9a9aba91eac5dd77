"""Similarity transforms and boxes: properties that hold for all of them."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from videoedit.geometry import (
    Transform,
    compose,
    fit_similarity,
    inverse,
    iou,
    resize_transform,
    scale_of,
    transform_points,
)

POINTS = np.array([[30.0, 40.0], [70.0, 41.0], [50.0, 60.0], [35.0, 80.0], [66.0, 79.0]])


@st.composite
def similarities(draw: st.DrawFn) -> Transform:
    """Draw a turn, a scale and a shift."""
    angle = draw(st.floats(-np.pi, np.pi))
    scale = draw(st.floats(0.05, 20.0))
    shift = draw(st.tuples(st.floats(-2000.0, 2000.0), st.floats(-2000.0, 2000.0)))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])


@st.composite
def boxes(draw: st.DrawFn) -> NDArray[np.float64]:
    """Draw a box of at least one pixel."""
    left, top = draw(st.floats(-100.0, 100.0)), draw(st.floats(-100.0, 100.0))
    return np.array([left, top, left + draw(st.floats(1.0, 100.0)), top + draw(st.floats(1.0, 100.0))])


@given(moved_from_points=similarities())
def test_the_fit_finds_the_transform_that_was_applied(moved_from_points: Transform) -> None:
    moved = transform_points(moved_from_points, POINTS)
    np.testing.assert_allclose(fit_similarity(POINTS, moved), moved_from_points, atol=1e-6)


@given(a_from_b=similarities(), noise=st.integers(0, 2**32 - 1))
def test_no_other_similarity_fits_better(a_from_b: Transform, noise: int) -> None:
    generator = np.random.default_rng(noise)
    target = transform_points(a_from_b, POINTS) + generator.normal(0, 3.0, POINTS.shape)
    fitted = fit_similarity(POINTS, target)
    other = compose(np.array([[1.001, -0.001, 0.1], [0.001, 1.001, -0.1]]), fitted)
    assert _misfit(fitted, target) <= _misfit(other, target)


def test_points_that_coincide_have_no_fit() -> None:
    with pytest.raises(ValueError, match="coincide"):
        fit_similarity(np.ones((5, 2)), POINTS)


def test_a_mirrored_face_is_not_flipped_back() -> None:
    mirrored = POINTS * [-1, 1]
    assert np.linalg.det(fit_similarity(mirrored, POINTS)[:, :2]) > 0


@given(a_from_b=similarities())
def test_the_inverse_takes_points_back(a_from_b: Transform) -> None:
    back = transform_points(inverse(a_from_b), transform_points(a_from_b, POINTS))
    np.testing.assert_allclose(back, POINTS, atol=1e-6)


@given(a_from_b=similarities(), b_from_c=similarities())
def test_composition_is_one_after_the_other(a_from_b: Transform, b_from_c: Transform) -> None:
    step_by_step = transform_points(a_from_b, transform_points(b_from_c, POINTS))
    np.testing.assert_allclose(transform_points(compose(a_from_b, b_from_c), POINTS), step_by_step, atol=1e-6)


@given(a_from_b=similarities(), b_from_c=similarities())
def test_scales_multiply(a_from_b: Transform, b_from_c: Transform) -> None:
    assert scale_of(compose(a_from_b, b_from_c)) == pytest.approx(scale_of(a_from_b) * scale_of(b_from_c))


@given(scale=st.tuples(st.floats(0.1, 10.0), st.floats(0.1, 10.0)))
def test_a_resize_keeps_the_edges_of_the_picture(scale: tuple[float, float]) -> None:
    big_from_small = resize_transform(scale)
    width, height = 12, 8
    corners = np.array([[-0.5, -0.5], [width - 0.5, height - 0.5]])
    expected = np.array([[-0.5, -0.5], [width * scale[0] - 0.5, height * scale[1] - 0.5]])
    np.testing.assert_allclose(transform_points(big_from_small, corners), expected, atol=1e-9)


def test_a_resize_is_what_opencv_calls_one() -> None:
    ramp = np.tile(np.arange(16, dtype=np.float32) * 10, (4, 1))
    doubled = cv2.resize(ramp, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    source_x = transform_points(inverse(resize_transform((2.0, 2.0))), np.array([[13.0, 3.0]]))[0, 0]
    assert doubled[3, 13] == pytest.approx(10 * source_x)


@given(a=boxes(), b=boxes())
def test_iou_is_symmetric_and_between_0_and_1(a: NDArray[np.float64], b: NDArray[np.float64]) -> None:
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert 0.0 <= iou(a, b) <= 1.0 + 1e-12


@given(a=boxes())
def test_a_box_meets_itself_wholly(a: NDArray[np.float64]) -> None:
    assert iou(a, a) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("b", "expected"),
    [((0, 0, 10, 10), 1.0), ((5, 0, 15, 10), 1 / 3), ((10, 0, 20, 10), 0.0), ((30, 30, 40, 40), 0.0)],
)
def test_iou_of_known_boxes(b: tuple[int, int, int, int], expected: float) -> None:
    assert iou(np.array([0.0, 0.0, 10.0, 10.0]), np.array(b, dtype=np.float64)) == pytest.approx(expected)


def test_empty_boxes_do_not_meet() -> None:
    empty = np.array([5.0, 5.0, 5.0, 5.0])
    assert iou(empty, empty) == 0.0


def _misfit(a_from_b: Transform, target: NDArray[np.float64]) -> float:
    return float(np.square(transform_points(a_from_b, POINTS) - target).sum())

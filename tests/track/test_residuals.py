"""Residuals are steadied where the face looks alike, and never mixed where it does not."""

from fractions import Fraction

import numpy as np
import pytest

from videoedit.frames import Frame, PixelFormat
from videoedit.track.residuals import FaceEdit, steady_residuals
from videoedit.track.smoothing import Placement

SIZE = 32
FORMAT = PixelFormat("yuv444p", 8, (0, 0), "bt709", False)


def entry(index: int, *faces: FaceEdit) -> tuple[Frame, list[FaceEdit]]:
    plane = np.zeros((2, 2), np.uint8)
    return Frame((plane, plane, plane), FORMAT, Fraction(index), Fraction(1), index), list(faces)


def face(residual: float | np.ndarray, crop: int = 100, track: int = 0) -> FaceEdit:
    values = np.broadcast_to(np.float32(residual), (3, SIZE, SIZE)).copy()
    return FaceEdit(Placement(track, np.eye(2, 3)), np.full((SIZE, SIZE, 3), crop, np.uint8), values)


def residuals_of(stream: list[tuple[Frame, list[FaceEdit]]], sigma: float = 1.5) -> np.ndarray:
    return np.stack([faces[0].residual for _, faces in steady_residuals(stream, sigma)])


def test_flicker_of_a_still_face_is_reduced_by_more_than_half() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.1, (40, 3, SIZE, SIZE)).astype(np.float32)
    steadied = residuals_of([entry(i, face(0.3 + noise[i])) for i in range(40)])
    raw_change, change = np.diff(noise, axis=0).std(), np.diff(steadied, axis=0).std()
    assert change < 0.3 * raw_change
    assert steadied.mean() == pytest.approx(0.3, abs=0.005)


def test_steady_edit_stays_what_it_is() -> None:
    np.testing.assert_allclose(residuals_of([entry(i, face(0.25)) for i in range(9)]), 0.25, atol=1e-6)


def test_edit_of_a_face_that_looks_different_is_not_mixed_in() -> None:
    stream = [entry(i, face(0.0, crop=60) if i < 10 else face(0.8, crop=180)) for i in range(20)]
    steadied = residuals_of(stream)
    np.testing.assert_allclose(steadied[:10], 0.0, atol=1e-4)
    np.testing.assert_allclose(steadied[10:], 0.8, atol=1e-4)


def test_only_the_part_that_changed_stands_alone() -> None:
    blinking = face(0.6)
    blinking.crop[: SIZE // 2] = 200
    steadied = residuals_of([entry(i, blinking if i == 5 else face(0.0)) for i in range(11)])
    assert steadied[5][:, : SIZE // 2 - 4].min() > 0.55
    assert steadied[5][:, SIZE // 2 + 4 :].max() < 0.3


def test_tracks_do_not_see_one_another() -> None:
    stream = [entry(i, face(0.2, track=1), face(-0.4, track=2)) for i in range(8)]
    for _, faces in steady_residuals(stream, 1.5):
        np.testing.assert_allclose(faces[0].residual, 0.2, atol=1e-6)
        np.testing.assert_allclose(faces[1].residual, -0.4, atol=1e-6)


@pytest.mark.parametrize("sigma", [0.0, 0.8, 2.5])
def test_every_frame_comes_out_once_in_order_and_the_window_bounds_what_is_held(sigma: float) -> None:
    taken = []

    def source():  # type: ignore[no-untyped-def]
        for i in range(30):
            taken.append(i)
            yield entry(i, face(0.1 * i))

    for index, (frame, _) in enumerate(steady_residuals(source(), sigma)):
        assert frame.index == index
        assert len(taken) - index <= 2 * sigma + 2
    assert index == 29


def test_off_leaves_the_residuals_alone() -> None:
    steadied = residuals_of([entry(i, face(0.1 * i)) for i in range(5)], sigma=0.0)
    np.testing.assert_array_equal(steadied[:, 0, 0, 0], np.float32([0.0, 0.1, 0.2, 0.3, 0.4]))

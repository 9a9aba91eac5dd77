"""Planes and RGB: against swscale, and against numbers worked out by hand."""

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoedit.colour import (
    chroma_down,
    limited_to_colours,
    luma_chroma_matrix,
    on_chroma_grid,
    plane_deltas,
    region_rgb,
    to_image,
)
from videoedit.frames import Frame, PixelFormat

SHIFTS = {"420": (1, 1), "422": (1, 0), "444": (0, 0)}


def pixel_format(sampling: str = "444", depth: int = 8, matrix: str = "bt709", full: bool = False) -> PixelFormat:
    return PixelFormat(f"yuv{sampling}p", depth, SHIFTS[sampling], matrix, full)


def frame_of_codes(y: int, cb: int, cr: int, kind: PixelFormat) -> Frame:
    samples = np.uint8 if kind.depth == 8 else np.uint16
    shift_x, shift_y = kind.chroma_shift_xy
    chroma = 8 >> shift_y, 8 >> shift_x
    planes = np.full((8, 8), y, samples), np.full(chroma, cb, samples), np.full(chroma, cr, samples)
    return Frame(planes, kind, Fraction(0), Fraction(0), 0)


@pytest.mark.parametrize(
    ("depth", "full", "black", "white"),
    [(8, False, 16, 235), (8, True, 0, 255), (10, False, 64, 940), (10, True, 0, 1023), (12, False, 256, 3760)],
)
def test_black_and_white_have_the_standards_codes(depth: int, full: bool, black: int, white: int) -> None:
    kind = pixel_format(depth=depth, full=full)
    middle = 128 << (depth - 8)
    for code, value in ((black, 0.0), (white, 1.0)):
        rgb = region_rgb(frame_of_codes(code, middle, middle, kind), (0, 0, 8, 8))
        np.testing.assert_allclose(rgb, value, atol=1e-6)


@pytest.mark.parametrize(("matrix", "red_luma"), [("bt601", 0.299), ("bt709", 0.2126), ("bt2020", 0.2627)])
def test_matrices_have_the_standards_weights(matrix: str, red_luma: float) -> None:
    rows = luma_chroma_matrix(matrix)
    np.testing.assert_allclose(rows.sum(axis=1), [1, 0, 0], atol=1e-6)
    assert rows[0, 0] == pytest.approx(red_luma)
    np.testing.assert_allclose([rows[1, 2], rows[2, 0]], 0.5, atol=1e-6)


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("full", [False, True])
def test_conversion_agrees_with_swscale(matrix: str, full: bool) -> None:
    rng = np.random.default_rng(0)
    flat = np.repeat(np.repeat(rng.integers(30, 220, (4, 4, 3), np.uint8), 16, axis=0), 16, axis=1)
    tag = {"bt601": 5, "bt709": 1}[matrix]
    picture = av.VideoFrame.from_ndarray(flat, "rgb24").reformat(
        format="yuv444p", dst_colorspace=tag, dst_color_range=2 if full else 1
    )
    planes = tuple(np.frombuffer(p, np.uint8).reshape(p.height, -1)[:, : p.width] for p in picture.planes)
    frame = Frame(planes, pixel_format(matrix=matrix, full=full), Fraction(0), Fraction(0), 0)
    assert abs(to_image(region_rgb(frame, (0, 0, 64, 64))).astype(int) - flat).max() <= 2


@given(st.integers(0, 7), st.sampled_from(["bt601", "bt709", "bt2020"]), st.booleans(), st.sampled_from([8, 10]))
def test_deltas_are_the_difference_of_the_conversions(seed: int, matrix: str, full: bool, depth: int) -> None:
    kind = pixel_format(depth=depth, matrix=matrix, full=full)
    rng = np.random.default_rng(seed)
    planes = tuple(rng.uniform(60, 180, (8, 8)) * 2 ** (depth - 8) for _ in range(3))
    delta = rng.uniform(-0.1, 0.1, (8, 8, 3)).astype(np.float32)
    before = region_rgb(Frame(planes, kind, Fraction(0), Fraction(0), 0), (0, 0, 8, 8))  # type: ignore[arg-type]
    moved = tuple(p + d for p, d in zip(planes, plane_deltas(delta, kind), strict=True))
    after = region_rgb(Frame(moved, kind, Fraction(0), Fraction(0), 0), (0, 0, 8, 8))  # type: ignore[arg-type]
    np.testing.assert_allclose(after - before, delta, atol=2e-5)


def test_limit_works_in_the_deltas_own_direction_only() -> None:
    rgb = np.array([0.2, 0.2, 1.1, 1.1, -0.1, -0.1], np.float32)
    delta = np.array([-0.5, 0.9, 0.3, -0.3, -0.2, 0.3], np.float32)
    np.testing.assert_allclose(limited_to_colours(delta, rgb), [-0.2, 0.8, 0.0, -0.3, 0.0, 0.3], atol=1e-6)


def test_chroma_of_a_flat_change_is_the_change_and_uncovered_samples_stay_zero() -> None:
    values = np.zeros((8, 8), np.float32)
    values[2:6, 2:6] = 4.0
    down = chroma_down(values, pixel_format("420"))
    assert down.shape == (4, 4)
    assert down[1, 2] == 4.0
    assert not down[:, 0].any()
    assert not down[:, 3].any()


def test_chroma_is_sited_left() -> None:
    ramp = np.tile(np.arange(16, dtype=np.float32) + 1, (4, 1))
    np.testing.assert_allclose(chroma_down(ramp, pixel_format("420"))[0, 1:], np.arange(3, 17, 2))


@pytest.mark.parametrize("size", [(7, 5), (8, 6)])
def test_odd_sizes_have_a_chroma_sample_for_the_last_row_and_column(size: tuple[int, int]) -> None:
    width, height = size
    assert chroma_down(np.ones((height, width), np.float32), pixel_format("420")).shape == (
        -(-height // 2),
        -(-width // 2),
    )
    assert on_chroma_grid((1, 1, width, height), pixel_format("420"), size) == (0, 0, width, height)
    assert on_chroma_grid((3, 3, 4, 4), pixel_format("420"), (8, 8)) == (2, 2, 4, 4)

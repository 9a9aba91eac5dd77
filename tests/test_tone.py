"""The curve between high dynamic range and a standard screen: there and back, and where known colours lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoedit.frames import PixelFormat
from videoedit.tone import from_sdr, is_hdr, source_delta, to_sdr

COLOURS = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(lambda values: np.array(values, np.float32))
FORMATS = [
    PixelFormat("yuv420p10le", 10, (1, 1), "bt2020", False, transfer, primaries)
    for transfer in ("pq", "hlg")
    for primaries in ("bt709", "bt2020", "p3")
]
SDR = PixelFormat("yuv420p", 8, (1, 1), "bt709", False)
formats = pytest.mark.parametrize("pixel_format", FORMATS, ids=lambda one: f"{one.transfer}-{one.primaries}")


@formats
@given(rgb=COLOURS)
def test_colours_come_back(pixel_format: PixelFormat, rgb: np.ndarray) -> None:
    back = from_sdr(to_sdr(rgb, pixel_format), pixel_format)
    np.testing.assert_allclose(back, rgb, atol=1e-5)


@formats
def test_greys_stay_grey_and_rise(pixel_format: PixelFormat) -> None:
    greys = np.linspace(0, 1, 1024, dtype=np.float32)[:, None].repeat(3, axis=1)
    shown = to_sdr(greys, pixel_format)
    np.testing.assert_allclose(shown, shown[:, :1].repeat(3, axis=1), atol=1e-4)
    assert (np.diff(shown[:, 0]) > -1e-6).all()
    assert shown[0, 0] < 1e-3
    assert is_hdr(pixel_format)


def code_of(nits: float) -> float:
    """Return the PQ code of a luminance, as ST 2084 writes it."""
    y = (nits / 10_000) ** (2610 / 16384)
    return float(((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32))


@pytest.mark.parametrize(("nits", "low", "high"), [(203, 0.78, 0.88), (50, 0.5, 0.56), (1000, 0.999, 1.001)])
def test_white_pages_skin_and_highlights_lie_where_a_standard_screen_has_them(
    nits: float, low: float, high: float
) -> None:
    grey = np.full(3, code_of(nits), np.float32)
    shown = to_sdr(grey, FORMATS[1])
    assert ((shown > low) & (shown < high)).all()


def test_white_page_of_hlg_looks_like_that_of_pq() -> None:
    pq, hlg = (next(one for one in FORMATS if one.transfer == name) for name in ("pq", "hlg"))
    page = to_sdr(np.full(3, code_of(203), np.float32), pq)
    np.testing.assert_allclose(to_sdr(np.full(3, 0.75, np.float32), hlg), page, atol=0.02)


def test_colours_outside_the_standard_screen_lie_beyond_it_and_come_back() -> None:
    green = np.array([0.0, 0.6, 0.0], np.float32)
    shown = to_sdr(green, FORMATS[1])
    assert shown.min() < -0.1
    np.testing.assert_allclose(from_sdr(shown, FORMATS[1]), green, atol=1e-4)


@formats
@given(rgb=COLOURS, channel=st.integers(0, 2), change=st.floats(-0.3, 0.3))
def test_no_change_is_none_and_a_change_goes_its_way(
    pixel_format: PixelFormat, rgb: np.ndarray, channel: int, change: float
) -> None:
    shown = to_sdr(rgb, pixel_format)
    assert not source_delta(np.zeros(3, np.float32), shown, pixel_format).any()
    delta = np.zeros(3, np.float32)
    delta[channel] = change
    own = source_delta(delta, shown, pixel_format)
    edited = to_sdr(np.asarray(from_sdr(shown, pixel_format) + own), pixel_format)
    np.testing.assert_allclose(edited, shown + delta, atol=2e-3)


def test_standard_range_is_left_alone() -> None:
    rgb = np.array([0.1, 0.5, 1.2], np.float32)
    assert to_sdr(rgb, SDR) is rgb
    assert from_sdr(rgb, SDR) is rgb
    assert source_delta(rgb, rgb, SDR) is rgb
    assert not is_hdr(SDR)

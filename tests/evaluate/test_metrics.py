"""Every figure has a case with a known answer and one that must come out worse."""

import numpy as np
import pytest

from videoedit.evaluate import metrics


def test_interval_holds_the_mean_and_narrows_with_more_values() -> None:
    values = (np.arange(400) % 4 == 0).astype(float)
    low, high = metrics.bootstrap_interval(values, seed=0)
    assert low < 0.25 < high
    assert high - low == pytest.approx(4 * np.sqrt(0.25 * 0.75 / 400), rel=0.1)
    narrower = metrics.bootstrap_interval(np.tile(values, 16), seed=0)
    assert narrower[1] - narrower[0] < 0.3 * (high - low)
    assert metrics.bootstrap_interval(np.ones(5), seed=0) == (1.0, 1.0)


def test_psnr_of_one_grey_step_is_48_db_and_falls_by_6_for_twice_the_error() -> None:
    step = np.full((1, 3, 4, 4), 2 / 255, np.float32)
    decibels = metrics.residual_psnr(np.concatenate([step, 2 * step, 0 * step]))
    np.testing.assert_allclose(decibels, [48.13, 48.13 - 6.02, np.inf], atol=0.01)


def test_locality_tells_inside_from_outside() -> None:
    inside = np.zeros((4, 4), bool)
    inside[:2] = True
    residuals = np.zeros((2, 3, 4, 4), np.float32)
    residuals[:, :, :2] = 0.5
    residuals[1, :, 2:] = -0.25
    np.testing.assert_allclose(metrics.outside_mean(residuals, inside), [0, 0.25])
    within, everywhere = metrics.inside_share(residuals, inside)
    np.testing.assert_allclose(within / everywhere, [1.0, 0.8])


def test_nothing_lies_outside_the_whole_crop() -> None:
    with pytest.raises(ValueError, match="whole crop"):
        metrics.outside_mean(np.zeros((1, 3, 4, 4), np.float32), np.ones((4, 4), bool))


def test_flips_count_changes_in_either_direction() -> None:
    before = np.array([[True, False], [True, False]])
    after = np.array([[False, False], [True, True]])
    np.testing.assert_allclose(metrics.flip_shares(before, after), [0.5, 0.5])
    np.testing.assert_allclose(metrics.flip_shares(before, before), [0, 0])


def test_correlations_of_copies_opposites_and_constants() -> None:
    label = np.tile([1, -1], 50).astype(np.int8)
    independent = np.repeat([1, -1], 50).astype(np.int8)
    labels = np.stack([label, -label, independent, np.ones(100, np.int8)], axis=1)
    np.testing.assert_allclose(metrics.correlations(labels, 0), [1, -1, 0, 0], atol=1e-12)


def test_eye_band_of_grey_and_of_dark_lenses() -> None:
    grey = np.full((128, 128, 3), 119, np.uint8)
    dark = grey.copy()
    dark[46:64, 30:98] = 0
    dark[:40] = 255  # outside the band
    bands = metrics.eye_band_lab(np.stack([grey, dark]))
    np.testing.assert_allclose(bands[0], [50, 0, 0], atol=0.5)
    assert bands[1, 0] < 5


def test_spearman_sees_order_not_size() -> None:
    x = np.arange(20.0)
    assert metrics.spearman(x, np.exp(x)) == pytest.approx(1.0)
    assert metrics.spearman(x, -x) == pytest.approx(-1.0)
    shuffled = metrics.spearman(x, np.random.default_rng(0).permutation(x))
    assert shuffled is not None
    assert abs(shuffled) < 0.7


def test_spearman_gives_equal_values_their_mean_rank() -> None:
    x, y = np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0, 4.0])
    assert metrics.spearman(x, y) == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert metrics.spearman(x, x[[0, 2, 1, 3]]) == pytest.approx(1.0)


def test_spearman_of_a_constant_is_not_defined() -> None:
    assert metrics.spearman(np.arange(20.0), np.ones(20)) is None

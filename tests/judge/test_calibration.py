"""Thresholds and calibration on numbers worked out by hand."""

import numpy as np
import pytest

from videoedit.judge.calibration import calibration_error, equal_error, reliability_of


def test_perfect_separation_has_no_error_and_a_threshold_between() -> None:
    probabilities = np.array([0.1, 0.2, 0.3, 0.8, 0.9])
    threshold, rate = equal_error(probabilities, probabilities > 0.5)
    assert 0.3 <= threshold <= 0.8
    assert rate == 0


def test_overlapping_classes_err_equally_often_on_both_sides() -> None:
    rng = np.random.default_rng(0)
    has = np.arange(4000) < 400
    probabilities = np.clip(np.where(has, 0.5, 0.3) + rng.normal(0, 0.1, 4000), 0, 1)
    threshold, rate = equal_error(probabilities, has)
    misses = (probabilities[has] <= threshold).mean()
    false_alarms = (probabilities[~has] > threshold).mean()
    assert misses == pytest.approx(false_alarms, abs=0.005)
    assert rate == pytest.approx(0.159, abs=0.02)  # half the distance is one standard deviation
    assert threshold == pytest.approx(0.4, abs=0.02)


def test_one_sided_sets_are_refused() -> None:
    with pytest.raises(ValueError, match="with and without"):
        equal_error(np.array([0.1, 0.9]), np.array([True, True]))


def test_calibration_error_is_zero_for_frequencies_and_large_for_overconfidence() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.uniform(0, 1, 50_000)
    has = rng.uniform(0, 1, 50_000) < probabilities
    assert calibration_error(probabilities, has) < 0.01
    assert calibration_error(np.where(probabilities > 0.5, 0.99, 0.01), has) > 0.2


def test_reliability_counts_what_it_says() -> None:
    probabilities = np.array([0.9, 0.8, 0.3, 0.2, 0.1, 0.6])
    has = np.array([True, True, True, False, False, False])
    measured = reliability_of("Bangs", probabilities, has)
    assert (measured.num_positive, measured.num_negative) == (3, 3)
    assert measured.accuracy == pytest.approx(4 / 6)
    assert measured.balanced == pytest.approx(2 / 3)
    assert measured.majority == 0.5
    assert measured.equal_error == pytest.approx(1 / 3)
    assert measured.plainly_below == pytest.approx(0.31)

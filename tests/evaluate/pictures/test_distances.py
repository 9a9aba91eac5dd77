"""Distances between sets of features with known answers, and sets that must come out farther apart."""

import numpy as np
import pytest

from videoedit.evaluate.pictures.distances import frechet, halves, kernel

RNG = np.random.default_rng(0)


def normal(count: int, mean: float = 0.0, spread: float = 1.0, size: int = 4) -> np.ndarray:
    drawn = np.random.default_rng(count).normal(0, 1, (count, size))
    whitened = (drawn - drawn.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(drawn, rowvar=False)).T)
    return mean + spread * whitened


def test_frechet_of_a_set_and_itself_is_nothing() -> None:
    assert frechet(normal(50), normal(50)) == pytest.approx(0, abs=1e-6)


def test_frechet_grows_by_the_squared_shift_and_by_the_squared_difference_of_spreads() -> None:
    assert frechet(normal(50), normal(60, mean=3.0)) == pytest.approx(4 * 9, rel=1e-6)
    assert frechet(normal(50), normal(60, spread=3.0)) == pytest.approx(4 * (3 - 1) ** 2, rel=1e-6)
    assert frechet(normal(60, spread=3.0), normal(50)) == pytest.approx(16, rel=1e-6)


def test_frechet_sees_features_that_go_together() -> None:
    independent = normal(200, size=2)
    together = independent @ np.array([[1.0, 0.9], [0.9, 1.0]])
    covariance = np.array([[1.81, 1.8], [1.8, 1.81]])
    roots = np.sqrt(np.linalg.eigvalsh(covariance))
    assert frechet(independent, together) == pytest.approx(2 + covariance.trace() - 2 * roots.sum(), rel=1e-6)


def test_frechet_needs_two_of_each() -> None:
    with pytest.raises(ValueError, match="two or more"):
        frechet(normal(50), normal(50)[:1])


def test_kernel_distance_of_hand_made_sets() -> None:
    a, b = np.array([[1.0], [-1.0]]), np.array([[2.0], [2.0]])
    within = (1 * -1 + 1) ** 3, (2 * 2 + 1) ** 3
    between = np.mean([(2 + 1) ** 3, (-2 + 1) ** 3])
    assert kernel(a, b) == pytest.approx(within[0] + within[1] - 2 * between)


def test_kernel_distance_is_about_nothing_between_halves_and_grows_with_the_shift() -> None:
    one, other = halves(RNG.normal(0, 1, (400, 4)), seed=0)
    near, far = kernel(one, other), kernel(one, other + 1.0)
    assert abs(near) < 0.1 * far


def test_both_distances_are_those_of_torchmetrics() -> None:
    """Its 1.9.0, FrechetInceptionDistance and KernelInceptionDistance with these numbers as the features."""
    rng = np.random.default_rng(3)
    a, b = rng.random((60, 6)), 0.9 * rng.random((40, 6)) ** 2
    assert frechet(a, b) == pytest.approx(0.355310371159418, rel=1e-9)
    assert kernel(a[:40], b) == pytest.approx(0.2536964292837274, rel=1e-9)


def test_large_sets_are_compared_by_random_subsets_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videoedit.evaluate.pictures.distances.SUBSET", 50)
    a, b = RNG.normal(0, 1, (120, 4)), RNG.normal(0.5, 1, (120, 4))
    assert kernel(a, b, seed=1) == kernel(a, b, seed=1) != kernel(a, b, seed=2)
    monkeypatch.setattr("videoedit.evaluate.pictures.distances.SUBSET", 1000)
    assert kernel(a, b) == pytest.approx(np.mean([kernel(a, b)]), rel=0.3)


def test_halves_share_nothing_and_lose_nothing() -> None:
    features = np.arange(9.0)[:, None]
    one, other = halves(features, seed=3)
    assert sorted([*one.ravel(), *other.ravel()]) == [*range(9)]
    assert len(one) == 4

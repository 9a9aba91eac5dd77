"""Positives and negatives are alike in everything but the attribute."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from videoedit.datasets.celeba import FaceSet
from videoedit.errors import ConfigError
from videoedit.train.elegant.sampling import MatchedSampler


def correlated_set(count: int = 4000) -> FaceSet:
    """Labels where 80 % of those with glasses are men, 40 % of those without."""
    rng = np.random.default_rng(0)
    glasses = np.where(rng.random(count) < 0.2, 1, -1)
    male = np.where(rng.random(count) < np.where(glasses == 1, 0.8, 0.4), 1, -1)
    young = np.where(rng.random(count) < np.where(glasses == 1, 0.4, 0.8), 1, -1)
    labels = np.stack([glasses, male, young], axis=1).astype(np.int8)
    images = np.zeros((count, 1, 1, 3), np.uint8)
    names = tuple(map(str, range(count)))
    return FaceSet(images, labels, names, ("Eyeglasses", "Male", "Young"), np.zeros((count, 5, 2)))


def test_matched_labels_have_one_distribution_on_both_sides() -> None:
    faces = correlated_set()
    sampler = MatchedSampler(faces, "Eyeglasses", ["Male", "Young"])
    positives, negatives = sampler.draw(3000, torch.Generator().manual_seed(0))
    assert (faces.column("Eyeglasses")[positives] == 1).all()
    assert (faces.column("Eyeglasses")[negatives] == -1).all()
    for name in ("Male", "Young"):
        share = [(faces.column(name)[rows] == 1).mean() for rows in (positives, negatives)]
        assert abs(share[0] - share[1]) < 1e-9


def test_unmatched_sampling_keeps_the_correlation_which_matching_removes() -> None:
    faces = correlated_set()
    positives, negatives = MatchedSampler(faces, "Eyeglasses", []).draw(3000, torch.Generator().manual_seed(0))
    share = [(faces.column("Male")[rows] == 1).mean() for rows in (positives, negatives)]
    assert share[0] - share[1] > 0.3


def test_pairs_are_not_matched_with_one_another() -> None:
    faces = correlated_set()
    positives, negatives = MatchedSampler(faces, "Eyeglasses", ["Male"]).draw(2000, torch.Generator().manual_seed(1))
    same = (faces.column("Male")[positives] == faces.column("Male")[negatives]).mean()
    assert 0.3 < same < 0.9


def test_same_seed_draws_the_same_rows() -> None:
    sampler = MatchedSampler(correlated_set(), "Eyeglasses", ["Male"])
    first, second = (sampler.draw(50, torch.Generator().manual_seed(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_attribute_that_no_two_comparable_pictures_differ_in_is_refused() -> None:
    faces = correlated_set(50)
    one_sided = replace(faces, labels=np.ones_like(faces.labels))
    with pytest.raises(ConfigError, match="no pictures with and without 'Eyeglasses'"):
        MatchedSampler(one_sided, "Eyeglasses", ["Male"])

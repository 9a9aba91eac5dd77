"""Pairs differ in what is put on, and say what of the result can be known."""

from collections.abc import Callable

import numpy as np
import pytest

from videoedit.datasets.celeba import FaceSet
from videoedit.errors import ConfigError
from videoedit.synthetic.makers import GlassesMaker, MustacheMaker

SIZE = 128


def test_pair_wears_the_same_glasses_and_what_they_hide_is_not_known(faces_of: Callable[..., FaceSet]) -> None:
    faces = faces_of(Eyeglasses=[-1] * 3)
    maker = GlassesMaker(faces, SIZE)
    pairs = [maker.pair(np.random.default_rng(seed)) for seed in range(20)]
    for a, b in pairs:
        assert (a.picture != a.wanted).any()
        assert (b.picture != b.wanted).any()
        assert any(np.array_equal(a.wanted, face) for face in faces.images)
        assert any(np.array_equal(b.picture, face) for face in faces.images)
        assert b.known.min() == 1
    darkest_a, darkest_b = (
        np.array([side.min() for side in pictures])
        for pictures in zip(*((a.picture, b.wanted) for a, b in pairs), strict=True)
    )
    assert np.corrcoef(darkest_a, darkest_b)[0, 1] > 0.9
    hidden = np.array([1 - a.known.min() for a, _ in pairs])
    assert hidden.max() > 0.7
    assert (hidden < 0.1).sum() > 5


def test_face_behind_a_giver_s_own_mustache_is_not_known(mustached: FaceSet) -> None:
    maker = MustacheMaker(mustached, SIZE)
    pairs = [maker.pair(np.random.default_rng(seed)) for seed in range(12)]
    own = [a for a, _ in pairs if a.known.max() == 0]
    assert 0 < len(own) < 12
    assert all(np.array_equal(a.picture, a.wanted) for a in own)
    assert all(b.known.min() == 1 and (b.picture != b.wanted).any() for _, b in pairs)


def test_positive_is_a_face_of_the_set_with_the_attribute(faces_of: Callable[..., FaceSet], mustached: FaceSet) -> None:
    bare = faces_of(Eyeglasses=[-1] * 3)
    makers = (GlassesMaker(bare, SIZE), bare, np.s_[40:95]), (MustacheMaker(mustached, SIZE), mustached, np.s_[80:105])
    for maker, faces, rows in makers:
        changed = (maker.positive(2, np.random.default_rng(1)) != faces.images[2]).any(axis=(1, 2))
        assert changed[rows].any()
        changed[rows] = False
        assert not changed.any()


def test_sets_of_one_label_are_refused(faces_of: Callable[..., FaceSet]) -> None:
    with pytest.raises(ConfigError, match="Eyeglasses"):
        GlassesMaker(faces_of(Eyeglasses=[1, 1]), SIZE)
    with pytest.raises(ConfigError, match="Mustache"):
        MustacheMaker(faces_of(Mustache=[-1, -1], Smiling=[1, 1], Mouth_Slightly_Open=[1, 1]), SIZE)

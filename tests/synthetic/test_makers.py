"""Pairs differ in what is put on, and say what of the result can be known."""

import numpy as np
import pytest

from tests.face_sets import SIZE, faces_of
from videoedit.datasets.celeba import FaceSet
from videoedit.errors import ConfigError
from videoedit.synthetic.makers import MAKERS, GlassesMaker, GraftMaker


def test_pair_wears_the_same_glasses_and_what_they_hide_is_not_known() -> None:
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


def test_grafts_exchange_a_part_of_two_real_faces(mustached: FaceSet) -> None:
    maker = GraftMaker(mustached, SIZE, "Mustache")
    for seed in range(6):
        a, b = maker.pair(np.random.default_rng(seed))
        assert any(np.array_equal(a.picture, face) for face in mustached.images[:2])
        assert any(np.array_equal(b.picture, face) for face in mustached.images[2:])
        assert a.picture[90:92, 66:78].max() < 20 < 80 < a.wanted[90:92, 66:78].min()
        assert b.wanted[90:92, 66:78].max() < 40 < 80 < b.picture[90:92, 66:78].min()
        assert a.known.min() == b.known.min() == 1


def test_positive_is_a_face_of_the_set_with_the_attribute(mustached: FaceSet) -> None:
    bare = faces_of(Eyeglasses=[-1] * 3)
    makers = (
        (GlassesMaker(bare, SIZE), bare, np.s_[40:95]),
        (MAKERS["Mustache"](mustached, SIZE), mustached, np.s_[80:105]),
    )
    for maker, faces, rows in makers:
        changed = (maker.positive(2, np.random.default_rng(1)) != faces.images[2]).any(axis=(1, 2))
        assert changed[rows].any()
        changed[rows] = False
        assert not changed.any()


def test_sets_without_bare_faces_are_refused() -> None:
    with pytest.raises(ConfigError, match="Eyeglasses"):
        GlassesMaker(faces_of(Eyeglasses=[1, 1]), SIZE)

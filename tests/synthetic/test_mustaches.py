"""Mustaches come from somebody alike, in the tone of who gets them."""

from collections.abc import Callable

import numpy as np

from videoedit.datasets.celeba import FaceSet
from videoedit.synthetic.mustaches import Mustaches

SIZE = 128


def test_mustache_is_given_by_somebody_of_the_same_expression_and_in_the_taker_s_tone(mustached: FaceSet) -> None:
    mustached.images[[2, 3]] = mustached.images[[1, 0], 20, 20][:, None, None]  # in colour they are like the others
    mustaches = Mustaches(mustached, SIZE)
    assert [mustaches.giver_for(taker, np.random.default_rng(0)) for taker in (2, 3)] == [0, 1]
    given = mustaches.put_on(2, 0)
    changed = (abs(given.astype(int) - mustached.images[2]) > 2).any(axis=2)
    assert changed[89:93, 68:76].all()
    assert changed.sum() < 300  # the skin around it, another's, has become the taker's own
    assert not changed[:70].any()
    assert not changed[:, :40].any()


def test_nearest_in_colour_and_turn_gives(faces_of: Callable[..., FaceSet]) -> None:
    faces = faces_of(1, Mustache=[1, 1, 1, -1], Smiling=[1] * 4, Mouth_Slightly_Open=[1] * 4)
    faces.images[1] = faces.images[2] = faces.images[3]
    faces.points[2, 2, 0] += 12
    mustaches = Mustaches(faces, SIZE)
    assert {mustaches.giver_for(3, np.random.default_rng(seed)) for seed in range(5)} == {1}

"""Pictures that are bent by shifts."""

import numpy as np

from videoedit.align.crop import bent_picture


def test_a_part_is_bent_as_it_is_within_the_whole() -> None:
    rng = np.random.default_rng(0)
    picture = rng.random((40, 50, 3), np.float32)
    shifts = rng.uniform(-3, 3, (40, 50, 2)).astype(np.float32)
    whole = bent_picture(picture, shifts)
    part = bent_picture(picture, shifts[7:31, 12:45], (12, 7))
    np.testing.assert_allclose(part, whole[7:31, 12:45], atol=1e-5)


def test_a_pixel_shows_what_lay_so_far_to_its_right_and_below() -> None:
    picture = np.random.default_rng(1).random((20, 30, 3), np.float32)
    shifts = np.broadcast_to(np.array([4, 2], np.float32), (20, 30, 2)).copy()
    np.testing.assert_allclose(bent_picture(picture, shifts)[:18, :26], picture[2:, 4:], atol=1e-5)

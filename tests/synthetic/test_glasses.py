"""Drawn glasses lie around the eyes, turn with the head, and are of many kinds."""

from dataclasses import replace

import numpy as np
import pytest

from videoedit.align.templates import template_points
from videoedit.synthetic.glasses import Glasses, put_on

SIZE = 128
SKIN = np.full((SIZE, SIZE, 3), 150, np.uint8)
POINTS = template_points("elegant", SIZE)


def glasses(**changes: object) -> Glasses:
    """Thick black rims and clear lenses, or what is changed of them."""
    black = np.zeros(3)
    plain = replace(
        Glasses.drawn(np.random.default_rng(0)),
        half_wh=(0.42, 0.34),
        apart=0.55,
        low=0.0,
        rims=(0.1, 0.1),
        rim_colours=(black, black),
        rim_opacities=(1.0, 1.0),
        lens_opacities=(0.0, 0.0),
        shadow=0.0,
        glare=(0.0, 0.0, 0.0),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def worn(pair: Glasses, points: np.ndarray = POINTS, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    drawn = put_on(SKIN, points, pair, np.random.default_rng(seed))
    return drawn.picture, drawn.veil


def test_clear_lenses_show_the_eyes_and_rims_go_around_them() -> None:
    face, veil = worn(glasses())
    changed = (face != SKIN).any(axis=2)
    for x, y in POINTS[:2].round().astype(int):
        assert not changed[y - 3 : y + 4, x - 3 : x + 4].any()
        for towards in (np.s_[y, : x - 3], np.s_[y, x + 4 :], np.s_[: y - 3, x], np.s_[y + 4 :, x]):
            assert face[towards].min() < 20
    assert not changed[80:].any()
    assert not changed[:35].any()
    assert veil.max() == 0
    assert (SKIN == 150).all()


def test_dark_lenses_hide_the_eyes_and_say_so() -> None:
    dark = (np.full(3, 20.0), np.full(3, 20.0))
    face, veil = worn(glasses(lens_colours=dark, lens_opacities=(0.9, 0.9)))
    for x, y in POINTS[:2].round().astype(int):
        assert face[y, x].max() < 50
        assert veil[y, x] == pytest.approx(0.9, abs=0.01)
    assert veil[:35].max() == veil[80:].max() == 0


def test_glasses_turn_with_the_head() -> None:
    middle = POINTS.mean(axis=0)
    turn = np.array([[np.cos(0.35), -np.sin(0.35)], [np.sin(0.35), np.cos(0.35)]])
    dark = (np.full(3, 20.0), np.full(3, 20.0))
    pair = glasses(lens_colours=dark, lens_opacities=(0.9, 0.9))
    _, veil = worn(pair, (POINTS - middle) @ turn.T + middle)
    left, right = (np.argwhere(half > 0.5).mean(axis=0) for half in (veil[:, :64], veil[:, 64:]))
    slope = np.arctan2(right[0] - left[0], right[1] + 64 - left[1])
    assert slope == pytest.approx(0.35, abs=0.07)


def test_temple_that_is_turned_away_lies_behind_the_head() -> None:
    turned = POINTS.copy()
    turned[2, 0] += 9  # toward the right of the picture
    for points, sides in ((POINTS, (True, True)), (turned, (True, False))):
        face, veil = worn(glasses(lens_opacities=(0.9, 0.9), temple=(-0.5, 0.1)), points)
        lenses = np.flatnonzero((veil > 0.5).any(axis=0))
        beside = (face != SKIN).any(axis=(0, 2))
        assert (beside[: lenses[0] - 5].any(), beside[lenses[-1] + 6 :].any()) == sides


def test_rims_lenses_and_colours_are_those_of_the_pair() -> None:
    red = np.array([200.0, 10.0, 10.0])
    thin, thick = (int((worn(glasses(rims=(w, w)))[0] < 100).sum()) for w in (0.03, 0.12))
    assert 0 < 2 * thin < thick
    face, _ = worn(glasses(rim_colours=(red, red)))
    rim = face[(face != SKIN).all(axis=2)]
    assert np.median(rim[:, 0]) > 150 > 60 > np.median(rim[:, 1])
    assert not np.array_equal(worn(glasses())[0], worn(glasses(shadow=0.3))[0])
    assert worn(glasses(glare=(0.4, 0.0, 0.5)))[0].max() > 160


@pytest.mark.parametrize("seed", range(6))
def test_what_a_face_adds_to_its_glasses_is_its_light_by_the_share_that_is_shown(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pair = replace(Glasses.drawn(rng), shadow=0.3)
    faces = (np.full_like(SKIN, 140), np.full_like(SKIN, 140))
    faces[1][40:90, 20:110] = 180  # less than half of it: its light is judged by the median
    dim, bright = (put_on(face, POINTS, pair, np.random.default_rng(seed)) for face in faces)
    gained = bright.picture.astype(float) - dim.picture
    inside = np.s_[40:90, 20:110]
    np.testing.assert_allclose(gained[inside], 40 * dim.shown[inside][..., None] * np.ones(3), atol=1.01)
    assert dim.shown.min() < 0.5 < 0.999 < dim.shown.max()


def test_drawn_pairs_are_of_many_kinds() -> None:
    rng = np.random.default_rng(1)
    many = [Glasses.drawn(rng) for _ in range(200)]
    darkness = np.array([pair.lens_opacities[0] for pair in many])
    assert 0.5 < (darkness < 0.06).mean() < 0.8
    assert 0.1 < (darkness > 0.7).mean() < 0.4
    assert min(pair.rims[0] for pair in many) < 0.01 < 0.1 < max(pair.rims[0] for pair in many)

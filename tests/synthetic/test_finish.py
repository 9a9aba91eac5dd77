"""Drawn glasses are finished: they shine, are mottled, have corners and pads, reflect, and are soft."""

from dataclasses import replace

import numpy as np
import pytest

from videoedit.align.templates import template_points
from videoedit.synthetic.finish import Finish
from videoedit.synthetic.glasses import Glasses, put_on

SIZE = 256
SKIN = np.full((SIZE, SIZE, 3), 120, np.uint8)
POINTS = template_points("elegant", SIZE)
EYE_X, EYE_Y = POINTS[0].round().astype(int)
BLACK = np.zeros(3)
PAIR = Glasses(
    half_wh=(0.4, 0.34),
    apart=0.5,
    low=0.0,
    roundness=(2.5, 0.0, 0.0),
    rims=(0.1, 0.1),
    rim_colours=(BLACK, BLACK),
    rim_opacities=(1.0, 1.0),
    lens_colours=(BLACK, BLACK),
    lens_opacities=(0.0, 0.0),
    bridge=(-0.3, 0.08),
    temple=(-0.5, 0.05),
    shadow=0.0,
    glare=(0.0, 0.0, 0.0),
)


def drawn(finish: Finish, pair: Glasses = PAIR) -> tuple[np.ndarray, np.ndarray]:
    """Return a face with the pair, and what is left of its own light."""
    worn = put_on(SKIN, POINTS, pair, np.random.default_rng(3), finish)
    return worn.picture.astype(int), worn.shown


PLAIN, PLAIN_SHOWN = drawn(Finish())
RIMS = PLAIN_SHOWN < 0.01


def test_rims_shine_where_they_face_the_light() -> None:
    above, below = (drawn(Finish(relief=0.8, light=angle))[0].max(axis=2) for angle in (0.0, np.pi))
    assert PLAIN[RIMS].max() == 0
    assert above[RIMS].max() > 60
    upper = np.s_[EYE_Y - 40 : EYE_Y - 10, 70:190]  # the upper rims: where the light comes from, their upper edge
    rows = np.arange(SIZE)[upper[0], None]
    heights = [
        (shine[upper] * RIMS[upper] * rows).sum() / (shine[upper] * RIMS[upper]).sum() for shine in (above, below)
    ]
    assert heights[0] + 2 < heights[1]


@pytest.mark.parametrize("share", [0.25, 0.6])
def test_a_share_of_mottled_rims_is_of_another_colour(share: float) -> None:
    mottled, shown = drawn(Finish(mottling=(share, np.array([150.0, 90.0, 30.0]))))
    assert (mottled[RIMS][:, 0] > 60).mean() == pytest.approx(share, abs=0.2)
    np.testing.assert_array_equal(shown, PLAIN_SHOWN)


def test_corners_lie_beside_the_lenses_and_pads_beside_the_nose() -> None:
    cornered = drawn(Finish(corners=(0.2, 0.1)))[1]
    ys, xs = np.nonzero(cornered < PLAIN_SHOWN - 0.3)
    assert len(ys)
    middle = POINTS[:2, 0].mean()
    apart = POINTS[1, 0] - POINTS[0, 0]
    assert (np.abs(xs - middle) / apart).min() > 0.7
    thin = replace(PAIR, rims=(0.02, 0.02), bridge=(-0.3, 0.02))
    padded = drawn(Finish(pads=0.5), thin)[1]
    ys, xs = np.nonzero(padded < drawn(Finish(), thin)[1] - 0.3)
    assert len(ys)
    assert (np.abs(xs - middle) / apart).max() < 0.3
    assert ys.min() > EYE_Y
    assert np.median(padded[ys, xs]) == pytest.approx(0.5, abs=0.05)


def test_soft_edges_are_wider() -> None:
    soft = drawn(Finish(softness=0.03))[1]
    halves = [((shown > 0.1) & (shown < 0.9)).sum() for shown in (PLAIN_SHOWN, soft)]
    assert halves[1] > 1.5 * halves[0]


def test_lenses_reflect_what_is_around_dark_ones_more() -> None:
    around = np.zeros((64, 64, 3), np.uint8)
    around[:, :16] = around[:, 32:48] = 255
    finish = Finish(reflected=0.8, around=around)
    dark = replace(PAIR, lens_opacities=(0.9, 0.9))
    lens = np.s_[EYE_Y - 10 : EYE_Y + 10, EYE_X - 20 : EYE_X + 20]
    clear, plainly_dark, reflecting = (
        drawn(finish)[0][lens],
        drawn(Finish(), dark)[0][lens],
        drawn(finish, dark)[0][lens],
    )
    assert reflecting.max() > plainly_dark.max() + 60
    assert (clear > 120).any()
    assert 5 < clear.max() - 120 < 0.4 * 0.8 * (255 - 120)
    assert drawn(replace(finish, around=None), dark)[0].max() == 120


@pytest.mark.parametrize("seed", range(6))
def test_what_a_face_adds_is_still_its_light_by_the_share_that_is_shown(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pair = Glasses.drawn(rng).varied(rng)
    finish = Finish.drawn(rng, np.random.default_rng(seed).integers(0, 255, (40, 40, 3), np.uint8))
    faces = (np.full_like(SKIN, 140), np.full_like(SKIN, 140))
    faces[1][80:180, 40:220] = 180  # less than half of it: its light is judged by the median
    dim, bright = (put_on(face, POINTS, pair, np.random.default_rng(seed), finish) for face in faces)
    gained = bright.picture.astype(float) - dim.picture
    inside = np.s_[84:176, 44:216]
    np.testing.assert_allclose(gained[inside], 40 * dim.shown[inside][..., None] * np.ones(3), atol=1.01)


def test_finishes_and_shapes_are_of_many_kinds() -> None:
    rng = np.random.default_rng(0)
    finishes = [Finish.drawn(rng, SKIN) for _ in range(200)]
    for share in (
        np.mean([finish.relief > 0 for finish in finishes]),
        np.mean([finish.mottling[1] is not None for finish in finishes]),
        np.mean([finish.corners[0] > 0 for finish in finishes]),
        np.mean([finish.pads > 0 for finish in finishes]),
        np.mean([finish.softness > 0 for finish in finishes]),
        np.mean([finish.reflected > 0 for finish in finishes]),
    ):
        assert 0.15 < share < 0.85
    pairs = [Glasses.drawn(rng) for _ in range(300)]
    others = [pair.varied(rng) for pair in pairs]
    assert 0.2 < np.mean([one.half_wh != other.half_wh for one, other in zip(pairs, others, strict=True)]) < 0.4
    assert 0.15 < np.mean([one.temple != other.temple for one, other in zip(pairs, others, strict=True)]) < 0.35
    assert (
        0.1
        < np.mean([one.rim_opacities != other.rim_opacities for one, other in zip(pairs, others, strict=True)])
        < 0.3
    )
    tinted = [other for one, other in zip(pairs, others, strict=True) if one.lens_opacities != other.lens_opacities]
    assert 0.15 < len(tinted) / len(pairs) < 0.35
    assert np.mean([pair.lens_colours[0].max() > 130 for pair in tinted]) > 0.5
    assert np.mean([pair.lens_opacities[1] < 0.5 * pair.lens_opacities[0] for pair in tinted]) > 0.2  # paler below
    recoloured = [pair for pair in zip(pairs, others, strict=True) if pair[1].rim_colours is not pair[0].rim_colours]
    pale = [other for one, other in recoloured if other.rim_colours[0] is one.rim_colours[0]]
    assert 0.2 < len(pale) / len(pairs) < 0.4
    assert all(pair.rim_colours[1][0] >= 130 for pair in pale)
    like_lenses = [other for one, other in recoloured if other.rim_colours[0] is not one.rim_colours[0]]
    assert 0.05 < len(like_lenses) / len(pairs) < 0.3
    assert all(pair.lens_opacities[0] > 0.6 for pair in like_lenses)

"""What is left of bangs that were taken off drawn faces."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from tests.edit.test_lifting import BLOND, BROWN, POINTS, SIZE, SKIN, places
from videoedit.edit.lifting.bared import skin_for_tips, where_bared
from videoedit.tensors import change_of, to_model

DARK = tuple(round(0.4 * light) for light in SKIN)
TIP, ROOT = (0.79, 0.35), (0.8, 0.75)
"""Where stains are at a temple."""


def spot(across: float, above: float, radius: float = 0.13) -> NDArray[np.bool_]:
    """What lies near a place."""
    right, up = places()
    return np.asarray(np.hypot(right - across, up - above) < radius)


def pictures(*stains: tuple[float, float]) -> tuple[Tensor, Tensor, Tensor]:
    """A face with hair down to the brows, the same with stains left on its forehead, and where the first has hair."""
    _, above = places()
    combed, bare = np.empty((SIZE, SIZE, 3), np.uint8), np.empty((SIZE, SIZE, 3), np.uint8)
    combed[:], bare[:] = SKIN, SKIN
    hair = above > 0.35
    combed[hair] = BROWN
    bare[above > 1.15] = BROWN
    for place in stains:
        hair |= spot(*place)
        combed[spot(*place)] = BROWN
        bare[spot(*place)] = DARK
    x, cleared = to_model([combed]), to_model([bare])
    return x, cleared, torch.from_numpy(hair[None]).float()


def bared(x: Tensor, bare: Tensor, hair: Tensor) -> Tensor:
    return where_bared(x, bare, hair, torch.zeros_like(hair), [POINTS])[0, 0]


def test_hair_stays_where_it_would_leave_a_stain_high_at_a_temple_and_nowhere_else() -> None:
    middle = (0.0, 0.75)
    x, bare, hair = pictures(TIP, ROOT, middle)
    gone = bared(x, bare, hair)
    assert gone[torch.from_numpy(spot(*ROOT, radius=0.06))].max() < 0.05
    for place in (TIP, middle, (-0.8, 0.75)):
        assert gone[torch.from_numpy(spot(*place, radius=0.06))].min() > 0.95
    assert bared(x, bare, torch.zeros_like(hair))[torch.from_numpy(spot(*ROOT))].min() == 1.0  # it was no hair


def test_skin_comes_where_a_tip_of_hair_left_a_stain() -> None:
    x, bare, hair = pictures(TIP, ROOT, (0.0, 0.4))
    layer = skin_for_tips(x, bare, hair, [POINTS])
    mended, inner = (bare + change_of(layer, bare))[0], torch.from_numpy(spot(*TIP, radius=0.04))
    assert layer[0, 3, inner].min() > 0.95
    skin = torch.tensor(SKIN)[:, None] / 127.5 - 1
    assert float((mended[:, inner] - skin).abs().max()) < 0.08
    assert layer[0, 3, torch.from_numpy(~spot(*TIP, radius=0.17))].max() < 0.05


def test_no_colour_of_fair_hair_comes_into_the_skin() -> None:
    x, bare, hair = pictures(TIP)
    _, above = places()
    beside = torch.from_numpy((above > 0.35) & ~spot(*TIP, radius=0.14))
    for one in (x, bare):  # it stays all around
        one[:, :, beside] = torch.tensor(BLOND)[:, None] / 127.5 - 1
    layer = skin_for_tips(x, bare, hair, [POINTS])
    inner = torch.from_numpy(spot(*TIP, radius=0.04))
    blue = float((layer[0, 2, inner] / layer[0, 3, inner]).mean() + 1) * 127.5
    assert blue > 121  # of skin 140, of that hair 90


@pytest.mark.parametrize("what", ["no hair", "nothing taken", "beside the face", "brow"])
def test_no_skin_comes_elsewhere(what: str) -> None:
    place = {"beside the face": (1.15, 0.4), "brow": (0.8, 0.1)}.get(what, TIP)
    x, bare, hair = pictures(place)
    if what == "no hair":
        hair = torch.zeros_like(hair)
    if what == "nothing taken":
        bare = torch.where(torch.from_numpy(spot(*place)), x, bare)
    within = torch.from_numpy(spot(*place, radius=0.04))
    assert skin_for_tips(x, bare, hair, [POINTS])[0, 3, within].max() < 0.05


def test_the_dark_side_of_a_face_is_no_stain() -> None:
    x, bare, hair = pictures()
    across, _ = places()
    shade = torch.from_numpy(np.where(across > 0, 0.4, 1.0)).float()
    dark_x, dark_bare = ((one + 1) * shade - 1 for one in (x, bare))
    high, low = (torch.from_numpy(spot(*place, radius=0.06)) for place in (ROOT, TIP))
    assert bared(dark_x, dark_bare, hair)[high].min() > 0.95
    assert skin_for_tips(dark_x, dark_bare, hair, [POINTS])[0, 3, low].max() < 0.05
    lit = dark_bare.clone()  # the cheek of that side as bright as the other
    lit[:, :, 110:180] = bare[:, :, 110:180]
    lit_x = dark_x.clone()
    lit_x[:, :, 110:180] = x[:, :, 110:180]
    assert bared(lit_x, lit, hair)[high].max() < 0.05

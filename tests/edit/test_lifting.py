"""Mustaches lifted off drawn faces: what is lifted, where and how it lies on others."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.align.templates import template_points
from videoedit.edit.lifting.base import Lifting
from videoedit.edit.lifting.mustache import MustacheLifting
from videoedit.frames import Image
from videoedit.tensors import change_of, to_model

SIZE = 256
SKIN, BROWN, BLOND, BLUE = (205, 160, 140), (60, 40, 30), (190, 150, 90), (40, 70, 190)
BROWS = (70, 50, 40)
POINTS = template_points("elegant", SIZE)
WHOLLY = torch.ones(1)
"""Strength of one face."""
EYES = float(POINTS[1, 0] - POINTS[0, 0])


def places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far every pixel lies from the middle of the eyes across and above, in distances between them."""
    y, x = np.mgrid[:SIZE, :SIZE]
    middle = POINTS[:2].mean(axis=0)
    return (x - middle[0]) / EYES, (middle[1] - y) / EYES


def face(hair: Sequence[int] = BROWN) -> Image:
    """Draw a head with a bare forehead."""
    across, above = places()
    picture = np.empty((SIZE, SIZE, 3), np.uint8)
    picture[:] = SKIN
    picture[above > 1.15] = hair
    picture[(abs(abs(across) - 0.5) < 0.3) & (abs(above - 0.3) < 0.04)] = BROWS
    return picture


def with_mustache(light: Sequence[float] = (0.3, 0.3, 0.3)) -> Image:
    """Darken a lip in stripes."""
    picture = face().astype(np.float64)
    y, x = np.mgrid[:SIZE, :SIZE]
    nose, mouth = POINTS[2], POINTS[3:].mean(axis=0)
    lip = nose + 0.72 * (mouth - nose)
    hairy = (np.abs(x - lip[0]) < 22) & (np.abs(y - lip[1]) < 7) & (x // 3 % 3 > 0)
    picture[hairy] *= light
    return np.round(picture).astype(np.uint8)


def laid(lifting: Lifting, exemplar: Image, bare: Image, taker: Image, moved: float = 0.0) -> Tensor:
    """Return a face (3, S, S) with what an exemplar wears, its points lower by so many pixels."""
    worn = lifting.lift(to_model([exemplar]), to_model([bare]), POINTS)
    assert worn is not None
    x = to_model([taker])
    (changed,) = x + change_of(lifting.lay(worn, x, [POINTS + np.array([0.0, moved])], WHOLLY), x)
    return changed


def test_mustache_on_the_face_that_it_comes_from_is_the_same() -> None:
    changed, wanted = laid(MustacheLifting(), with_mustache(), face(), face()), to_model([with_mustache()])[0]
    torch.testing.assert_close(changed, wanted, atol=0.3, rtol=0)
    assert float((changed - wanted).abs().mean()) < 0.03 * float((wanted - to_model([face()])[0]).abs().mean()) + 1e-3


def test_mustache_goes_where_nose_and_mouth_are() -> None:
    before = to_model([face()])[0]
    rows = torch.arange(SIZE)[:, None]
    middles = []
    for moved in (0.0, 9.0):
        dark = (before - laid(MustacheLifting(), with_mustache(), face(), face(), moved)).mean(dim=0).clamp(min=0)
        middles.append(float((dark * rows).sum() / dark.sum()))
    assert middles[1] - middles[0] == pytest.approx(9, abs=0.3)


def test_mustache_loses_half_of_its_hue() -> None:
    red = with_mustache((0.6, 0.1, 0.1))
    changed, before = laid(MustacheLifting(), red, face(), face()), to_model([red])[0]
    hairy = (before[1] < -0.5) & (before[0] > -0.3)
    hairy &= before.sub(to_model([face()])[0]).abs().sum(dim=0) > 0.5
    assert hairy.sum() > 100
    hue, own = ((one[0] - one[1])[hairy].mean() for one in (changed, before))
    assert float(hue / own) == pytest.approx(0.4, abs=0.12)  # what is left of the skin keeps its own


def test_nothing_is_lifted_off_the_bare_nor_off_profiles() -> None:
    lifting = MustacheLifting()
    wearer, bare, profile = to_model([with_mustache()]), to_model([face()]), POINTS.copy()
    assert lifting.lift(wearer, bare, POINTS) is not None
    assert lifting.lift(bare, bare, POINTS) is None
    profile[2, 0] += 90
    assert lifting.lift(wearer, bare, profile) is None


def test_mustaches_are_as_dark_as_the_light_lets_them_and_lifted_from_the_lip_alone() -> None:
    grey = with_mustache()
    grey[:30] = 0  # darker than the bare one, but far from the lip
    worn = MustacheLifting().lift(to_model([grey]), to_model([face()]), POINTS)
    assert worn is not None
    assert worn.layer[0, 3, :30].max() < 0.01
    added = torch.tensor([0.4, 0.4, 0.4])[:, None, None].expand(3, SIZE, SIZE)
    worn = replace(worn, layer=torch.cat([added - 0.8, torch.full((1, SIZE, SIZE), 0.8)])[None])
    lights = []
    for share in (1.0, 0.5):
        x = to_model([np.round(face() * share).astype(np.uint8)])
        layer = MustacheLifting().lay(worn, x, [POINTS], WHOLLY)[0]
        lights.append(float((layer[:3] + layer[3:])[:, 128, 128].mean()))
    assert lights[1] / lights[0] == pytest.approx(0.5**0.5, abs=0.03)

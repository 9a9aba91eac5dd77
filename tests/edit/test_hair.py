"""Hair as a layer: how far each pixel is hair, which colour it has, and strands in another one."""

import numpy as np
import pytest
import torch

from tests.edit.test_bangs import SeesHair, colour, with_bangs
from tests.edit.test_lifting import BLOND, BROWN, SIZE, SKIN, face, places
from videoedit.edit.lifting.bangs import _coloured
from videoedit.edit.lifting.hair import colour_of, strands_of
from videoedit.tensors import change_of, to_model


def test_a_pixel_is_lifted_as_far_as_it_is_of_hair_and_gives_back_the_picture() -> None:
    exemplar, (across, above) = with_bangs(), places()
    mixed = (np.abs(across) < 0.3) & (np.abs(above - 0.45) < 0.02)
    exemplar[mixed] = 0.4 * np.asarray(SKIN) + 0.6 * np.asarray(BROWN)
    x = to_model([exemplar])
    layer = strands_of(x, SeesHair().marked(x))
    inner = torch.from_numpy((np.abs(across) < 0.2) & (np.abs(above - 0.46) < 0.008))
    assert float(layer[0, 3, inner].mean()) == pytest.approx(0.6, abs=0.12)
    bare = colour(SKIN).expand_as(x[0])
    torch.testing.assert_close((bare + change_of(layer, bare[None])[0])[:, inner], x[0][:, inner], atol=0.08, rtol=0)


def test_skin_that_is_marked_is_none_and_strands_of_any_other_colour_are_hair() -> None:
    exemplar, (across, above) = with_bangs(), places()
    skin, odd = (np.hypot(across - side, above - 0.8) < 0.15 for side in (0.4, -0.4))
    exemplar[skin], exemplar[odd] = SKIN, (255, 240, 65)
    marks = torch.from_numpy((np.abs(across) < 0.75) & (above > 0.45)).float()[None]
    (cover,) = strands_of(to_model([exemplar]), marks)[:, 3]
    inner = [torch.from_numpy(np.hypot(across - side, above - 0.8) < 0.1) for side in (0.4, -0.4)]
    assert cover[inner[0]].mean() < 0.2
    assert cover[inner[1]].mean() > 0.95


def test_what_shines_in_dense_hair_is_hair() -> None:
    exemplar, (across, above) = with_bangs(), places()
    glint = np.hypot(across - 0.4, above - 0.8) < 0.03
    exemplar[glint] = SKIN
    x = to_model([exemplar])
    hole = torch.from_numpy(glint)
    unmarked = SeesHair().marked(x)
    for marks, least, most in ((unmarked.maximum(hole.float()), 0.75, 1.0), (unmarked, 0.0, 0.3)):
        (cover,) = strands_of(x, marks)[:, 3]
        assert least <= float(cover[hole].mean()) <= most


def test_hair_in_the_colour_of_skin_is_told_by_its_marks_alone() -> None:
    exemplar, (across, above) = face(SKIN), places()
    hanging = (np.abs(across) < 0.75) & (above > 0.45)
    exemplar[hanging] = np.asarray(SKIN) - 15
    exemplar[hanging & (np.arange(SIZE) // 8 % 2 == 0)[None]] = SKIN
    (cover,) = strands_of(to_model([exemplar]), torch.from_numpy(hanging).float()[None])[:, 3]
    torch.testing.assert_close(cover, torch.from_numpy(hanging).float(), atol=0.02, rtol=0)


def test_the_colour_of_hair_is_that_of_middling_brightness_and_unknown_where_there_is_none() -> None:
    x = to_model([np.full((SIZE, SIZE, 3), BLOND, np.uint8)]).repeat(2, 1, 1, 1)
    x[:, :, : SIZE // 4] = 1.0  # a glint
    found = colour_of(x, torch.stack([torch.ones(SIZE, SIZE), torch.zeros(SIZE, SIZE)]))
    torch.testing.assert_close(found[0], torch.tensor(BLOND) / 255, atol=0.01, rtol=0)
    assert found[1].isnan().all()


def test_the_edge_of_hair_tells_nothing_of_its_colour_unless_there_is_nothing_else() -> None:
    x, marks = to_model([np.full((SIZE, SIZE, 3), SKIN, np.uint8)]), torch.zeros(2, SIZE, SIZE)
    white = (250, 250, 250)
    x[:, :, 101:109] = colour(white)
    marks[:, 98:112] = 1.0  # beyond the lock there is skin
    marks[1, 101:109] = 0.0
    found = colour_of(x.repeat(2, 1, 1, 1), marks)
    torch.testing.assert_close(found, torch.tensor([white, SKIN]) / 255, atol=0.01, rtol=0)


def test_strands_keep_their_light_in_another_colour_and_glints_have_none() -> None:
    layers = torch.zeros(3, 4, SIZE, SIZE)
    layers[:, 3] = 1.0
    layers[:, :3] = 2 * 0.1 - 1
    middle = SIZE // 2
    for place, light in enumerate((0.03, 0.1, 0.8)):
        layers[place, :3, :, middle] = 2 * light - 1
    mean, fair = torch.tensor([[0.12, 0.1, 0.08]]), torch.tensor([[0.6, 0.5, 0.3]])
    dark, same, glint = (_coloured(layers, mean, fair.expand(3, 3))[:, :3, middle, middle] + 1) / 2
    torch.testing.assert_close(same, fair[0], atol=0.01, rtol=0)
    assert 0.6 < float(dark.mean() / same.mean()) < 0.85  # on fair hair by less than on dark hair
    saturations = [float(1 - one.min() / one.max()) for one in (dark, same)]
    assert 1.04 < saturations[0] / saturations[1] < 1.3  # a strand in which light goes farther
    torch.testing.assert_close((glint - same).std(), torch.tensor(0.0), atol=0.01, rtol=0)
    assert 1.3 < float(glint.mean() / same.mean()) < 1.6  # half of the way to white is 1.57
    on_dark = (_coloured(layers, mean, mean.expand(3, 3))[:, :3, middle, middle] + 1) / 2
    assert float(on_dark[0].mean() / on_dark[1].mean()) < 0.95 * float(dark.mean() / same.mean())


def lights_of(pattern: np.ndarray, mean: float) -> torch.Tensor:
    """The light that hair of such lights (S,) across gets in hair of its own mean light, (S,)."""
    layer = torch.ones(1, 4, SIZE, SIZE)
    layer[:, :3] = torch.from_numpy(2.0 * pattern - 1.0).float()
    colour_of_all = torch.full((1, 3), mean)
    return (_coloured(layer, colour_of_all, colour_of_all)[0, 1, SIZE // 2] + 1) / 2


def test_locks_keep_half_of_what_light_does_to_them_and_strands_all_of_it() -> None:
    locks = np.where(np.arange(SIZE) < SIZE // 2, 0.3, 0.45)
    found = lights_of(locks, 0.45)
    assert float(found[20] / found[-20]) == pytest.approx((0.35 / 0.5) ** 0.5, abs=0.05)
    strands = np.where(np.arange(SIZE) % 2 == 0, 0.3, 0.45)
    pair = lights_of(strands, 0.45)[SIZE // 2 : SIZE // 2 + 2]
    assert float(pair[0] / pair[1]) == pytest.approx(0.35 / 0.5, abs=0.08)


def test_the_noise_of_black_hair_tells_no_strands_apart() -> None:
    pair = lights_of(np.where(np.arange(SIZE) % 2 == 0, 0.02, 0.05), 0.035)[SIZE // 2 : SIZE // 2 + 2]
    assert 0.6 < float(pair[0] / pair[1]) < 0.85

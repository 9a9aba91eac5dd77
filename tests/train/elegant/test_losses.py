"""Losses on numbers worked out by hand."""

import pytest
import torch

from videoedit.train.elegant import losses


def scales(*values: float) -> list[torch.Tensor]:
    return [torch.tensor([float(value)]) for value in values]


def test_hinge_is_zero_when_all_three_kinds_are_told_apart() -> None:
    assert losses.discriminator_hinge(scales(2, 2), scales(-2, -2), scales(-2, -2)).item() == 0
    assert losses.discriminator_hinge(scales(0, 2), scales(-2, -2), scales(-2, -2)).item() == pytest.approx(1.0)
    assert losses.discriminator_hinge(scales(2, 2), scales(0, -2), scales(-2, -2)).item() == pytest.approx(0.5)
    assert losses.discriminator_hinge(scales(2, 2), scales(-2, -2), scales(0, -2)).item() == pytest.approx(0.5)
    pairs = [scale.repeat(2) for scale in scales(1, 2)]
    assert losses.generator_hinge(pairs).item() == pytest.approx(-3.0)
    without_then_with = torch.tensor([1.0, 1.0, 2.0, 2.0])
    assert losses.generator_hinge([without_then_with], removal=3.0).item() == pytest.approx(-2.5)


def test_weighted_pixels_cost_more() -> None:
    residual = torch.zeros(1, 3, 2, 2)
    residual[..., 0] = -1.0
    weight = torch.tensor([[10.0, 1.0], [10.0, 1.0]])[None, None]
    assert losses.weighted_l1(residual, weight).item() == pytest.approx(5.0)
    assert losses.weighted_l1(residual.flip(-1), weight).item() == pytest.approx(0.5)


def test_line_that_is_soft_is_nearer_than_none_seen_from_farther() -> None:
    weight = torch.ones(1, 1, 8, 8)
    everywhere = torch.full((1, 3, 8, 8), 0.5)
    assert losses.weighted_pyramid_l1(everywhere, weight).item() == pytest.approx(0.5)
    assert losses.weighted_pyramid_l1(everywhere, 0 * weight).item() == 0
    line = torch.zeros(1, 3, 8, 8)
    line[..., 3] = 1.0
    soft = torch.zeros(1, 3, 8, 8)
    soft[..., 2:4] = 0.5
    assert losses.weighted_pyramid_l1(line, weight).item() == pytest.approx(1 / 8)
    assert losses.weighted_pyramid_l1(line - soft, weight).item() == pytest.approx(1 / 8 / 4)


def test_missed_colour_costs_more_than_missed_light() -> None:
    grey, red = torch.full((1, 3, 8, 8), 0.2), torch.zeros(1, 3, 8, 8)
    red[:, 0] = 0.6
    once = torch.ones(1, 1, 8, 8)
    light, colour = (losses.weighted_pyramid_l1(difference, once).item() for difference in (grey, red))
    assert light == pytest.approx(0.2)
    assert colour == pytest.approx(0.2 + 2 * (0.4 + 0.2 + 0.2) / 3)


def test_mirror_is_zero_when_adding_undoes_removing_seen_from_afar() -> None:
    r_remove = torch.zeros(1, 3, 16, 16)
    r_remove[..., :8, :8] = 0.5
    weight = torch.ones(1, 1, 16, 16)
    assert losses.mirror(-r_remove, r_remove, weight).item() == 0
    grain = torch.tensor([0.1, -0.1]).repeat(8)
    assert losses.mirror(-r_remove + grain, r_remove, weight).item() == pytest.approx(0, abs=1e-7)
    assert losses.mirror(torch.zeros_like(r_remove), r_remove, weight).item() == pytest.approx(0.125)


def test_added_variation_counts_new_edges_once_speckles_everywhere_and_smoothing_never() -> None:
    flat, edge = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    edge[..., 4:] = 1.0
    speckles = torch.tensor([0.0, 1.0]).repeat(4).expand(1, 1, 8, 8)
    assert losses.added_variation(flat, edge).item() == pytest.approx(1 / 7)
    assert losses.added_variation(flat, speckles).item() == pytest.approx(1.0)
    assert losses.added_variation(speckles, flat).item() == 0
    assert losses.added_variation(edge, 1.5 * edge).item() == pytest.approx(0.5 / 7)


def test_added_colour_variation_lets_grey_edges_pass() -> None:
    flat, edge = torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)
    edge[..., 4:] = 1.0
    assert losses.added_colour_variation(flat, edge).item() == pytest.approx(0, abs=1e-7)
    red = edge * torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    assert losses.added_colour_variation(flat, red).item() == pytest.approx((2 / 3 + 1 / 3 + 1 / 3) / 3 / 7)
    assert losses.added_colour_variation(red, flat).item() == 0


def test_noise_response_is_sigma_squared_times_the_squared_slope() -> None:
    slope, sigma = torch.tensor([3.0, 4.0]), 0.1
    noise = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(0))
    clean, noisy = torch.zeros(20_000), sigma * noise @ slope
    assert losses.noise_response([clean], [noisy]).item() == pytest.approx(sigma**2 * 25, rel=0.05)
    assert losses.noise_response([clean, clean], [noisy, noisy]).item() == pytest.approx(2 * sigma**2 * 25, rel=0.05)
    assert losses.noise_response([clean], [clean]).item() == 0


def test_overflow_counts_only_what_leaves_the_range() -> None:
    assert losses.overflow(torch.tensor([0.5, -1.0, 1.5, -2.0])).item() == pytest.approx((0.5 + 1.0) / 4)


def test_veil_costs_what_half_covers_and_nothing_else() -> None:
    assert losses.veil(torch.tensor([0.0, 1.0, 1.0])).item() == 0
    assert losses.veil(torch.tensor([0.5, 0.5])).item() == pytest.approx(0.25)

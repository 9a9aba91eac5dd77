"""Losses on numbers worked out by hand."""

import math

import pytest
import torch

from videoedit.train import losses


def scales(*values: float) -> list[torch.Tensor]:
    return [torch.tensor([float(value)]) for value in values]


def test_bce_of_undecided_discriminators_is_log_two_per_term() -> None:
    loss = losses.discriminator_bce(scales(0, 0), scales(0, 0), small_weight=0.5)
    assert loss.item() == pytest.approx(1.5 * 2 * math.log(2))
    assert losses.generator_bce(scales(0, 0), small_weight=0.5).item() == pytest.approx(1.5 * math.log(2))


def test_hinge_is_zero_when_all_three_kinds_are_told_apart() -> None:
    assert losses.discriminator_hinge(scales(2, 2), scales(-2, -2), scales(-2, -2)).item() == 0
    assert losses.discriminator_hinge(scales(0, 2), scales(-2, -2), scales(-2, -2)).item() == pytest.approx(1.0)
    assert losses.discriminator_hinge(scales(2, 2), scales(0, -2), scales(-2, -2)).item() == pytest.approx(0.5)
    assert losses.discriminator_hinge(scales(2, 2), scales(-2, -2), scales(0, -2)).item() == pytest.approx(0.5)
    assert losses.generator_hinge(scales(1, 2)).item() == pytest.approx(-3.0)


def test_residual_costs_more_outside_its_region() -> None:
    residual = torch.zeros(1, 3, 2, 2)
    residual[..., 0] = -1.0
    weight = torch.tensor([[10.0, 1.0], [10.0, 1.0]])[None, None]
    assert losses.residual_l1(residual, weight).item() == pytest.approx(5.0)
    assert losses.residual_l1(residual.flip(-1), weight).item() == pytest.approx(0.5)


def test_overflow_counts_only_what_leaves_the_range() -> None:
    assert losses.overflow(torch.tensor([0.5, -1.0, 1.5, -2.0])).item() == pytest.approx((0.5 + 1.0) / 4)


def test_reconstruction_is_the_mean_square() -> None:
    assert losses.reconstruction_mse(torch.zeros(4), torch.full((4,), 2.0)).item() == pytest.approx(4.0)

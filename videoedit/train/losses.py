"""ELEGANT's losses as free functions, named by equation (ECCV 2018), and those of the modern profile.

Shapes: B pictures (B, 3, H, W) in [-1, 1]; logits (B,) of one discriminator; codes (B, K, h, w).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

Logits = Sequence[Tensor]  # one (B,) per scale


def discriminator_bce(real: Logits, fake: Logits, small_weight: float) -> Tensor:
    """Eq. 7-9: binary cross-entropy toward 1 for real pictures and 0 for edited ones, both scales."""
    terms = [functional.softplus(-r).mean() + functional.softplus(f).mean() for r, f in zip(real, fake, strict=True)]
    return terms[0] + small_weight * terms[1]


def generator_bce(fake: Logits, small_weight: float) -> Tensor:
    """Eq. 11: edited pictures should be taken for real, both scales."""
    return functional.softplus(-fake[0]).mean() + small_weight * functional.softplus(-fake[1]).mean()


def reconstruction_mse(x: Tensor, x_rec: Tensor) -> Tensor:
    """Eq. 10 as the authors' code has it: mean square."""
    return functional.mse_loss(x_rec, x)


def discriminator_hinge(real: Logits, fake: Logits, mismatched: Logits) -> Tensor:
    """Hinge loss; edited pictures and real ones under a wrong label are negatives of half a weight each."""
    terms = [
        functional.relu(1 - r).mean() + 0.5 * functional.relu(1 + f).mean() + 0.5 * functional.relu(1 + m).mean()
        for r, f, m in zip(real, fake, mismatched, strict=True)
    ]
    return torch.stack(terms).sum()


def generator_hinge(fake: Logits) -> Tensor:
    """Raise the logits of edited pictures, both scales."""
    return torch.stack([-logits.mean() for logits in fake]).sum()


def residual_l1(residual: Tensor, region_weight: Tensor) -> Tensor:
    """Mean |residual|, each pixel weighted by (1 or B, 1, H, W): edits stay small, and smaller outside their region."""
    return (residual.abs() * region_weight).mean()


def overflow(unclamped: Tensor) -> Tensor:
    """Mean distance by which values leave [-1, 1]; unlike a clamp it lets the gradient through."""
    return functional.relu(unclamped.abs() - 1).mean()


def code_consistency(z_edited: Tensor, z_expected: Tensor) -> Tensor:
    """L1 between the code of an edited face and the code that was asked of it: the other blocks unchanged."""
    return functional.l1_loss(z_edited, z_expected)

"""ELEGANT's losses as free functions: those of the modern profile, then the published ones.

Shapes: B pictures (B, 3, H, W) in [-1, 1]; logits of a discriminator, (B,) or, of patches, (B, 1, h', w');
codes (B, K, h, w).
"""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

Logits = Sequence[Tensor]  # one per scale, or a scale's picture and its patches

_SEEN: Final = (1, 2, 4, 8)
"""Sides in pixels of the squares whose means `weighted_pyramid_l1` compares."""
_COLOURS: Final = 2.0
"""How much more than the whole the difference from its grey counts there."""
_AFAR: Final = 8
"""Side in pixels of the squares whose means `mirror` compares."""


def discriminator_hinge(real: Logits, fake: Logits, mismatched: Logits) -> Tensor:
    """Hinge loss; edited pictures and real ones under a wrong label are negatives of half a weight each."""
    terms = [
        functional.relu(1 - r).mean() + 0.5 * functional.relu(1 + f).mean() + 0.5 * functional.relu(1 + m).mean()
        for r, f, m in zip(real, fake, mismatched, strict=True)
    ]
    return torch.stack(terms).sum()


def generator_hinge(fake: Logits, removal: float = 1.0) -> Tensor:
    """Raise the logits of edited pictures; of each, the first half lost the attribute, with its weight."""
    halves = [logits.chunk(2) for logits in fake]
    return torch.stack([-(removal * without.mean() + with_it.mean()) / 2 for without, with_it in halves]).sum()


def weighted_l1(difference: Tensor, weight: Tensor) -> Tensor:
    """Mean |difference| (B, 3, H, W), each pixel weighted by (1, 1, H, W)."""
    return (difference.abs() * weight).mean()


def weighted_pyramid_l1(difference: Tensor, weight: Tensor) -> Tensor:
    """The same, seen from nearer and farther, colours beside the whole: the mean over means of 1, 2, 4 and 8 pixels.

    Of a thin line whose place is not sure, L1 alone would have nothing be drawn; gold rims would come as grey.
    """
    weighted = difference * weight
    colours = _COLOURS * (weighted - weighted.mean(dim=1, keepdim=True))
    both = torch.cat([weighted, colours], dim=1)
    seen = [2 * functional.avg_pool2d(both, size).abs().mean() for size in _SEEN]
    return torch.stack(seen).mean()


def mirror(r_add: Tensor, r_remove: Tensor, region_weight: Tensor) -> Tensor:
    """What an exemplar gives to another face is what taking it from the exemplar took away, seen from afar.

    Dark lenses lighten their wearer's face when they go, so they must darken the other; thin frames change little
    either way. Only the means of 8 x 8 pixels are compared, and the removal is not moved: the picture determines it.
    """
    difference = functional.avg_pool2d(r_add + r_remove.detach(), _AFAR)  # (B, 3, H, W) -> (B, 3, H/8, W/8)
    return (difference.abs() * functional.avg_pool2d(region_weight, _AFAR)).mean()


def added_variation(x: Tensor, x_edited: Tensor) -> Tensor:
    """Mean growth of |difference| of neighbouring pixels: speckles cost much, the edge of a frame little.

    What an edit smooths is free, so that it can take away all of a thin frame or of a row of teeth, edges included.
    """
    grown = [functional.relu(e.abs() - s.abs()).mean() for s, e in zip(_steps(x), _steps(x_edited), strict=True)]
    return torch.stack(grown).sum()


def added_colour_variation(x: Tensor, x_edited: Tensor) -> Tensor:
    """The same of what differs between the channels: an edge in lightness is free, a rainbow is not."""
    return added_variation(x - x.mean(dim=1, keepdim=True), x_edited - x_edited.mean(dim=1, keepdim=True))


def _steps(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the differences of neighbours, downwards and to the right."""
    return x[:, :, 1:] - x[:, :, :-1], x[:, :, :, 1:] - x[:, :, :, :-1]


def noise_response(clean: Logits, noisy: Logits) -> Tensor:
    """Mean squared change of the logits when noise is added to the pictures: the square of sigma times R1.

    It needs no second derivatives (Lin et al. 2025, "Diffusion Adversarial Post-Training", approximated R1). What a
    discriminator does not answer to, no generator draws: it keeps speckles out.
    """
    return torch.stack([functional.mse_loss(n, c) for c, n in zip(clean, noisy, strict=True)]).sum()


def overflow(unclamped: Tensor) -> Tensor:
    """Mean distance by which values leave [-1, 1]; unlike a clamp it lets the gradient through."""
    return functional.relu(unclamped.abs() - 1).mean()


def veil(cover: Tensor) -> Tensor:
    """Mean of share · (1 - share): covers that neither show nor hide what is behind them, like a veil on the face."""
    return (cover * (1 - cover)).mean()


def code_consistency(z_edited: Tensor, z_expected: Tensor) -> Tensor:
    """L1 between the code of an edited face and the code that was asked of it: the other blocks unchanged."""
    return functional.l1_loss(z_edited, z_expected)


def discriminator_cross_entropy(real: Logits, fake: Logits, weights: Sequence[float]) -> Tensor:
    """-log D(A|Y_A) - log D(B|Y_B) - log(1 - D(C|Y_C)) - log(1 - D(D|Y_D)), each scale by its weight (eq. 9-11).

    A and B are the halves of `real`, C and D those of `fake`; a half's loss is its mean.
    """
    terms = [
        2 * weight * (functional.softplus(-r).mean() + functional.softplus(f).mean())
        for r, f, weight in zip(real, fake, weights, strict=True)
    ]
    return torch.stack(terms).sum()


def generator_cross_entropy(fake: Logits, weights: Sequence[float]) -> Tensor:
    """-log D(C|Y_C) - log D(D|Y_D), each scale by its weight (eq. 8)."""
    terms = [2 * weight * functional.softplus(-logits).mean() for logits, weight in zip(fake, weights, strict=True)]
    return torch.stack(terms).sum()

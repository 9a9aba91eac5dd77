"""What the steps of the trainings are made of.

Shapes: B pairs, A and B stacked to 2B; codes (2B, K, h, w).
"""

import math

import torch
from torch import Tensor, nn

from videoedit.train.distributed import average_gradients


def other_half(z: Tensor) -> Tensor:
    """Put each pair's other face in its place: [A, B] -> [B, A]."""
    z_a, z_b = z.chunk(2)
    return torch.cat([z_b, z_a])


def twice(skips: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Repeat every skip for a second decoding of the same faces."""
    return tuple(torch.cat([skip, skip]) for skip in skips)


def as_channels_last(x: Tensor) -> Tensor:
    """Lay (B, C, H, W) out as convolutions on CPUs and tensor cores like it."""
    return x.contiguous(memory_format=torch.channels_last)


def descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    """Take one step down the loss, that of all processes where several train."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    average_gradients(p for group in optimiser.param_groups for p in group["params"])
    optimiser.step()


def set_learning_rate(optimiser: torch.optim.Optimizer, learning_rate: float) -> None:
    """Let the next step be taken at this rate."""
    for group in optimiser.param_groups:
        group["lr"] = learning_rate


def cosine_rate(iteration: int, iterations: int, highest: float, *, warm_up: int = 0, least: float = 0.0) -> float:
    """Return the learning rate of a step: a linear rise, and half a cosine from `highest` down to a share of it."""
    rise = min(1.0, (iteration + 1) / max(warm_up, 1))
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, iteration / iterations)))
    return highest * rise * max(fall, least)


def follow_average(average: nn.Module, network: nn.Module, decay: float, iteration: int) -> None:
    """Move an average of weights and buffers a little towards the network; early steps are forgotten sooner."""
    kept = decay_at(iteration, decay)
    with torch.no_grad():
        for slow, fast in zip(average.parameters(), network.parameters(), strict=True):
            slow.lerp_(fast, 1 - kept)
        for mean, latest in zip(average.buffers(), network.buffers(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(latest, 1 - kept)


def decay_at(iteration: int, decay: float) -> float:
    """Return how much of a running average is kept in a step."""
    return min(decay, (1 + iteration) / (10 + iteration))


def adamw_of(network: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """Return an optimiser under which the weights of convolutions and linear layers decay, and no others."""
    kernels = [value for value in network.parameters() if value.ndim > 1]
    others = [value for value in network.parameters() if value.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, learning_rate, fused=True)

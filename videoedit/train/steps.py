"""What one step of both ELEGANT trainings is made of.

Shapes: B pairs, A and B stacked to 2B; codes (2B, K, h, w).
"""

import torch
from torch import Tensor

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

"""What the exports of all trained networks share: weights of half the size, and their licence."""

from typing import Final

from torch import Tensor, nn

WEIGHTS_LICENCE: Final = "LicenseRef-CelebA-research"


def half_precision(network: nn.Module) -> dict[str, Tensor]:
    """Return the tensors of a network by name, in float16 where they are no counts."""
    return {name: value.half() if value.is_floating_point() else value for name, value in network.state_dict().items()}

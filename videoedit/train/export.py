"""What the exports of all trained networks share: weights of half the size, their licence, and the card."""

from dataclasses import replace
from typing import Final

from torch import Tensor, nn

from videoedit.nets.checkpoint import save_tensors
from videoedit.resources import ModelCard, sha256_of, write_card

UNKNOWN_SHA256: Final = "0" * 64
"""In a card whose weights are still to be written."""
WEIGHTS_LICENCE: Final = "LicenseRef-CelebA-research"


def half_precision(network: nn.Module) -> dict[str, Tensor]:
    """Return the tensors of a network by name, in float16 where they are no counts."""
    return {name: value.half() if value.is_floating_point() else value for name, value in network.state_dict().items()}


def export_network(network: nn.Module, card: ModelCard) -> ModelCard:
    """Write weights and card; return the card with their checksum."""
    save_tensors(card.weights_path, half_precision(network))
    whole = replace(card, sha256=sha256_of(card.weights_path))
    write_card(whole)
    return whole

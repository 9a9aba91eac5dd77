"""From a training to the points network that ships: float16 weights and the card."""

from pathlib import Path

from videoedit.nets.checkpoint import save_tensors
from videoedit.nets.points import TEMPLATE, PointsNetwork
from videoedit.resources import ModelCard, sha256_of, write_card
from videoedit.train.export import WEIGHTS_LICENCE, half_precision


def export_points(network: PointsNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    weights = folder / f"{name}.safetensors"
    save_tensors(weights, half_precision(network))
    card = ModelCard(
        name=name,
        kind="points",
        file=weights.name,
        sha256=sha256_of(weights),
        crop_size=network.config.crop_size,
        template=TEMPLATE,
        licence=WEIGHTS_LICENCE,
        description="finds the five points of a face that a detector found; taught by YuNet on LFW and CelebA",
        network={"width": network.config.width},
        folder=folder,
    )
    write_card(card)
    return card

"""From a training to the points network that ships: float16 weights and the card."""

from pathlib import Path

from videoedit.nets.points import TEMPLATE, PointsNetwork
from videoedit.resources import ModelCard
from videoedit.train.export import UNKNOWN_SHA256, WEIGHTS_LICENCE, export_network


def export_points(network: PointsNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    card = ModelCard(
        name=name,
        kind="points",
        file=f"{name}.safetensors",
        sha256=UNKNOWN_SHA256,
        crop_size=network.config.crop_size,
        template=TEMPLATE,
        licence=WEIGHTS_LICENCE,
        description="finds the five points of a face that a detector found; taught by YuNet on LFW and CelebA",
        network={"width": network.config.width},
        folder=folder,
    )
    return export_network(network, card)

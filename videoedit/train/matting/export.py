"""From a training to the matting network that ships: float16 weights and the card."""

from pathlib import Path

from videoedit.nets.matting import TEMPLATE, MattingNetwork
from videoedit.resources import ModelCard
from videoedit.train.export import UNKNOWN_SHA256, WEIGHTS_LICENCE, export_network


def export_matting(network: MattingNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    card = ModelCard(
        name=name,
        kind="matting",
        file=f"{name}.safetensors",
        sha256=UNKNOWN_SHA256,
        crop_size=network.config.crop_size,
        template=TEMPLATE,
        licence=WEIGHTS_LICENCE,
        description="lifts glasses off a face as a layer; taught by glasses drawn on CelebA's faces",
        network={"width": network.config.width},
        folder=folder,
    )
    return export_network(network, card)

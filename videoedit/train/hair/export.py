"""From a training to the hair network that ships: float16 weights and the card."""

from pathlib import Path

from videoedit.nets.mask import TEMPLATE, MaskNetwork
from videoedit.resources import ModelCard
from videoedit.train.export import UNKNOWN_SHA256, WEIGHTS_LICENCE, export_network


def export_hair(network: MaskNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    card = ModelCard(
        name=name,
        kind="hair",
        file=f"{name}.safetensors",
        sha256=UNKNOWN_SHA256,
        crop_size=network.config.crop_size,
        template=TEMPLATE,
        licence=WEIGHTS_LICENCE,
        description="marks the hair above the eyes; taught by cuts of CelebA's faces",
        network={"width": network.config.width},
        folder=folder,
    )
    return export_network(network, card)

"""From a training to the occluder network that ships: float16 weights and the card."""

from pathlib import Path

from videoedit.nets.checkpoint import save_tensors
from videoedit.nets.occluder import TEMPLATE, OccluderNetwork
from videoedit.resources import ModelCard, sha256_of, write_card
from videoedit.train.export import WEIGHTS_LICENCE, half_precision


def export_occluder(network: OccluderNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    weights = folder / f"{name}.safetensors"
    save_tensors(weights, half_precision(network))
    card = ModelCard(
        name=name,
        kind="occluder",
        file=weights.name,
        sha256=sha256_of(weights),
        crop_size=network.config.crop_size,
        template=TEMPLATE,
        licence=WEIGHTS_LICENCE,
        description="marks what is in front of a face; taught by things put before CelebA's faces",
        network={"width": network.config.width},
        folder=folder,
    )
    write_card(card)
    return card

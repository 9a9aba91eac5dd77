"""From a training to the occluder network that ships: float16 weights and the card."""

from pathlib import Path

from videoedit.nets.mask import MaskNetwork
from videoedit.resources import ModelCard
from videoedit.train.mask_task import export_mask


def export_occluder(network: MaskNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    return export_mask(
        network,
        folder,
        name,
        kind="occluder",
        what="marks what is in front of a face; taught by things put before CelebA's faces",
    )

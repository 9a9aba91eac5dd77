"""From a training to the hair network that ships: float16 weights and the card."""

from pathlib import Path

from videoedit.nets.mask import MaskNetwork
from videoedit.resources import ModelCard
from videoedit.train.mask_task import export_mask


def export_hair(network: MaskNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    return export_mask(
        network, folder, name, kind="hair", what="marks the hair above the eyes; taught by cuts of CelebA's faces"
    )

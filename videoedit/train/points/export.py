"""From a training to a points network that ships: float16 weights and the card."""

from pathlib import Path

from videoedit.nets.points import BROWS_TEMPLATE, FIVE, LIPS_TEMPLATE, TEMPLATE, PointsNetwork
from videoedit.resources import ModelCard
from videoedit.train.export import UNKNOWN_SHA256, WEIGHTS_LICENCE, export_network


def export_points(network: PointsNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    what = "finds the five points of a face that a detector found; taught by YuNet on LFW and CelebA"
    return _export(network, folder, name, TEMPLATE, what)


def export_lips(network: PointsNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    what = "finds the outlines of a face's lips; taught by MediaPipe's Face Landmarker on LFW and CelebA"
    return _export(network, folder, name, LIPS_TEMPLATE, what)


def export_brows(network: PointsNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    what = "finds the outlines of a face's brows; taught by MediaPipe's Face Landmarker on LFW and CelebA"
    return _export(network, folder, name, BROWS_TEMPLATE, what)


def _export(network: PointsNetwork, folder: Path, name: str, template: str, what: str) -> ModelCard:
    config = network.config
    card = ModelCard(
        name=name,
        kind="points",
        file=f"{name}.safetensors",
        sha256=UNKNOWN_SHA256,
        crop_size=config.crop_size,
        template=template,
        licence=WEIGHTS_LICENCE,
        description=what,
        network={"width": config.width} | ({} if config.num_points == FIVE else {"num_points": config.num_points}),
        folder=folder,
    )
    return export_network(network, card)

"""Marks on aligned faces, by one small network each: hair here, what hides a face in `edit.occluders`.

Shapes: F faces, S the side of the crops, s that of the network's.
"""

from pathlib import Path
from typing import ClassVar, Self

import torch
from torch import Tensor
from torch.nn import functional

from videoedit.device import resolve_device
from videoedit.nets.checkpoint import load_network
from videoedit.nets.mask import MaskConfig, MaskNetwork
from videoedit.resources import load_card


class MaskFinder:
    """Holds the network; says how much of every pixel is marked."""

    kind: ClassVar[str]
    """Of the card, one of `resources.KINDS`."""
    embedded: ClassVar[str]
    """Name of the embedded network's card."""
    believed: ClassVar[tuple[float, float]]
    """Up to the first probability a pixel is not marked, from the second on it is, and softly between."""

    def __init__(self, network: MaskNetwork, device: str = "auto") -> None:
        self._device = resolve_device(device)
        self._network = network.eval().requires_grad_(False).to(self._device)

    @classmethod
    def from_card(cls, name_or_path: str | Path | None = None, device: str = "auto") -> Self:
        """Load the embedded network, or another by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card.
        """
        card = load_card(name_or_path or cls.embedded, cls.kind)
        network = load_network(MaskNetwork(MaskConfig(crop_size=card.crop_size, **card.network)), card)
        return cls(network, device)

    @torch.inference_mode()
    def marked(self, crops: Tensor) -> Tensor:
        """Return what share of each pixel is marked, (F, S, S) in 0..1, on crops (F, 3, S, S) in [-1, 1]."""
        side, size = self._network.config.crop_size, crops.shape[-1]
        x = functional.interpolate(crops.to(self._device), size=(side, side), mode="area")  # (F, 3, s, s)
        logits = functional.interpolate(self._network(x)[:, None], size=(size, size), mode="bilinear")[:, 0]
        low, high = self.believed
        believed: Tensor = ((torch.sigmoid(logits) - low) / (high - low)).clamp(0.0, 1.0)
        return believed.float().cpu()


class HairFinder(MaskFinder):
    """Finds the hair above the eyes."""

    kind = "hair"
    embedded = "hair-mask"
    believed = (0.2, 0.8)

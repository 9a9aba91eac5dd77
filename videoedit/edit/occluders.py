"""Edits that stay behind what is in front of a face: where a hand or a microphone is, nothing is added.

Shapes: F faces, S the side of the editor's crops, s that of the network's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import torch
from torch import Tensor
from torch.nn import functional

from videoedit.device import resolve_device
from videoedit.edit.base import Edit, FaceEditor
from videoedit.frames import Image
from videoedit.nets.checkpoint import load_network
from videoedit.nets.occluder import OccluderConfig, OccluderNetwork
from videoedit.resources import load_card
from videoedit.tensors import BENT_FROM, bent

EMBEDDED: Final = "face-occluder"
"""Name of the embedded network's card."""
_BELIEVED: Final = (0.25, 0.6)
"""Up to the first probability a pixel is the face, from the second on something hides it, softly between."""


class OccluderFinder:
    """Holds the network; says how much of every pixel of a face is hidden."""

    def __init__(self, network: OccluderNetwork, device: str = "auto") -> None:
        self._device = resolve_device(device)
        self._network = network.eval().requires_grad_(False).to(self._device)

    @classmethod
    def from_card(cls, name_or_path: str | Path = EMBEDDED, device: str = "auto") -> Self:
        """Load the embedded network, or another by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card.
        """
        card = load_card(name_or_path, "occluder")
        network = load_network(OccluderNetwork(OccluderConfig(crop_size=card.crop_size, **card.network)), card)
        return cls(network, device)

    @torch.inference_mode()
    def hidden(self, crops: Tensor) -> Tensor:
        """Return what share of each pixel is hidden, (F, S, S) in 0..1, on crops (F, 3, S, S) in [-1, 1]."""
        side, size = self._network.config.crop_size, crops.shape[-1]
        x = functional.interpolate(crops.to(self._device), size=(side, side), mode="area")  # (F, 3, s, s)
        logits = functional.interpolate(self._network(x)[:, None], size=(size, size), mode="bilinear")[:, 0]
        low, high = _BELIEVED
        believed: Tensor = ((torch.sigmoid(logits) - low) / (high - low)).clamp(0.0, 1.0)
        return believed.float().cpu()


class BehindOccluders:
    """Another editor, whose residuals are left out where something hides the face."""

    def __init__(self, editor: FaceEditor, finder: OccluderFinder) -> None:
        self._editor = editor
        self._finder = finder

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes that can be edited."""
        return self._editor.attributes

    @property
    def crop_size(self) -> int:
        """Side of the crops in pixels."""
        return self._editor.crop_size

    @property
    def template(self) -> str:
        """Name of the alignment."""
        return self._editor.template

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute from an aligned exemplar, (S, S, 3)."""
        return self._editor.edit_like(exemplar, attribute, strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute away, with no exemplar."""
        return self._editor.edit_without(attribute, strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return what to add to the faces as far as they are seen, (F, 3, 4 or 6, S, S)."""
        hidden = self._finder.hidden(crops)[:, None]
        residuals = self._editor.residuals(crops, edits) * (1.0 - hidden)
        if residuals.shape[1] > BENT_FROM and residuals[:, BENT_FROM:].any():
            residuals[:, BENT_FROM:] *= 1.0 - bent(hidden, residuals[:, BENT_FROM:]).clamp(0.0, 1.0)
        return residuals  # nothing comes from what hides the face, either

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return the editor's own limits, and 0 where the faces are hidden, (F, S, S)."""
        return self._editor.limits(crops, edits) * (1.0 - self._finder.hidden(crops))

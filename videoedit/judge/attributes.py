"""The attribute judge: what an independent classifier says of a face. Used to measure edits, never to train them.

Shapes: B crops of S x S, n attributes.
"""

from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from videoedit.device import resolve_device
from videoedit.errors import ConfigError
from videoedit.frames import Image
from videoedit.nets.checkpoint import load_network
from videoedit.nets.classifier import AttributeClassifier, ClassifierConfig
from videoedit.registry import unknown_name
from videoedit.resources import ModelCard, load_card
from videoedit.tensors import to_model

EMBEDDED = "attribute-judge"
"""Name of the embedded judge's card."""


class AttributeJudge:
    """Holds the classifier and the thresholds of its card."""

    def __init__(self, network: AttributeClassifier, card: ModelCard, device: str = "cpu") -> None:
        self._device = resolve_device(device)
        self._network = network.eval().requires_grad_(False).to(self._device)
        self._card = card

    @classmethod
    def from_card(cls, name_or_path: str | Path = EMBEDDED, device: str = "cpu") -> Self:
        """Load the embedded judge, or the user's own by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card.
        """
        card = load_card(name_or_path, "judge")
        network = load_network(
            AttributeClassifier(ClassifierConfig(attributes=card.attributes, crop_size=card.crop_size, **card.network)),
            card,
        )
        return cls(network, card, device)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names in the order of the probabilities."""
        return self._card.attributes

    @property
    def crop_size(self) -> int:
        """Side of the crops in pixels."""
        return self._card.crop_size

    @property
    def template(self) -> str:
        """Name of the alignment."""
        return self._card.template

    @torch.inference_mode()
    def probabilities(self, crops: Tensor) -> Tensor:
        """Return (B, n) probabilities of crops (B, 3, S, S) in [-1, 1]; other sizes are resampled."""
        return torch.sigmoid(self._network(self._fitted(crops))).float().cpu()

    @torch.inference_mode()
    def features(self, crops: Tensor) -> Tensor:
        """Return what the probabilities are made from, (B, D), of crops (B, 3, S, S) in [-1, 1]."""
        return self._network.features(self._fitted(crops)).float().cpu()

    def _fitted(self, crops: Tensor) -> Tensor:
        x = crops.to(self._device)
        if x.shape[-1] == self.crop_size:
            return x
        side = (self.crop_size, self.crop_size)
        return torch.nn.functional.interpolate(x, side, mode="bilinear", antialias=True)

    def threshold(self, attribute: str) -> float:
        """Return the probability at which the judge errs as often on real positives as on real negatives."""
        return self._number(self._card.thresholds, attribute)

    def has(self, crop: Image, attribute: str) -> bool:
        """Say whether a crop (S, S, 3) is judged above the attribute's threshold."""
        return self._probability(crop, attribute) > self.threshold(attribute)

    def lacks_plainly(self, crop: Image, attribute: str) -> bool:
        """Say whether a crop (S, S, 3) is judged lower than 99 of 100 real pictures with the attribute."""
        return self._probability(crop, attribute) < self._number(self._card.plainly_below, attribute)

    def _probability(self, crop: Image, attribute: str) -> float:
        if attribute not in self.attributes:
            raise ConfigError(unknown_name("attribute of the judge", attribute, self.attributes))
        return float(self.probabilities(to_model([crop]))[0, self.attributes.index(attribute)])

    def _number(self, numbers: object, attribute: str) -> float:
        if not isinstance(numbers, dict) or attribute not in numbers:
            raise ConfigError(unknown_name("attribute of the judge", attribute, self.attributes))
        return float(numbers[attribute])

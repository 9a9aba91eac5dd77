"""What the trainings of networks that mark something on a face share: settings, the loss, the sheet, the export.

Shapes: B faces, crops (B, 3, S, S), masks (B, S, S).
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from videoedit.device import channels_last, training_autocast
from videoedit.frames import Image
from videoedit.nets.mask import TEMPLATE, MaskConfig, MaskNetwork
from videoedit.resources import ModelCard
from videoedit.tensors import from_model
from videoedit.train.augment import AugmentConfig, Augmenter
from videoedit.train.export import UNKNOWN_SHA256, WEIGHTS_LICENCE, export_network
from videoedit.train.one_network import OneNetworkTask
from videoedit.train.steps import adamw_of, as_channels_last, cosine_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskTrainConfig:
    """How such a network is trained."""

    network: MaskConfig = field(default_factory=MaskConfig)
    iterations: int
    """Steps over which the learning rate falls to zero."""
    batch_size: int = 48
    learning_rate: float = 3e-3
    warm_up: int = 100
    """Steps until the learning rate is reached."""
    weight_decay: float = 0.01
    average_decay: float = 0.998
    """Of the average of the weights, which is what ships."""
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    seed: int = 0


class Batch(NamedTuple):
    """Faces and what is to be marked on them."""

    x: Tensor
    """(B, 3, S, S) in [-1, 1]."""
    wanted: Tensor
    """(B, S, S) in 0..1."""
    counts: Tensor
    """(S, S) or (B, S, S): how much each pixel counts."""


class MaskTask(OneNetworkTask[MaskNetwork]):
    """A network of masks in training; a task of this kind says what a batch is."""

    def __init__(self, config: MaskTrainConfig, *, compiled: bool) -> None:
        torch.manual_seed(config.seed)
        network = channels_last(MaskNetwork(config.network))
        optimiser = adamw_of(network, config.learning_rate, config.weight_decay)
        random = torch.Generator().manual_seed(config.seed)
        super().__init__(network, optimiser, average_decay=config.average_decay, random=random)
        self._settings = config
        self._forward = torch.compile(self.network) if compiled else self.network
        self._augment = Augmenter(config.augment, config.network.crop_size)

    def step(self, iteration: int) -> dict[str, float]:
        """Learn from one batch, drawn at random."""
        self.network.train()
        x, wanted, counts = self._draw()
        with training_autocast(torch.device("cpu")):
            logits = self._forward(as_channels_last(x))
        losses = functional.binary_cross_entropy_with_logits(logits.float(), wanted, reduction="none")
        loss = (losses * counts).mean()
        config = self._settings
        rate = cosine_rate(iteration, config.iterations, config.learning_rate, warm_up=config.warm_up)
        self._learn(loss, iteration, rate)
        return {"loss": loss.item(), **_shares_right(logits.detach(), wanted, counts)}

    def _draw(self) -> Batch:
        """Return a batch, drawn from `_random`."""
        raise NotImplementedError

    @torch.inference_mode()
    def sample_sheet(self) -> Image | None:
        """Show faces, what is to be marked, and what the network marks; the training's own numbers are not used up."""
        kept = self._random.get_state()
        x, wanted, _ = self._draw()
        self._random.set_state(kept)
        found = torch.sigmoid(self.average(x))
        pictures = [x, *((2 * map_ - 1)[:, None].expand(-1, 3, -1, -1) for map_ in (wanted, found))]
        return np.concatenate([np.concatenate(from_model(row), axis=1) for row in pictures])


def export_mask(network: MaskNetwork, folder: Path, name: str, *, kind: str, what: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`, a card of this kind that says what the network does."""
    card = ModelCard(
        name=name,
        kind=kind,
        file=f"{name}.safetensors",
        sha256=UNKNOWN_SHA256,
        crop_size=network.config.crop_size,
        template=TEMPLATE,
        licence=WEIGHTS_LICENCE,
        description=what,
        network={"width": network.config.width},
        folder=folder,
    )
    return export_network(network, card)


def _shares_right(logits: Tensor, wanted: Tensor, counts: Tensor) -> dict[str, float]:
    """Return the share of what is to be marked that is found, and of the rest that is taken for it, where it counts."""
    found, there, counted = logits > 0, wanted > 0.5, (counts > 0).expand_as(wanted)
    hit = (found & there & counted).sum() / (there & counted).sum().clamp(min=1)
    false = (found & ~there & counted).sum() / (~there & counted).sum().clamp(min=1)
    return {"found": hit.item(), "false": false.item()}

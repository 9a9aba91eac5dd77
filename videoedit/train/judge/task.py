"""The judge's training: binary cross-entropy on all attributes at once, an average of the weights, cosine decay.

Shapes: B crops (B, 3, S, S), labels (B, n) of -1 and 1, or 0 where nobody knows.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from videoedit.datasets.celeba import FaceSet
from videoedit.device import channels_last, training_autocast
from videoedit.nets.classifier import AttributeClassifier, ClassifierConfig
from videoedit.tensors import to_model
from videoedit.train.augment import AugmentConfig, Augmenter
from videoedit.train.judge.altered import AlteredFaces
from videoedit.train.one_network import OneNetworkTask
from videoedit.train.steps import adamw_of, as_channels_last, cosine_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierTrainConfig:
    """How the judge is trained."""

    network: ClassifierConfig
    iterations: int
    """Steps over which the learning rate falls to zero."""
    batch_size: int = 64
    learning_rate: float = 2e-3
    """Largest, after the warm-up."""
    warm_up: int = 100
    """Steps until the learning rate is reached."""
    weight_decay: float = 0.02
    smoothing: float = 0.02
    """Labels are this far from 0 and 1."""
    average_decay: float = 0.998
    """Of the average of the weights, which is what ships."""
    erase: float = 0.3
    """Chance that a box of a crop is greyed, so that no single part is relied on."""
    altered: float = 0.3
    """Share of a batch that wears drawn glasses or parts of others."""
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    seed: int = 0


class ClassifierTask(OneNetworkTask[AttributeClassifier]):
    """The judge in training."""

    def __init__(self, config: ClassifierTrainConfig, faces: FaceSet, *, compiled: bool) -> None:
        torch.manual_seed(config.seed)
        network = channels_last(AttributeClassifier(config.network))
        optimiser = adamw_of(network, config.learning_rate, config.weight_decay)
        random = torch.Generator().manual_seed(config.seed)
        super().__init__(network, optimiser, average_decay=config.average_decay, random=random)
        self._config = config
        self._faces = faces
        self._forward = torch.compile(self.network) if compiled else self.network
        self._augment = Augmenter(config.augment, config.network.crop_size)
        self._altered = AlteredFaces(faces, config.network.crop_size)

    def step(self, iteration: int) -> dict[str, float]:
        """Learn from one batch, drawn at random."""
        self.network.train()
        images, labels = self._draw()
        x = as_channels_last(self._erased(to_model(self._augment(images, self._random))))
        known = (labels != 0).float()
        smoothed = (labels > 0).float() * (1 - 2 * self._config.smoothing) + self._config.smoothing
        with training_autocast(torch.device("cpu")):
            logits = self._forward(x)
        count = known.sum()
        entropy = functional.binary_cross_entropy_with_logits(logits.float(), smoothed, known, reduction="sum")
        loss = entropy / count
        self._learn(loss, iteration, learning_rate_at(iteration, self._config))
        correct = (((logits > 0) == (labels > 0)) * known).sum() / count
        return {"loss": loss.item(), "accuracy": correct.item()}

    def _draw(self) -> tuple[NDArray[np.uint8], Tensor]:
        """Return pictures (B, S + 2m, S + 2m, 3), altered ones first, and labels (B, n) of -1, 1, or 0 for unknown."""
        count = round(self._config.altered * self._config.batch_size) if self._altered.attributes else 0
        rows = torch.randint(len(self._faces.images), (self._config.batch_size - count,), generator=self._random)
        rng = np.random.default_rng(int(torch.randint(2**31, (), generator=self._random)))
        altered = [self._altered.draw(rng) for _ in range(count)]
        images = [image for image, _ in altered] + list(self._faces.images[rows.numpy()])
        labels = [label for _, label in altered] + list(self._faces.labels[rows.numpy()])
        return np.stack(images), torch.from_numpy(np.stack(labels))

    def _erased(self, x: Tensor) -> Tensor:
        """Grey a box of some crops."""
        size = x.shape[-1]
        chances = torch.rand(len(x), generator=self._random)
        corners = torch.randint(0, size, (len(x), 2), generator=self._random)
        sides = torch.randint(size // 8, size // 3, (len(x), 2), generator=self._random)
        for row in torch.nonzero(chances < self._config.erase).flatten().tolist():
            (top, left), (height, width) = corners[row].tolist(), sides[row].tolist()
            x[row, :, top : top + height, left : left + width] = 0.0
        return x


def learning_rate_at(iteration: int, config: ClassifierTrainConfig) -> float:
    """Return the learning rate of a step."""
    return cosine_rate(iteration, config.iterations, config.learning_rate, warm_up=config.warm_up)

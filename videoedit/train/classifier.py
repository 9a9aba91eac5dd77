"""The judge's training: binary cross-entropy on all attributes at once, an average of the weights, cosine decay.

Shapes: B crops (B, 3, S, S), labels (B, n) of 0 and 1.
"""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from videoedit.datasets.celeba import FaceSet
from videoedit.device import channels_last
from videoedit.frames import Image
from videoedit.nets.classifier import AttributeClassifier, ClassifierConfig
from videoedit.tensors import to_model
from videoedit.train.augment import AugmentConfig, Augmenter


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
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    seed: int = 0


class ClassifierTask:
    """Network, optimiser and random state of one training; see `videoedit.train.loop.Task`."""

    def __init__(self, config: ClassifierTrainConfig, faces: FaceSet, *, compiled: bool) -> None:
        self._config = config
        self._faces = faces
        self._random = torch.Generator().manual_seed(config.seed)
        torch.manual_seed(config.seed)
        self.network = channels_last(AttributeClassifier(config.network))
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self._step = _optimiser(self.network, config)
        self._forward = torch.compile(self.network) if compiled else self.network
        self._augment = Augmenter(config.augment, config.network.crop_size)
        self._labels = torch.from_numpy(faces.labels > 0).float()  # (N, n)

    def step(self, iteration: int) -> dict[str, float]:
        """Learn from one batch, drawn at random."""
        self.network.train()
        rows = torch.randint(len(self._labels), (self._config.batch_size,), generator=self._random)
        x = to_model(self._augment(self._faces.images[rows.numpy()], self._random))
        x = self._erased(x).contiguous(memory_format=torch.channels_last)
        smoothed = self._labels[rows] * (1 - 2 * self._config.smoothing) + self._config.smoothing
        for group in self._step.param_groups:
            group["lr"] = learning_rate_at(iteration, self._config)
        with torch.autocast("cpu", torch.bfloat16):
            logits = self._forward(x)
        loss = functional.binary_cross_entropy_with_logits(logits.float(), smoothed)
        self._step.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._step.step()
        self._follow_average(iteration)
        correct = ((logits > 0) == (self._labels[rows] > 0)).float().mean()
        return {"loss": loss.item(), "accuracy": correct.item()}

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

    def _follow_average(self, iteration: int) -> None:
        decay = min(self._config.average_decay, (1 + iteration) / (10 + iteration))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.network.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
            for kept, latest in zip(self.average.buffers(), self.network.buffers(), strict=True):
                if kept.is_floating_point():
                    kept.lerp_(latest, 1 - decay)

    def state(self) -> dict[str, Any]:
        """Return everything from which the training goes on exactly."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "step": self._step.state_dict(),
            "random": self._random.get_state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up `state()`."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self._step.load_state_dict(state["step"])
        self._random.set_state(state["random"])

    def sample_sheet(self) -> Image | None:
        """Return None: a judge draws nothing."""
        return None


def learning_rate_at(iteration: int, config: ClassifierTrainConfig) -> float:
    """Return the learning rate of a step: a linear warm-up, then half a cosine down to zero."""
    warm = min(1.0, (iteration + 1) / max(config.warm_up, 1))
    return warm * cosine_rate(iteration, config.iterations, config.learning_rate)


def cosine_rate(iteration: int, iterations: int, highest: float) -> float:
    """Return `highest` at the first step, half a cosine down to zero at the last."""
    return highest * 0.5 * (1 + math.cos(math.pi * min(1.0, iteration / iterations)))


def _optimiser(network: nn.Module, config: ClassifierTrainConfig) -> torch.optim.AdamW:
    """Return AdamW that decays the weights of convolutions and linear layers alone."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, config.learning_rate, fused=True)

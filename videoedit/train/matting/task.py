"""The training of the matting network: glasses that were drawn on faces are lifted off them.

Shapes: B faces, S the side of the crop, T rows of the band; layers are (B, 4, S, S), `tensors.change_of`.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from videoedit.datasets.celeba import FaceSet
from videoedit.device import channels_last, training_autocast
from videoedit.edit.base import FaceEditor
from videoedit.frames import Image
from videoedit.nets.matting import MattingConfig, MattingNetwork, layer_of
from videoedit.tensors import from_model
from videoedit.train.augment import AugmentConfig
from videoedit.train.matting.scenes import Chances, SceneMaker, Scenes
from videoedit.train.one_network import OneNetworkTask
from videoedit.train.steps import adamw_of, as_channels_last, cosine_rate

_SEEN: Final = (1, 2, 4, 8)
"""Sides in pixels of the squares whose means are compared."""
_COVERED: Final = 4.0
"""How much more a pixel that is covered counts than one that is not."""
_GREY: Final = 0.3
"""What a layer is laid on for the sheet."""
_CHANCES: Final = Chances(bare=0.12, unhelped=0.15, smeared=0.5, aged=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class MattingTrainConfig:
    """How the network is trained."""

    network: MattingConfig = field(default_factory=MattingConfig)
    iterations: int
    """Steps over which the learning rate falls to zero."""
    batch_size: int = 8
    """Faces in a step."""
    learning_rate: float = 2e-3
    warm_up: int = 100
    """Steps until the learning rate is reached."""
    weight_decay: float = 0.01
    average_decay: float = 0.998
    """Of the average of the weights, which is what ships."""
    layer: float = 4.0
    """Weight of the layers' L1 beside the cross-entropy of the covers."""
    chances: Chances = field(default_factory=lambda: _CHANCES)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    seed: int = 0


class MattingTask(OneNetworkTask[MattingNetwork]):
    """The matting network in training."""

    def __init__(self, config: MattingTrainConfig, faces: FaceSet, editor: FaceEditor, *, compiled: bool) -> None:
        torch.manual_seed(config.seed)
        network = channels_last(MattingNetwork(config.network))
        optimiser = adamw_of(network, config.learning_rate, config.weight_decay)
        random = torch.Generator().manual_seed(config.seed)
        super().__init__(network, optimiser, average_decay=config.average_decay, random=random)
        self._config = config
        self._scenes = SceneMaker(faces, editor, config.network.crop_size, config.augment)
        self._forward = torch.compile(network) if compiled else network

    def step(self, iteration: int) -> dict[str, float]:
        """Learn from one batch, drawn at random."""
        self.network.train()
        config, scenes, band = self._config, self._draw(), self._config.network.band
        x, without = (as_channels_last(part[:, :, band]) for part in (scenes.wearer, scenes.without))
        with training_autocast(torch.device("cpu")):
            colours, logits = self._forward(x, without)
        truth = scenes.layer[:, :, band]
        counts = 1 + (_COVERED - 1) * truth[:, 3:]
        wrong = functional.binary_cross_entropy_with_logits(logits.float(), truth[:, 3:], reduction="none")
        covers = (counts * wrong).mean()
        layers = pyramid_l1(counts * (layer_of(colours, logits) - truth))
        rate = cosine_rate(iteration, config.iterations, config.learning_rate, warm_up=config.warm_up)
        self._learn(10 * (covers + config.layer * layers), iteration, rate)
        return {"covers": covers.item(), "layers": layers.item()}

    def _draw(self) -> Scenes:
        return self._scenes.draw(self._config.batch_size, self._random, self._config.chances)

    @torch.inference_mode()
    def sample_sheet(self) -> Image | None:
        """Show wearers, what the editor leaves, true and lifted layers on grey; the training's numbers stay."""
        kept = self._random.get_state()
        scenes = self._draw()
        self._random.set_state(kept)
        lifted = self.average.lift(scenes.wearer, scenes.without)
        layers = [layer[:, :3] + (1 - layer[:, 3:]) * _GREY for layer in (scenes.layer, lifted)]
        return np.concatenate(
            [np.concatenate(from_model(row), axis=1) for row in (scenes.wearer, scenes.without, *layers)]
        )


def pyramid_l1(difference: Tensor) -> Tensor:
    """Mean |difference| (B, C, H, W) over means of squares of several sizes: what is nearly in place is better."""
    return torch.stack([functional.avg_pool2d(difference, size).abs().mean() for size in _SEEN]).mean()

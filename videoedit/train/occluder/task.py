"""The training of the occluder network: faces as they are, and the same behind things that are put there.

Shapes: B faces, crops (B, 3, S, S), masks (B, S, S).
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from videoedit.align.regions import soft_mask
from videoedit.datasets.celeba import FaceSet
from videoedit.device import channels_last
from videoedit.frames import Image
from videoedit.nets.occluder import OccluderConfig, OccluderNetwork
from videoedit.tensors import from_model, to_model
from videoedit.train.augment import AugmentConfig, Augmenter
from videoedit.train.occluder.scenes import Scene, SceneConfig, scene_of
from videoedit.train.one_network import OneNetworkTask
from videoedit.train.steps import adamw_of, as_channels_last, cosine_rate

MARGIN: Final = 8
"""Pixels kept around the crop on each side."""
OFTEN: Final = {"Eyeglasses": 4.0, "Wearing_Hat": 2.0, "Bangs": 1.5, "Goatee": 2.0}
"""How much more often faces are drawn that wear what could be taken for an occluder."""

_FACE: Final = (0.15, 0.18, 0.85, 0.95)
"""Box of the face on the crop; what lies beyond it counts less."""
_BEYOND: Final = 0.25
_NUM_OTHERS: Final = 4
"""Faces of whose parts a scene's things are made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OccluderTrainConfig:
    """How the network is trained."""

    network: OccluderConfig = field(default_factory=OccluderConfig)
    iterations: int
    """Steps over which the learning rate falls to zero."""
    batch_size: int = 48
    learning_rate: float = 3e-3
    warm_up: int = 100
    """Steps until the learning rate is reached."""
    weight_decay: float = 0.01
    average_decay: float = 0.998
    """Of the average of the weights, which is what ships."""
    scenes: SceneConfig = field(default_factory=SceneConfig)
    augment: AugmentConfig = field(default_factory=lambda: AugmentConfig(jitter=0.0))
    seed: int = 0


class OccluderTask(OneNetworkTask[OccluderNetwork]):
    """The occluder network in training."""

    def __init__(self, config: OccluderTrainConfig, faces: FaceSet, *, compiled: bool) -> None:
        torch.manual_seed(config.seed)
        network = channels_last(OccluderNetwork(config.network))
        optimiser = adamw_of(network, config.learning_rate, config.weight_decay)
        random = torch.Generator().manual_seed(config.seed)
        super().__init__(network, optimiser, average_decay=config.average_decay, random=random)
        self._config = config
        self._faces = faces
        self._forward = torch.compile(self.network) if compiled else self.network
        self._augment = Augmenter(config.augment, config.network.crop_size)
        self._shares = torch.from_numpy(shares_of(faces))
        face = torch.from_numpy(soft_mask(_FACE, config.network.crop_size))
        self._counts = _BEYOND + (1 - _BEYOND) * face  # (S, S)

    def step(self, iteration: int) -> dict[str, float]:
        """Learn from one batch, drawn at random."""
        self.network.train()
        x, wanted = self._draw()
        with torch.autocast("cpu", torch.bfloat16):
            logits = self._forward(as_channels_last(x))
        losses = functional.binary_cross_entropy_with_logits(logits.float(), wanted, reduction="none")
        loss = (losses * self._counts).mean()
        config = self._config
        rate = cosine_rate(iteration, config.iterations, config.learning_rate, warm_up=config.warm_up)
        self._learn(loss, iteration, rate)
        return {"loss": loss.item(), **_shares_right(logits.detach(), wanted)}

    def _draw(self) -> tuple[Tensor, Tensor]:
        """Return crops (B, 3, S, S) and what is in front of them, (B, S, S)."""
        count = self._config.batch_size
        rows = torch.multinomial(self._shares, count, replacement=True, generator=self._random).numpy()
        others = torch.randint(len(self._faces.images), (count, _NUM_OTHERS), generator=self._random).numpy()
        seeds = torch.randint(2**31, (count,), generator=self._random).tolist()
        scenes = [self._scene(*one) for one in zip(rows, others, seeds, strict=True)]
        crops = self._augment.degraded([scene.crop for scene in scenes], self._random)
        return to_model(crops), torch.from_numpy(np.stack([scene.mask for scene in scenes]))

    def _scene(self, row: int, others: NDArray[np.int64], seed: int) -> Scene:
        images, size = self._faces.images, self._config.network.crop_size
        return scene_of(images[row], images[others], size, self._config.scenes, np.random.default_rng(seed))

    @torch.inference_mode()
    def sample_sheet(self) -> Image | None:
        """Show scenes, what is in front, and what the network says; the training's own numbers are not used up."""
        kept = self._random.get_state()
        x, wanted = self._draw()
        self._random.set_state(kept)
        found = torch.sigmoid(self.average(x))
        pictures = [x, *((2 * map_ - 1)[:, None].expand(-1, 3, -1, -1) for map_ in (wanted, found))]
        strips = [np.concatenate(from_model(row), axis=1) for row in pictures]
        return np.concatenate(strips)


def shares_of(faces: FaceSet) -> NDArray[np.float64]:
    """Return how often each face is drawn, (N,), against 1 for a plain one."""
    shares = np.ones(len(faces.images))
    for attribute, share in OFTEN.items():
        if attribute in faces.attributes:
            shares = np.where(faces.column(attribute) > 0, np.maximum(shares, share), shares)
    return shares


def _shares_right(logits: Tensor, wanted: Tensor) -> dict[str, float]:
    """Return the share of what is in front that is found, and of the rest that is taken for it."""
    found, there = logits > 0, wanted > 0.5
    hit = (found & there).sum() / there.sum().clamp(min=1)
    false = (found & ~there).sum() / (~there).sum().clamp(min=1)
    return {"found": hit.item(), "false": false.item()}

"""The training of the occluder network: faces as they are, and the same behind things that are put there.

Shapes: B faces, crops (B, 3, S, S), masks (B, S, S).
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from videoedit.align.regions import soft_mask
from videoedit.datasets.celeba import FaceSet
from videoedit.tensors import to_model
from videoedit.train.augment import AugmentConfig
from videoedit.train.mask_task import Batch, MaskTask, MaskTrainConfig
from videoedit.train.occluder.scenes import Scene, SceneConfig, scene_of

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
class OccluderTrainConfig(MaskTrainConfig):
    """How the network is trained."""

    scenes: SceneConfig = field(default_factory=SceneConfig)
    augment: AugmentConfig = field(default_factory=lambda: AugmentConfig(jitter=0.0))


class OccluderTask(MaskTask):
    """The occluder network in training."""

    def __init__(self, config: OccluderTrainConfig, faces: FaceSet, *, compiled: bool) -> None:
        super().__init__(config, compiled=compiled)
        self._config = config
        self._faces = faces
        self._shares = torch.from_numpy(shares_of(faces))
        face = torch.from_numpy(soft_mask(_FACE, config.network.crop_size))
        self._counts = _BEYOND + (1 - _BEYOND) * face  # (S, S)

    def _draw(self) -> Batch:
        count = self._config.batch_size
        rows = torch.multinomial(self._shares, count, replacement=True, generator=self._random).numpy()
        others = torch.randint(len(self._faces.images), (count, _NUM_OTHERS), generator=self._random).numpy()
        seeds = torch.randint(2**31, (count,), generator=self._random).tolist()
        scenes = [self._scene(*one) for one in zip(rows, others, seeds, strict=True)]
        crops = self._augment.degraded([scene.crop for scene in scenes], self._random)
        masks = torch.from_numpy(np.stack([scene.mask for scene in scenes]))
        return Batch(to_model(crops), masks, self._counts)

    def _scene(self, row: int, others: NDArray[np.int64], seed: int) -> Scene:
        images, size = self._faces.images, self._config.network.crop_size
        return scene_of(images[row], images[others], size, self._config.scenes, np.random.default_rng(seed))


def shares_of(faces: FaceSet) -> NDArray[np.float64]:
    """Return how often each face is drawn, (N,), against 1 for a plain one."""
    shares = np.ones(len(faces.images))
    for attribute, share in OFTEN.items():
        if attribute in faces.attributes:
            shares = np.where(faces.column(attribute) > 0, np.maximum(shares, share), shares)
    return shares

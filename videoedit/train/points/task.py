"""The training of a points network: faces aligned by points that are wrong as a detector's are, the right ones asked.

Shapes: B faces, P points, crops (B, 3, S, S); bases are the faces aligned by their right points, with a margin of
surroundings.
Coordinates: pixels, (0, 0) the centre of the top-left pixel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from videoedit.align.crop import warp_image
from videoedit.align.templates import crop_from_points, template_points
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import Transform, transform_points
from videoedit.nets.points import FIVE, TEMPLATE, PointsConfig, PointsNetwork
from videoedit.tensors import to_model
from videoedit.train.augment import AugmentConfig, Augmenter
from videoedit.train.one_network import OneNetworkTask
from videoedit.train.pictures import Picture
from videoedit.train.steps import cosine_rate

MARGIN: Final = 0.25
"""Surroundings kept on every side of a base, as a share of the crop's side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsTrainConfig:
    """How the network is trained."""

    network: PointsConfig = field(default_factory=PointsConfig)
    mirrored: tuple[int, ...] = ()
    """Which point is seen as which in a mirror image, (P,); empty where a mirrored face's points would lie elsewhere,
    as YuNet's, which are a little to the right of what they name."""
    iterations: int
    """Steps over which the learning rate falls to zero."""
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    average_decay: float = 0.998
    """Of the average of the weights, which is what ships."""
    turn: float = 5.0
    """Standard deviation of the first alignment's angle, in degrees."""
    zoom: float = 0.07
    """Of the logarithm of its scale."""
    shift: float = 0.04
    """Of its place, as a share of the crop's side."""
    augment: AugmentConfig = field(default_factory=lambda: AugmentConfig(jitter=0.0))
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFaces:
    """Faces cut out by their right five points."""

    bases: NDArray[np.uint8]
    """(N, b, b, 3) RGB."""
    template: str
    """Their alignment."""
    points_xy: NDArray[np.float64]
    """(N, P, 2), what is asked, in pixels of the base."""

    @classmethod
    def of(
        cls,
        pictures: Sequence[Picture],
        crop_size: int,
        template: str = TEMPLATE,
        asked: Mapping[str, Points] | None = None,
    ) -> "AlignedFaces":
        """Cut out the surest face of every picture.

        Args:
            pictures: Their faces have five points.
            crop_size: Side of the crops that will be looked at.
            template: Their alignment.
            asked: (P, 2) points by picture, to be asked instead of the five; pictures that have none are left out.
        """
        if asked is not None:
            pictures = [picture for picture in pictures if picture.name in asked]
        side = crop_size + 2 * round(MARGIN * crop_size)
        bases = np.empty((len(pictures), side, side, 3), np.uint8)
        points = []
        for row, picture in enumerate(pictures):
            points_xy = picture.faces[0, 4:14].reshape(5, 2)
            base_from_picture = crop_from_points(points_xy, template, crop_size)
            base_from_picture[:, 2] += (side - crop_size) / 2
            bases[row] = warp_image(picture.image(), base_from_picture, side)
            wanted = points_xy if asked is None else asked[picture.name]
            points.append(transform_points(base_from_picture, wanted))
        return cls(bases, template, np.array(points))


class PointsTask(OneNetworkTask[PointsNetwork]):
    """The points network in training."""

    def __init__(self, config: PointsTrainConfig, faces: AlignedFaces) -> None:
        torch.manual_seed(config.seed)
        network = PointsNetwork(config.network)
        if config.network.num_points != FIVE:
            margin = (faces.bases.shape[1] - config.network.crop_size) / 2
            network.mean.copy_(torch.from_numpy(faces.points_xy.mean(axis=0) - margin))
        optimiser = torch.optim.AdamW(
            network.parameters(), config.learning_rate, weight_decay=config.weight_decay, fused=True
        )
        random = torch.Generator().manual_seed(config.seed)
        super().__init__(network, optimiser, average_decay=config.average_decay, random=random)
        self._config = config
        self._faces = faces
        self._augment = Augmenter(config.augment, config.network.crop_size)
        size = config.network.crop_size
        mean = template_points(faces.template, size)
        self._eye_distance = float(np.linalg.norm(mean[1] - mean[0]))

    def step(self, iteration: int) -> dict[str, float]:
        """Learn from one batch, drawn at random."""
        self.network.train()
        rows = torch.randint(len(self._faces.bases), (self._config.batch_size,), generator=self._random)
        x, wanted = self._draw(rows.numpy())
        error = (self.network(x) - wanted) / self._eye_distance  # (B, P, 2)
        loss = functional.smooth_l1_loss(error, torch.zeros_like(error), beta=0.05)
        self._learn(loss, iteration, cosine_rate(iteration, self._config.iterations, self._config.learning_rate))
        return {"loss": loss.item(), "error": error.detach().norm(dim=2).mean().item()}

    def _draw(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Return crops (B, 3, S, S) and where their points are, (B, P, 2)."""
        seeds = torch.randint(2**31, (len(rows),), generator=self._random).tolist()
        pairs = [self._misaligned(row, np.random.default_rng(seed)) for row, seed in zip(rows, seeds, strict=True)]
        crops = self._augment.degraded([crop for crop, _ in pairs], self._random)
        return to_model(crops), torch.from_numpy(np.stack([points for _, points in pairs])).float()

    def _misaligned(self, row: int, rng: np.random.Generator) -> tuple[Image, NDArray[np.float64]]:
        base, points_xy = self._faces.bases[row], self._faces.points_xy[row]
        if self._config.mirrored and rng.random() < 0.5:
            base = np.ascontiguousarray(base[:, ::-1])
            points_xy = [base.shape[1] - 1, 0] + [-1, 1] * points_xy[list(self._config.mirrored)]
        size = self._config.network.crop_size
        crop_from_base = misalignment(base.shape[0], size, self._config, rng)
        return warp_image(base, crop_from_base, size), transform_points(crop_from_base, points_xy)


def misalignment(base_side: int, size: int, config: PointsTrainConfig, rng: np.random.Generator) -> Transform:
    """Draw `crop_from_base`: now and then three times as wrong as usual, as on turned or half-hidden faces."""
    reach = 3.0 if rng.random() < 0.1 else 1.0
    turn, zoom = rng.normal(0, config.turn * reach), np.exp(rng.normal(0, config.zoom * reach))
    centre = (base_side - 1) / 2
    crop_from_base = np.asarray(cv2.getRotationMatrix2D((centre, centre), turn, zoom), np.float64)
    crop_from_base[:, 2] += rng.normal(0, config.shift * reach * size, 2) - (base_side - size) / 2
    return crop_from_base

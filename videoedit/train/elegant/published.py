"""ELEGANT's training as it was published: by the authors' code (profile official) or by the paper's text.

Symbols: x is A and B stacked, z their codes, z_edit the codes after the exchange, x_rec and x_fake what their residuals
make of x, both clamped to [-1, 1]; y are labels in {0, 1}, those of x_fake with the edited attribute swapped.
Shapes: B pairs, 3 x S x S crops, n attributes.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from videoedit.datasets.celeba import FaceSet
from videoedit.device import autocast
from videoedit.nets.elegant import ElegantConfig, exchange
from videoedit.tensors import change_of, to_model
from videoedit.train.elegant import losses
from videoedit.train.elegant.base import EditorTask
from videoedit.train.elegant.sampling import MatchedSampler
from videoedit.train.steps import descend, other_half, twice


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTrainConfig:
    """The numbers of the authors' code; the paper's text has other weights, no decay, and a norm it does not name."""

    network: ElegantConfig
    batch_size: int = 16
    """Pairs of each attribute in a step."""
    learning_rate: float = 2e-4
    iterations: int = 200_000
    """Steps of the whole training; a step goes through all attributes in their order."""
    decay: float = 0.97
    """The learning rate is multiplied by it ..."""
    decay_every: int = 3000
    """... after so many steps."""
    weight_decay: float = 1e-5
    reconstruction: float = 5.0
    """Weight of the distance between x and x_rec."""
    distance: Literal["squared", "absolute"] = "squared"
    """Of what the reconstruction loss is the mean."""
    small_weight: float = 0.5
    """Weight of the discriminator that sees half the size, in both losses."""
    discriminator_scale: float = 0.25
    """Factor of the discriminators' loss."""
    precision: Literal["fp32", "bf16"] = "fp32"
    seed: int = 0

    @property
    def told_labels(self) -> tuple[str, ...]:
        """Labels of the discriminators' planes, in order."""
        return self.network.attributes


class PublishedTask(EditorTask[PublishedTrainConfig]):
    """ELEGANT in training as it was published.

    Pictures are drawn with replacement, where the authors' code shuffles one endless list per attribute and sign.
    """

    def __init__(
        self,
        config: PublishedTrainConfig,
        faces: FaceSet,
        sheet_faces: FaceSet,
        *,
        compiled: bool,
        device: str = "cpu",
    ) -> None:
        super().__init__(config, faces, sheet_faces, compiled=compiled, device=device)
        self._samplers = [MatchedSampler(faces, name, ()) for name in config.network.attributes]
        self._labels = np.stack([faces.column(name) > 0 for name in config.told_labels], axis=1)  # (N, n)

    def step(self, iteration: int) -> dict[str, float]:
        """Go through the attributes in order; for each, one step of the discriminators, one of the generator."""
        self._set_learning_rate(published_rate(iteration, self._config))
        numbers: dict[str, float] = {}
        for attribute, name in enumerate(self._config.network.attributes):
            numbers |= {f"{key}/{name}": value for key, value in self._exchange_once(attribute).items()}
        return numbers

    def _exchange_once(self, attribute: int) -> dict[str, float]:
        config = self._config
        rows = np.concatenate(self._samplers[attribute].draw(config.batch_size, self._random))
        x = to_model(self._faces.images[rows]).to(self._device)
        y_real = torch.from_numpy(self._labels[rows]).float().to(self._device)
        y_fake = y_real.clone()
        y_fake[:, attribute] = 1 - y_fake[:, attribute]
        with autocast(config.precision, self._device):
            z, skips = self._encode(x)
            z_edit = exchange(z, other_half(z), config.network.blocks[attribute])
            both = torch.cat([x, x])
            residuals = self._decode(torch.cat([z_edit, z]), torch.cat([z, z]), twice(skips))
            x_fake, x_rec = (both + change_of(residuals, both)).clamp(-1, 1).chunk(2)
            real, fake = self._judge(x, y_real), self._judge(x_fake.detach(), y_fake)
            loss_d = config.discriminator_scale * losses.discriminator_cross_entropy(real, fake, self._scales)
            descend(self._discriminator_step, loss_d)
            adversarial = losses.generator_cross_entropy(self._judge(x_fake, y_fake), self._scales)
            reconstruction = self._distance(x_rec, x)
        descend(self._generator_step, adversarial + config.reconstruction * reconstruction)
        return {"d": loss_d.item(), "adv": adversarial.item(), "rec": reconstruction.item()}

    @property
    def _scales(self) -> tuple[float, float]:
        return 1.0, self._config.small_weight

    def _distance(self, x_rec: Tensor, x: Tensor) -> Tensor:
        """Mean over A plus mean over B."""
        measure = functional.mse_loss if self._config.distance == "squared" else functional.l1_loss
        return 2 * measure(x_rec, x)


def published_rate(iteration: int, config: PublishedTrainConfig) -> float:
    """Return the learning rate of a step.

    >>> config = PublishedTrainConfig(network=ElegantConfig(attributes=("Bangs",)))
    >>> [f"{published_rate(step, config):.3e}" for step in (2_999, 3_000, 34_000, 200_000)]
    ['2.000e-04', '1.940e-04', '1.431e-04', '2.679e-05']
    """
    return config.learning_rate * config.decay ** (iteration // config.decay_every)

"""ELEGANT's training as it was published: by the authors' code (profile official) or by the paper's text.

Symbols: x is A and B stacked, z their codes, z_edit the codes after the exchange, x_rec and x_fake what their residuals
make of x, both clamped to [-1, 1]; y are labels in {0, 1}, those of x_fake with the edited attribute swapped.
Shapes: B pairs, 3 x S x S crops, n attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from videoedit.datasets.celeba import FaceSet
from videoedit.device import autocast, channels_last, resolve_device
from videoedit.frames import Image
from videoedit.nets.discriminators import DiscriminatorConfig, TwoScaleDiscriminator
from videoedit.nets.elegant import ElegantConfig, ElegantGenerator, exchange
from videoedit.tensors import to_model
from videoedit.train import losses
from videoedit.train.distributed import part_ways
from videoedit.train.sampling import MatchedSampler
from videoedit.train.sheets import edit_sheet
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


class PublishedTask:
    """Networks, optimisers and random state of one training; see `videoedit.train.loop.Task`.

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
        self._config = config
        self._device = resolve_device(device)
        self._faces = faces
        self._sheet_faces = sheet_faces
        self._random = part_ways(torch.Generator().manual_seed(config.seed))
        torch.manual_seed(config.seed)
        network = config.network
        self.generator = channels_last(ElegantGenerator(network).to(self._device))
        labels = DiscriminatorConfig(
            num_labels=len(network.attributes),
            crop_size=network.crop_size,
            width=network.width,
            profile=network.profile,
        )
        self.discriminator = channels_last(TwoScaleDiscriminator(labels).to(self._device))
        self._generator_step = self._adam(self.generator)
        self._discriminator_step = self._adam(self.discriminator)
        self._encode = torch.compile(self.generator.encoder) if compiled else self.generator.encoder
        self._decode = torch.compile(self.generator.decoder) if compiled else self.generator.decoder
        self._judge = torch.compile(self.discriminator) if compiled else self.discriminator
        self._samplers = [MatchedSampler(faces, name, ()) for name in network.attributes]
        self._labels = np.stack([faces.column(name) > 0 for name in network.attributes], axis=1)  # (N, n)

    @property
    def average(self) -> ElegantGenerator:
        """What ships: the generator itself, nothing is averaged."""
        return self.generator

    @property
    def told_labels(self) -> tuple[str, ...]:
        """Labels of the discriminators' planes, in order."""
        return self._config.network.attributes

    def step(self, iteration: int) -> dict[str, float]:
        """Go through the attributes in order; for each, one step of the discriminators, one of the generator."""
        for optimiser in (self._generator_step, self._discriminator_step):
            for group in optimiser.param_groups:
                group["lr"] = published_rate(iteration, self._config)
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
            residuals = self._decode(torch.cat([z_edit, z]), torch.cat([z, z]), twice(skips))
            x_fake, x_rec = (torch.cat([x, x]) + residuals).clamp(-1, 1).chunk(2)
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

    def _adam(self, network: torch.nn.Module) -> torch.optim.Adam:
        config = self._config
        return torch.optim.Adam(
            network.parameters(), config.learning_rate, betas=(0.5, 0.999), weight_decay=config.weight_decay, fused=True
        )

    def state(self) -> dict[str, Any]:
        """Return everything from which the training goes on exactly."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "generator_step": self._generator_step.state_dict(),
            "discriminator_step": self._discriminator_step.state_dict(),
            "random": self._random.get_state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up `state()`."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        self._generator_step.load_state_dict(state["generator_step"])
        self._discriminator_step.load_state_dict(state["discriminator_step"])
        self._random.set_state(state["random"])
        part_ways(self._random)

    def sample_sheet(self) -> Image:
        """Return rows of B | its edits by each attribute's exemplar."""
        return edit_sheet(self.generator, self._sheet_faces)


def published_rate(iteration: int, config: PublishedTrainConfig) -> float:
    """Return the learning rate of a step.

    >>> config = PublishedTrainConfig(network=ElegantConfig(attributes=("Bangs",)))
    >>> [f"{published_rate(step, config):.3e}" for step in (2_999, 3_000, 34_000, 200_000)]
    ['2.000e-04', '1.940e-04', '1.431e-04', '2.679e-05']
    """
    return config.learning_rate * config.decay ** (iteration // config.decay_every)

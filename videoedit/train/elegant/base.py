"""What both trainings of ELEGANT share: a generator and its discriminators, their optimisers, exact resuming."""

from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import nn

from videoedit.datasets.celeba import FaceSet
from videoedit.device import channels_last, resolve_device
from videoedit.frames import Image
from videoedit.nets.discriminators import DiscriminatorConfig, TwoScaleDiscriminator
from videoedit.nets.elegant import ElegantConfig, ElegantGenerator
from videoedit.train.distributed import part_ways
from videoedit.train.elegant.sheets import edit_sheet
from videoedit.train.steps import set_learning_rate


class EditorTrainConfig(Protocol):
    """What the networks are, and how their optimisers begin."""

    @property
    def network(self) -> ElegantConfig:
        """Of the generator; the discriminators follow from it."""
        ...

    @property
    def told_labels(self) -> tuple[str, ...]:
        """Labels of the discriminators' planes, in order."""
        ...

    @property
    def learning_rate(self) -> float:
        """Of both optimisers."""
        ...

    @property
    def weight_decay(self) -> float:
        """Of both optimisers."""
        ...

    @property
    def seed(self) -> int:
        """Of the weights and of what is drawn."""
        ...


Config = TypeVar("Config", bound=EditorTrainConfig)


class EditorTask(Generic[Config]):
    """All of a `videoedit.train.loop.Task` but its `step`."""

    generator: ElegantGenerator
    average: ElegantGenerator
    """What ships: the generator itself, or an average of its weights."""
    discriminator: TwoScaleDiscriminator

    def __init__(self, config: Config, faces: FaceSet, sheet_faces: FaceSet, *, compiled: bool, device: str) -> None:
        """Make the networks.

        Args:
            config: What is learned and how.
            faces: What is learned from.
            sheet_faces: What the sample sheet shows.
            compiled: Compile the networks; slower to start, several times faster after.
            device: auto, cpu, cuda or cuda:N.
        """
        self._config = config
        self._device = resolve_device(device)
        self._faces = faces
        self._sheet_faces = sheet_faces
        self._random = part_ways(torch.Generator().manual_seed(config.seed))
        torch.manual_seed(config.seed)
        network = config.network
        self.generator = channels_last(ElegantGenerator(network).to(self._device))
        self.average = self.generator
        labels = DiscriminatorConfig(
            num_labels=len(config.told_labels),
            crop_size=network.crop_size,
            width=network.width,
            profile=network.profile,
        )
        self.discriminator = channels_last(TwoScaleDiscriminator(labels).to(self._device))
        self._generator_step = _adam(self.generator, config)
        self._discriminator_step = _adam(self.discriminator, config)
        self._encode = torch.compile(self.generator.encoder) if compiled else self.generator.encoder
        self._decode = torch.compile(self.generator.decoder) if compiled else self.generator.decoder
        self._judge = torch.compile(self.discriminator) if compiled else self.discriminator

    @property
    def told_labels(self) -> tuple[str, ...]:
        """Labels of the discriminators' planes, in order."""
        return self._config.told_labels

    def _set_learning_rate(self, learning_rate: float) -> None:
        set_learning_rate(self._generator_step, learning_rate)
        set_learning_rate(self._discriminator_step, learning_rate)

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
        """Return rows of B | its edits by each attribute's exemplar, made by what ships."""
        return edit_sheet(self.average, self._sheet_faces)


def _adam(network: nn.Module, config: EditorTrainConfig) -> torch.optim.Adam:
    return torch.optim.Adam(
        network.parameters(), config.learning_rate, betas=(0.5, 0.999), weight_decay=config.weight_decay, fused=True
    )

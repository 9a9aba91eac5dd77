"""What the trainings of one small network share: optimiser, running average, random state, exact resuming.

A task of this kind makes its network and optimiser, hands them to `OneNetworkTask`, and says what a step is.
"""

import copy
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from videoedit.frames import Image
from videoedit.train.steps import descend, follow_average, set_learning_rate

Network = TypeVar("Network", bound=nn.Module)


class OneNetworkTask(Generic[Network]):
    """All of a `videoedit.train.loop.Task` but its `step`, which draws a batch and ends in `_learn`."""

    network: Network
    """What learns."""
    average: Network
    """The running average of its weights, which is what ships."""

    def __init__(
        self, network: Network, optimiser: torch.optim.Optimizer, *, average_decay: float, random: torch.Generator
    ) -> None:
        self.network = network
        self.average = copy.deepcopy(network).eval().requires_grad_(False)
        self._optimiser = optimiser
        self._average_decay = average_decay
        self._random = random

    def begin_with(self, network: Network) -> None:
        """Begin with another's weights."""
        for own in (self.network, self.average):
            own.load_state_dict(network.state_dict())

    def _learn(self, loss: Tensor, iteration: int, learning_rate: float) -> None:
        """Take one step down the loss, and let the average follow."""
        set_learning_rate(self._optimiser, learning_rate)
        descend(self._optimiser, loss)
        follow_average(self.average, self.network, self._average_decay, iteration)

    def state(self) -> dict[str, Any]:
        """Return everything from which the training goes on exactly."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "step": self._optimiser.state_dict(),
            "random": self._random.get_state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up `state()`."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["step"])
        self._random.set_state(state["random"])

    def sample_sheet(self) -> Image | None:
        """Return None: figures, not pictures, tell how far such a network is."""
        return None

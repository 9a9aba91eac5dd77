"""Begin an ELEGANT training from weights that know fewer attributes.

Every tensor is placed at the corner of the larger one; the code's channels keep their places, so that the known
attributes must be the first of the new network and own the same blocks. What is new starts small.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from videoedit.errors import ConfigError
from videoedit.nets.elegant import ElegantConfig
from videoedit.train.elegant.base import EditorTask

_CODE_INPUT = "decoder.main.0.0.weight"


def warm_start(task: EditorTask[Any], tensors: Mapping[str, Tensor], known: ElegantConfig, told: Sequence[str]) -> None:
    """Copy what `tensors` knows into a fresh task.

    Args:
        task: Networks of the same width and crop size as the known ones, with as many attributes or more.
        tensors: `average.*` and, where there are any, `generator.*` and `discriminator.*`.
        known: The network that the tensors belong to.
        told: Labels of the known discriminators' planes, in order.

    Raises:
        ConfigError: The known attributes do not own the same blocks in the new network.
    """
    new = task.generator.config
    if new.blocks[: len(known.blocks)] != known.blocks or new.attributes[: len(known.blocks)] != known.attributes:
        raise ConfigError(
            f"weights of {', '.join(known.attributes)} cannot begin a network of {', '.join(new.attributes)} with "
            f"{new.code_channels} code channels: the known attributes must come first and own the same blocks"
        )
    average = _under("average.", tensors)
    _grow(task.average, average, known)
    _grow(task.generator, _under("generator.", tensors) or average, known)
    if discriminator := _under("discriminator.", tensors):
        _grow_labels(task.discriminator, discriminator, told, task.told_labels)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value.float() for key, value in tensors.items() if key.startswith(prefix)}


def _grow(network: nn.Module, known: Mapping[str, Tensor], config: ElegantConfig) -> None:
    state = network.state_dict()
    for key, old in known.items():
        if key == _CODE_INPUT:
            state[key] = _grow_code_input(state[key], old, config.code_channels)
        else:
            state[key][tuple(slice(size) for size in old.shape)] = old
    network.load_state_dict(state)


def _grow_code_input(new: Tensor, old: Tensor, known_channels: int) -> Tensor:
    """Place both halves of [z_edit, z_own]; (2K, C, 4, 4)."""
    half = new.shape[0] // 2
    grown = new * 0.3
    grown[:known_channels] = old[:known_channels]
    grown[half : half + known_channels] = old[known_channels:]
    return grown


def _grow_labels(network: nn.Module, known: Mapping[str, Tensor], told: Sequence[str], new_told: Sequence[str]) -> None:
    """Copy the discriminators; planes of labels that were not told begin at zero."""
    state = network.state_dict()
    planes = [0, 1, 2] + [3 + list(new_told).index(name) for name in told]
    for key, value in known.items():
        old = _widened(value) if value.shape[2:] != state[key].shape[2:] else value
        if key.endswith("conv.0.weight"):
            state[key] = torch.zeros_like(state[key])
            state[key][:, planes] = old
        else:
            state[key] = old
    network.load_state_dict(state)


def _widened(kernels: Tensor) -> Tensor:
    """Turn kernels (C', C, 3, 3) into (C', C, 4, 4) that do the same to the mean of each 2 x 2 samples."""
    c_out, c_in = kernels.shape[:2]
    box = torch.full((1, 1, 2, 2), 0.25)
    wide = functional.conv2d(kernels.reshape(-1, 1, 3, 3), box, padding=1)  # (C'·C, 1, 4, 4)
    return wide.reshape(c_out, c_in, 4, 4)

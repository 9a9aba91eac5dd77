"""Weights on disk: safetensors for what is ours, and a safe reader for the official `.pth` files.

Nothing here runs code from a file: a pickle is only ever read with `weights_only=True`.
"""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from videoedit.errors import ModelError, first_line
from videoedit.resources import ModelCard, verify
from videoedit.whole_files import whole_file

Network = TypeVar("Network", bound=nn.Module)

PARALLEL_PREFIX: Final = "module."
"""Put before every key by `DataParallel`."""

_UNREADABLE: Final = (OSError, RuntimeError, EOFError, ValueError, LookupError, TypeError, pickle.UnpicklingError)
"""What `torch.load` raises for files that are missing, cut off, or no checkpoint at all."""


def load_tensors(path: str | Path) -> dict[str, Tensor]:
    """Read all tensors of a safetensors file.

    Raises:
        ModelError: The file cannot be read or is not safetensors.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error


def load_network(network: Network, card: ModelCard) -> Network:
    """Give a network the weights of its card.

    Raises:
        ModelError: They are missing, damaged, or of another network.
    """
    verify(card)
    return fill(network, load_tensors(card.weights_path), card.weights_path)


def fill(network: Network, tensors: Mapping[str, Tensor], path: Path) -> Network:
    """Give a network tensors of any precision.

    Args:
        network: Made as the card of the weights says.
        tensors: By name.
        path: Where they are from.

    Raises:
        ModelError: They are of another network.
    """
    try:
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except RuntimeError as error:
        raise ModelError(f"{path} does not fit its card: {error}; install or export the model again") from error
    return network


def load_metadata(path: str | Path) -> dict[str, str]:
    """Read the texts that were stored beside the tensors; empty if there are none.

    Raises:
        ModelError: The file cannot be read or is not safetensors.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            return dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error


def save_tensors(path: str | Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Write a safetensors file; it appears only when it is whole.

    Args:
        path: The file; its folder must exist.
        tensors: By name; none may share memory with another.
        metadata: Texts to store beside the tensors.

    Raises:
        ModelError: The file cannot be written.
    """
    path = Path(path)
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        with whole_file(path) as partial:
            partial.write_bytes(save(plain, dict(metadata or {})))  # `save_file` keeps files from other users
    except (OSError, SafetensorError) as error:
        raise ModelError(f"cannot write weights {path}: {error}; choose a writable folder with room") from error


def load_official(path: str | Path) -> dict[str, Tensor]:
    """Read a `.pth` file that holds nothing but named tensors, as the authors of ELEGANT save them.

    A leading `module.`, left by training on several GPUs, is taken off every name.

    Raises:
        ModelError: The file cannot be read, or holds anything but named tensors.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, LookupError) as error:  # whose words are a number, or advice to run foreign code
        raise ModelError(
            f"cannot read weights {path}; give the file that the training saved as a state dict"
        ) from error
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error
    if not isinstance(state, dict) or not all(_is_named_tensor(*item) for item in state.items()):
        raise ModelError(f"{path} holds more than named tensors; give the file that the training saved as a state dict")
    return {name.removeprefix(PARALLEL_PREFIX): tensor for name, tensor in state.items()}


def _is_named_tensor(name: object, tensor: object) -> bool:
    return isinstance(name, str) and isinstance(tensor, Tensor)


def _unreadable(path: str | Path, error: Exception) -> ModelError:
    if not Path(path).is_file():
        return ModelError(f"no weights file {path}; check the path")
    return ModelError(f"cannot read weights {path}: {first_line(error)}; the file is damaged or of another kind")

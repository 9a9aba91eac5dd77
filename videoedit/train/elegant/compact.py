"""The compact checkpoint: float16 weights of all networks in one safetensors file.

Small enough to be kept with the code.
Optimisers and random state are left out: a training that starts from it takes a few hundred steps to settle.
"""

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from videoedit.errors import ModelError
from videoedit.nets.checkpoint import load_metadata, load_tensors, save_tensors
from videoedit.nets.elegant import ElegantConfig
from videoedit.train.elegant.base import EditorTask
from videoedit.train.elegant.warm_start import warm_start
from videoedit.train.export import half_precision


def save_compact(task: EditorTask[Any], iteration: int, path: str | Path) -> None:
    """Write generator, average and discriminators as float16."""
    networks = {"generator": task.generator, "average": task.average, "discriminator": task.discriminator}
    tensors: dict[str, Tensor] = {
        f"{prefix}.{key}": value
        for prefix, network in networks.items()
        for key, value in half_precision(network).items()
    }
    network = task.generator.config
    description = {
        "attributes": list(network.attributes),
        "crop_size": network.crop_size,
        "width": network.width,
        "code_channels": network.code_channels,
        "profile": network.profile,
    }
    facts = {"network": json.dumps(description), "told": json.dumps(task.told_labels), "iteration": str(iteration)}
    save_tensors(path, tensors, facts)


def start_from_compact(task: EditorTask[Any], path: str | Path) -> None:
    """Begin a fresh training from a compact checkpoint, of the same network or of one with fewer attributes."""
    facts = load_metadata(path)
    try:
        network = json.loads(facts["network"])
        known = ElegantConfig(**{**network, "attributes": tuple(network["attributes"])})
        told = json.loads(facts["told"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is no compact checkpoint: {error!r}; give one that a training wrote") from error
    warm_start(task, load_tensors(path), known, told)

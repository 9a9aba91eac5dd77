"""Bring the official ELEGANT encoder and decoder files (`Enc_iter_N.pth`, `Dec_iter_N.pth`) under one roof.

The official profile of `ElegantGenerator` keeps the authors' names, so a tensor is only moved under
`encoder.` or `decoder.`; what is missing, left over or of another shape is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from videoedit.errors import ConfigError, ModelError
from videoedit.nets.checkpoint import load_official, save_tensors
from videoedit.nets.elegant import ElegantConfig, ElegantGenerator
from videoedit.resources import ModelCard, cache_dir, list_cards, sha256_of, write_card

PREFIXES: Final = ("encoder.", "decoder.")
TEMPLATE: Final = "elegant"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialModel:
    """A trained pair of files, and what they do not say themselves."""

    encoder: str | Path
    decoder: str | Path
    attributes: tuple[str, ...]
    """In the order in which they were given to the official training."""
    crop_size: int = 256
    """Side of the crops it was trained with, in pixels."""
    name: str = "elegant-official"
    """Of the new model."""
    licence: str = "LicenseRef-unknown"
    """SPDX expression for the weights."""

    @property
    def network(self) -> ElegantConfig:
        """The network the files were trained with."""
        try:
            return ElegantConfig(attributes=self.attributes, crop_size=self.crop_size, profile="official")
        except ValueError as error:
            raise ConfigError(f"cannot import {self.encoder}: {error}") from error


def import_model(model: OfficialModel, folder: str | Path | None = None) -> ModelCard:
    """Write the pair as one safetensors file with its card; the card comes last.

    Args:
        model: The files and their description.
        folder: Where to write; None for the cache, where `--model NAME` finds it.

    Raises:
        ConfigError: The name is taken, or the description is impossible.
        ModelError: A file cannot be read or written, or is not ELEGANT's.
    """
    folder = cache_dir() / "models" if folder is None else Path(folder)
    _check_name(model.name, folder)
    state = read_generator(model)
    weights_path = folder / f"{model.name}.safetensors"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"cannot make folder {folder}: {error.strerror}; choose another with --output-dir") from error
    save_tensors(weights_path, state)
    card = _card_of(model, weights_path)
    write_card(card)
    return card


def read_generator(model: OfficialModel) -> dict[str, Tensor]:
    """Read both files and return the state of an `ElegantGenerator`.

    Raises:
        ModelError: A file cannot be read, or its tensors are not those of the network.
    """
    state: dict[str, Tensor] = {}
    expected = expected_shapes(model.network)
    for prefix, path in zip(PREFIXES, (model.encoder, model.decoder), strict=True):
        part = {f"{prefix}{name}": tensor.float() for name, tensor in load_official(path).items()}
        wanted = {name: shape for name, shape in expected.items() if name.startswith(prefix)}
        _check(part, wanted, path, prefix)
        state |= part
    return state


def expected_shapes(network: ElegantConfig) -> dict[str, torch.Size]:
    """Return the shape of every tensor of the network, without building its weights."""
    with torch.device("meta"):
        generator = ElegantGenerator(network)
    return {name: tensor.shape for name, tensor in generator.state_dict().items()}


def _check_name(name: str, folder: Path) -> None:
    """Refuse to write over a model, or under a name that would hide behind an embedded one."""
    taken = {card.name for card in list_cards()} | {path.stem for path in folder.glob("*.toml")}
    if name in taken:
        raise ConfigError(f"there is a model {name!r} already; choose another name with --name")
    if Path(name).name != name:
        raise ConfigError(f"a model's name is a plain file name, got {name!r}; choose another with --name")


def _check(part: Mapping[str, Tensor], wanted: Mapping[str, torch.Size], path: str | Path, prefix: str) -> None:
    """Refuse a file that is not exactly the one wanted; the official loader passes over such files in silence."""
    role = prefix.rstrip(".")
    for word, names in (("lacks", wanted.keys() - part.keys()), ("has the unknown", part.keys() - wanted.keys())):
        if names:
            shown = ", ".join(sorted(name.removeprefix(prefix) for name in names)[:3])
            raise ModelError(
                f"{path} is no official ELEGANT {role}: it {word} {shown} ({len(names)} in all); "
                "give the encoder first, then the decoder"
            )
    for name, shape in wanted.items():
        if part[name].shape != shape:
            raise ModelError(
                f"{path}: {name.removeprefix(prefix)} is {tuple(part[name].shape)}, an official ELEGANT {role} "
                f"has {tuple(shape)}; give the encoder first, then the decoder"
            )


def _card_of(model: OfficialModel, weights_path: Path) -> ModelCard:
    network = model.network
    try:
        return ModelCard(
            name=model.name,
            kind="elegant",
            file=weights_path.name,
            sha256=sha256_of(weights_path),
            licence=model.licence,
            description=f"Imported from {Path(model.encoder).name} and {Path(model.decoder).name}.",
            attributes=network.attributes,
            crop_size=network.crop_size,
            template=TEMPLATE,
            network={"profile": network.profile, "width": network.width, "code_channels": network.code_channels},
            folder=weights_path.parent,
        )
    except ValueError as error:
        weights_path.unlink()
        raise ConfigError(f"cannot import {model.encoder}: {error}") from error

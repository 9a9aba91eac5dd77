"""Presets, model cards and weights: where they lie, what they say, and whether they are whole.

`pipelines/` and `models/` travel inside the package as `_presets` and `_models`; in a checkout the folders
themselves are read. Models that the user imports lie in the cache folder.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

from videoedit.config import from_table, read_toml, toml_of
from videoedit.errors import ConfigError, ModelError
from videoedit.registry import unknown_name
from videoedit.whole_files import whole_file

KINDS: Final = ("elegant", "detector", "points", "judge", "occluder", "matting", "hair")
CACHE_VARIABLE: Final = "VIDEOEDIT_CACHE"

_CHECKOUT: Final = Path(__file__).resolve().parent.parent
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What must be known about a weights file before it is used; `models/NAME.toml`."""

    name: str
    """By which the model is asked for; the card's file name without `.toml`."""
    kind: str
    """One of `KINDS`."""
    file: str
    """Name of the weights file in the card's own folder."""
    sha256: str
    """Of the weights file, in lower-case hexadecimal digits."""
    licence: str
    """SPDX expression."""
    description: str = ""
    attributes: tuple[str, ...] = ()
    """Names in the order in which the network knows them; empty for a detector."""
    unfinished: tuple[str, ...] = ()
    """Attributes that the network has a block for but does not edit well enough to be offered."""
    crop_size: int = 0
    """Side of an aligned crop in pixels; 0 for a detector."""
    template: str = ""
    """Name of the alignment; empty for a detector."""
    network: Mapping[str, Any] = field(default_factory=dict)
    """Size and style of the network, passed through to its constructor."""
    neutral: Mapping[str, Any] = field(default_factory=dict)
    """How the neutral codes in the weights file were made, if it holds any."""
    gains: Mapping[str, float] = field(default_factory=dict)
    """Of each attribute: by how much an edit of strength 1 goes beyond the exemplar's code; 1 where none is given."""
    removal_gains: Mapping[str, float] = field(default_factory=dict)
    """The same where an attribute is taken away with no exemplar, if it is not the gain that gives it."""
    exemplar_light: Mapping[str, float] = field(default_factory=dict)
    """Light of the skin, from 0 to 1, to which exemplars of each attribute are raised that have less."""
    sharpening: Mapping[str, float] = field(default_factory=dict)
    """Of each attribute: by how many times the finest detail of what it darkens is raised; means of weights draw it
    softer than each of them."""
    darkening: Mapping[str, float] = field(default_factory=dict)
    """How much darker taking an attribute away makes any patch of a face at most, in units of [-1, 1]."""
    tinting: Mapping[str, float] = field(default_factory=dict)
    """How much of another colour an edit of each gives any patch of a face at most, in the same units."""
    regions: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Box of each attribute on the crop, (left, top, right, bottom) as shares of its side, fixed before training."""
    ovals: tuple[str, ...] = ()
    """Attributes that change the picture in the oval within their box alone."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Of a judge: probability at which it errs as often on real positives as on real negatives."""
    plainly_below: Mapping[str, float] = field(default_factory=dict)
    """Of a judge: one real positive in a hundred is judged lower."""
    folder: Path = Path()
    """Where card and weights lie; not written in the card."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(unknown_name("kind", self.kind, KINDS))
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError(f"sha256 must be 64 lower-case hexadecimal digits, got {self.sha256!r}")
        for name in (self.name, self.file):
            if not re.fullmatch(r"[\w][\w.-]*", name):
                raise ValueError(f"name and file must be plain file names, got {name!r}")
        if self.kind == "elegant" and not (self.attributes and self.crop_size > 0 and self.template):
            raise ValueError("an elegant model needs attributes, crop_size and template")

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read one card.

        Raises:
            ModelError: It cannot be read, a key is unknown or missing, or a value is impossible.
        """
        path = Path(path)
        try:
            table = read_toml(path)
            if "folder" in table:
                raise ConfigError("unknown key 'folder'")
            card = from_table(cls, table)
        except ConfigError as error:
            raise ModelError(f"card {path} cannot be used: {error}") from error
        values = {f.name: getattr(card, f.name) for f in fields(cls)} | {"folder": path.parent}
        return cls(**values)

    @property
    def weights_path(self) -> Path:
        """Where the weights file lies."""
        return self.folder / self.file


def preset_dir() -> Path:
    """Return the folder of the presets: packaged, or the checkout's `pipelines`."""
    return _packaged("_presets", "pipelines")


def model_dir() -> Path:
    """Return the folder of the embedded models: packaged, or the checkout's `models`."""
    return _packaged("_models", "models")


def cache_dir() -> Path:
    """Return the folder for what the user brings: $VIDEOEDIT_CACHE, or the platform's cache; it may not exist yet."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "videoedit"


def list_presets() -> list[str]:
    """Return the names of the presets in alphabetical order."""
    return sorted(path.stem for path in preset_dir().glob("*.toml"))


def preset_path(name_or_path: str | Path) -> Path:
    """Find a preset by name, or take the path of the user's own.

    Raises:
        ConfigError: There is no such preset.
    """
    if _is_path(name_or_path):
        return Path(name_or_path)
    if str(name_or_path) not in list_presets():
        raise ConfigError(unknown_name("preset", str(name_or_path), list_presets()))
    return preset_dir() / f"{name_or_path}.toml"


def list_cards() -> list[ModelCard]:
    """Read every card, embedded ones first; an imported card of the same name stands back.

    Raises:
        ModelError: A card cannot be used.
    """
    return [ModelCard.read(path) for path in _card_paths().values()]


def load_card(name_or_path: str | Path, kind: str | None = None) -> ModelCard:
    """Read the card of an embedded or imported model by name, or the user's own by the path of its `.toml`.

    Args:
        name_or_path: Of the model.
        kind: What it must be, one of `KINDS`; None for any.

    Raises:
        ConfigError: There is no model of that name, or it is of another kind.
        ModelError: The card cannot be used.
    """
    paths = _card_paths()
    if not _is_path(name_or_path) and str(name_or_path) not in paths:
        fitting = [name for name, path in paths.items() if kind is None or ModelCard.read(path).kind == kind]
        raise ConfigError(unknown_name("model" if kind is None else f"{kind} model", str(name_or_path), fitting))
    card = ModelCard.read(name_or_path if _is_path(name_or_path) else paths[str(name_or_path)])
    if kind is not None and card.kind != kind:
        raise ConfigError(f"{name_or_path} is a model of kind {card.kind}, not {kind}; see videoedit models list")
    return card


def verify(card: ModelCard) -> None:
    """Compare the weights file with its card.

    Raises:
        ModelError: The file is missing or is not the one the card was written for.
    """
    found = sha256_of(card.weights_path)
    if found != card.sha256:
        raise ModelError(
            f"{card.weights_path} is damaged or was changed: sha256 {found[:12]}… where its card says "
            f"{card.sha256[:12]}…; install videoedit again, or import the model again"
        )


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits.

    Raises:
        ModelError: The file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise ModelError(f"cannot read weights {path}: {error.strerror}; install or import the model again") from error
    return digest.hexdigest()


def write_card(card: ModelCard) -> Path:
    """Write a card beside its weights, as `NAME.toml`; it appears only when it is whole, empty fields are left out.

    Raises:
        ModelError: The folder cannot be written.
    """
    written = [f.name for f in fields(card) if f.name != "folder"]
    values = {name: value for name in written if (value := getattr(card, name))}
    path = card.folder / f"{card.name}.toml"
    try:
        with whole_file(path) as partial:
            partial.write_text(toml_of(values), encoding="utf-8")
    except OSError as error:
        raise ModelError(f"cannot write card {path}: {error.strerror}; choose a writable folder") from error
    return path


def _packaged(package: str, folder: str) -> Path:
    packaged = Path(str(files("videoedit"))) / package
    return packaged if packaged.is_dir() else _CHECKOUT / folder


def _is_path(name_or_path: str | Path) -> bool:
    return isinstance(name_or_path, Path) or name_or_path.endswith(".toml") or Path(name_or_path).name != name_or_path


def _card_paths() -> dict[str, Path]:
    """Return the card of every name; the embedded one where a name is used twice."""
    paths: dict[str, Path] = {}
    for folder in (model_dir(), cache_dir() / "models"):
        for path in sorted(folder.glob("*.toml")):
            paths.setdefault(path.stem, path)
    return paths

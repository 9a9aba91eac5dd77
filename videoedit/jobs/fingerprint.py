"""What a result depends on, as values that can be stored and compared: settings, models and contents, not names."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeAlias

from videoedit import __version__
from videoedit.detect.mask import HairFinder
from videoedit.detect.outlines import BrowsFinder, LipsFinder
from videoedit.errors import MediaError
from videoedit.jobs.storage import digest, url_of
from videoedit.resources import load_card
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.wishes import EditConfig, Wish

Settings: TypeAlias = Mapping[str, Any]
"""Nested values that JSON can hold."""


def settings_of(edit: EditConfig, encoder: EncoderConfig) -> Settings:
    """Return all that decides how a file comes out; pictures and models by their contents.

    The device and the number of threads are left out: they decide how fast, not what. So is `deinterlace`: where it
    would change anything, nothing comes out without it.

    Raises:
        MediaError: A reference or a model cannot be read.
    """
    maps = tuple(
        replace(
            entry,
            face=entry.face if entry.track_id is not None else digest_of(Path(entry.face)),
            wishes=_by_content(entry.wishes),
        )
        for entry in edit.maps
    )
    faces = tuple(digest_of(Path(path)) for path in edit.reference_faces)
    table = asdict(replace(edit, wishes=_by_content(edit.wishes), maps=maps, reference_faces=faces))
    models: dict[str, str] = {"model": _model_digest(edit.model), "detector_model": _model_digest(edit.detector_model)}
    if edit.occluder_model:
        models["occluder_model"] = _model_digest(edit.occluder_model)
    if edit.try_on_model:
        models["try_on_model"] = _model_digest(edit.try_on_model)
        models["lips_model"] = _model_digest(LipsFinder.embedded)
        models["brows_model"] = _model_digest(BrowsFinder.embedded)
        models["hair_model"] = _model_digest(HairFinder.embedded)
    if edit.recognition_model:
        models["recognition_model"] = digest_of(Path(edit.recognition_model))
    table = {key: value for key, value in (table | models).items() if key != "device"}
    encoding = {key: value for key, value in asdict(encoder).items() if key != "num_threads"}
    settings: Settings = json.loads(
        json.dumps({"version": __version__, "edit": table, "encoder": encoding}, default=str)
    )
    return settings


def _by_content(wishes: Iterable[Wish]) -> tuple[Wish, ...]:
    return tuple(
        replace(wish, reference=wish.reference and digest_of(Path(wish.reference)), attribute=wish.attribute.lower())
        for wish in wishes
    )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises:
        MediaError: It cannot be read.
    """
    if (url := url_of(path)) is not None:
        return digest(url)
    if path.exists() and not path.is_file():
        raise MediaError(f"{path} is a folder, a pipe or a device; give a file on disk")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise MediaError(f"no such file: {path}; check the path") from error
    except OSError as error:
        raise MediaError(f"cannot read {path}: {error.strerror}; check the path and its permissions") from error


def digest_of_settings(settings: Settings) -> str:
    """Return the SHA-256 of settings, whatever their order."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def differences(old: Settings, new: Settings, where: str = "") -> list[str]:
    """Name what differs, and how.

    >>> differences({"encoder": {"crf": 18}, "a": 1}, {"encoder": {"crf": 20}, "a": 1})
    ['encoder.crf was 18, now 20']
    """
    found: list[str] = []
    for key in sorted({*old, *new}):
        before, after, name = old.get(key), new.get(key), f"{where}{key}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += differences(before, after, f"{name}.")
        elif before != after:
            found.append(f"{name} was {before}, now {after}")
    return found


def _model_digest(name_or_path: str) -> str:
    """Return the digest of a model's weights: as its card says, or of the ONNX file itself."""
    if name_or_path.endswith(".onnx"):
        return digest_of(Path(name_or_path))
    return load_card(name_or_path).sha256

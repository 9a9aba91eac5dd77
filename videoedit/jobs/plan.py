"""What a batch will make: every source with every variant of the edit, and the name of each result."""

import csv
import os
import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videoedit.errors import ConfigError, MediaError
from videoedit.jobs.inputs import Source
from videoedit.jobs.storage import shown
from videoedit.registry import unknown_name
from videoedit.strength import Keyframes, read_strength
from videoedit.video.writing.containers import writable_suffix
from videoedit.wishes import Direction, FaceMap, Wish, check_people

NAME_FIELDS: Final = ("stem", "ext", "attr", "ref", "index")
PAIR_COLUMNS: Final = ("attr", "ref", "strength")
TOGETHER: Final = "+"
"""Joins attributes that are changed in one edit."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One edit that every source is given."""

    wishes: tuple[Wish, ...]
    maps: tuple[FaceMap, ...] = ()
    """People who are given other exemplars."""

    @property
    def attr(self) -> str:
        """Attributes, for file names and reports."""
        return TOGETHER.join(wish.attribute.lower() for wish in self._shown)

    @property
    def ref(self) -> str:
        """Name of the reference without folder and ending, for file names and reports; `none` without one."""
        reference = self._shown[0].reference
        return Path(reference).stem if reference else "none"

    @property
    def _shown(self) -> tuple[Wish, ...]:
        return self.wishes or self.maps[0].wishes


@dataclass(frozen=True, slots=True)
class Item:
    """One file that the batch makes."""

    source: Path
    output: Path
    variant: Variant


def crossed(
    attributes: Sequence[str],
    references: Sequence[str | None],
    strength: float | Keyframes,
    direction: Direction = "auto",
) -> tuple[Variant, ...]:
    """Combine every attribute (or several, joined by `+`) with every reference."""
    return tuple(_variant(names, reference, strength, direction) for names in attributes for reference in references)


def mapped(variant: Variant, pictures: Sequence[tuple[str, str]], *, is_for_all: bool = True) -> Variant:
    """Give some people the same change after exemplars of their own.

    Args:
        variant: What all others are given.
        pictures: Of a person, and of her exemplar.
        is_for_all: Others are given anything at all.

    Raises:
        ConfigError: A person is meant by a number, which is another's in every file.
    """
    maps = tuple(FaceMap.of(face, picture, variant.wishes) for face, picture in pictures)
    check_people(maps, "a batch")
    return Variant(variant.wishes if is_for_all else (), maps)


def read_pairs(path: str, strength: float | Keyframes) -> tuple[Variant, ...]:
    """Read attributes with their references from a CSV file.

    Args:
        path: Columns `attr`, `ref` (empty: the attribute is taken away) and, where wanted, `strength`.
        strength: Where the file does not say.

    Raises:
        ConfigError: A column is missing or unknown, or there is no row.
        MediaError: The file cannot be read.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            rows, columns = list(reader), reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise MediaError(f"cannot read pairs {path}: {reason}; give a CSV file with columns attr and ref") from error
    unknown = [column for column in columns if column not in PAIR_COLUMNS]
    if unknown or not {"attr", "ref"} <= {*columns} or not rows:
        raise ConfigError(f"{path} must have a line `attr,ref` or `attr,ref,strength`, then one line per edit")
    for number, row in enumerate(rows, start=1):
        if None in row or row["ref"] is None:
            raise ConfigError(f"{path}: edit {number} has more or fewer values than the first line has columns")
    return tuple(_variant_of_row(row, path, strength) for row in rows)


def plan(sources: Sequence[Source], variants: Sequence[Variant], output_dir: Path, name: str | None) -> list[Item]:
    """Give every source and variant a result of its own.

    Args:
        sources: Files to edit.
        variants: Edits that each of them is given.
        output_dir: Root of the results.
        name: Template of a result's name, with fields of `NAME_FIELDS`; it may hold folders. None keeps the source's
            name and adds what the variants differ in.

    Returns:
        Source by source. Of results that would have the same name the second is called NAME-2, and so on; names that
        differ in case only are the same.

    Raises:
        ConfigError: The template is wrong, or a result would replace a source.
    """
    template = _checked_template(name or _default_name(variants))
    taken = {_key(source.path) for source in sources}
    items: list[Item] = []
    names: set[str] = set()
    for index, source in enumerate(sources, start=1):
        for variant in variants:
            output = _free(output_dir / source.tree / _filled(template, source, variant, index), names)
            if _key(output) in taken:
                raise ConfigError(f"{shown(output)} would replace a file that is read; choose another -o or --name")
            names.add(_key(output))
            items.append(Item(source.path, output, variant))
    return items


def _variant(names: str, reference: str | None, strength: float | Keyframes, direction: Direction = "auto") -> Variant:
    return Variant(
        tuple(
            Wish(attribute=name, reference=reference, strength=strength, direction=direction)
            for name in names.split(TOGETHER)
        )
    )


def _variant_of_row(row: dict[str, str], path: str, strength: float | Keyframes) -> Variant:
    given = row.get("strength")
    try:
        return _variant(row["attr"], row["ref"] or None, read_strength(given) if given else strength)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _default_name(variants: Sequence[Variant]) -> str:
    attr = "-{attr}" if len({variant.attr for variant in variants}) > 1 else ""
    ref = "-{ref}" if len({variant.ref for variant in variants}) > 1 else ""
    return f"{{stem}}{attr}{ref}{{ext}}"


def _checked_template(template: str) -> str:
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(template) if field is not None]
    except ValueError as error:
        raise ConfigError(f"--name {template!r}: {error}") from error
    for field in fields:
        if field not in NAME_FIELDS:
            raise ConfigError(f"--name {template!r}: {unknown_name('field', field, NAME_FIELDS)}")
    if Path(template).is_absolute() or ".." in Path(template).parts or not Path(template).name:
        raise ConfigError(f"--name {template!r} must be the name of a file below OUTDIR")
    return template


def _filled(template: str, source: Source, variant: Variant, index: int) -> str:
    values = {"stem": source.path.stem, "ext": writable_suffix(source.path), "attr": variant.attr, "ref": variant.ref}
    try:
        return template.format(**values, index=index)
    except ValueError as error:
        raise ConfigError(f"--name {template!r}: {error}") from error


def _free(path: Path, names: set[str]) -> Path:
    """Return the path, or the first of NAME-2, NAME-3, … that is not taken."""
    free, number = path, 1
    while _key(free) in names:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _key(path: Path) -> str:
    """Return what two paths of one file have in common; a link in the place of the file itself is not followed."""
    return os.path.join(os.path.realpath(path.parent), path.name).casefold()  # noqa: PTH118

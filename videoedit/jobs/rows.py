"""Lists of value objects on disk, exactly as they are: one list per frame, as columns of one NumPy archive."""

import dataclasses
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from videoedit.errors import MediaError
from videoedit.whole_files import whole_file

T = TypeVar("T")
Columns = Mapping[str, NDArray[Any]]

_COUNTS: Final = "#counts"
_IS_THERE: Final = "?"
"""Ends the name of the column that says which items have something in a field, rather than None."""


def save_rows(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    """Store rows of dataclasses whose fields are numbers, strings, arrays of one shape, such dataclasses, or None.

    The file appears only when it is whole.

    Raises:
        MediaError: It cannot be written.
    """
    columns = _columns([item for row in rows for item in row], "")
    try:
        with whole_file(path) as partial, partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **{_COUNTS: np.array([len(row) for row in rows], int)}, **columns)
    except OSError as error:
        raise MediaError(f"cannot write {path}: {error.strerror}; choose a writable folder with room") from error


def load_rows(path: Path, kind: type[T]) -> list[list[T]]:
    """Read what `save_rows` stored.

    Raises:
        MediaError: It is missing, damaged, or holds something else.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:  # closed also where it is damaged
            columns = dict(stored)
        ends = np.cumsum(columns.pop(_COUNTS)).tolist()
        items = _items(kind, columns, "", ends[-1] if ends else 0)
    except KeyError as error:
        reason = f"another version stored it, without {error.args[0]}"
        raise MediaError(f"cannot read {path}: {reason}; delete the folder {path.parent} to begin anew") from error
    except (OSError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise MediaError(f"cannot read {path}: {error}; delete it, and it is made again") from error
    return [items[begin:end] for begin, end in pairwise([0, *ends])]


def _columns(items: Sequence[Any], prefix: str) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {}
    for name, hint in get_type_hints(type(items[0])).items() if items else ():
        values = [getattr(item, name) for item in items]
        if _may_be_none(hint):
            columns[f"{prefix}{name}{_IS_THERE}"] = np.array([value is not None for value in values])
            values = [value for value in values if value is not None]
        if _nested(hint) is None:
            columns[f"{prefix}{name}"] = np.array(values)
        else:
            columns |= _columns(values, f"{prefix}{name}.")
    return columns


def _items(kind: type[T], columns: Columns, prefix: str, count: int) -> list[T]:
    if count == 0:
        return []
    fields = {name: _values(hint, columns, f"{prefix}{name}", count) for name, hint in get_type_hints(kind).items()}
    return [kind(**dict(zip(fields, values, strict=True))) for values in zip(*fields.values(), strict=True)]


def _values(hint: Any, columns: Columns, name: str, count: int) -> list[Any]:
    """Return one field of all items."""
    is_there = columns[f"{name}{_IS_THERE}"] if _may_be_none(hint) else np.ones(count, np.bool_)
    nested = _nested(hint)
    if nested is None:
        column = columns[name]
        found = iter(column.tolist() if column.ndim == 1 else column)
    else:
        found = iter(_items(nested, columns, f"{name}.", int(is_there.sum())))
    return [next(found) if one else None for one in is_there]


def _may_be_none(hint: Any) -> bool:
    return type(None) in get_args(hint)


def _nested(hint: Any) -> type[Any] | None:
    """Return the dataclass that a field holds, maybe beside None; None where it holds something plain."""
    kinds = [one for one in (hint, *get_args(hint)) if isinstance(one, type) and dataclasses.is_dataclass(one)]
    return kinds[0] if kinds else None

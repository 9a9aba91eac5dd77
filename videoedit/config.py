"""TOML tables, read and written; frozen dataclasses from them: nested by field, an unknown key is an error."""

import dataclasses
import json
import re
import tomllib
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from videoedit.errors import ConfigError
from videoedit.registry import unknown_name

T = TypeVar("T")


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read configuration {path}: {error}") from error


def toml_of(table: Mapping[str, Any]) -> str:
    """Write a table of texts, numbers, lists and tables as TOML."""
    return "\n".join(_toml_lines(table)) + "\n"


def from_table(kind: type[T], table: Mapping[str, Any], where: str = "") -> T:
    """Build a dataclass from a table; lists become tuples, sub-tables the dataclasses of their fields.

    Args:
        kind: A dataclass.
        table: Values by field name.
        where: Place in the file, for messages.

    Raises:
        ConfigError: A key is unknown, missing, of the wrong type or out of range.
    """
    hints = get_type_hints(kind)
    names = [f.name for f in dataclasses.fields(kind)]  # type: ignore[arg-type]
    for key in table:
        if key not in names:
            raise ConfigError(f"[{where or kind.__name__}]: {unknown_name('key', key, names)}")
    values = {key: _value(hints[key], value, f"{where}.{key}".lstrip(".")) for key, value in table.items()}
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"[{where or kind.__name__}]: {error}") from error


def merged(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `table` with `changes` laid over it, table by table.

    >>> merged({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}})
    {'a': {'x': 1, 'y': 3}}
    """
    result = dict(table)
    for key, value in changes.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def _value(hint: Any, value: Any, where: str) -> Any:
    origin = get_origin(hint)
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return from_table(hint, value, where)  # type: ignore[arg-type]
    if origin is tuple and isinstance(value, list):
        return tuple(_value(get_args(hint)[0], one, where) for one in value)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {key: _value(get_args(hint)[1], one, f"{where}.{key}") for key, one in dict(value).items()}
    return _checked(hint, value, where)


def _checked(hint: Any, value: Any, where: str) -> Any:
    """Refuse a value of the wrong plain type; an int may stand for a float."""
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    kinds = get_args(hint) if get_origin(hint) in (types.UnionType,) else (hint,)
    plain = tuple(kind for kind in kinds if kind in (str, int, float, bool))
    if plain and (not isinstance(value, plain) or (isinstance(value, bool) and bool not in plain)):
        raise ConfigError(f"{where} must be {' or '.join(kind.__name__ for kind in plain)}, got {value!r}")
    return value


def _toml_lines(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Write plain values first, then one `[table]` for each mapping."""
    for key, value in table.items():
        if not isinstance(value, Mapping):
            yield f"{_toml_key(key)} = {_toml_value(value)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            name = f"{prefix}{_toml_key(key)}"
            yield from ("", f"[{name}]", *_toml_lines(value, f"{name}."))


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_text(key)


def _toml_value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return _toml_text(value)
        case list() | tuple():
            return f"[{', '.join(_toml_value(one) for one in value)}]"
    raise TypeError(f"a card holds texts, numbers, lists and tables, got {type(value).__name__}")


def _toml_text(text: str) -> str:
    """Write a basic string: JSON's escapes are TOML's, except that TOML forbids a bare DEL too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

"""Configurations are built from tables, and mistakes in them are named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from videoedit.config import from_table, merged, read_toml
from videoedit.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    size: int = 1
    rate: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    names: tuple[str, ...]
    inner: Inner = field(default_factory=Inner)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    path: str | None = None


def test_nested_tables_lists_and_whole_numbers_become_the_fields_types() -> None:
    table = {"names": ["a", "b"], "inner": {"rate": 2}, "groups": {"x": ["y"]}}
    outer = from_table(Outer, table)
    assert outer == Outer(names=("a", "b"), inner=Inner(rate=2.0), groups={"x": ("y",)})
    assert isinstance(outer.inner.rate, float)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"names": [], "iner": {}}, "did you mean 'inner'"),
        ({"names": [], "inner": {"sise": 1}}, r"\[inner\].*did you mean 'size'"),
        ({"names": [], "inner": {"size": "big"}}, "inner.size must be int, got 'big'"),
        ({"names": [], "inner": {"size": True}}, "inner.size must be int"),
        ({"names": [1]}, "names must be str"),
        ({}, "names"),
    ],
)
def test_wrong_tables_are_refused_by_name(table: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_table(Outer, table)


def test_changes_are_laid_over_without_touching_the_rest() -> None:
    table = {"loop": {"minutes": 5, "steps": 1}, "x": 1}
    assert merged(table, {"loop": {"minutes": 9}}) == {"loop": {"minutes": 9, "steps": 1}, "x": 1}
    assert table["loop"] == {"minutes": 5, "steps": 1}


def test_unreadable_and_malformed_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("a = [")
    for name in ("bad.toml", "missing.toml"):
        with pytest.raises(ConfigError, match=name):
            read_toml(tmp_path / name)

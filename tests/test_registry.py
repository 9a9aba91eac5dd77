"""Registries: built by name, refused with the names there are."""

import pytest

from videoedit.errors import ConfigError
from videoedit.registry import Registry


@pytest.fixture
def shapes() -> Registry[str]:
    registry: Registry[str] = Registry("shape")
    registry.register("round")(lambda name="ball": name)
    registry.register("flat")(lambda: "disc")
    return registry


def test_a_part_is_built_by_name_with_its_options(shapes: Registry[str]) -> None:
    assert shapes.build("flat") == "disc"
    assert shapes.build("round", name="wheel") == "wheel"


def test_names_are_sorted(shapes: Registry[str]) -> None:
    assert shapes.names() == ["flat", "round"]


def test_an_unknown_name_lists_the_known_ones_and_suggests(shapes: Registry[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        shapes.build("rund")
    assert str(caught.value) == "no shape 'rund' (known: flat, round); did you mean 'round'?"


def test_a_far_name_gets_no_suggestion(shapes: Registry[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        shapes.build("xyz")
    assert "did you mean" not in str(caught.value)


def test_a_name_is_registered_once(shapes: Registry[str]) -> None:
    with pytest.raises(ValueError, match="'flat' is registered already"):
        shapes.register("flat")(lambda: "coin")


def test_a_decorated_factory_stays_itself() -> None:
    registry: Registry[object] = Registry("thing")

    @registry.register("one")
    class One:
        """Some part."""

    assert isinstance(registry.build("one"), One)

"""Attribute names are understood as people write them."""

import pytest

from videoedit.edit.attributes import attribute_of
from videoedit.errors import ConfigError

KNOWN = ("Eyeglasses", "Smiling", "Bangs", "Mustache", "Male")


@pytest.mark.parametrize(
    ("spoken", "attribute"),
    [
        ("eyeglasses", "Eyeglasses"),
        ("GLASSES", "Eyeglasses"),
        ("smile", "Smiling"),
        (" fringe ", "Bangs"),
        ("moustache", "Mustache"),
    ],
)
def test_case_and_aliases_do_not_matter(spoken: str, attribute: str) -> None:
    assert attribute_of(spoken, KNOWN) == attribute


@pytest.mark.parametrize(
    ("spoken", "hint"), [("eyeglases", "eyeglasses"), ("moustach", "mustache"), ("smilling", "smiling")]
)
def test_misspelt_name_is_refused_with_a_suggestion(spoken: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=f"did you mean '{hint}'"):
        attribute_of(spoken, KNOWN)


def test_alias_of_an_attribute_the_model_lacks_is_refused() -> None:
    with pytest.raises(ConfigError, match="known: Smiling"):
        attribute_of("glasses", ("Smiling",))

"""Strengths as users write them, constant and over time."""

import pytest

from videoedit.errors import ConfigError
from videoedit.strength import Keyframes, read_strength, strength_at


@pytest.mark.parametrize(
    ("seconds", "strength"), [(0, 0.5), (1, 0.5), (1.5, 0.75), (2, 1.0), (3, 0.6), (4, 0.2), (100, 0.2)]
)
def test_strength_changes_evenly_between_keys_and_stays_beyond_them(seconds: float, strength: float) -> None:
    keys = read_strength("1:0.5,2s:1,4s:0.2")
    assert strength_at(keys, seconds) == pytest.approx(strength)


def test_one_number_is_the_same_throughout() -> None:
    assert read_strength("1.5") == 1.5
    assert strength_at(0.3, 12.0) == 0.3


@pytest.mark.parametrize(
    "text",
    ["", "much", "1.6", "-0.1", "0:0,1", "0:0,0:1", "2:0,1:1", "0:7", "-1:0", "a:1", "nan", "0:", "nan:1", "0:1,inf:1"],
)
def test_impossible_strength_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigError, match="--strength"):
        read_strength(text)


def test_keys_must_ascend() -> None:
    with pytest.raises(ConfigError, match="ascend"):
        Keyframes((1.0, 1.0), (0.0, 1.0))

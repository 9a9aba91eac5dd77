"""Keys, without a window."""

import pytest

from videoedit.live.controls import Controls, pressed

START = Controls(num_exemplars=3, is_on=(True, True), strength=1.0)


def after(keys: str) -> Controls:
    controls = START
    for key in keys:
        controls = pressed(controls, key)
    return controls


def test_every_key_does_what_it_says() -> None:
    assert after("q").is_over
    assert after("b").shows_source
    assert not after("bb").shows_source
    assert after("d").shows_debug
    assert after("ss").num_snapshots == 2
    assert after("n").exemplar == 1
    assert after("nnn").exemplar == 0
    assert after("2").is_on == (True, False)
    assert after("22").is_on == (True, True)


@pytest.mark.parametrize(("keys", "strength"), [("+", 1.1), ("=", 1.1), ("-", 0.9), ("-" * 12, 0.0), ("+" * 9, 1.5)])
def test_strength_stays_in_its_range(keys: str, strength: float) -> None:
    assert after(keys).strength == pytest.approx(strength)


@pytest.mark.parametrize("key", ["x", "0", "9", "\t", "é", "²"])
def test_keys_without_a_meaning_change_nothing(key: str) -> None:
    assert after(key) == START

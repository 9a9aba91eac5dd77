"""What the viewer may change while it runs, and the keys that do it. A key makes a new state; nothing else happens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from videoedit.strength import MAX_STRENGTH

_STEP: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What is chosen now."""

    num_exemplars: int
    is_on: tuple[bool, ...]
    """For every attribute, whether it is edited."""
    strength: float
    """Of all attributes, 0 to 1.5."""
    exemplar: int = 0
    shows_source: bool = False
    """True shows the picture before the edit."""
    shows_debug: bool = False
    num_snapshots: int = 0
    """Pictures asked for so far."""
    is_over: bool = False


def pressed(controls: Controls, key: str) -> Controls:
    """Return what a key makes of the controls; keys without a meaning change nothing."""
    if key.isdecimal():
        return _toggled(controls, int(key) - 1)
    action = KEYS.get(key)
    return action[1](controls) if action else controls


def _toggled(controls: Controls, attribute: int) -> Controls:
    if not 0 <= attribute < len(controls.is_on):
        return controls
    return replace(controls, is_on=tuple(on != (i == attribute) for i, on in enumerate(controls.is_on)))


def _stronger(controls: Controls, step: float) -> Controls:
    return replace(controls, strength=round(min(max(controls.strength + step, 0.0), MAX_STRENGTH), 6))


Action = tuple[str, Callable[[Controls], Controls]]

KEYS: Final[dict[str, Action]] = {
    "q": ("quit (Escape too)", lambda c: replace(c, is_over=True)),
    "b": ("before or after", lambda c: replace(c, shows_source=not c.shows_source)),
    "n": ("next exemplar", lambda c: replace(c, exemplar=(c.exemplar + 1) % c.num_exemplars)),
    "+": ("stronger", lambda c: _stronger(c, _STEP)),
    "-": ("weaker", lambda c: _stronger(c, -_STEP)),
    "d": ("debug overlay", lambda c: replace(c, shows_debug=not c.shows_debug)),
    "s": ("snapshot", lambda c: replace(c, num_snapshots=c.num_snapshots + 1)),
}
"""What each key does; the digits turn the attributes on and off."""
KEYS["="] = KEYS["+"]  # the same key without Shift

"""Names of attributes as people write them."""

import difflib
from collections.abc import Sequence
from typing import Final

from videoedit.errors import ConfigError
from videoedit.registry import unknown_name

ALIASES: Final = {
    "glasses": "Eyeglasses",
    "eyeglass": "Eyeglasses",
    "sunglasses": "Eyeglasses",
    "spectacles": "Eyeglasses",
    "smile": "Smiling",
    "fringe": "Bangs",
    "moustache": "Mustache",
    "masculine": "Male",
}


def attribute_of(name: str, known: Sequence[str]) -> str:
    """Return the attribute's own name, whatever its case or alias.

    >>> attribute_of("GLASSES", ["Eyeglasses", "Smiling"])
    'Eyeglasses'

    Raises:
        ConfigError: The model does not know it; the message suggests the closest.
    """
    spoken = name.strip().lower().replace(" ", "_").replace("-", "_")
    by_lower = {attribute.lower(): attribute for attribute in known}
    found = by_lower.get(spoken) or by_lower.get(ALIASES.get(spoken, "").lower())
    if found:
        return found
    close = difflib.get_close_matches(spoken, [*by_lower, *ALIASES], n=1, cutoff=0.5)
    hint = ALIASES.get(close[0], by_lower.get(close[0], "")) if close else ""
    if hint in known:
        raise ConfigError(f"no attribute {name!r} (known: {', '.join(known)}); did you mean {hint.lower()!r}?")
    raise ConfigError(unknown_name("attribute", name, known))

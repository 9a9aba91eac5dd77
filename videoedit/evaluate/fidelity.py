"""Does the exemplar's own kind of an attribute arrive, or the same for every exemplar?"""

from collections.abc import Mapping
from typing import Final

from videoedit.evaluate.metrics import Floats, spearman
from videoedit.evaluate.pairs import Direction

BANDED: Final = ("Eyeglasses",)
"""Attributes that lie in the eye band, where the exemplar's colours can be looked for."""


def eye_band_fidelity(
    exemplar_lab: Floats, change_lab: Floats, edit: tuple[str, Direction], missing: dict[str, str]
) -> dict[str, float | None] | None:
    """Return Spearman's rho of L*, a*, b*: the exemplar's eye band against the change of the source's.

    Args:
        exemplar_lab: (N, 3) mean colour of the exemplars' eye bands.
        change_lab: (N, 3) that of the results less that of the sources.
        edit: Attribute and direction.
        missing: Takes the reasons for what cannot be measured.
    """
    attribute, direction = edit
    if attribute not in BANDED or direction != "add":
        missing["fidelity"] = f"measured where {', '.join(BANDED)} are added"
        return None
    rho = {name: spearman(exemplar_lab[:, i], change_lab[:, i]) for i, name in enumerate(("L", "a", "b"))}
    for name in [name for name, value in rho.items() if value is None]:
        missing[f"fidelity.{name}"] = "exemplars or changes are all alike"
    return rho


def fidelity_told(rho: Mapping[str, float | None]) -> str:
    """Return the correlations as a sentence."""
    told = ", ".join(f"{name}* {'–' if value is None else format(value, '.2f')}" for name, value in rho.items())
    return f"exemplar's eye band against the change of the source's, Spearman's ρ: {told}"

"""Smooth ways from one value to another, for masks and fades."""

from typing import Any, TypeVar

Ramp = TypeVar("Ramp", bound=Any)


def smoothstep(ramp: Ramp) -> Ramp:
    """Return 3r² - 2r³ of a number, an array or a tensor in 0..1: flat at both ends."""
    smooth: Ramp = ramp * ramp * (3.0 - 2.0 * ramp)
    return smooth

"""Where the five points of a face lie in a network's crop.

Coordinates: pixels of a 256 x 256 crop, (0, 0) the centre of the top-left pixel.
"""

from typing import Final

import numpy as np

from videoedit.errors import ConfigError
from videoedit.faces import Points
from videoedit.geometry import Transform, fit_similarity
from videoedit.registry import unknown_name

TEMPLATE_SIZE: Final = 256
"""Side of the crop in which the templates are written."""

_ELEGANT_MEAN: Final = np.array(
    [
        [-0.17607, -0.172844],
        [0.1736, -0.17356],
        [-0.00182, 0.0357164],
        [-0.14617, 0.20185],
        [0.14496, 0.19943],
    ]
)
"""Mean face of the official preprocessing, relative to the centre of the picture."""


def _elegant_template() -> Points:
    """Scale the mean face to 70 px between the eyes and lift the eye line to 256/2.42 (official preprocessing)."""
    ratio = 70.0 / (TEMPLATE_SIZE * 0.34967)
    template: Points = (_ELEGANT_MEAN * ratio + 0.5) * TEMPLATE_SIZE
    template[:, 1] /= (_ELEGANT_MEAN[0, 1] * ratio + 0.5) * 2.42
    return template


def _points_template() -> Points:
    """Centre the mean face and make it large: 104 px between the eyes, from the brows to below the mouth."""
    ratio = 104.0 / (TEMPLATE_SIZE * 0.34967)
    template: Points = (_ELEGANT_MEAN * ratio + 0.5) * TEMPLATE_SIZE
    return template


def _mouth_template() -> Points:
    """Show the mean face's mouth large: 150 px between the eyes, the corners of the mouth a little above the middle."""
    template: Points = _ELEGANT_MEAN * (150.0 / 0.34967) + 0.5 * TEMPLATE_SIZE
    template[:, 1] += 0.45 * TEMPLATE_SIZE - template[3:, 1].mean()
    return template


def _brows_template() -> Points:
    """Show the mean face's brows large: 120 px between the eyes, which lie below the middle: brows can be raised."""
    template: Points = _ELEGANT_MEAN * (120.0 / 0.34967) + 0.5 * TEMPLATE_SIZE
    template[:, 1] += 0.66 * TEMPLATE_SIZE - template[:2, 1].mean()
    return template


TEMPLATES: Final[dict[str, Points]] = {
    "elegant": _elegant_template(),
    "points": _points_template(),
    "mouth": _mouth_template(),
    "brows": _brows_template(),
}
"""Five points by the name of the alignment: `elegant` for crops that are edited, the others for finding points."""


def template_points(template: str, size: int) -> Points:
    """Return where the five points of a mean face lie in a crop of `size`, (5, 2)."""
    points: Points = TEMPLATES[template] * (size / TEMPLATE_SIZE)
    return points


def crop_from_points(points_xy: Points, template: str, size: int) -> Transform:
    """Find the transform that brings a face into the crop.

    The fit is made at 256 px and multiplied by size/256, as ELEGANT's preprocessing does.

    Args:
        points_xy: (5, 2) points in pixels of the picture.
        template: A key of `TEMPLATES`.
        size: Side of the crop in pixels.

    Returns:
        (2, 3) matrix `crop_from_image`.

    Raises:
        ConfigError: There is no such template.
    """
    if template not in TEMPLATES:
        raise ConfigError(unknown_name("template", template, TEMPLATES))
    return fit_similarity(points_xy, TEMPLATES[template]) * (size / TEMPLATE_SIZE)

"""Where a turned face ends on the crop."""

import numpy as np
import pytest

from videoedit.align.outline import outline_mask
from videoedit.align.regions import region_of

SIZE = 128


@pytest.mark.parametrize("attribute", ["Eyeglasses", "Smiling", "Mustache", "Male"])
@pytest.mark.parametrize("yaw", [-4.0, 0.0, 4.0])
def test_faces_from_the_front_are_limited_by_their_region_alone(attribute: str, yaw: float) -> None:
    region = region_of(attribute, SIZE)
    np.testing.assert_array_equal(region * outline_mask([attribute], yaw, SIZE), region)


@pytest.mark.parametrize(("yaw", "outline"), [(20.0, 0.722), (30.0, 0.674), (40.0, 0.619)])
def test_the_side_turned_away_ends_softly_beyond_its_outline_and_the_near_one_is_whole(
    yaw: float, outline: float
) -> None:
    mask = outline_mask(["Eyeglasses"], yaw, SIZE)
    x = (np.arange(SIZE) + 0.5) / SIZE
    assert (mask[:, x < outline - 0.02] == 1).all()
    assert (mask[:, x > outline + 0.1] == 0).all()
    assert np.abs(np.diff(mask, axis=1)).max() < 0.2
    np.testing.assert_array_equal(outline_mask(["Eyeglasses"], -yaw, SIZE), mask[:, ::-1])


def test_the_outline_moves_with_the_face_and_does_not_jump() -> None:
    region = region_of("Eyeglasses", SIZE)
    masks = np.array([region * outline_mask(["Eyeglasses"], yaw, SIZE) for yaw in np.arange(-55.0, 55.25, 0.25)])
    assert np.abs(np.diff(masks, axis=0)).max() < 0.1
    assert (np.diff(masks[220:].sum(axis=(1, 2))) <= 0).all()


@pytest.mark.parametrize("attributes", [["Bangs"], ["Eyeglasses", "Bangs"], ["Earrings"]])
def test_what_may_lie_beside_the_face_is_not_limited(attributes: list[str]) -> None:
    assert (outline_mask(attributes, 30.0, SIZE) == 1).all()

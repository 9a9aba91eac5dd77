"""ELEGANT's template and the warp into the crop."""

import numpy as np
import pytest

from videoedit.align.crop import warp_image
from videoedit.align.regions import OVALS, REGIONS, region_mask, region_of
from videoedit.align.templates import TEMPLATES, crop_from_points
from videoedit.errors import ConfigError
from videoedit.geometry import fit_similarity, transform_points

SLOPE = 255 / 400
OFFICIAL_000001 = np.array([[165, 184], [244, 176], [196, 249], [194, 271], [266, 260]], float)


def test_template_is_the_official_one() -> None:
    expected = [
        [92.7528, 105.7851],
        [162.7528, 105.6228],
        [127.6357, 153.0737],
        [98.7384, 190.7424],
        [157.0194, 190.1937],
    ]
    np.testing.assert_allclose(TEMPLATES["elegant"], expected, atol=1e-4)
    assert TEMPLATES["elegant"][1, 0] - TEMPLATES["elegant"][0, 0] == pytest.approx(70.0)


def test_transform_of_the_first_celeba_picture_is_the_official_one() -> None:
    expected = [[0.832888, -0.180139, -8.553797], [0.180139, 0.832888, -79.184510]]
    np.testing.assert_allclose(crop_from_points(OFFICIAL_000001, "elegant", 256), expected, atol=1e-5)


def test_smaller_crops_scale_the_whole_matrix() -> None:
    full = crop_from_points(OFFICIAL_000001, "elegant", 256)
    np.testing.assert_allclose(crop_from_points(OFFICIAL_000001, "elegant", 128), full / 2)


def test_mean_face_fits_the_stretched_template_as_published() -> None:
    template = TEMPLATES["elegant"]
    mean_face = np.array(
        [[-0.17607, -0.172844], [0.1736, -0.17356], [-0.00182, 0.0357164], [-0.14617, 0.20185], [0.14496, 0.19943]]
    )
    moved = transform_points(fit_similarity(mean_face, template), mean_face)
    assert np.sqrt(np.square(moved - template).sum(axis=1).mean()) == pytest.approx(2.897, abs=1e-3)


def test_unknown_template_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="did you mean 'elegant'"):
        crop_from_points(OFFICIAL_000001, "elegent", 256)


@pytest.mark.parametrize("scale", [0.11, 0.4, 0.9, 1.0, 2.5])
def test_warp_puts_a_gradient_where_the_transform_says(scale: float) -> None:
    y, x = np.mgrid[0:400, 0:400].astype(float)
    image = np.stack([x * SLOPE, y * SLOPE, np.zeros_like(x)], axis=-1)
    size = 32
    crop_from_image = np.array([[scale, 0, 16 - 200.3 * scale], [0, scale, 16 - 201.7 * scale]])
    dither = np.random.default_rng(0).uniform(-0.5, 0.5, image.shape)
    dithered = np.clip(np.round(image + dither), 0, 255).astype(np.uint8)
    crop = warp_image(dithered, crop_from_image, size).astype(float)
    rows, columns = np.mgrid[0:size, 0:size]
    inner = (slice(8, -8), slice(8, -8))
    expected_x = ((columns - crop_from_image[0, 2]) / scale * SLOPE)[inner]
    expected_y = ((rows - crop_from_image[1, 2]) / scale * SLOPE)[inner]
    assert abs((crop[inner][..., 0] - expected_x).mean()) < 0.15
    assert abs((crop[inner][..., 1] - expected_y).mean()) < 0.15


def test_reduction_averages_instead_of_aliasing() -> None:
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = warp_image(stripes, np.array([[0.13, 0, 0], [0, 0.13, 0]]), 64)
    assert np.ptp(crop[8:-8, 8:-8].astype(int)) < 40


def test_regions_lie_inside_the_crop_and_unknown_attributes_have_the_whole_of_it() -> None:
    for left, top, right, bottom in REGIONS.values():
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
    assert region_mask("Young", 16).all()
    mask = region_mask("Eyeglasses", 128)
    eyes = TEMPLATES["elegant"][:2] / 2
    assert all(mask[round(y), round(x)] for x, y in eyes)
    assert not mask[120, 64]


def test_soft_masks_are_one_on_what_they_are_for_and_zero_outside_their_box() -> None:
    soft = region_of("Eyeglasses", 128)
    assert all(soft[round(y), round(x)] == 1 for x, y in TEMPLATES["elegant"][:2] / 2)
    assert not soft[~region_mask("Eyeglasses", 128)].any()
    assert (region_of("Young", 16) == 1).all()
    bangs = region_of("Bangs", 128)
    assert bangs[0, 64] == 1
    assert bangs[0, 0] == 0


def test_what_changes_all_of_a_face_has_an_oval_and_leaves_the_corners_of_its_box() -> None:
    soft = region_of("Male", 128)
    assert all(soft[round(y), round(x)] == 1 for x, y in TEMPLATES["elegant"] / 2)
    assert not soft[~region_mask("Male", 128)].any()
    left, top, right, bottom = (round(128 * edge) for edge in REGIONS["Male"])
    assert not any(soft[y, x] for x in (left + 12, right - 12) for y in (top + 12, bottom - 12))
    assert np.abs(np.diff(soft, axis=1)).max() < 0.2
    assert set(REGIONS) >= OVALS

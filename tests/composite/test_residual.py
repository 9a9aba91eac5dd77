"""The residual lands where the crop came from, and nowhere else."""

from fractions import Fraction

import numpy as np
import pytest

from videoedit.align.from_frame import crop_of_frame
from videoedit.colour import region_rgb
from videoedit.composite.masks import border_mask
from videoedit.composite.residual import add_residual, warp_back
from videoedit.frames import Frame, PixelFormat
from videoedit.geometry import inverse, transform_points

SIZE = 64


def frame_of(sampling: tuple[int, int] = (1, 1), depth: int = 8, size_wh: tuple[int, int] = (200, 160)) -> Frame:
    rng = np.random.default_rng(0)
    kind = np.uint8 if depth == 8 else np.uint16
    width, height = size_wh
    chroma = -(-height >> sampling[1]), -(-width >> sampling[0])
    planes = tuple(
        rng.integers(60 << (depth - 8), 190 << (depth - 8), shape).astype(kind)
        for shape in ((height, width), chroma, chroma)
    )
    return Frame(planes, PixelFormat("test", depth, sampling, "bt709", False), Fraction(0), Fraction(0), 0)


def placed(scale: float, angle: float = 0.2, centre: tuple[float, float] = (100.0, 80.0)) -> np.ndarray:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, np.array([31.5, 31.5]) - turn @ centre])


def grey(frame: Frame) -> Frame:
    return frame.with_planes((frame.planes[0], *(np.full_like(plane, 128) for plane in frame.planes[1:])))


def changed_luma(before: Frame, after: Frame) -> np.ndarray:
    return before.planes[0] != after.planes[0]


@pytest.mark.parametrize("sampling", [(1, 1), (1, 0), (0, 0)])
@pytest.mark.parametrize("depth", [8, 10])
def test_samples_outside_the_mask_stay_bit_exact(sampling: tuple[int, int], depth: int) -> None:
    frame = frame_of(sampling, depth)
    crop_from_frame = placed(0.8)
    residual = np.full((3, SIZE, SIZE), 0.5, np.float32)
    edited = add_residual(frame, residual, crop_from_frame, border_mask(SIZE, 0.1))
    y, x = np.mgrid[0:160, 0:200]
    on_crop = transform_points(crop_from_frame, np.stack([x.ravel(), y.ravel()], axis=1).astype(float))
    inside = ((on_crop > -1.5) & (on_crop < SIZE + 0.5)).all(axis=1).reshape(160, 200)
    assert not (changed_luma(frame, edited) & ~inside).any()
    assert changed_luma(frame, edited).sum() > 2000
    step_x, step_y = 1 << sampling[0], 1 << sampling[1]
    covered = inside.reshape(160 // step_y, step_y, 200 // step_x, step_x).any(axis=(1, 3))
    for plane, new in zip(frame.planes[1:], edited.planes[1:], strict=True):
        assert not ((plane != new) & ~covered).any()


def test_nothing_to_add_gives_the_same_frame() -> None:
    frame = frame_of()
    mask = border_mask(SIZE, 0.1)
    assert add_residual(frame, np.zeros((3, SIZE, SIZE), np.float32), placed(1.0), mask) is frame
    assert add_residual(frame, np.ones((3, SIZE, SIZE), np.float32), placed(1.0), mask, 0.0) is frame
    tiny = np.full((3, SIZE, SIZE), 2 * 0.4 / 255, np.float32)
    assert not changed_luma(frame, add_residual(frame, tiny, placed(1.0), mask)).any()


@pytest.mark.parametrize("scale", [0.12, 0.35, 1.0, 5.0])
@pytest.mark.parametrize("sampling", [(1, 1), (0, 0)])
def test_only_what_a_change_may_reach_is_worked_on_and_nothing_of_it_is_lost(
    scale: float, sampling: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def seen(frame: Frame, box: tuple[int, int, int, int]) -> np.ndarray:
        sizes.append((box[2] - box[0]) * (box[3] - box[1]))
        return region_rgb(frame, box)

    monkeypatch.setattr("videoedit.composite.residual.region_rgb", seen)
    small, large = np.zeros((2, 3, SIZE, SIZE), np.float32)
    small[:, 20:30, 12:50] = np.random.default_rng(0).uniform(0.4, 1, (3, 10, 38))
    large[...] = small
    large[:, ::63, ::63] = 1e-7  # the corners: too little to be seen, but the whole crop is in between
    frame, whole = frame_of(sampling, size_wh=(600, 480)), np.ones((SIZE, SIZE), np.float32)
    place = placed(scale, 0.0, (300.0, 240.0))
    few, many = (add_residual(frame, residual, place, whole) for residual in (small, large))
    assert changed_luma(frame, few).sum() > 10
    assert sizes[0] < 0.9 * sizes[1]
    for plane, expected in zip(few.planes, many.planes, strict=True):
        apart = np.abs(plane.astype(int) - expected)
        assert apart.max() <= 1  # OpenCV rounds phases to 1/32 pixel, from the box's corner
        assert (apart > 0).mean() < 0.02


def test_the_source_frame_is_never_written_into() -> None:
    frame = frame_of()
    before = [plane.copy() for plane in frame.planes]
    add_residual(frame, np.ones((3, SIZE, SIZE), np.float32), placed(1.0), border_mask(SIZE, 0.1))
    for plane, old in zip(frame.planes, before, strict=True):
        np.testing.assert_array_equal(plane, old)


@pytest.mark.parametrize("scale", [0.35, 0.7, 1.0, 1.9, 3.0])
def test_a_spot_of_the_crop_lands_on_its_place_in_the_frame(scale: float) -> None:
    crop_from_frame = placed(scale)
    spot_xy = np.array([[40.0, 24.0]])
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    spot = np.exp(-((x - 40.0) ** 2 + (y - 24.0) ** 2) / (2 * 4.0**2)).astype(np.float32)
    landed = warp_back(np.repeat(spot[..., None], 3, axis=2), crop_from_frame, (0, 0, 200, 160))[..., 0]
    rows, columns = np.mgrid[0:160, 0:200]
    centre = [(landed * columns).sum() / landed.sum(), (landed * rows).sum() / landed.sum()]
    expected = transform_points(inverse(crop_from_frame), spot_xy)[0]
    np.testing.assert_allclose(centre, expected, atol=0.12)


@pytest.mark.parametrize("scale", [0.4, 1.0])
def test_crop_edited_frame_cropped_again_shows_the_edit(scale: float) -> None:
    y, x = np.mgrid[0:160, 0:200]
    luma = (70 + 0.5 * x + 0.2 * y).astype(np.uint8)
    flat = np.full((80, 100), 128, np.uint8)
    frame = Frame((luma, flat, flat), PixelFormat("yuv420p", 8, (1, 1), "bt601", False), Fraction(0), Fraction(0), 0)
    crop_from_frame = placed(scale, angle=0.1)
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    bump = 0.4 * np.exp(-((columns - 34.0) ** 2 + (rows - 28.0) ** 2) / (2 * 6.0**2))
    residual = np.repeat(bump[None], 3, axis=0).astype(np.float32)
    edited = add_residual(frame, residual, crop_from_frame, np.ones((SIZE, SIZE), np.float32))
    before, after = (crop_of_frame(f, crop_from_frame, SIZE).astype(float) for f in (frame, edited))
    difference = (after - before).mean(axis=2) / 127.5
    np.testing.assert_allclose(difference[8:-8, 8:-8], bump[8:-8, 8:-8], atol=0.03)
    weight = difference.clip(0)
    assert (weight * columns).sum() / weight.sum() == pytest.approx(34.0, abs=0.15)
    assert (weight * rows).sum() / weight.sum() == pytest.approx(28.0, abs=0.15)


def test_faces_at_the_edge_of_the_picture_are_edited_as_far_as_they_are_seen() -> None:
    frame = frame_of()
    edited = add_residual(
        frame, np.ones((3, SIZE, SIZE), np.float32), placed(0.8, centre=(2.0, 158.0)), border_mask(SIZE, 0.1)
    )
    assert changed_luma(frame, edited)[120:, :30].any()
    assert crop_of_frame(frame, placed(0.8, centre=(2.0, 158.0)), SIZE).shape == (SIZE, SIZE, 3)
    outside = add_residual(
        frame, np.ones((3, SIZE, SIZE), np.float32), placed(0.8, centre=(-300.0, 80.0)), border_mask(SIZE, 0.1)
    )
    assert not changed_luma(frame, outside).any()


def test_weight_scales_the_edit() -> None:
    frame = frame_of()
    residual = np.full((3, SIZE, SIZE), 0.2, np.float32)
    mask = border_mask(SIZE, 0.1)
    full, half = (add_residual(frame, residual, placed(1.0), mask, w).planes[0][80, 100] for w in (1.0, 0.5))
    base = int(frame.planes[0][80, 100])
    assert int(full) - base == pytest.approx(0.1 * 219, abs=1)
    assert int(half) - base == pytest.approx(0.05 * 219, abs=1)


def test_border_mask_is_zero_on_the_border_and_one_inside() -> None:
    mask = border_mask(SIZE, 0.1)
    assert not mask[0].any()
    assert not mask[:, -1].any()
    assert (mask[16:-16, 16:-16] == 1).all()
    assert (np.diff(mask[32, :32]) >= 0).all()


@pytest.mark.parametrize("scale", [0.3, 1.0, 2.0])
def test_what_is_covered_vanishes_with_all_its_detail(scale: float) -> None:
    frame = frame_of((0, 0))  # noise, of which a crop at 0.3 shows nothing
    residual = np.zeros((4, SIZE, SIZE), np.float32)
    residual[:3] = 0.2
    residual[3] = 1.0
    half = residual.copy()
    half[3] = 0.5
    whole = np.ones((SIZE, SIZE), np.float32)
    place = placed(scale, 0.0)
    covered, veiled, added = (add_residual(frame, r, place, whole) for r in (residual, half, residual[:3]))
    middle = (slice(74, 86), slice(94, 106))
    before, hidden, thinner, plain = (f.planes[0][middle].astype(float) for f in (frame, covered, veiled, added))
    assert hidden.std() < 1
    assert hidden.mean() == pytest.approx(16 + 219 * 0.6, abs=1)  # 0.2 of -1..1
    np.testing.assert_allclose(thinner, (before + hidden) / 2 + 0.05 * 219, atol=2)
    assert plain.std() > 0.95 * before.std()


@pytest.mark.parametrize(("scale", "far"), [(0.25, 3.0), (0.5, 3.0), (1.0, 3.0), (1.0, 30.0)])
@pytest.mark.parametrize("angle", [0.0, np.pi / 2])
def test_what_is_bent_keeps_all_detail_of_the_frame_and_comes_from_where_the_crop_says(
    scale: float, far: float, angle: float
) -> None:
    frame = grey(frame_of((0, 0)))
    bend = np.zeros((6, SIZE, SIZE), np.float32)
    bend[4] = far  # from so many pixels of the crop to its right
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[16:48, 16:48] = 1.0
    crop_from_frame = placed(scale, angle)
    edited = add_residual(frame, bend, crop_from_frame, mask)
    way = np.linalg.inv(crop_from_frame[:, :2]) @ [far, 0.0]
    columns, rows = np.round(way).astype(int)
    middle = np.s_[80 - 8 : 80 + 8, 100 - 8 : 100 + 8]
    for plane, new in zip(frame.planes, edited.planes, strict=True):
        came_from = np.roll(plane, (-rows, -columns), (0, 1))
        assert np.abs(new[middle].astype(int) - came_from[middle]).max() <= 2
    y, x = np.mgrid[0:160, 0:200]
    on_crop = transform_points(crop_from_frame, np.stack([x.ravel(), y.ravel()], axis=1).astype(float))
    beyond = (np.abs(on_crop - 31.5) > 16 + 3 * max(scale, 1.0)).any(axis=1).reshape(160, 200)
    assert beyond.any()
    np.testing.assert_array_equal(edited.planes[0][beyond], frame.planes[0][beyond])


def test_half_a_weight_bends_half_as_far_and_layers_lie_on_what_is_bent() -> None:
    frame = grey(frame_of((0, 0)))
    residual = np.zeros((6, SIZE, SIZE), np.float32)
    residual[4] = 4.0
    residual[3], residual[:3] = 0.5, 0.25
    mask = np.ones((SIZE, SIZE), np.float32)
    edited = add_residual(frame, residual, placed(1.0, 0.0), mask, 0.5)
    box = (90, 70, 110, 90)
    shown, changed = region_rgb(frame, (92, 70, 112, 90)), region_rgb(edited, box)
    np.testing.assert_allclose(changed, shown + 0.5 * (0.125 - 0.5 * (shown - 0.5)), atol=0.01)

"""Cuts are found where they are; flashes, pans and noise are none."""

import cv2
import numpy as np
import pytest

from videoedit.frames import Image
from videoedit.track.cuts import number_scenes


def scenery(seed: int, size_wh: tuple[int, int] = (640, 360)) -> Image:
    """Draw patches of a few colours, other ones for every seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (6, 10, 3)) * rng.uniform(0.3, 1.0, 3)
    return cv2.resize(coarse.astype(np.uint8), size_wh, interpolation=cv2.INTER_CUBIC)


def starts(images: list[Image], ahead: int = 2) -> list[int]:
    numbers = [scene for _, scene in number_scenes(((None, image) for image in images), ahead)]
    return [i for i in range(1, len(numbers)) if numbers[i] != numbers[i - 1]]


@pytest.mark.parametrize("ahead", [0, 2])
def test_every_cut_is_found_at_its_first_frame(ahead: int) -> None:
    rng = np.random.default_rng(0)
    images = [
        np.clip(scenery(seed).astype(int) + rng.integers(-12, 13, (360, 640, 3)), 0, 255).astype(np.uint8)
        for seed, length in ((1, 5), (2, 3), (3, 9))
        for _ in range(length)
    ]
    assert starts(images, ahead) == [5, 8]


@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("gain", [1.6, 30.0])
def test_flash_is_no_cut(length: int, gain: float) -> None:
    images = [scenery(1)] * 6 + [np.clip(scenery(1) * gain, 0, 255).astype(np.uint8)] * length + [scenery(1)] * 6
    assert starts(images) == []


def test_light_that_stays_brighter_is_no_cut() -> None:
    assert starts([scenery(1)] * 4 + [np.clip(scenery(1) * 1.5, 0, 255).astype(np.uint8)] * 4) == []


def test_fast_pan_is_no_cut() -> None:
    wide = scenery(4, (1920, 360))
    step = 64  # a tenth of the picture's width per frame
    assert starts([cv2.blur(wide[:, x : x + 640], (step // 2, 1)) for x in range(0, 1280, step)]) == []


def test_fade_to_black_and_grey_pictures_are_no_cuts() -> None:
    assert starts([(scenery(1) * share).astype(np.uint8) for share in np.linspace(1, 0, 25)]) == []
    assert starts([np.full((90, 160, 3), 100 + 2 * i, np.uint8) for i in range(10)]) == []


def test_numbers_come_with_their_items_in_order() -> None:
    images = [scenery(1)] * 3 + [scenery(2)] * 3
    assert list(number_scenes(zip(range(6), images, strict=True))) == [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)]

"""EXIF orientation: which turn is meant, and a block that no longer asks for it."""

import cv2
import numpy as np
import pytest

from videoedit.video.stills.exif import of_upright, orientation_of, upright


def block(orientation: int, order: str = "<") -> bytes:
    """Write a directory of three tags (description, orientation, and a link to a small picture's directory)."""
    number = "little" if order == "<" else "big"
    short, long = (lambda value: value.to_bytes(2, number)), (lambda value: value.to_bytes(4, number))
    tags = short(0x010E) + short(2) + long(3) + b"me\0\0" + short(0x0112) + short(3) + long(1) + short(orientation)
    head = (b"II*\0" if order == "<" else b"MM\0*") + long(8)
    return head + short(2) + tags + b"\0\0" + long(38) + short(0) + long(0)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_read_and_taken_out_with_the_link_to_the_small_picture(orientation: int, order: str) -> None:
    exif = block(orientation, order)
    assert orientation_of(exif) == orientation
    changed = of_upright(exif)
    assert orientation_of(changed) == 1
    assert changed[34:38] == bytes(4) != exif[34:38]
    assert (b"me" in changed, len(changed)) == (True, len(exif))


@pytest.mark.parametrize("exif", [b"", b"II*\0", b"nonsense" * 9, block(9), block(6)[:20], b"II*\0\xff\xff\xff\xff"])
def test_block_that_says_nothing_leaves_the_picture_as_it_is(exif: bytes) -> None:
    assert orientation_of(exif) == 1
    assert len(of_upright(exif)) == len(exif)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_opencv_turns_them(orientation: int) -> None:
    stored = np.random.default_rng(orientation).integers(0, 255, (5, 7, 3), np.uint8)
    exif = np.frombuffer(block(orientation), np.uint8)
    _, encoded = cv2.imencodeWithMetadata(".png", stored, [cv2.IMAGE_METADATA_EXIF], [exif])
    np.testing.assert_array_equal(upright(stored, orientation), cv2.imdecode(encoded, cv2.IMREAD_COLOR))

"""Samples outside the faces: colours are compared, whatever the codes by which they are told."""

from pathlib import Path

import numpy as np
import pytest

from tests.video.clips import copied, frames_of, raw_clip
from videoedit.evaluate.clip.outside import outside_of
from videoedit.video.writing.encoding import EncoderConfig


@pytest.mark.parametrize("is_swapped", [False, True])
def test_rgb_made_to_luma_and_chroma_differs_by_no_more_than_rounding(tmp_path: Path, is_swapped: bool) -> None:
    source = raw_clip(tmp_path / "rgb.nut", pixel_format="gbrp", num_frames=1)
    other = copied(source, tmp_path / "out.mkv", EncoderConfig(crf=0, preset="ultrafast", pixel_format="yuv444p"))
    (before,), (after,) = frames_of(source), frames_of(other)
    assert (before.format.matrix, after.format.matrix) == ("rgb", "bt601")
    seen = outside_of(after, before, []) if is_swapped else outside_of(before, after, [])
    assert seen.psnr is not None
    assert seen.psnr > 45
    assert seen.largest_block < 0.2
    assert seen.largest < 4


def test_what_is_added_outside_is_seen_in_the_codes_of_the_source_and_inside_it_is_not(tmp_path: Path) -> None:
    source = raw_clip(tmp_path / "rgb.nut", pixel_format="gbrp", num_frames=1)
    other = copied(source, tmp_path / "out.mkv", EncoderConfig(crf=0, preset="ultrafast", pixel_format="yuv444p"))
    (before,), (after,) = frames_of(source), frames_of(other)
    luma = after.planes[0].copy()
    luma[16:32, 16:32] += np.uint8(20)
    changed = after.with_planes((luma, *after.planes[1:]))
    assert outside_of(before, changed, []).largest_block == pytest.approx(20 * 255 / 219, abs=0.3)
    assert outside_of(before, changed, [(16, 16, 32, 32)]).largest_block < 0.2

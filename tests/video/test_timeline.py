"""Frames found again in the middle of a video are those that were there the first time."""

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ClipRecipe, write_clip
from tests.video.clips import frames_of
from videoedit.errors import MediaError
from videoedit.frames import Frame
from videoedit.video.reading.reader import VideoReader
from videoedit.video.reading.timeline import Moment, frames_between

TICKS = tuple(int(step) for step in np.cumsum([3003, 1001, 4004, 3003, 3003, 6006] * 10))


def moments_of(path: Path) -> list[Moment]:
    with VideoReader(path) as reader:
        return [Moment.of(frame) for frame in reader]


def kept(path: Path, moments: list[Moment], span: range) -> list[Frame]:
    frames = frames_between(path, moments, span)
    return [frame.with_planes(tuple(plane.copy() for plane in frame.planes)) for frame in frames]


def same(a: Frame, b: Frame) -> bool:
    planes = all(np.array_equal(one, other) for one, other in zip(a.planes, b.planes, strict=True))
    return planes and (a.index, a.time, a.duration, a.rotation) == (b.index, b.time, b.duration, b.rotation)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.avi"])
@pytest.mark.parametrize(("key_interval", "num_b_frames"), [(10, 2), (250, 2), (7, 0)])
def test_any_part_is_found_again_exactly(tmp_path: Path, name: str, key_interval: int, num_b_frames: int) -> None:
    if name.endswith(".avi") and num_b_frames:
        pytest.skip("no B-frames in AVI")
    recipe = ClipRecipe(num_frames=40, key_interval=key_interval, num_b_frames=num_b_frames, audio_seconds=None)
    path = write_clip(tmp_path / name, recipe)
    whole, moments = frames_of(path), moments_of(path)
    for span in (range(40), range(1, 4), range(9, 23), range(20, 40), range(39, 40)):
        found = kept(path, moments, span)
        assert len(found) == len(span)
        assert all(same(frame, whole[frame.index]) for frame in found)
        assert [frame.index for frame in found] == [*span]


def test_part_of_a_variable_rate_is_found_again(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", ClipRecipe(num_frames=60, ticks=TICKS, key_interval=12, rotation=90))
    whole, moments = frames_of(path), moments_of(path)
    found = [
        frame.with_planes(tuple(map(np.array, frame.planes))) for frame in frames_between(path, moments, range(31, 50))
    ]
    assert all(same(frame, whole[frame.index]) for frame in found)
    assert len(found) == 19


def test_part_is_found_without_decoding_all_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "clip.mp4", ClipRecipe(num_frames=60, key_interval=10))
    moments = moments_of(path)
    made: list[int] = []
    post_init = Frame.__post_init__
    monkeypatch.setattr(Frame, "__post_init__", lambda frame: (made.append(1), post_init(frame))[1])
    list(frames_between(path, moments, range(45, 50)))
    assert len(made) < 25


def test_another_video_in_the_place_of_the_first_is_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", ClipRecipe(num_frames=40))
    moments = moments_of(path)
    write_clip(path, ClipRecipe(num_frames=40, ticks=tuple(range(0, 40 * 4000, 4000))))
    with pytest.raises(MediaError, match="begin anew"):
        list(frames_between(path, moments, range(20, 30)))

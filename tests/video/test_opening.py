"""Which names are files that can be read, and which are not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.video.clips import copied, frames_of
from videoedit.errors import MediaError
from videoedit.jobs.fingerprint import digest_of
from videoedit.video.reading.packets import read_streams
from videoedit.video.reading.reader import VideoReader

MakeClip = Callable[..., Path]


def test_a_colon_in_a_name_makes_it_no_address(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_clip().rename("10:30 talk.mp4")
    copied(Path("10:30 talk.mp4"), Path("10:31 talk.mp4"))
    assert len(frames_of(Path("10:31 talk.mp4"))) == 12
    assert len(read_streams("10:31 talk.mp4")) == 2


@pytest.mark.parametrize("cut", ["pictures", "index"])
def test_an_mp4_without_its_index_is_named_as_cut_off(make_clip: MakeClip, cut: str) -> None:
    path = make_clip()
    content = path.read_bytes()
    index = content.rindex(b"moov") - 4
    path.write_bytes(content[: index // 2 if cut == "pictures" else index + 100])
    with pytest.raises(MediaError, match=r"clip\.mp4: the file is cut off, and the index .* missing; copy"):
        VideoReader(path)


def test_what_cannot_be_read_twice_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(MediaError, match=r"pipe\.mp4 is a pipe or a device"):
        VideoReader(tmp_path / "pipe.mp4")
    with pytest.raises(MediaError, match=r"pipe\.mp4 is a folder, a pipe or a device"):
        digest_of(tmp_path / "pipe.mp4")

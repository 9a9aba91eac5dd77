"""A file is there as a whole or not at all, and what was there before stays after an error."""

import os
from pathlib import Path

import pytest

from videoedit.errors import MediaError
from videoedit.whole_files import check_target, whole_file, write_whole


def test_a_file_appears_at_the_end_and_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with whole_file(path) as partial:
        partial.write_text("first")
        assert not path.exists()
    with pytest.raises(FileNotFoundError):
        _break_off(path)
    assert [one.read_text() for one in tmp_path.iterdir()] == ["first"]


def test_a_folder_that_is_not_there_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone.a\.txt: No such file or directory; choose a writable folder"):
        write_whole(tmp_path / "gone" / "a.txt", b"text")


def test_a_folder_that_takes_no_file_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_target(tmp_path / "a.mp4", (), overwrite=False)
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(MediaError, match="cannot be written to; choose another"):
        check_target(tmp_path / "a.mp4", (), overwrite=False)


def _break_off(path: Path) -> None:
    with whole_file(path) as partial:
        partial.write_text("second")
        (path.parent / "gone").read_text()

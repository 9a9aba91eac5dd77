"""Temporary folders: there while they are used, gone after it, also where a process was killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from videoedit.jobs.scratch import scratch_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def test_a_folder_is_there_as_long_as_it_is_used_whoever_else_begins(place: Path) -> None:
    with scratch_folder() as first:
        (first / "clip.mp4").write_text("precious")
        with scratch_folder() as second:
            assert {*place.iterdir()} == {first, second}
        assert (first / "clip.mp4").read_text() == "precious"
    assert not list(place.iterdir())


def test_what_a_killed_process_left_is_deleted_and_nothing_else(place: Path) -> None:
    (place / "videoedit-of-the-user").mkdir()
    program = """if True:
        import os, signal
        from videoedit.jobs.scratch import scratch_folder
        with scratch_folder() as folder:
            (folder / "clip.mp4").write_text("half of it")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", program], env=os.environ, check=False)
    assert len(list(place.iterdir())) == 2
    with scratch_folder():
        pass
    assert [path.name for path in place.iterdir()] == ["videoedit-of-the-user"]

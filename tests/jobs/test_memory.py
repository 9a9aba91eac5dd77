"""Memory is bounded by the windows and queues, never by the length of the clip."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.conftest import moving_colours
from tests.stub_editing import EDIT

ROOT = Path(__file__).resolve().parents[2]
SIZE, FPS = (1280, 720), 25

RUN = """
import resource, sys
from unittest import mock
from tests.stub_editing import stub_pipeline
from videoedit.cli import main
with mock.patch("videoedit.jobs.one_file.build_pipeline", stub_pipeline):
    code = main(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(code)
"""


def write_long(path: Path, seconds: int) -> Path:
    """Encode a few pictures again and again."""
    pictures = [av.VideoFrame.from_ndarray(moving_colours(SIZE, index), "rgb24") for index in range(5)]
    pictures = [picture.reformat(format="yuv420p") for picture in pictures]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "50"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for index in range(seconds * FPS):
            picture = pictures[index % len(pictures)]
            picture.pts, picture.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def peak_of(source: Path) -> int:
    """Edit in a process of its own and return the most memory that it had, in KiB."""
    out = source.with_name(f"out-{source.name}")
    done = subprocess.run(
        [sys.executable, "-c", RUN, "run", str(source), "-o", str(out), "--output-video-preset", "ultrafast", *EDIT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.rsplit("peak ", 1)[1])


@pytest.mark.slow
def test_a_minute_takes_no_more_memory_than_a_quarter_of_it(tmp_path: Path) -> None:
    short, long = (peak_of(write_long(tmp_path / f"{seconds}.mp4", seconds)) for seconds in (15, 60))
    assert long < 1.1 * short

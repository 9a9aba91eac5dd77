"""Make `docs/before-after.png` from the README's own command: one frame of the sample clip, before | after.

python scripts/make_before_after.py
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from videoedit.frames import Image
from videoedit.video.reading.reader import VideoReader
from videoedit.video.stills.arrays import write_image
from videoedit.video.thumbnail import thumbnail

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "sample_clips" / "astronaut.mp4"
REFERENCE = ROOT / "sample_clips" / "hopper-glasses.jpg"
FRAME = 45
FULL_SIZE = 4096  # pixels: the clip is smaller


def main() -> None:
    """Run the command, then put the frames side by side."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "astronaut-glasses.mp4"
        command = ["run", CLIP, "--ref", REFERENCE, "--attr", "eyeglasses", "-o", result]
        subprocess.run([sys.executable, "-m", "videoedit", *map(str, command)], check=True)
        pictures = [frame_of(path) for path in (CLIP, result)]
    (ROOT / "docs").mkdir(exist_ok=True)
    write_image(ROOT / "docs" / "before-after.png", np.concatenate(pictures, axis=1))


def frame_of(path: Path) -> Image:
    """Return one frame of a clip as RGB."""
    with VideoReader(path) as reader:
        return next(thumbnail(frame, FULL_SIZE)[0] for frame in reader if frame.index == FRAME)


if __name__ == "__main__":
    main()

"""What a newcomer tries first is whole and small."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "sample_clips"


def test_the_clip_is_four_seconds_of_h264_with_stereo_sound() -> None:
    with av.open(str(FOLDER / "astronaut.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height, video.average_rate) == (640, 480, Fraction(30))
        assert (audio.codec_context.name, audio.codec_context.layout.name) == ("aac", "stereo")
        assert sum(1 for _ in container.decode(video)) == 120


def test_the_clip_is_small() -> None:
    assert (FOLDER / "astronaut.mp4").stat().st_size < 1_500_000


@pytest.mark.parametrize("name", ["hopper-glasses.jpg", "astronaut-smile.jpg"])
def test_references_can_be_read(name: str) -> None:
    image = cv2.imread(str(FOLDER / name))
    assert image is not None
    assert min(image.shape[:2]) >= 256


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_the_origin_of_every_file_is_told(path: Path) -> None:
    assert path.name == "README.md" or path.name in (FOLDER / "README.md").read_text()

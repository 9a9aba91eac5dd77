"""A face that holds still in front of a noisy camera: its edit trembles less than the camera's noise."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import skimage.data

from videoedit.frames import Frame
from videoedit.video.formats import format_of
from videoedit.video.reading.reader import planes_of
from videoedit.wishes import EditConfig, Wish, build_pipeline

HOPPER = Path(__file__).resolve().parents[1] / "sample_clips" / "hopper-glasses.jpg"
NUM_FRAMES = 12


def noisy_frame(index: int) -> Frame:
    photo = np.asarray(skimage.data.astronaut())[:320, 60:380].astype(float)
    noise = np.random.default_rng(index).normal(0, 3.0, photo.shape)
    picture = av.VideoFrame.from_ndarray(np.clip(photo + noise, 0, 255).astype(np.uint8), "rgb24")
    picture = picture.reformat(format="yuv444p")
    return Frame(planes_of(picture), format_of(picture), Fraction(index, 30), Fraction(1, 30), index, 0, picture)


def test_edit_of_a_still_face_changes_less_from_frame_to_frame_than_the_noise() -> None:
    pipeline = build_pipeline(EditConfig(wishes=(Wish(attribute="glasses", reference=str(HOPPER)),), device="cpu"))
    shares = []
    for clip in range(3):  # one clip's points tremble by chance more than another's
        edited = list(pipeline.run(noisy_frame(100 * clip + i) for i in range(NUM_FRAMES)))
        source = np.array([entry.source.planes[0] for entry in edited], np.float32)
        edit = np.array([entry.frame.planes[0] for entry in edited], np.float32) - source
        touched = abs(edit).max(axis=0) > 4
        assert touched.sum() > 1000
        result, tremble, noise = (
            np.sqrt(np.square(np.diff(v, axis=0))[:, touched].mean()) for v in (source + edit, edit, source)
        )
        shares.append((tremble / noise, result / noise))
    assert np.max(shares) < 1
    tremble, result = np.mean(shares, axis=0)
    assert tremble < 0.85
    assert result < 0.65  # what is covered takes the source's noise away

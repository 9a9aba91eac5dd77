"""Lossless clips of a red nose before moving colours, and a detector and a judge that see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from torch import Tensor

from tests.conftest import moving_colours
from videoedit.align.templates import TEMPLATES
from videoedit.evaluate.clip.measure import Eyes
from videoedit.evaluate.clip.run import ClipJob, compare
from videoedit.faces import Face
from videoedit.frames import Image

SIZE_WH = (192, 128)
CROP = 96.0
"""Side of the face's crop in pixels of the frame."""
STEP = 3600
"""Ticks of 1/90000 s between frames."""
NOSE = (96, 64)


def frames_of(count: int = 12, noses: Sequence[tuple[int, int]] = ()) -> list[Image]:
    """Draw frames with the nose where it is said to be, else in the middle."""
    frames = []
    for index in range(count):
        frame = (64 + 0.5 * moving_colours(SIZE_WH, index)).astype(np.uint8)
        x, y = noses[index] if noses else NOSE
        frame[y - 5 : y + 6, x - 5 : x + 6] = (255, 0, 0)
        frames.append(frame)
    return frames


@dataclass(frozen=True, kw_only=True)
class Written:
    """A clip to be encoded without loss."""

    frames: Sequence[Image]
    first_tick: int = 0
    sound: np.ndarray | None = None
    """16 kHz, -1 to 1."""
    sound_tick: int = 0
    """Samples by which the sound starts late."""

    def to(self, path: Path) -> Path:
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"qp": "0", "preset": "ultrafast"})
            height, width = self.frames[0].shape[:2]
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv444p"
            stream.time_base = stream.codec_context.time_base = Fraction(1, 90_000)
            sound = container.add_stream("aac", rate=16_000, layout="mono") if self.sound is not None else None
            for index, frame in enumerate(self.frames):
                picture = av.VideoFrame.from_ndarray(frame, "rgb24")
                picture.pts, picture.time_base = self.first_tick + index * STEP, Fraction(1, 90_000)
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
            if sound is not None and self.sound is not None:
                wave = (self.sound * 20_000).astype(np.int16)[None]
                for start in range(0, wave.shape[1], 1024):
                    piece = av.AudioFrame.from_ndarray(
                        np.ascontiguousarray(wave[:, start : start + 1024]), format="s16", layout="mono"
                    )
                    piece.sample_rate, piece.pts = 16_000, start + self.sound_tick
                    container.mux(sound.encode(piece))
                container.mux(sound.encode(None))
        return path


class NoseDetector:
    """Puts a face around the red nose."""

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        return [self._faces(image) for image in images]

    def _faces(self, image: Image) -> list[Face]:
        red = (image[..., 0] > 200) & (image[..., 1] < 60) & (image[..., 2] < 60)
        if red.sum() < 20:
            return []
        y, x = (axis.mean() for axis in np.nonzero(red))
        points = (TEMPLATES["elegant"] - 127.5) / 256 * CROP + [x, y]
        box = np.array([x - 24, y - 24, x + 24, y + 24])
        return [Face(box, points, 0.9)]


@dataclass
class DarkJudge:
    """Sees glasses where a crop's eye band is dark."""

    attributes: tuple[str, ...] = ("Eyeglasses", "Smiling")
    num_asked: int = field(default=0)

    def probabilities(self, crops: Tensor) -> Tensor:
        self.num_asked += len(crops)
        dark = torch.sigmoid(-10 * (crops[:, :, 42:55, 30:98].mean(dim=(1, 2, 3)) + 0.5))
        return torch.stack([dark, dark], dim=1)

    def threshold(self, attribute: str) -> float:
        return 0.5


def painted(frame: Image, value: int) -> Image:
    """Return a frame with dark glasses of this brightness before the eyes."""
    glasses = frame.copy()
    glasses[46:59, 62:130] = value
    return glasses


def compared(source: Path, edited: Path, attribute: str | None = None, **choices: object):  # type: ignore[no-untyped-def]
    """Compare with the stand-ins."""
    job = ClipJob(source=str(source), edited=str(edited), attribute=attribute, **choices)  # type: ignore[arg-type]
    return compare(job, Eyes(NoseDetector(), DarkJudge(), None, attribute), lambda frames, total: frames)

"""One picture of a video in its own pixel format, and the facts of the video it came from.

A frame keeps the decoder's planes from reader to writer; nothing converts a whole picture to RGB.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]  # (h, w), samples of one component
Image: TypeAlias = NDArray[np.uint8]  # (H, W, 3) RGB
Sample = TypeVar("Sample", bound=np.generic)


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How samples lie in the planes and which colours they stand for."""

    name: str
    """FFmpeg's name, `yuv420p10le` for instance."""
    depth: int
    """Bits per sample, 8 to 12; 16 in pictures."""
    chroma_shift_xy: tuple[int, int]
    """Chroma is subsampled by 2 to this power: (1, 1) for 4:2:0, (1, 0) for 4:2:2, (0, 0) for 4:4:4."""
    matrix: str
    """`bt601`, `bt709` or `bt2020`; `rgb` where planes are G, B, R."""
    is_full_range: bool
    """True for 0…2ⁿ−1, False for the broadcast range (16…235 at 8 bit)."""
    transfer: str = "sdr"
    """`pq` or `hlg` for high dynamic range."""
    primaries: str = "bt709"
    """`bt709`, `bt2020` or `p3`; they count where the range is high."""

    @property
    def num_planes(self) -> int:
        """Planes a frame of this format holds."""
        return 3


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture in its own pixel format, and the moment it is shown."""

    planes: tuple[Plane, ...]
    """Y', Cb, Cr (or G, B, R), each (h, w) at its own sampling; 8 bit in uint8, more in uint16."""
    format: PixelFormat
    """Sampling, depth, matrix and range of `planes`."""
    time: Fraction
    """Presentation time in seconds, exact."""
    duration: Fraction
    """How long the picture is shown, in seconds; 0 where the file does not say."""
    index: int
    """Place in the video, from 0."""
    rotation: int = 0
    """Degrees counterclockwise by which the stored picture is turned for display; a multiple of 90."""
    origin: Any = None
    """The decoder's own picture, which the writer needs for its side data; opaque to every other part."""
    is_mirrored: bool = False
    """True where the picture is mirrored left to right for display, after it is turned."""

    def __post_init__(self) -> None:
        if len(self.planes) != self.format.num_planes:
            raise ValueError(f"{self.format.name} has {self.format.num_planes} planes, got {len(self.planes)}")

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of the picture in pixels."""
        height, width = self.planes[0].shape
        return width, height

    def upright(self, samples: NDArray[Sample]) -> NDArray[Sample]:
        """Turn (h, w, ...) samples that lie as the frame is stored into what is shown; a view, nothing is resampled."""
        turned = np.rot90(samples, self.rotation // 90)
        return turned[:, ::-1] if self.is_mirrored else turned

    def with_planes(self, planes: tuple[Plane, ...]) -> Self:
        """Return the same moment with another picture."""
        return replace(self, planes=planes)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInfo:
    """What is known about a video before its frames are read."""

    path: Path
    size_wh: tuple[int, int]
    """Stored width and height in pixels, before rotation."""
    time_base: Fraction
    """Seconds per tick of the stream's clock."""
    fps: Fraction | None
    """Nominal rate; only for display and progress, never for times or counts."""
    num_frames_hint: int
    """Frames as the container says, 0 where it is silent; only for progress."""
    duration: Fraction | None
    """Seconds, as the container says."""
    codec: str
    pixel_format: str
    num_audio_streams: int

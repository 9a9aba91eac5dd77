"""Sources of every kind for whole edits, and what a file holds as FFmpeg alone sees it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np

from tests.conftest import ClipRecipe, write_clip
from tests.video.clips import picture_of, raw_clip
from tests.video.rich_clips import rich_clip

SIZE = (96, 64)
NUM_FRAMES = 9
TAGS = ("colorspace", "color_range", "color_primaries", "color_trc")

Make: TypeAlias = Callable[[Path], Path]
"""Writes a source into a folder."""


@dataclass(frozen=True)
class Shown:
    """One picture of a file."""

    time: Fraction
    planes: tuple[np.ndarray, ...]
    matrix: bytes | None = None
    """How it is turned and mirrored for display."""
    duration: Fraction = Fraction(0)
    tags: tuple[int, ...] = ()
    """Matrix, range, primaries and transfer."""
    aspect: Fraction = Fraction(1)
    """Width of a pixel as a multiple of its height."""


def shown_in(path: Path) -> list[Shown]:
    """Decode a file by FFmpeg alone; the time of a picture without a stamp is -1."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            Shown(
                time=Fraction(-1) if picture.pts is None else picture.pts * picture.time_base,
                planes=tuple(_samples(picture, plane) for plane in picture.planes),
                matrix=_matrix_of(picture),
                duration=picture.duration * picture.time_base,
                tags=tuple(int(getattr(picture, name)) for name in TAGS),
                aspect=stream.sample_aspect_ratio or Fraction(1),
            )
            for picture in container.decode(stream)
        ]


def _matrix_of(picture: Any) -> bytes | None:
    found = picture.side_data.get("DISPLAYMATRIX")
    return None if found is None else bytes(found)


def _samples(picture: Any, plane: Any) -> np.ndarray:
    kind = np.uint8 if picture.format.components[0].bits == 8 else np.uint16
    rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, -1)
    return rows[:, : plane.width].copy()


def sounds_in(path: Path) -> list[list[tuple[bytes, Fraction]]]:
    """Return every packet of every sound with its time."""
    with av.open(str(path)) as container:
        sounds: list[list[tuple[bytes, Fraction]]] = [[] for _ in container.streams]
        for packet in container.demux():
            if packet.size and packet.stream.type == "audio":
                sounds[packet.stream.index].append((bytes(packet), packet.pts * packet.time_base))
    return [sound for sound in sounds if sound]


def clip(name: str = "in.mp4", **choices: Any) -> Make:
    """Make a clip of moving colours with a tone."""
    recipe = ClipRecipe(**({"size_wh": SIZE, "num_frames": NUM_FRAMES} | choices))
    return lambda folder: write_clip(folder / name, recipe)


def shaped(**choices: Any) -> Make:
    """Make a clip of wide pixels, or one that is turned and mirrored."""
    return lambda folder: raw_clip(folder / "in.mp4", size_wh=SIZE, num_frames=NUM_FRAMES, **choices)


def without_stamps(folder: Path) -> Path:
    """Make a bare H.264 stream."""
    with av.open(str(write_clip(folder / "in.mp4", ClipRecipe(size_wh=SIZE, num_b_frames=0)))) as container:
        path = folder / "in.h264"
        with av.open(str(path), "w") as bare:
            stream = bare.add_stream_from_template(container.streams.video[0])
            for packet in container.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    bare.mux(packet)
    return path


def raw(name: str = "in.mkv", pixel_format: str = "yuv420p", size_wh: tuple[int, int] = SIZE, **tags: int) -> Make:
    """Make a clip without losses in any pixel format; 25 frames a second."""

    def make(folder: Path) -> Path:
        with av.open(str(folder / name), "w") as container:
            stream = container.add_stream("ffv1" if name.endswith("mkv") else "rawvideo", rate=25)
            stream.width, stream.height, stream.pix_fmt = *size_wh, pixel_format
            for tag, value in tags.items():
                setattr(stream.codec_context, tag, value)
            for index in range(NUM_FRAMES):
                picture = picture_of(size_wh, index, pixel_format)
                for tag, value in tags.items():
                    setattr(picture, tag, value)
                picture.pts, picture.time_base = index, Fraction(1, 25)
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        return folder / name

    return make


def restamped(stamps: Sequence[int]) -> Make:
    """Make a clip without losses with these stamps in ticks of 40 ms; they may repeat."""

    def make(folder: Path) -> Path:
        path = folder / "in.mkv"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("ffv1", rate=25)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            stream.time_base = stream.codec_context.time_base = Fraction(1, 25)
            for index, stamp in enumerate(stamps):
                picture = picture_of(SIZE, index, "yuv420p")
                picture.pts, picture.time_base = index, Fraction(1, 25)
                for packet in stream.encode(picture):
                    packet.pts = packet.dts = stamp
                    container.mux(packet)
        return path

    return make


def rich(name: str, *sounds: str) -> Make:
    """Make a clip with several sounds, chapters, a cover and what else its container holds."""
    return lambda folder: rich_clip(folder / name, sounds=sounds)

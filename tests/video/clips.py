"""Clips made exactly, copied through reader and writer, and looked at again."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.conftest import moving_colours
from videoedit.frames import Frame, Plane
from videoedit.video.encoding import EncoderConfig
from videoedit.video.reader import VideoReader
from videoedit.video.writer import VideoWriter

MakeClip = Callable[..., Path]
LOSSLESS = EncoderConfig(crf=0, preset="ultrafast")


def raw_clip(path: Path, *, size_wh: tuple[int, int] = (64, 64), pixel_format: str = "yuv420p", **tags: int) -> Path:
    """Write three uncompressed frames whose samples use the whole depth; `tags` are set on the stream."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("rawvideo", rate=Fraction(25))
        stream.width, stream.height = size_wh
        stream.pix_fmt = pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        for index in range(3):
            picture = picture_of(size_wh, index, pixel_format)
            for name, value in tags.items():
                setattr(picture, name, value)
            picture.pts, picture.time_base, picture.duration = index * 40, Fraction(1, 1000), 40
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def picture_of(size_wh: tuple[int, int], index: int, pixel_format: str) -> av.VideoFrame:
    """Return moving colours with noise in the lowest bits, so that no sample can be guessed from 8 bit."""
    picture = av.VideoFrame.from_ndarray(moving_colours(size_wh, index), "rgb24").reformat(format=pixel_format)
    depth = max(component.bits for component in picture.format.components)
    noise = np.random.default_rng(index)
    for plane in picture.planes:
        rows = np.frombuffer(memoryview(plane), np.uint8 if depth == 8 else np.uint16).reshape(plane.height, -1)
        rows[:, : plane.width] ^= noise.integers(0, 2 ** (depth - 6), rows[:, : plane.width].shape, rows.dtype)
    return picture


def copied(source: Path, target: Path, config: EncoderConfig = LOSSLESS, **choices: Any) -> Path:
    """Read a clip and write every frame of it."""
    with VideoReader(source) as reader, VideoWriter(target, reader, config, **choices) as writer:
        for frame in reader:
            writer.write(frame)
    return target


def frames_of(path: Path) -> list[Frame]:
    """Return all frames; their planes are copies."""
    with VideoReader(path) as reader:
        return [frame.with_planes(tuple(plane.copy() for plane in frame.planes)) for frame in reader]


def planes_of(path: Path, index: int) -> tuple[Plane, ...]:
    """Return the planes of one frame."""
    return frames_of(path)[index].planes


def packets_of(path: Path, kind: str, index: int = 0) -> list[tuple[bytes, Fraction]]:
    """Return bytes and time of every packet of one stream, in the order of the file."""
    with av.open(str(path)) as container:
        packets = container.demux(**{kind: index})
        return [(bytes(packet), packet.pts * packet.time_base) for packet in packets if packet.size]

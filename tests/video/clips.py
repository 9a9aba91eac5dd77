"""Clips made exactly, copied through reader and writer, and looked at again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.conftest import moving_colours
from videoedit.frames import Frame, Plane
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.writer import VideoWriter

MakeClip = Callable[..., Path]
LOSSLESS = EncoderConfig(crf=0, preset="ultrafast")


@dataclass(frozen=True, kw_only=True)
class RawRecipe:
    """What a clip without losses is made of."""

    size_wh: tuple[int, int] = (64, 64)
    pixel_format: str = "yuv420p"
    orientation: tuple[int, bool] = (0, False)
    """Degrees counterclockwise, and mirrored after it."""
    aspect: Fraction | None = None
    tags: dict[str, int] = field(default_factory=dict)
    """Colour tags by their names in FFmpeg."""
    num_frames: int = 3


def raw_clip(path: Path, **choices: Any) -> Path:
    """Write frames whose samples use the whole depth: uncompressed into .nut, by libx264 without loss elsewhere."""
    recipe = RawRecipe(**choices)
    with av.open(str(path), "w") as container:
        encoder, options = ("rawvideo", {}) if path.suffix == ".nut" else ("libx264", {"qp": "0"})
        stream = container.add_stream(encoder, rate=Fraction(25), options=options)
        stream.width, stream.height = recipe.size_wh
        stream.pix_fmt = recipe.pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if recipe.orientation != (0, False):
            stream.set_display_rotation(recipe.orientation[0], hflip=recipe.orientation[1])
        if recipe.aspect:
            stream.codec_context.sample_aspect_ratio = recipe.aspect
        for name, value in recipe.tags.items():
            setattr(stream.codec_context, name, value)
        for index in range(recipe.num_frames):
            picture = picture_of(recipe.size_wh, index, recipe.pixel_format)
            for name, value in recipe.tags.items():
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


def remuxed(source: Path, target: Path, **options: str) -> Path:
    """Copy all packets into another container."""
    with av.open(str(source)) as before, av.open(str(target), "w", options=options) as after:
        streams = {stream.index: after.add_stream_from_template(stream) for stream in before.streams}
        for packet in before.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                after.mux(packet)
    return target


def counted_frames(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the index of every frame that a `VideoReader` makes from now on."""
    made: list[int] = []
    original = VideoReader._frame_of

    def counting(*arguments: Any) -> Frame:
        frame = original(*arguments)
        made.append(frame.index)
        return frame

    monkeypatch.setattr(VideoReader, "_frame_of", counting)
    return made


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

"""What the streams of a file hold packet by packet, and its sound on the file's own clock."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from videoedit.errors import MediaError
from videoedit.video.opening import open_input


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """One stream of a file."""

    index: int
    kind: str
    """`video`, `audio`, `subtitle`, `data` or `attachment`."""
    codec: str
    language: str
    """As the container says; empty where it is silent."""
    start: Fraction | None
    """Seconds at which the first packet is shown; None in an empty stream."""
    num_packets: int
    payload: str
    """SHA-256 of all packets in the order of the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Decoded sound, mixed to one channel."""

    start: Fraction
    """Seconds on the file's clock."""
    rate: int
    """Samples per second."""
    samples: NDArray[np.float32]


def read_streams(path: str | Path) -> tuple[StreamFacts, ...]:
    """Read every packet of a file, and decode none.

    Raises:
        MediaError: It cannot be read.
    """
    try:
        with open_input(Path(path)) as container:
            digests = [hashlib.sha256() for _ in container.streams]
            counts = [0] * len(digests)
            starts: list[Fraction | None] = [None] * len(digests)
            for packet in container.demux():
                if packet.dts is None and not packet.size:
                    continue  # the end mark of a stream
                index = packet.stream.index
                digests[index].update(bytes(packet))
                counts[index] += 1
                if packet.pts is not None and packet.time_base:
                    time = packet.pts * packet.time_base
                    earliest = starts[index]
                    starts[index] = time if earliest is None else min(earliest, time)
            return tuple(
                _facts(stream, starts[stream.index], counts[stream.index], digests[stream.index].hexdigest())
                for stream in container.streams
            )
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot read the streams of {path}: {error.strerror}; repair or re-export it") from error


def read_sound(path: str | Path, rate: int, max_seconds: float) -> Sound | None:
    """Decode the first audio stream; None where there is none, or nothing in it.

    Raises:
        MediaError: It is damaged.
    """
    start: Fraction | None = None
    chunks: list[NDArray[np.float32]] = []
    num_samples = 0.0
    try:
        with open_input(Path(path)) as container:
            if not container.streams.audio:
                return None
            resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
            for frame in container.decode(audio=0):
                if start is None:
                    start = Fraction(0) if frame.pts is None else frame.pts * (frame.time_base or Fraction(0))
                chunks += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
                num_samples += frame.samples * rate / frame.sample_rate
                if num_samples > max_seconds * rate:
                    break
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot read the sound of {path}: {error.strerror}; repair or re-export it") from error
    if start is None or not chunks:
        return None
    return Sound(start, rate, np.concatenate(chunks).astype(np.float32))


def _facts(stream: Any, start: Fraction | None, num_packets: int, payload: str) -> StreamFacts:
    context = getattr(stream, "codec_context", None)
    return StreamFacts(
        index=stream.index,
        kind=stream.type or "unknown",
        codec=context.name if context is not None else "none",
        language=stream.metadata.get("language", ""),
        start=start,
        num_packets=num_packets,
        payload=payload,
    )

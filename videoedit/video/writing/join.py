"""Segments of a video, encoded apart, joined into one stream with no trace: packets are copied, times are known."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av

from videoedit.errors import MediaError
from videoedit.video.opening import open_input
from videoedit.video.orientation import Matrix, matrix_of
from videoedit.video.reading.timeline import Moment
from videoedit.video.writing.writer import VideoWriter
from videoedit.wording import counted


def join(segments: Sequence[Path], moments: Sequence[Moment], writer: VideoWriter) -> None:
    """Copy the pictures of all segments.

    A segment tells in which order its pictures are shown, `moments` tell when. Decoding times are made anew for the
    whole: picture n is decoded when the picture n - delay is shown, with one delay for all.

    Args:
        segments: Files in the order of time, each beginning with a picture that needs no other.
        moments: Of the pictures of all segments.
        writer: Where they go; it carries over the rest.

    Raises:
        MediaError: A segment is damaged, or encoded unlike the others.
    """
    orders = [_order_of(path) for path in segments]
    shown = [place for order in _placed(orders) for place in order]
    if len(shown) != len(moments):
        raise MediaError(
            f"{segments[0].parent} holds {len(shown)} of {counted(len(moments), 'frame')}; delete it and begin anew"
        )
    ticks = [round(moment.time / writer.time_base) for moment in moments]
    durations = [round(moment.seconds / writer.time_base) for moment in moments]
    delay = max(decoded - place for decoded, place in enumerate(shown))
    step = max(ticks[1] - ticks[0], 1) if len(ticks) > 1 else 1
    for decoded, (packet, place) in enumerate(zip(_packets(segments, writer), shown, strict=True)):
        early = decoded - delay
        decode_time = ticks[early] if early >= 0 else ticks[0] + early * step
        writer.copy(packet, ticks[place], decode_time, durations[place])


def _order_of(path: Path) -> list[int]:
    """Return, in the order of decoding, each picture's place in the order of showing."""
    with _opened(path) as container:
        times = [packet.pts or 0 for packet in container.demux(video=0) if packet.size]
    rank = {time: place for place, time in enumerate(sorted(times))}
    return [rank[time] for time in times]


def _placed(orders: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Count the places of each segment on from those before it."""
    before = 0
    for order in orders:
        yield [before + place for place in order]
        before += len(order)


def _packets(segments: Sequence[Path], writer: VideoWriter) -> Iterator[Any]:
    """Give the packets of all segments; the first segment sets up the writer."""
    header: bytes | None = None
    for number, path in enumerate(segments):
        with _opened(path) as container:
            stream = container.streams.video[0]
            if number == 0:
                header = stream.codec_context.extradata
                writer.copy_like(stream, _matrix_of(path))
            elif stream.codec_context.extradata != header:
                raise MediaError(f"{path} is encoded unlike the segments before it; delete {path.parent}, begin anew")
            yield from (packet for packet in container.demux(stream) if packet.size)


def _matrix_of(path: Path) -> Matrix | None:
    """Return how a segment's pictures are shown, which only a decoded one tells."""
    with _opened(path) as container:
        return matrix_of(next(container.decode(video=0)))


def _opened(path: Path) -> "av.container.InputContainer":
    try:
        return open_input(path)
    except MediaError as error:
        raise MediaError(f"segment {path} cannot be read; delete it and run the same again") from error

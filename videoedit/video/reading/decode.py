"""Pictures of a stream as far as they decode: broken packets are gone over, and told."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import av

from videoedit.video.opening import open_input
from videoedit.video.reading.wholeness import is_cut_short

Found: TypeAlias = Callable[[str], None]

_ENDS_EARLY = "the file ends early"


def decoded(
    container: "av.container.InputContainer", stream: "av.VideoStream", found: Found
) -> Iterator[av.VideoFrame]:
    """Decode from where the container stands to its end.

    Args:
        container: Open file.
        stream: One of its streams; its threads are set by the caller.
        found: Takes the reason each time something is not whole, before the pictures that follow it.
    """
    num_due = num_pictures = 0
    last_pts: int | None = None
    endings: list[str] = []
    for packet in _packets(container, stream, endings.append):
        num_due += bool(packet.size) and not packet.is_discard
        for picture in _pictures(packet, found):
            last_pts, num_pictures = picture.pts, num_pictures + 1
            yield picture
    if num_pictures < num_due and last_pts is not None and stream.thread_type.name != "NONE":
        yield from _tail(container.name, stream.index, last_pts, found)
    if is_cut_short(container.name):
        endings.append(_ENDS_EARLY)
    for reason in endings:
        found(reason)


def _packets(container: "av.container.InputContainer", stream: "av.VideoStream", ended: Found) -> Iterator[Any]:
    """Give the stream's packets, the last one empty; one before it of which a part is missing is left out."""
    held: Any = None
    try:
        for packet in container.demux(stream):
            if held is not None and not (held.is_corrupt and not packet.size):
                yield held
            elif held is not None:
                ended(_ENDS_EARLY)
            held = packet
    except av.FFmpegError as error:
        ended(_reason(error))
        if held is not None and not held.is_corrupt:
            yield held
        held = av.Packet()
        held.stream = stream
    if held is not None:
        yield held


def _pictures(packet: Any, found: Found) -> Iterator[av.VideoFrame]:
    """Decode one packet; the empty one gives what the decoder still holds."""
    try:
        pictures = packet.decode()
    except av.FFmpegError as error:
        found(_reason(error))
        return
    for picture in pictures:
        if picture.is_corrupt:
            found("broken packets")
        yield picture


def _tail(path: str, index: int, last_pts: int, found: Found) -> Iterator[av.VideoFrame]:
    """Decode the end again in one thread: with several, PyAV loses what follows an error while they are emptied."""
    with open_input(Path(path)) as container:
        stream: Any = container.streams[index]
        stream.thread_type = "NONE"
        container.seek(last_pts, stream=stream)
        for picture in decoded(container, stream, found):
            if picture.pts is not None and picture.pts > last_pts:
                yield picture


def _reason(error: av.FFmpegError) -> str:
    return error.strerror or str(error)

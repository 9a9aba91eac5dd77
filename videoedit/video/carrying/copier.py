"""Sound, subtitles and attachments on their way from the input into the output, in step with the pictures."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Protocol

import av

from videoedit.video.carrying.carriage import Carriage, is_cover, kept_metadata
from videoedit.video.carrying.carried import carried
from videoedit.video.carrying.sound import EncodedSound
from videoedit.video.carrying.subtitles import ConvertedSubtitles
from videoedit.video.opening import open_input

_PICTURE_KINDS: Final = {"mjpeg": (".jpg", "image/jpeg"), "png": (".png", "image/png")}
"""Ending and MIME type of covers by their codec."""


class Carrier(Protocol):
    """Brings the packets of one stream into the output."""

    out: Any
    """The stream of the output."""

    def take(self, packet: Any) -> Iterator[Any]:
        """Yield what goes into the output for a packet of the input."""
        ...

    def finish(self) -> Iterator[Any]:
        """Yield what was held back."""
        ...


class Copied:
    """Hands packets on as they are."""

    def __init__(self, stream: Any, target: "av.container.OutputContainer") -> None:
        self.out: Any = target.add_stream_from_template(stream, opaque=True)

    def take(self, packet: Any) -> Iterator[Any]:
        """Yield the packet."""
        packet.stream = self.out
        yield packet

    def finish(self) -> Iterator[Any]:
        """Nothing is held back."""
        return iter(())


class Copier:
    """Owns a second view of the input; packets go into the output up to the time of the pictures."""

    def __init__(
        self, path: Path, target: "av.container.OutputContainer", plan: Sequence[Carriage], begin: Fraction | None
    ) -> None:
        """Add the streams to the output, whose header must not have been written.

        Args:
            path: The input.
            target: The output.
            plan: What becomes of the input's streams.
            begin: Seconds from which on the input is carried over, counted from there; None for all of it.
        """
        self._source = open_input(path)
        self._target = target
        self._waiting: list[Any] = []
        self._carriers: dict[int, Carrier] = {}
        for carriage in plan:
            stream = self._source.streams[carriage.index]
            if carriage.way == "attach":
                target.add_attachment(*_file_of(stream, path))
            elif carriage.kind == "cover" and carriage.way == "copy":
                self._waiting.append(_cover(stream, path, target))
            elif carriage.way != "drop":
                self._carriers[carriage.index] = _carrier(stream, target, carriage)
        wanted = [stream for stream in self._source.streams if stream.index in self._carriers]
        self._packets = carried(self._source, wanted, begin) if wanted else iter(())
        self._held: Any = None

    def copy_until(self, time: Fraction | None) -> None:
        """Write the packets that begin before `time` in seconds; None for all that are left."""
        while self._waiting:
            self._target.mux(self._waiting.pop())
        while (packet := self._next()) is not None:
            if time is not None and packet.pts is not None and packet.pts * packet.time_base >= time:
                self._held = packet
                return
            for ready in self._carriers[packet.stream.index].take(packet):
                self._target.mux(ready)

    def finish(self, end: Fraction | None) -> None:
        """Write the rest, up to a time in seconds; None for all."""
        self.copy_until(end)
        for carrier in self._carriers.values():
            for ready in carrier.finish():
                self._target.mux(ready)

    def _next(self) -> Any:
        if self._held is not None:
            packet, self._held = self._held, None
            return packet
        return next(self._packets, None)

    def close(self) -> None:
        """Close the second view of the input."""
        self._source.close()


def _carrier(stream: Any, target: "av.container.OutputContainer", carriage: Carriage) -> Carrier:
    carrier: Carrier
    if carriage.way == "encode":
        carrier = EncodedSound(stream, target, carriage.becomes)
    elif carriage.way == "convert":
        carrier = ConvertedSubtitles(stream, target, carriage.becomes)
    else:
        carrier = Copied(stream, target)
    carrier.out.metadata.update(kept_metadata(stream.metadata))
    carrier.out.disposition = stream.disposition
    return carrier


def _cover(stream: Any, path: Path, target: "av.container.OutputContainer") -> Any:
    """Add a cover's stream; return its one packet."""
    out: Any = target.add_stream_from_template(stream, opaque=True)
    out.disposition = stream.disposition
    packet = av.Packet(_content_of(stream, path))
    packet.stream, packet.pts, packet.dts = out, 0, 0
    return packet


def _file_of(stream: Any, path: Path) -> tuple[str, str, bytes]:
    """Return name, MIME type and content of an attachment or a cover."""
    if not is_cover(stream):
        return stream.metadata.get("filename", f"attachment-{stream.index}"), stream.mimetype or "", stream.data
    ending, mime = _PICTURE_KINDS[stream.codec_context.name]
    return stream.metadata.get("filename", f"cover{ending}"), mime, _content_of(stream, path)


def _content_of(cover: Any, path: Path) -> bytes:
    """Read a cover's packet, for which the whole file may have to be gone through, by a view of its own."""
    with open_input(path) as source:
        return bytes(next(packet for packet in source.demux(source.streams[cover.index]) if packet.size))

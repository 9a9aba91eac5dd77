"""What goes along with the pictures into another file, and how; settled before anything is written."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import av
from av.stream import Disposition

from videoedit.video.carrying.sound import can_be_encoded
from videoedit.video.writing.containers import Container, container_of
from videoedit.video.writing.languages import has_letters

_TEXTS: Final = ("ass", "mov_text", "ssa", "srt", "subrip", "text", "webvtt")
"""Subtitles that are text, which can be converted into one another."""
_MADE_ANEW: Final = (
    *("major_brand", "minor_version", "compatible_brands", "encoder", "handler_name", "vendor_id", "duration", "bps"),
    *("number_of_frames", "number_of_bytes", "alpha_mode"),
)
"""Metadata that tells of the source's file, not of what it shows."""


_FEWEST_TICKS, _USUAL_TICKS, _MOST_TICKS = 1000, 90_000, 1_000_000
"""Per second, of the clock of a whole file."""

Way: TypeAlias = Literal["copy", "encode", "convert", "attach", "drop"]


@dataclass(frozen=True, slots=True)
class Carriage:
    """What becomes of one stream beside the edited one."""

    index: int
    kind: str
    """audio, subtitle, cover, attachment, data or video."""
    codec: str
    way: Way
    becomes: str = ""
    """Codec that it is encoded or converted to."""
    reason: str = ""
    """Why it is not carried as it is, where nobody asked for that."""

    def __str__(self) -> str:
        what = f"stream {self.index} ({self.kind}, {self.codec})"
        done = {
            "copy": "copied",
            "attach": "attached",
            "encode": f"encoded as {self.becomes}",
            "convert": f"converted to {self.becomes}",
            "drop": "left out",
        }[self.way]
        return f"{what} is {done}" + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Plan:
    """All that goes along with the pictures into one output."""

    streams: tuple[Carriage, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    chapters: tuple[Any, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    """Of the muxer."""
    remarks: tuple[str, ...] = ()
    """A line for whatever does not come out as it went in, unasked."""


def plan_of(source: "av.container.InputContainer", edited: int, path: Path, audio: str) -> Plan:
    """Settle what becomes of everything in a file but the stream that is edited.

    Args:
        source: Open file.
        edited: Index of that stream.
        path: Output, whose ending decides what it holds.
        audio: `copy`, `encode` or `none`.
    """
    kind, chapters = container_of(path), source.chapters()
    streams = tuple(
        _carriage(stream, kind, path.suffix, audio)
        for stream in source.streams
        if stream.index != edited and not _goes_along_otherwise(stream, len(chapters))
    )
    has_cover = any(carriage.kind == "cover" and carriage.way == "copy" for carriage in streams)
    metadata = kept_metadata(source.metadata)
    strange = [] if kind.own_tags is None else sorted(metadata.keys() - kind.own_tags)
    needs_any, can_any = bool(strange), kind.any_tags is not None and not has_cover
    clock = {"movie_timescale": str(_ticks(source.streams[edited]))} if kind.has_own_clock else {}
    remarks = [str(carriage) for carriage in streams if carriage.reason]
    if kind.has_letters:
        kept = [edited, *(carriage.index for carriage in streams if carriage.way != "drop")]
        remarks += _nameless([source.streams[index] for index in kept], path.suffix)
    if chapters and not kind.holds_chapters:
        remarks.append(f"chapters ({len(chapters)}) are left out: {path.suffix} does not hold them")
    if strange and not can_any:
        beside = " beside a cover" if kind.any_tags else ""
        remarks.append(f"metadata {', '.join(strange)} is left out: {path.suffix} does not hold it{beside}")
    return Plan(
        streams,
        {key: value for key, value in metadata.items() if can_any or key not in strange},
        tuple(chapters) if kind.holds_chapters else (),
        {**(kind.any_tags if needs_any and can_any and kind.any_tags else kind.options), **clock},
        tuple(remarks),
    )


def _nameless(streams: Sequence[Any], suffix: str) -> Iterator[str]:
    """Yield a line for every language that is no three letters."""
    for stream in streams:
        language = stream.metadata.get("language", "")
        if language and not has_letters(language):
            yield f"language {language} of stream {stream.index} is left out: {suffix} holds codes of three letters"


def _ticks(stream: Any) -> int:
    """Return how many ticks a second has on the finest clock that a stream's times need."""
    ticks = int(stream.time_base.denominator) if stream.time_base else _USUAL_TICKS
    return ticks * -(-_FEWEST_TICKS // ticks) if ticks <= _MOST_TICKS else _USUAL_TICKS


def is_cover(stream: Any) -> bool:
    """Tell whether a video stream is one attached picture."""
    return bool(stream.type == "video" and stream.disposition & Disposition.attached_pic)


def kept_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return what is worth keeping: not what the muxer writes anew, nor statistics of the source's packets."""
    return {
        key.lower() if key.isupper() else key: value  # Matroska shouts
        for key, value in metadata.items()
        if key.lower() not in _MADE_ANEW and not key.startswith("_STATISTICS")
    }


def _carriage(stream: Any, kind: Container, suffix: str, audio: str) -> Carriage:
    codec = stream.codec_context.name if stream.codec_context is not None else "unknown"
    role = "cover" if is_cover(stream) else stream.type
    if role == "audio" and audio != "copy":
        is_encoded = audio == "encode" and can_be_encoded(stream)
        reason = "" if is_encoded or audio == "none" else "it cannot be decoded"
        return Carriage(stream.index, role, codec, "encode" if is_encoded else "drop", kind.audio, reason)
    way = _way(stream, role, codec, kind)
    becomes = {"encode": kind.audio, "convert": kind.subtitle or ""}.get(way, "")
    is_as_it_was = way in ("copy", "attach")
    reason = "only one video is edited" if role == "video" else f"{suffix} does not hold it"
    return Carriage(stream.index, role, codec, way, becomes, "" if is_as_it_was else reason)


def _way(stream: Any, role: str, codec: str, kind: Container) -> Way:
    """Return what is done with a stream that should be carried as it is."""
    if role in ("attachment", "cover") and kind.holds_attachments:
        return "attach"
    if role == "cover" and not kind.holds_covers:
        return "drop"
    if role not in ("attachment", "video") and _fits(stream, kind):
        return "copy"
    if role == "audio" and can_be_encoded(stream):
        return "encode"
    if role == "subtitle" and codec in _TEXTS and kind.subtitle:
        return "convert"
    return "drop"


def _fits(stream: Any, kind: Container) -> bool:
    """Tell whether a file can hold a stream as it is, by writing a header with it into the void."""
    if stream.codec_context is not None and kind.copies is not None:
        return stream.codec_context.name in kind.copies
    try:
        with av.open(io.BytesIO(), "w", format=kind.muxer) as trial:
            trial.add_stream_from_template(stream)
            trial.start_encoding()
    except (ValueError, av.FFmpegError):
        return False
    return True


def _goes_along_otherwise(stream: Any, num_chapters: int) -> bool:
    """Tell whether a data stream repeats what is carried already: mp4's chapters as text, or a time code."""
    is_chapters = num_chapters > 0 and stream.frames == num_chapters
    return bool(stream.type == "data" and (is_chapters or "timecode" in stream.metadata))

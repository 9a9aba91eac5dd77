"""Clips with everything that may lie beside the pictures: two sounds, subtitles, chapters, tags, files, a cover."""

import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from av.subtitles.subtitle import SubtitleSet

from tests.video.clips import picture_of

TEXTS = ((100, 300, "Hello there"), (500, 900, "grüß dich"))
"""Milliseconds from and to, and what is said."""
CHAPTERS = ((0, 400, "One"), (400, 1000, "Two"))
FONT = b"\0\1\0\0 this is no font"
RATE = 48_000

_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def rich_clip(
    path: Path,
    subtitles: Sequence[str] = (),
    sounds: Sequence[str] = ("aac", "aac"),
    metadata: Mapping[str, str] | None = None,
    languages: Sequence[str] = ("eng", "fra"),
) -> Path:
    """Write a second of video with all that its container holds."""
    with av.open(str(path), "w") as container:
        container.metadata.update({"title": "A title"} | dict(metadata or {}))
        container.set_chapters([_chapter(*chapter) for chapter in enumerate(CHAPTERS)])
        video = _video(container, "libvpx-vp9" if path.suffix == ".webm" else "libx264")
        audio = [container.add_stream(name, rate=RATE, layout="mono") for name in sounds]
        texts = [_subtitle(container, name) for name in subtitles]
        for number, stream in enumerate(audio):
            stream.metadata["language"] = languages[number]
            stream.disposition = (Disposition.default, Disposition.comment)[number]
        cover = _cover(container, path)
        _fill_video(container, video)
        if cover is not None:
            container.mux(cover)
        for number, stream in enumerate(audio):
            _fill_sound(container, stream, number)
        for stream in texts:
            _fill_texts(container, stream)
    return path


def _chapter(number: int, chapter: tuple[int, int, str]) -> dict[str, Any]:
    start, end, title = chapter
    return {"id": number, "start": start, "end": end, "time_base": Fraction(1, 1000), "metadata": {"title": title}}


def _video(container: Any, encoder: str) -> Any:
    stream = container.add_stream(encoder, rate=25)
    stream.width, stream.height = 64, 48
    stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
    return stream


def _subtitle(container: Any, encoder: str) -> Any:
    stream = container.add_stream(encoder)
    stream.codec_context.subtitle_header = _HEADER
    stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
    stream.metadata["language"] = "deu"
    return stream


def _cover(container: Any, path: Path) -> Any:
    """Attach cover and font to Matroska; return the packet of a cover that mp4 has as a stream."""
    if path.suffix == ".mkv":
        container.add_attachment("font.ttf", "font/ttf", FONT)
        container.add_attachment("cover.png", "image/png", cover_png())
    if path.suffix not in (".mp4", ".mov"):
        return None
    with av.open(io.BytesIO(cover_png()), format="png_pipe") as picture:
        stream = container.add_stream_from_template(picture.streams[0], opaque=True)
    stream.disposition = Disposition.attached_pic
    packet = av.Packet(cover_png())
    packet.stream, packet.pts, packet.dts = stream, 0, 0
    return packet


def cover_png() -> bytes:
    """Return the cover as a file."""
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 16, 16, "rgb24"
    encoder.time_base = Fraction(1, 25)
    return b"".join(bytes(packet) for packet in encoder.encode(picture_of((16, 16), 0, "rgb24")))


def _fill_video(container: Any, stream: Any) -> None:
    for index in range(25):
        picture = picture_of((64, 48), index, "yuv420p")
        picture.pts, picture.time_base = index * 40, Fraction(1, 1000)
        container.mux(stream.encode(picture))
    container.mux(stream.encode(None))


def _fill_sound(container: Any, stream: Any, number: int) -> None:
    """Be silent but for a beep: early in the first sound, late in the second."""
    for start in range(0, RATE, 1000):
        samples = np.zeros((1, 1000), np.int16)
        if start == (10_000, 28_000)[number]:
            samples[:] = np.sin(np.arange(1000) * 0.3) * 20_000
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _fill_texts(container: Any, stream: Any) -> None:
    for number, (start, end, text) in enumerate(TEXTS):
        event = SubtitleSet.create(f"{number},0,Default,,0,0,0,,{text}".encode(), 0, end - start, 0, 1)
        packet = stream.codec_context.encode_subtitle(event)
        packet.stream, packet.time_base = stream, Fraction(1, 1000)
        packet.pts = packet.dts = start
        packet.duration = end - start
        container.mux(packet)

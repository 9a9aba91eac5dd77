"""Text subtitles of one kind turned into another, at the same times."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, cast

import av
from av.subtitles.subtitle import SubtitleSet

_TICK: Final = Fraction(1, 1000)
_TEXT: Final = 1  # FFmpeg's number for subtitles that are no bitmap


class ConvertedSubtitles:
    """Decodes the packets of one stream to FFmpeg's common text format, and encodes it."""

    def __init__(self, stream: Any, target: "av.container.OutputContainer", encoder: str) -> None:
        self._decoder: Any = stream.codec_context
        self._decoder.open(strict=False)  # only then it knows the styles that the encoder asks for
        self.out = cast(Any, target.add_stream(encoder))
        self.out.time_base = self.out.codec_context.time_base = _TICK
        self.out.codec_context.subtitle_header = self._decoder.subtitle_header

    def take(self, packet: Any) -> Iterator[Any]:
        """Yield a packet per text; those that only say that nothing is shown are left out."""
        try:
            found = self._decoder.decode2(packet)
        except av.FFmpegError:
            return
        start = round(packet.pts * packet.time_base / _TICK)
        duration = round((packet.duration or 0) * packet.time_base / _TICK)
        for rect in found or ():
            shown = SubtitleSet.create(rect.ass, 0, duration, 0, _TEXT)
            encoded = self.out.codec_context.encode_subtitle(shown)
            if encoded.size:
                encoded.stream, encoded.time_base = self.out, _TICK
                encoded.pts = encoded.dts = start
                yield encoded

    def finish(self) -> Iterator[Any]:
        """Nothing is held back."""
        return iter(())

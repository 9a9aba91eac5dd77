"""Sound encoded anew where it cannot be copied: the same samples at the same times."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np

_AAC_RATES: Final = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
_OPUS_RATE: Final = 48_000
_BITS_PER_CHANNEL: Final = {"aac": 96_000, "libopus": 64_000}
_LAYOUTS: Final = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""Usual layouts, where the source only counts its channels."""
_LOOSE: Final = Fraction(1, 50)
"""Seconds by which a sample may lie beside its time before silence is put in or samples are left out."""


def can_be_encoded(stream: Any) -> bool:
    """Tell whether there is a decoder for a stream of sound, and something for it to decode."""
    context = stream.codec_context
    return context is not None and context.sample_rate > 0 and context.layout.nb_channels > 0


class EncodedSound:
    """Decodes the packets of one stream, and encodes what they hold."""

    def __init__(self, stream: Any, target: "av.container.OutputContainer", encoder: str) -> None:
        context = stream.codec_context
        rate = _OPUS_RATE if encoder == "libopus" else min(_AAC_RATES, key=lambda one: abs(one - context.sample_rate))
        channels = min(context.layout.nb_channels, max(_LAYOUTS))
        self._stream = stream
        self.out: Any = target.add_stream(
            encoder, rate=rate, layout=_LAYOUTS[channels], bit_rate=_BITS_PER_CHANNEL[encoder] * channels
        )
        self._end: Fraction | None = None
        self._kind: tuple[object, ...] = ()
        self._resampler: Any = None

    def take(self, packet: Any) -> Iterator[Any]:
        """Yield what is ready of the encoded packets; a broken packet becomes silence."""
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            yield from self._encoded(frame)

    def finish(self) -> Iterator[Any]:
        """Yield the rest."""
        for frame in self._stream.decode(None):
            yield from self._encoded(frame)
        if self._end is not None:
            yield from self.out.encode(None)

    def _encoded(self, frame: av.AudioFrame) -> Iterator[Any]:
        """Encode a frame where it belongs: after silence where some is missing, not at all where all is there."""
        due = self._end if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
        self._end = due or Fraction(0) if self._end is None else self._end
        missing = (due or 0) - self._end
        if missing < -_LOOSE:
            return
        if missing > _LOOSE:
            for part in _silence_like(frame, round(missing * frame.sample_rate)):
                yield from self._sent(part, self._end)
        yield from self._sent(frame, self._end)

    def _sent(self, frame: av.AudioFrame, time: Fraction) -> Iterator[Any]:
        """Encode a frame at a time; one of another kind than those before is brought to what the encoder takes."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._kind:
            out = self.out.codec_context
            self._kind, self._resampler = kind, av.AudioResampler(out.format, out.layout, out.sample_rate)
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(time * frame.sample_rate)
        self._end = time + Fraction(frame.samples, frame.sample_rate)
        for alike in self._resampler.resample(frame):
            yield from self.out.encode(alike)


def _silence_like(frame: av.AudioFrame, num_samples: int) -> Iterator[av.AudioFrame]:
    """Yield so many samples of silence, at most a second at a time."""
    for start in range(0, num_samples, frame.sample_rate):
        count = min(frame.sample_rate, num_samples - start)
        silence = av.AudioFrame(format=frame.format.name, layout=frame.layout.name, samples=count)
        for plane in silence.planes:
            level = 128 if frame.format.name.startswith("u8") else 0
            np.frombuffer(memoryview(plane), np.uint8)[:] = level
        silence.sample_rate = frame.sample_rate
        yield silence

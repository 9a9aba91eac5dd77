"""A still picture as a clip of one frame, read into planes and written with all that belonged to it."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np

from videoedit.errors import ConfigError, MediaError
from videoedit.frames import Frame, PixelFormat
from videoedit.video.stills.files import Samples, decode_picture, encode_picture
from videoedit.video.writing.containers import PICTURE_SUFFIXES, is_picture
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.whole_files import check_target, write_whole

logger = logging.getLogger(__name__)

_GREY: Final = np.array([0.299, 0.587, 0.114])
"""Shares of R', G' and B' in a grey picture's sample."""


class PictureReader:
    """Gives the one frame of a picture; planes are G, B and R at the file's own depth."""

    num_frames_hint = 1
    begin = Fraction(0)

    def __init__(self, path: str | Path) -> None:
        """Read the file.

        Raises:
            MediaError: It is missing or no picture.
        """
        self.path = Path(path)
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise MediaError(f"cannot read picture {path}: {error.strerror}; check the path") from error
        self.picture = decode_picture(self.path, content)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left open."""

    def __iter__(self) -> Iterator[Frame]:
        """Give the frame, as if it were shown for a second."""
        samples = self.picture.samples
        colours = np.dstack([samples] * 3) if samples.ndim == 2 else samples[:, :, :3]
        depth = 8 * samples.itemsize
        planes = tuple(np.ascontiguousarray(colours[:, :, channel]) for channel in (1, 2, 0))
        for plane in planes:
            plane.flags.writeable = False
        small = np.ascontiguousarray(colours if depth == 8 else colours >> (depth - 8)).astype(np.uint8)
        yield Frame(
            planes,
            PixelFormat("gbrp" if depth == 8 else f"gbrp{depth}le", depth, (0, 0), "rgb", is_full_range=True),
            time=Fraction(0),
            duration=Fraction(1),
            index=0,
            origin=av.VideoFrame.from_ndarray(small, "rgb24"),
        )


class PictureWriter:
    """Writes the one frame of a picture in the format of the target's ending; it appears only when it is whole."""

    def __init__(
        self, path: str | Path, reader: PictureReader, config: EncoderConfig, *, overwrite: bool = False
    ) -> None:
        """Check the target; it is not touched before a clean exit.

        Raises:
            MediaError: The target exists, or its folder does not.
            ConfigError: Its ending is not a picture's.
        """
        self.path = Path(path)
        check_wishes(path, config)
        check_target(self.path, [reader.path], overwrite=overwrite)
        self._source = reader.picture
        self._quality = config.quality
        self._content = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            write_whole(self.path, self._content)

    def write(self, frame: Frame) -> None:
        """Put the frame's colours together with what the source held beside them."""
        picture = replace(self._source, samples=_with_colours(self._source.samples, frame))
        self._content = encode_picture(self.path, picture, self._quality)


def check_wishes(path: str | Path, config: EncoderConfig) -> None:
    """See that a picture can be written as it is wished, and say which wishes do not concern it.

    Raises:
        ConfigError: The ending of the name is not a picture's.
    """
    if not is_picture(path):
        raise ConfigError(f"a picture becomes a picture: {path} must end in {', '.join(PICTURE_SUFFIXES)}")
    if config.crf is not None or config.pixel_format is not None or config.encoder != "auto":
        logger.warning("%s: what is said about the video encoder does not concern a picture", path)


def _with_colours(samples: Samples, frame: Frame) -> Samples:
    """Return samples of the source's kind with a frame's colours; equal ones become grey exactly."""
    green, blue, red = frame.planes
    colours: Samples = np.dstack([red, green, blue])
    if samples.ndim == 3:
        return colours if samples.shape[2] == 3 else np.dstack([colours, samples[:, :, 3]])
    grey: Samples = np.round(colours @ _GREY).astype(samples.dtype)
    return grey

"""Drawn pictures into a video file, for clips that are made rather than filmed."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av

from videoedit.errors import MediaError
from videoedit.frames import Image


def write_pictures(path: Path, pictures: Iterable[Image], fps: Fraction) -> None:
    """Encode pictures of one size, both sides even, as H.264 of ordinary quality without sound.

    Raises:
        MediaError: The file cannot be written.
    """
    try:
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=fps, options={"crf": "21", "preset": "veryfast"})
            stream.pix_fmt = "yuv420p"
            for index, picture in enumerate(pictures):
                if index == 0:
                    stream.height, stream.width = picture.shape[:2]
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            container.mux(stream.encode(None))
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error

"""Tell what a video is before it is edited: its streams, its frames, its faces, and whether it can be edited."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final

from videoedit.detect.base import FaceDetector
from videoedit.errors import MediaError
from videoedit.faces import Face
from videoedit.pipeline import faces_in_frames
from videoedit.video.reading.facts import Pictures, VideoFacts, read_facts
from videoedit.video.reading.packets import StreamFacts, read_streams
from videoedit.video.reading.part import Part, Place
from videoedit.video.reading.reader import VideoReader

MOMENTS: Final = 16
"""Frames in which faces are looked for, spread evenly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFacts:
    """Faces in some frames of a video."""

    num_looked_at: int
    num_with_face: int
    most: int
    """Faces in one frame."""
    smallest: float
    """Longer side of the smallest face in pixels; 0 without a face."""
    largest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """All that is known about a file."""

    path: str
    container: str
    streams: tuple[StreamFacts, ...]
    num_chapters: int
    metadata: dict[str, str]
    video: VideoFacts
    refusal: str | None
    """Why it is not edited as it is; None where it is."""
    faces: FaceFacts | None
    """None where they were not looked for, or could not be."""

    def as_table(self) -> dict[str, Any]:
        """Return values that JSON can hold: seconds as numbers, rates and aspects as text, `30000/1001`."""
        table = asdict(self)
        timing, video = table["video"]["timing"], table["video"]
        for name in ("start", "end", "shortest", "longest"):
            timing[name] = float(timing[name])
        timing["rate"], video["pixel_aspect"] = str(timing["rate"]), str(video["pixel_aspect"])
        for stream in table["streams"]:
            stream["start"] = None if stream["start"] is None else float(stream["start"])
        return table


def probe(path: str, detector: FaceDetector | None, progress: Callable[[Pictures, int], Pictures], side: int) -> Probe:
    """Look through a file.

    Args:
        path: A video.
        detector: Finds the faces; None leaves them out.
        progress: Wraps the stream of pictures.
        side: Longer side of the pictures in which faces are looked for.

    Raises:
        MediaError: It cannot be read as a video.
    """
    with VideoReader(path) as reader:
        video = read_facts(reader, progress)
        container, chapters = reader.container.format.long_name, len(reader.container.chapters())
        metadata = dict(reader.container.metadata)
    refusal = _refusal(path)
    faces = None if detector is None or refusal else _faces(path, video, detector, side)
    if video.damage and refusal is None:
        refusal = "not all of it is whole; run --keep-partial edits what decodes"
    return Probe(
        path=str(path),
        container=container,
        streams=read_streams(path),
        num_chapters=chapters,
        metadata=metadata,
        video=video,
        refusal=refusal,
        faces=faces,
    )


def _refusal(path: str) -> str | None:
    """Ask for the first frame as an edit would."""
    try:
        with VideoReader(path) as reader:
            next(iter(reader))
    except MediaError as error:
        return str(error)
    return None


def _faces(path: str, video: VideoFacts, detector: FaceDetector, side: int) -> FaceFacts:
    count = min(video.timing.num_frames, MOMENTS)
    length = video.timing.end - video.timing.start
    found = [_faces_at(path, length * place / count, detector, side) for place in range(count)]
    sizes = [face.size for faces in found for face in faces]
    return FaceFacts(
        num_looked_at=count,
        num_with_face=sum(map(bool, found)),
        most=max(map(len, found)),
        smallest=min(sizes, default=0.0),
        largest=max(sizes, default=0.0),
    )


def _faces_at(path: str, moment: Fraction, detector: FaceDetector, side: int) -> Sequence[Face]:
    """Find the faces in the first frame at a moment or after it; none where the video ends before one."""
    try:
        with VideoReader(path, part=Part(start=Place(seconds=moment)), is_quiet=True) as reader:
            return faces_in_frames([next(iter(reader))], detector, side)[0]
    except MediaError:
        return []

"""`videoedit eval video` from its settings to the report."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from videoedit.detect.base import detectors
from videoedit.edit.attributes import attribute_of
from videoedit.errors import ConfigError, MediaError
from videoedit.evaluate.clip.identity import Identity, identity_of
from videoedit.evaluate.clip.measure import ClipMeter, Eyes
from videoedit.evaluate.clip.plot import write_plot
from videoedit.evaluate.clip.record import longest_dropout
from videoedit.evaluate.clip.report import ClipReport, StreamRow, Success, Timing
from videoedit.evaluate.clip.timing import MAX_LAG, sound_delay
from videoedit.evaluate.folder import made_folder, write_text
from videoedit.frames import Frame
from videoedit.judge.attributes import EMBEDDED, AttributeJudge
from videoedit.judge.recognition import WANTED, FaceRecogniser
from videoedit.video.reading.packets import StreamFacts, read_sound, read_streams
from videoedit.video.reading.reader import VideoReader

logger = logging.getLogger(__name__)

_RATE = 8000
"""Samples per second at which sounds are compared."""
_MAX_SECONDS = 600.0
"""Of longer sounds the beginning is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipJob:
    """What is compared, by what, and what is written."""

    source: str
    edited: str
    attribute: str | None = None
    """Name or alias of what was edited; None leaves success out."""
    removing: bool = False
    """The attribute was taken away."""
    recognition: str | None = None
    """ArcFace model in ONNX; None leaves identity out."""
    detector_model: str = "face-detector"
    judge: str = EMBEDDED
    device: str = "auto"
    out: Path | None = None
    """Folder for `table.md`, `table.json` and `plot.png`."""

    def __post_init__(self) -> None:
        if self.removing and self.attribute is None:
            raise ConfigError("--remove needs --attr: say which attribute was taken away")


def evaluate_clip(job: ClipJob, progress: Callable[[Iterable[Frame], int], Iterable[Frame]]) -> ClipReport:
    """Go through both videos once, and write what was asked for.

    Args:
        job: The two videos.
        progress: Wraps the source's frames, given how many are expected (0 if unknown).
    """
    eyes = eyes_of(job)
    out = made_folder(job.out) if job.out else None
    report = compare(job, eyes, progress)
    if out:
        write_text(out / "table.md", report.as_markdown())
        write_text(out / "table.json", report.as_json())
        try:
            write_plot(out / "plot.png", report.series, f"{Path(job.edited).name} against {Path(job.source).name}")
        except ConfigError as error:
            logger.warning("no plot.png: %s", error)
    return report


def eyes_of(job: ClipJob) -> Eyes:
    """Load the models."""
    judge = AttributeJudge.from_card(job.judge, job.device)
    return Eyes(
        detector=detectors.build("refined", weights=job.detector_model),
        judge=judge,
        recogniser=FaceRecogniser(job.recognition) if job.recognition else None,
        attribute=attribute_of(job.attribute, judge.attributes) if job.attribute else None,
    )


def compare(job: ClipJob, eyes: Eyes, progress: Callable[[Iterable[Frame], int], Iterable[Frame]]) -> ClipReport:
    """Measure everything about two videos.

    Raises:
        MediaError: One cannot be read, or their sizes differ.
    """
    meter, missing = ClipMeter(eyes), dict[str, str]()
    with VideoReader(job.source) as source, VideoReader(job.edited) as edited:
        if source.info.size_wh != edited.info.size_wh:
            sizes = ["×".join(map(str, reader.info.size_wh)) for reader in (edited, source)]
            raise MediaError(f"{job.edited} is {sizes[0]} but its source {sizes[1]}; compare videos of one size")
        meter.measure(progress(source, source.info.num_frames_hint), edited)
        half_tick = max(source.info.time_base, edited.info.time_base) / 2
        step = 1 / float(source.info.fps or 25)
    difference = meter.clock.largest_difference
    num_frames = meter.clock.num_source, meter.clock.num_edited
    is_equal = num_frames[0] == num_frames[1] == meter.clock.num_pairs and (difference or 0) <= half_tick
    streams = read_streams(job.source), read_streams(job.edited)
    lag = meter.lag.frames()
    if lag is None:
        few = f"fewer than {2 * MAX_LAG + 1} frames are shown at the same time"
        missing["pictures late by"] = "hardly anything moves" if meter.lag.is_long_enough else few
    delay = _sound_delay(job, streams, missing)
    shift = float(np.median([float(late) for late in meter.clock.differences])) if meter.clock.differences else 0.0
    timing = Timing(
        num_frames=num_frames,
        num_pairs=meter.clock.num_pairs,
        largest_difference=None if difference is None else float(difference),
        is_equal=is_equal,
        lag=lag,
        sound_delay=delay,
        av_offset=None if delay is None else delay - shift - (lag or 0) * step,
    )
    return ClipReport(
        source=job.source,
        edited=job.edited,
        timing=timing,
        streams=stream_rows(*streams),
        success=_success(meter, job, step, missing),
        identity=_identity(meter, missing),
        missing=missing,
        series=meter.series,
    )


def stream_rows(source: Sequence[StreamFacts], edited: Sequence[StreamFacts]) -> list[StreamRow]:
    """Put streams of one kind together in their order."""
    kinds: dict[str, tuple[list[StreamFacts], list[StreamFacts]]] = defaultdict(lambda: ([], []))
    for side, streams in enumerate((source, edited)):
        for stream in streams:
            kinds[stream.kind][side].append(stream)
    return [_row(kind, before, after) for kind, sides in kinds.items() for before, after in zip_longest(*sides)]


def _row(kind: str, before: StreamFacts | None, after: StreamFacts | None) -> StreamRow:
    if before is None or after is None:
        fate = "missing" if after is None else "added"
    else:
        fate = "bit-exact" if before.payload == after.payload else "encoded again"
    names = [f"{facts.codec} {facts.language}".strip() if facts else "" for facts in (before, after)]
    return StreamRow(kind=kind, source=names[0], edited=names[1], fate=fate)


def _sound_delay(
    job: ClipJob, streams: tuple[Sequence[StreamFacts], Sequence[StreamFacts]], missing: dict[str, str]
) -> float | None:
    """Compare the first sounds: by their time stamps where they are copies, by what is heard elsewhere."""
    first = [next((s for s in side if s.kind == "audio" and s.num_packets), None) for side in streams]
    if first[0] is None or first[1] is None:
        missing["sound_delay"] = f"{job.source if first[0] is None else job.edited} has no sound"
        return None
    if first[0].payload == first[1].payload and first[0].start is not None and first[1].start is not None:
        return float(first[1].start - first[0].start)
    sounds = [read_sound(path, _RATE, _MAX_SECONDS) for path in (job.source, job.edited)]
    delay = sound_delay(sounds[0], sounds[1]) if sounds[0] and sounds[1] else None
    if delay is None:
        missing["sound_delay"] = "one of the two is silent"
    return delay


def _success(meter: ClipMeter, job: ClipJob, step: float, missing: dict[str, str]) -> Success | None:
    if job.attribute is None:
        missing["success"] = "say with --attr what was edited"
        return None
    verdicts = [verdict for own in meter.verdicts.values() for verdict in own]
    if not verdicts:
        missing["success"] = "no face was found in the source"
        return None
    wanted = not job.removing
    dropout = max(longest_dropout(own, wanted) for own in meter.verdicts.values())
    return Success(
        attribute=meter.attribute or job.attribute,
        removing=job.removing,
        share=float(np.mean([verdict.has_after == wanted for verdict in verdicts])),
        share_source=float(np.mean([verdict.has_before == wanted for verdict in verdicts])),
        count=len(verdicts),
        dropout_frames=dropout,
        dropout_seconds=dropout * step,
    )


def _identity(meter: ClipMeter, missing: dict[str, str]) -> Identity | None:
    """Return the identity of the face that is seen longest."""
    longest = max(meter.embedded.values(), key=len, default=[])
    if len(longest) < 2:
        missing["identity"] = "no face was found in both videos" if meter.has_recogniser else WANTED
        return None
    return identity_of(np.stack([both.source for both in longest]), np.stack([both.edited for both in longest]))

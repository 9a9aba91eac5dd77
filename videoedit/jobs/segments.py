"""A long video in segments: looked through once, edited and encoded piece by piece, joined; no piece is made twice.

All that is known lies in one folder, in files that appear only when they are whole, so that any process can go on from
there at any time: where the faces lie in every frame, the finished segments, and the edits of the frames around each
boundary, which both its segments need for the steadying of the residuals.
"""

import contextlib
import json
import shutil
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from videoedit.errors import ConfigError, MediaError
from videoedit.jobs.fingerprint import differences
from videoedit.jobs.one_file import RunConfig, RunReport, no_face_in, written
from videoedit.jobs.rows import load_rows, save_rows
from videoedit.jobs.sidecar import write_json
from videoedit.jobs.work import Steps, Task, Worker
from videoedit.pipeline import EditedFrame, Pipeline
from videoedit.streams import prefetch
from videoedit.track.residuals import FaceEdit
from videoedit.track.smoothing import Placed, Placement
from videoedit.video.formats import expected_format
from videoedit.video.reading.reader import VideoReader
from videoedit.video.reading.timeline import Moment, frames_between
from videoedit.video.writing.encoding import EncoderConfig, choose_encoder
from videoedit.video.writing.join import join
from videoedit.video.writing.writer import VideoWriter
from videoedit.whole_files import check_target

MIN_SEGMENT: Final = 16
"""Frames; shorter ones would not hold the frames that their neighbours need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentedJob:
    """One video, and where its pieces lie."""

    config: RunConfig
    folder: Path
    """Holds the pieces until the video is whole."""
    length: int
    """Frames of every segment but the last."""

    def num_segments(self, num_frames: int) -> int:
        """Return how many segments a video of so many frames has."""
        return -(-num_frames // self.length)

    def segment(self, number: int) -> Path:
        """Return where a segment lies."""
        return self.folder / f"segment-{number:05d}{Path(self.config.output).suffix}"

    def counts(self, number: int) -> "Counts | None":
        """Return what a finished segment holds, None where it is not finished."""
        try:
            counts = Counts(**json.loads(self.segment(number).with_suffix(".json").read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return counts if self.segment(number).exists() else None

    def discard(self) -> None:
        """Delete the pieces."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a segment holds."""

    num_frames: int
    num_frames_with_face: int
    num_faces: int
    num_frames_edited: int
    """Frames given to the editor for it; the edits of others were there already."""


@dataclass(frozen=True, slots=True)
class Part:
    """Frames that are edited together, in batches that begin with the first."""

    span: range
    name: str | None
    """Under which the edits are stored, where a neighbouring segment needs them too."""


def check_segments(length: int, encoder: EncoderConfig) -> None:
    """Refuse what no video is edited in segments with.

    Raises:
        ConfigError: The segments are too short, or their frames would not be the source's.
    """
    if length < MIN_SEGMENT:
        raise ConfigError(f"--segment-frames must be at least {MIN_SEGMENT}, got {length}")
    if encoder.fps:
        raise ConfigError("--fps does not go with --resume, whose segments keep every frame; leave one of them out")


def segment_steps(job: SegmentedJob, identity: Mapping[str, Any]) -> Steps[RunReport]:
    """Edit a video in segments; the pieces stay until `discard`.

    Args:
        job: The video.
        identity: All that decides how it comes out; pieces that were made otherwise are refused.
    """
    start = time.monotonic()
    _begin(job, identity)
    num_frames: int
    has_face: bool
    ((num_frames, has_face),) = yield [LookThrough(job)]
    if job.config.no_face == "fail" and not has_face:
        raise no_face_in(job.config.input)
    numbers = range(job.num_segments(num_frames))
    missing: list[Task] = [EditSegment(job, number) for number in numbers if job.counts(number) is None]
    made: list[Counts] = (yield missing) if missing else []
    yield [Join(job)]
    counts = [one for one in map(job.counts, numbers) if one is not None]
    return RunReport(
        output=Path(job.config.output),
        num_frames=sum(one.num_frames for one in counts),
        num_frames_with_face=sum(one.num_frames_with_face for one in counts),
        num_faces=sum(one.num_faces for one in counts),
        num_frames_edited=sum(one.num_frames_edited for one in made),
        seconds=time.monotonic() - start,
    )


@dataclass(frozen=True, slots=True)
class LookThrough:
    """Task: find, follow and steady the faces of the whole video."""

    job: SegmentedJob

    def __call__(self, worker: Worker) -> tuple[int, bool]:
        """Return the number of frames, and whether any shows a face that is edited."""
        if not _faces_path(self.job).exists():
            self._look(worker)
        _, placements = _seen(self.job)
        return len(placements), any(place.fade > 0 for row in placements for place in row)

    def _look(self, worker: Worker) -> None:
        config = self.job.config
        moments: list[Moment] = []
        placements: list[Sequence[Placement]] = []
        with VideoReader(config.input, deinterlace=config.deinterlace) as reader:
            choose_encoder(config.encoder, Path(config.output), expected_format(reader.info))
            pipeline = worker.pipeline(config.edit)
            with contextlib.closing(prefetch(reader, config.edit.pipeline.batch_size)) as frames:
                for placed in worker.progress(pipeline.place(frames), reader.info.num_frames_hint):
                    moments.append(Moment.of(placed.frame))
                    placements.append(placed.placements)
        save_rows(_moments_path(self.job), [moments])
        save_rows(_faces_path(self.job), placements)


@dataclass(frozen=True, slots=True)
class EditSegment:
    """Task: edit and encode one segment."""

    job: SegmentedJob
    number: int

    def __call__(self, worker: Worker) -> Counts:
        """Make the segment and note what it holds."""
        config, path = self.job.config, self.job.segment(self.number)
        edited_frames: list[int] = []
        with (
            VideoReader(config.input) as reader,
            VideoWriter(path, reader, config.encoder, overwrite=True, only_pictures=True) as writer,
            contextlib.closing(self._finished(worker, edited_frames)) as finished,
        ):
            num_faces = [len(frame.placements) for frame in written(finished, writer)]
        counts = Counts(
            num_frames=len(num_faces),
            num_frames_with_face=sum(map(bool, num_faces)),
            num_faces=sum(num_faces),
            num_frames_edited=len(edited_frames),
        )
        write_json(path.with_suffix(".json"), asdict(counts))
        return counts

    def _finished(self, worker: Worker, edited_frames: list[int]) -> Generator[EditedFrame]:
        """Give the segment's frames, finished; note which frames were edited for it."""
        config = self.job.config
        moments, placements = _seen(self.job)
        pipeline = replace(worker.pipeline(config.edit), begin=moments[0].time)
        parts = parts_of(self.number, len(moments), self.job.length, pipeline.reach)
        span = range(parts[0].span.start, parts[-1].span.stop)
        own = range(len(moments))[self.number * self.job.length :][: self.job.length]
        between = frames_between(Path(config.input), moments, span, deinterlace=config.deinterlace)
        with (
            contextlib.closing(between) as decoded,
            contextlib.closing(prefetch(decoded, config.edit.pipeline.batch_size)) as frames,
        ):
            placed = (Placed(frame, placements[frame.index]) for frame in frames)
            finished = pipeline.finish(self._edited(placed, parts, pipeline, edited_frames))
            inside = islice(finished, own.start - span.start, own.stop - span.start)
            yield from worker.progress(inside, len(own))

    def _edited(
        self, placed: Iterator[Placed], parts: Sequence[Part], pipeline: Pipeline, edited_frames: list[int]
    ) -> Iterator[tuple[Placed, Sequence[FaceEdit]]]:
        """Edit part by part, or take the edits from where the neighbour stored them; note the frames edited."""
        for part in parts:
            stored = self.job.folder / f"{part.name}.npz"
            entries = islice(placed, len(part.span))
            if part.name is not None and stored.exists():
                yield from zip(entries, load_rows(stored, FaceEdit), strict=True)
                continue
            edited = pipeline.edit(entries)
            if part.name is not None:
                together = list(edited)
                save_rows(stored, [faces for _, faces in together])
                edited = iter(together)
            for entry, faces in edited:
                edited_frames += [entry.frame.index] if faces else []
                yield entry, faces


@dataclass(frozen=True, slots=True)
class Join:
    """Task: join the segments and carry over the rest of the source."""

    job: SegmentedJob

    def __call__(self, worker: Worker) -> None:  # noqa: ARG002 - as every task; no model is needed
        """Write the output."""
        config = self.job.config
        moments, _ = _seen(self.job)
        segments = [self.job.segment(number) for number in range(self.job.num_segments(len(moments)))]
        with (
            VideoReader(config.input) as reader,
            VideoWriter(config.output, reader, config.encoder, overwrite=config.overwrite) as writer,
        ):
            join(segments, moments, writer)


def parts_of(number: int, num_frames: int, length: int, reach: int) -> list[Part]:
    """Return what is edited for a segment: the last frames before it, its own, and the first after it.

    Which frames are edited together is the same whoever edits them, so that the results are.
    """
    begin, end = number * length, min((number + 1) * length, num_frames)
    head_end = min(begin + reach, end) if number else begin
    tail_begin = max(end - reach, head_end) if end < num_frames else end
    parts = [
        Part(range(begin - reach if number else begin, begin), f"tail-{number - 1}"),
        Part(range(begin, head_end), f"head-{number}"),
        Part(range(head_end, tail_begin), None),
        Part(range(tail_begin, end), f"tail-{number}"),
        Part(range(end, min(end + reach, num_frames)), f"head-{number + 1}"),
    ]
    return [part for part in parts if part.span]


def is_begun(job: SegmentedJob, identity: Mapping[str, Any]) -> bool:
    """Tell whether there are pieces already.

    Raises:
        ConfigError: They are of another video, or were made with other settings.
        MediaError: What is noted about them cannot be read.
    """
    notes = _notes_path(job)
    try:
        before = json.loads(notes.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise MediaError(f"cannot read {notes}: {error}; delete {job.folder} to begin anew") from error
    if changes := differences(before, _noted(job, identity)):
        raise ConfigError(
            f"{job.folder} holds segments of {job.config.input} made otherwise: {', '.join(changes[:3])}; "
            "go back to that, or delete the folder to begin anew"
        )
    return True


def _begin(job: SegmentedJob, identity: Mapping[str, Any]) -> None:
    """Make the folder, or see that its pieces are of the same video and the same settings."""
    read = [job.config.input, *job.config.edit.pictures]
    check_target(Path(job.config.output), read, overwrite=job.config.overwrite)
    if not is_begun(job, identity):
        write_json(_notes_path(job), _noted(job, identity))


def _noted(job: SegmentedJob, identity: Mapping[str, Any]) -> dict[str, Any]:
    return {**identity, "segment_frames": job.length}


def _notes_path(job: SegmentedJob) -> Path:
    return job.folder / "job.json"


def _moments_path(job: SegmentedJob) -> Path:
    return job.folder / "moments.npz"


def _faces_path(job: SegmentedJob) -> Path:
    return job.folder / "faces.npz"


def _seen(job: SegmentedJob) -> tuple[list[Moment], list[list[Placement]]]:
    """Return when every frame is shown, and where its faces lie."""
    return _read_seen(_moments_path(job), _faces_path(job), _faces_path(job).stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read_seen(moments: Path, faces: Path, _: int) -> tuple[list[Moment], list[list[Placement]]]:
    return load_rows(moments, Moment)[0], load_rows(faces, Placement)

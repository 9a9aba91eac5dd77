"""Edit many files with the same models: each for itself, each once, and a report about all."""

import math
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from videoedit.errors import ConfigError, MediaError, NoFaceError, VideoEditError
from videoedit.jobs.dry_run import CheckFile
from videoedit.jobs.fingerprint import Settings, digest_of, digest_of_settings, settings_of
from videoedit.jobs.groups import EditFile, alone, together
from videoedit.jobs.inputs import find_sources
from videoedit.jobs.one_file import RunConfig, RunReport, no_face_in
from videoedit.jobs.plan import Item, Variant, plan
from videoedit.jobs.segments import SegmentedJob, check_segments, is_begun, segment_steps
from videoedit.jobs.sidecar import Sidecar, sidecar_path, write_json
from videoedit.jobs.storage import check, is_file, remove, remove_uploads, shown, url_of
from videoedit.jobs.work import Engine, NotReady, Steps, drive
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.containers import is_picture
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.whole_files import check_folder, remove_leftovers
from videoedit.wishes import EditConfig

REPORT: Final = "report.json"
"""Name of the report in the folder of the results."""

_SMALL_BYTES: Final = 2**20
"""Pictures up to this size are edited several at a time."""

Status: TypeAlias = Literal["edited", "no face", "skipped", "failed", "planned", "not begun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchConfig:
    """Everything about a batch."""

    inputs: tuple[str, ...]
    """Folders, patterns, files and `@LIST`s."""
    output_dir: str
    variants: tuple[Variant, ...]
    """Edits that every file is given, each with a result of its own."""
    edit: EditConfig
    """Models and choices, and the people who are told apart; its wishes are not used."""
    name: str | None = None
    """Template of a result's name; None keeps the source's name."""
    no_face: Literal["pass", "fail"] = "pass"
    on_error: Literal["continue", "stop"] = "continue"
    overwrite: bool = False
    """Replace files that the batch did not make."""
    deinterlace: bool = False
    """Make whole pictures of interlaced ones, which are refused else."""
    resume: bool = False
    """Edit videos in segments, so that a batch that was stopped goes on inside a video too."""
    segment_frames: int = 300
    dry_run: bool = False
    """Only tell what would be done."""
    report: str | None = None
    """Path of the JSON report; None puts it into the folder of the results."""
    encoder: EncoderConfig = field(default_factory=EncoderConfig)

    def __post_init__(self) -> None:
        if self.report is not None and Path(self.report).suffix != ".json":
            raise ConfigError(f"--report must end in .json, got {self.report}")
        if self.resume:
            check_segments(self.segment_frames, self.encoder)

    @property
    def report_path(self) -> Path:
        """Where the report goes."""
        return Path(self.report or Path(self.output_dir) / REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What became of one file."""

    input: str
    output: str
    attr: str
    ref: str
    status: Status
    reason: str = ""
    """Why it failed, in one line."""
    num_frames: int = 0
    num_faces: int = 0
    """Faces edited, over all frames."""
    num_frames_edited: int = 0
    """Frames that went through the editor in this run."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """What became of all files."""

    files: tuple[FileResult, ...]
    """In the order of the plan."""
    left_out: tuple[str, ...]
    """Files in the folders whose names are neither a video's nor a picture's."""
    seconds: float

    def counts(self) -> dict[Status, int]:
        """Return how many files came to which end."""
        return dict(Counter(result.status for result in self.files))

    def as_table(self) -> dict[str, Any]:
        """Return what the JSON report holds."""
        return {"counts": self.counts(), **asdict(self)}


Outcome: TypeAlias = FileResult | VideoEditError
"""How one file ended."""

Watch: TypeAlias = Callable[[FileResult, int], None]
"""Told every result as it comes, and how many there will be."""


def run_batch(config: BatchConfig, engine: Engine, watch: Watch) -> BatchReport:
    """Edit all files that are not done yet; the engine is closed at the end.

    Raises:
        VideoEditError: Nothing can be edited at all: wrong names, references, models or folders.
    """
    start = time.monotonic()
    _check_folder(Path(config.output_dir), "-o")
    _check_report(config.report_path)
    found = find_sources(config.inputs, Path(config.output_dir))
    items = plan(found.sources, config.variants, Path(config.output_dir), config.name)
    if config.resume and (far := [name for item in items for name in (item.source, item.output) if url_of(name)]):
        raise ConfigError(
            f"--resume keeps its segments on disk, {shown(far[0])} is not; leave it out, or copy the files"
        )
    _clean_up(items, config)
    groups = _groups(items, config, engine.num_slots)
    ends: dict[int, FileResult] = {}

    def report() -> BatchReport:
        files = tuple(ends.get(index) or _result(item, "not begun") for index, item in enumerate(items))
        return BatchReport(files=files, left_out=tuple(map(shown, found.left_out)), seconds=time.monotonic() - start)

    try:
        for number, outcomes in drive(_until_failure(_jobs(items, groups, config), config, ends), engine):
            if isinstance(outcomes, VideoEditError):
                raise outcomes
            for index, outcome in zip(groups[number], outcomes, strict=True):
                if isinstance(outcome, NotReady):
                    raise outcome.error
                ends[index] = _failure(items[index], outcome) if isinstance(outcome, VideoEditError) else outcome
                watch(ends[index], len(items))
    finally:
        engine.close()
        if ends and not config.dry_run:
            write_json(config.report_path, report().as_table())
    _clean_up(items, config)
    return report()


def _clean_up(items: Sequence[Item], config: BatchConfig) -> None:
    """Delete what workers that were killed have begun to write; none is at work."""
    if config.dry_run:
        return
    folder, outputs = Path(config.output_dir), [item.output for item in items]
    targets = [*outputs, *(sidecar_path(output, folder) for output in outputs)]
    if (url := url_of(folder)) is None:
        remove_leftovers(targets)
    else:
        remove_uploads(url, targets)


def _groups(items: Sequence[Item], config: BatchConfig, num_slots: int) -> list[list[int]]:
    """Return the numbers of the items that are edited together: small pictures with the same edits, all else alone."""
    are_apart = config.on_error == "stop" or config.dry_run
    most = 1 if are_apart else config.edit.pipeline.batch_size
    size = min(most, math.ceil(len(items) / num_slots))
    groups: list[list[int]] = []
    filling: dict[Variant, list[int]] = {}
    for index, item in enumerate(items):
        if not _is_small_picture(item.source):
            groups.append([index])
        elif len(filling.get(item.variant, ())) in (0, size):
            groups.append([index])
            filling[item.variant] = groups[-1]
        else:
            filling[item.variant].append(index)
    return groups


def _is_small_picture(path: Path) -> bool:
    """Tell whether several such pictures may be held at the same time."""
    try:
        return is_picture(path) and path.stat().st_size <= _SMALL_BYTES
    except OSError:
        return False


def _jobs(
    items: Sequence[Item], groups: Sequence[Sequence[int]], config: BatchConfig
) -> Iterator[Steps[list[Outcome]]]:
    settings = {variant: settings_of(_edit_of(variant, config), config.encoder) for variant in config.variants}
    for group in groups:
        steps = [_steps(items[index], config, settings[items[index].variant]) for index in group]
        yield together(steps) if len(steps) > 1 else alone(steps[0])


def _until_failure(
    jobs: Iterator[Steps[list[Outcome]]], config: BatchConfig, ends: Mapping[int, FileResult]
) -> Iterator[Steps[list[Outcome]]]:
    return takewhile(
        lambda _: config.on_error == "continue" or all(end.status != "failed" for end in ends.values()), jobs
    )


def _steps(item: Item, config: BatchConfig, settings: Settings) -> Steps[FileResult]:
    """Edit one file, unless that was done before, and take notes of how it ends."""
    start = time.monotonic()
    identity = {"source": digest_of(item.source), "settings": settings}
    notes = Sidecar(job=digest_of_settings(identity), state="begun")
    notes_path = sidecar_path(item.output, Path(config.output_dir))
    job = SegmentedJob(
        config=_run_config(item, config), folder=notes_path.with_suffix(".parts"), length=config.segment_frames
    )
    if (done := _done_before(item, config, notes.job)) is not None:
        job.discard()
        return done
    if config.dry_run:
        if config.resume:
            is_begun(job, identity)
        yield [CheckFile(job.config)]
        return _result(item, "planned")
    if url_of(item.output) is None:
        _make_folder(item.output.parent)
    notes.write(notes_path)
    try:
        is_long = config.resume and _is_long(item.source, config.segment_frames)
        report = yield from (segment_steps(job, identity) if is_long else _whole_steps(job.config))
    except VideoEditError as error:
        if isinstance(error, NoFaceError):
            replace(notes, state="no face").write(notes_path)
        elif not is_file(item.output):
            remove(notes_path)
        raise
    status: Literal["edited", "no face"] = "edited" if report.num_faces else "no face"
    counts: dict[str, Any] = {"num_frames": report.num_frames, "num_faces": report.num_faces}
    replace(notes, state=status, output_sha256=digest_of(item.output), **counts).write(notes_path)
    job.discard()
    facts = {"num_frames_edited": report.num_frames_edited, "seconds": time.monotonic() - start}
    return _result(item, status, **counts, **facts)


def _done_before(item: Item, config: BatchConfig, job: str) -> FileResult | None:
    """Return the result of an earlier batch if it still holds; refuse to replace a file that no batch made."""
    notes = Sidecar.read(sidecar_path(item.output, Path(config.output_dir)))
    is_ours = notes is not None and (notes.state == "begun" or notes.vouches_for(item.output))
    if notes is not None and notes.job == job:
        if notes.state == "no face" and config.no_face == "fail":
            raise no_face_in(shown(item.source))
        if notes.state != "begun" and is_ours:
            return _result(item, "skipped", num_frames=notes.num_frames, num_faces=notes.num_faces)
    if (os.path.lexists(item.output) or is_file(item.output)) and not is_ours and not config.overwrite:
        raise MediaError(
            f"{shown(item.output)} exists and was not made by a batch; give --overwrite, or choose another -o"
        )
    return None


def _whole_steps(config: RunConfig) -> Steps[RunReport]:
    """Edit one file in one go."""
    report: RunReport
    (report,) = yield [EditFile(config)]
    return report


def _is_long(source: Path, length: int) -> bool:
    """Tell whether a source may have more than so many frames; a video may not say."""
    if is_picture(source):
        return False
    with VideoReader(source) as reader:
        return not 0 < reader.info.num_frames_hint <= length


def _run_config(item: Item, config: BatchConfig) -> RunConfig:
    return RunConfig(
        input=shown(item.source),
        output=shown(item.output),
        edit=_edit_of(item.variant, config),
        no_face=config.no_face,
        overwrite=True,
        deinterlace=config.deinterlace,
        encoder=config.encoder,
    )


def _edit_of(variant: Variant, config: BatchConfig) -> EditConfig:
    return replace(config.edit, wishes=variant.wishes, maps=variant.maps)


def _check_folder(folder: Path, flag: str) -> None:
    """See that files can go into a folder, which need not be there yet."""
    check(folder)
    there = [] if url_of(folder) else [part for part in (folder, *folder.parents) if part.exists()]
    for part in there:
        if not part.is_dir():
            raise MediaError(f"nothing can go into {folder}: {part} is no folder; choose another {flag}")
    if there:
        check_folder(there[0])


def _check_report(path: Path) -> None:
    """See that the report can be written, which is done last."""
    _check_folder(path.parent, "--report")
    if not url_of(path) and path.is_dir():
        raise MediaError(f"{path} is a folder; choose another --report")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"cannot make folder {folder}: {error.strerror}; choose another -o") from error


def _result(item: Item, status: Status, **facts: Any) -> FileResult:
    return FileResult(
        input=shown(item.source),
        output=shown(item.output),
        attr=item.variant.attr,
        ref=item.variant.ref,
        status=status,
        **facts,
    )


def _failure(item: Item, error: VideoEditError) -> FileResult:
    return _result(item, "failed", reason=str(error))

"""Edit one video so that it can be broken off at any moment, and goes on from its last segment."""

from pathlib import Path

from videoedit.errors import ConfigError, VideoEditError
from videoedit.jobs.engines import HereEngine
from videoedit.jobs.fingerprint import Settings, digest_of, settings_of
from videoedit.jobs.one_file import Progress, RunConfig, RunReport
from videoedit.jobs.segments import SegmentedJob, check_segments, is_begun, segment_steps
from videoedit.jobs.views import View
from videoedit.jobs.work import LoadModels, NotReady, Worker, drive
from videoedit.video.writing.containers import is_picture
from videoedit.wishes import Models


def resume_file(config: RunConfig, length: int, progress: Progress, load: LoadModels = Models.load) -> RunReport:
    """Edit a video in segments, beginning with the first that is not there yet.

    Args:
        config: The job.
        length: Frames of a segment.
        progress: Wraps the stream of frames, once while looking through them and once per segment.
        load: Loads the models.

    Raises:
        VideoEditError: Anything the user can mend, in one line.
    """
    job, identity = _segmented(config, length)
    engine = HereEngine(lambda shown: Worker(config.edit, shown, load), progress)
    try:
        ((_, outcome),) = drive([segment_steps(job, identity)], engine)
    finally:
        engine.close()
    if isinstance(outcome, VideoEditError):
        raise outcome.error if isinstance(outcome, NotReady) else outcome
    job.discard()
    return outcome


def check_resume(config: RunConfig, length: int) -> None:
    """See that a video can be edited in segments, and go on from those that are there.

    Raises:
        VideoEditError: It would be refused.
    """
    is_begun(*_segmented(config, length))


def _segmented(config: RunConfig, length: int) -> tuple[SegmentedJob, Settings]:
    """Return the job, and all that decides how it comes out."""
    if config.keep_partial or not config.part.is_all or config.report or config.view != View():
        raise ConfigError(
            "--keep-partial, --start, --end, --compare, --debug and --report do not go with --resume; "
            "leave one of them out"
        )
    if is_picture(config.input):
        raise ConfigError(f"--resume is for videos, {config.input} is a picture; leave it out")
    check_segments(length, config.encoder)
    output = Path(config.output)
    job = SegmentedJob(config=config, folder=output.with_name(f".{output.name}.parts"), length=length)
    return job, {"source": digest_of(Path(config.input)), "settings": settings_of(config.edit, config.encoder)}

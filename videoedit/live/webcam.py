"""The job of `videoedit webcam`: opens what the configuration names, runs a session, closes all of it."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from videoedit.clock import Clock, SystemClock
from videoedit.errors import ConfigError
from videoedit.live.meter import Second
from videoedit.live.newest import newest
from videoedit.live.session import LiveReport, Looks, Session, SessionConfig
from videoedit.live.viewer import Viewer
from videoedit.strength import Keyframes
from videoedit.video.live.capture import Arriving, SourceConfig, frames_of
from videoedit.video.live.sinks import RECORDING_ENCODER, CameraSink, FileSink, NetworkSink, NullSink, Sink
from videoedit.video.live.window import Window
from videoedit.video.writing.containers import container_of
from videoedit.whole_files import check_target, write_whole
from videoedit.wishes import EditConfig, Models, check_people

_SINKS = "null, window, vcam, v4l2:/dev/videoN, file:PATH, or an address as udp://127.0.0.1:5000"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveConfig:
    """Everything about a live edit."""

    source: SourceConfig
    edit: EditConfig
    sinks: tuple[str, ...] = ("null",)
    """Where the frames go, all of them at once."""
    more_references: tuple[str, ...] = ()
    """Pictures of further exemplars, which take turns."""
    num_frames: int = 0
    """Frames after which it ends; 0 for never."""
    overwrite: bool = False
    snapshots: str = "."
    """Folder for snapshots."""

    def __post_init__(self) -> None:
        if len({*self.sinks}) < len(self.sinks):
            raise ConfigError(f"two --sink are the same, of {', '.join(self.sinks)}; leave one of them out")
        if self.num_frames < 0:
            raise ConfigError(f"--frames must not be negative, got {self.num_frames}")
        if any(isinstance(wish.strength, Keyframes) for wish in self.edit.wishes):
            raise ConfigError("--strength of a live edit must be a number; keys change it while it runs")
        check_people(self.edit.maps, "a live edit")


def edit_live(
    config: LiveConfig, tell: Callable[[Second], None] | None = None, clock: Clock | None = None
) -> LiveReport:
    """Edit what a source gives, as it comes.

    Args:
        config: The job.
        tell: Given every second that has passed.
        clock: The machine's own where it is None.

    Raises:
        VideoEditError: Anything the user can mend, in one line, up to the first frame; after it, it is in the report.
    """
    clock = clock or SystemClock()
    with _sinks(config, clock) as (sinks, window):
        frames: Arriving = frames_of(config.source, clock)
        models = Models.load(config.edit)
        looks = _looks(config, models)
        viewer = Viewer(window, models.editor.crop_size, config.snapshots) if window else None
        session = Session(looks, sinks, viewer, clock)
        choices = SessionConfig(
            pipeline=config.edit.pipeline,
            acquaintance=models.acquaintance(config.edit),
            num_frames=config.num_frames,
        )
        return session.run(lambda slot, idle: newest(frames, slot, clock, idle), models, choices, tell)


def _looks(config: LiveConfig, models: Models) -> Looks:
    """Encode the exemplars of the wishes, every further one for all attributes, and those of single people."""
    edit, wishes = config.edit, config.edit.wishes
    rows = [wishes, *(tuple(replace(wish, reference=picture) for wish in wishes) for picture in config.more_references)]
    own = {entry.face: entry.wishes for entry in edit.maps}
    by_person = {number: models.edits(own[face]) for number, face in enumerate(edit.people) if face in own}
    return Looks([models.edits(row) for row in rows], by_person)


@contextlib.contextmanager
def _sinks(config: LiveConfig, clock: Clock) -> Iterator[tuple[list[Sink], Window | None]]:
    """Open all sinks; what they hold is kept where a session went through, whatever ended it."""
    sinks: list[Sink] = []
    window: Window | None = None
    is_kept = False
    try:
        for name in config.sinks:
            if name == "window":
                window = window or Window("videoedit")
            else:
                sinks.append(sink_of(name, config, clock))
        yield sinks, window
        is_kept = True
    finally:
        if window is not None:
            window.close()
        with contextlib.ExitStack() as stack:
            for sink in sinks:
                stack.callback(sink.close, keep=is_kept)


def sink_of(name: str, config: LiveConfig, clock: Clock) -> Sink:
    """Make the sink that a name stands for.

    Raises:
        ConfigError: There is no such sink, or it needs what is not installed.
        MediaError: Its file cannot be written.
    """
    kind, _, rest = name.partition(":")
    if name == "null":
        return NullSink()
    if "://" in name:
        return NetworkSink(name, clock, patience=config.source.patience)
    if kind == "file" and rest:
        _check_recording(rest)
        read = (config.source.name, *config.edit.pictures, *config.more_references)
        return FileSink(rest, read=read, overwrite=config.overwrite)
    if name == "vcam" or (kind == "v4l2" and rest):
        return CameraSink(rest or None)
    raise ConfigError(f"no sink {name!r}; give {_SINKS}")


def _check_recording(path: str) -> None:
    if RECORDING_ENCODER not in container_of(path).encoders:
        raise ConfigError(f"{path} cannot hold a recording, which is H.264; end its name in .mp4, .mov, .mkv or .ts")


def as_json(report: LiveReport, config: LiveConfig) -> str:
    """Return a report as JSON."""
    figures = asdict(report.figures) | {"fps_in": report.figures.fps_in, "fps_out": report.figures.fps_out}
    return json.dumps(
        {
            "source": config.source.name,
            "sinks": config.sinks,
            **figures,
            "effort_level": report.level,
            "ended_by": str(report.failure) if report.failure else None,
            "curve": [asdict(second) for second in report.curve],
        },
        indent=2,
        allow_nan=False,
    )


def check_report(path: str | Path) -> None:
    """Refuse, before hours of work, a report that could not be written after them.

    Raises:
        ConfigError: Its name does not say that it is JSON, as that of a video would not.
        MediaError: Its folder does not exist.
    """
    if Path(path).suffix != ".json":
        raise ConfigError(f"--report must end in .json, got {path}")
    check_target(Path(path), (), overwrite=True)


def write_report(path: str | Path, report: LiveReport, config: LiveConfig) -> None:
    """Write a report as JSON.

    Raises:
        MediaError: The file cannot be written.
    """
    write_whole(Path(path), f"{as_json(report, config)}\n".encode())

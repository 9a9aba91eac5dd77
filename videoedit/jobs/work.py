"""Work in pieces: jobs ask for tasks, an engine has them done, and a loop brings both together."""

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from videoedit.errors import VideoEditError
from videoedit.jobs.fetching import pictures_on_disk
from videoedit.jobs.one_file import Progress
from videoedit.pipeline import Pipeline
from videoedit.wishes import EditConfig, FaceMap, Models, Wish

logger = logging.getLogger(__name__)

T = TypeVar("T")


class NotReady(VideoEditError):
    """A worker cannot get its models or exemplars, so that no task of its kind can be done; holds the error."""

    @property
    def error(self) -> VideoEditError:
        """What was in the way."""
        error: VideoEditError = self.args[0]
        return error


_Wishes: TypeAlias = tuple[tuple[Wish, ...], tuple[FaceMap, ...]]
LoadModels: TypeAlias = Callable[[EditConfig], Models]


class Worker:
    """One process's models, loaded when they are first needed, and the edits made ready so far."""

    def __init__(self, edit: EditConfig, progress: Progress, load: LoadModels = Models.load) -> None:
        """Load nothing yet.

        Args:
            edit: Models and choices, and the people who are told apart; its wishes are not used.
            progress: Sees every stream of finished frames.
            load: Loads the models.
        """
        self.progress = progress
        self._edit = edit
        self._load = load
        self._models: Models | None = None
        self._pipelines: dict[_Wishes, Pipeline] = {}

    def pipeline(self, edit: EditConfig) -> Pipeline:
        """Return the pipeline that fulfils the wishes of an edit; their exemplars are read once.

        Raises:
            NotReady: Models or exemplars cannot be used.
        """
        asked = (edit.wishes, edit.maps)
        if asked not in self._pipelines:
            try:
                self._pipelines[asked] = self._made(*asked)
            except VideoEditError as error:
                raise NotReady(error) from error
        return self._pipelines[asked]

    def _made(self, wishes: tuple[Wish, ...], maps: tuple[FaceMap, ...]) -> Pipeline:
        self._models = self._models or self._load(self._edit)
        with pictures_on_disk(replace(self._edit, wishes=wishes, maps=maps)) as local:
            return self._models.pipeline(local)


class Task(Protocol):
    """A piece of work that can be sent to another process."""

    def __call__(self, worker: Worker) -> Any:
        """Do it."""
        ...


class Engine(Protocol):
    """Has tasks done somewhere."""

    @property
    def num_slots(self) -> int:
        """Tasks that can be under way at the same time."""
        ...

    def submit(self, task: Task) -> "Future[Any]":
        """Begin a task; called only while fewer than `num_slots` are under way."""
        ...

    def close(self) -> None:
        """Stop what is under way, leave nothing half-written, and end."""
        ...


Steps: TypeAlias = Generator[Sequence[Task], list[Any], T]
"""A job: yields tasks (one or more) that may be done at the same time, is sent their results in the same order, or
thrown the error of one of them, and returns a result of its own."""


def drive(jobs: Iterable[Steps[T]], engine: Engine) -> Iterator[tuple[int, T | VideoEditError]]:
    """Bring jobs through; a further job begins only when a slot is free and no task waits.

    Yields:
        Number of a job, from 0, and what it returned or the error that ended it, as soon as it ends.
    """
    coming = (_Job(index, steps) for index, steps in enumerate(jobs))
    waiting: deque[_Piece[T]] = deque()
    running: dict[Future[Any], _Piece[T]] = {}
    while True:
        while len(running) < engine.num_slots:
            if waiting:
                piece = waiting.popleft()
                if not piece.job.is_over:
                    running[engine.submit(piece.task)] = piece
            elif (job := next(coming, None)) is not None:
                waiting += job.begin()
                yield from job.outcome()
            else:
                break
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            piece = running.pop(future)
            if not piece.job.is_over:
                waiting += piece.job.take(piece.place, future)
                yield from piece.job.outcome()


class _Piece(NamedTuple, Generic[T]):
    """A task and where its result is awaited."""

    job: "_Job[T]"
    place: int
    task: Task


class _Job(Generic[T]):
    """Owns a job's generator, and the results that it waits for."""

    def __init__(self, index: int, steps: Steps[T]) -> None:
        self._index = index
        self._steps = steps
        self._results: dict[int, Any] = {}
        self._num_awaited = 0
        self._end: tuple[T | VideoEditError] | None = None

    @property
    def is_over(self) -> bool:
        """True when the job has returned or failed."""
        return self._end is not None

    def outcome(self) -> Iterator[tuple[int, T | VideoEditError]]:
        """Give the job's number and outcome if it is over."""
        if self._end is not None:
            yield self._index, self._end[0]

    def begin(self) -> list[_Piece[T]]:
        """Run to the first tasks and return them; none if the job is over."""
        return self._go(lambda: next(self._steps))

    def take(self, place: int, future: "Future[Any]") -> list[_Piece[T]]:
        """Take the result of one task; return further tasks where all have come in."""
        error = future.exception()
        if error is not None:
            one_line = told(error)
            return self._go(lambda: self._steps.throw(one_line))
        self._results[place] = future.result()
        if len(self._results) < self._num_awaited:
            return []
        results = [self._results[index] for index in range(self._num_awaited)]
        return self._go(lambda: self._steps.send(results))

    def _go(self, move: Callable[[], Sequence[Task]]) -> list[_Piece[T]]:
        try:
            tasks = move()
        except StopIteration as end:
            self._end = (end.value,)
            return []
        except VideoEditError as error:
            self._end = (error,)
            return []
        self._results, self._num_awaited = {}, len(tasks)
        return [_Piece(self, place, task) for place, task in enumerate(tasks)]


def told(error: BaseException) -> VideoEditError:
    """Return the error, or one line about it if it is none that a user is meant to meet."""
    if isinstance(error, VideoEditError):
        return error
    logger.debug("task failed", exc_info=error)
    one_line = VideoEditError(f"unexpected {type(error).__name__}: {' '.join(str(error).split())}")
    one_line.__cause__ = error
    return one_line

"""Several pictures edited together: one call of the networks for all, an end of its own for each."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar, cast

from videoedit.errors import VideoEditError
from videoedit.frames import Frame
from videoedit.jobs.fetching import on_disk
from videoedit.jobs.one_file import OpenFile, RunConfig, RunReport, edit_file, opened
from videoedit.jobs.storage import url_of
from videoedit.jobs.work import Steps, Worker
from videoedit.pipeline import EditedFrame

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EditFile:
    """Task: edit one file from beginning to end."""

    config: RunConfig

    def __call__(self, worker: Worker) -> RunReport:
        """Do it with the worker's models."""
        pipeline, config = worker.pipeline(self.config.edit), self.config
        if not (url_of(config.input) or url_of(config.output)):
            return edit_file(config, worker.progress, pipeline)
        with on_disk(config.input, config.output) as (source, output):
            return edit_file(replace(config, input=source, output=output), worker.progress, pipeline)


@dataclass(frozen=True, slots=True)
class EditTogether:
    """Task: edit several pictures, with the same edits."""

    configs: tuple[RunConfig, ...]

    def __call__(self, worker: Worker) -> list[RunReport | VideoEditError]:
        """Return how each of them ended."""
        pipeline = worker.pipeline(self.configs[0].edit)
        with ExitStack() as files:
            begun = [_attempt(partial(_Begun.of, config, files)) for config in self.configs]
            good = [one for one in begun if isinstance(one, _Begun)]
            edited = worker.progress(pipeline.run_apart([one.frame for one in good]), len(good))
            ends = iter([_attempt(partial(one.end, frame)) for one, frame in zip(good, edited, strict=True)])
        return [next(ends) if isinstance(one, _Begun) else one for one in begun]


def alone(job: Steps[T]) -> Steps[list[T | VideoEditError]]:
    """Bring one job through as a group of its own."""
    try:
        return [(yield from job)]
    except VideoEditError as error:
        return [error]


def together(jobs: Sequence[Steps[T]]) -> Steps[list[T | VideoEditError]]:
    """Bring several jobs through with one task; each of them asks for one `EditFile`, or for nothing."""
    ends: dict[int, T | VideoEditError] = {}
    asked: dict[int, EditFile] = {}
    for number, job in enumerate(jobs):
        try:
            (task,) = next(job)
            asked[number] = cast("EditFile", task)
        except StopIteration as end:
            ends[number] = end.value
        except VideoEditError as error:
            ends[number] = error
    answers = yield from _answers(tuple(asked.values()))
    for number, answer in zip(asked, answers, strict=True):
        ends[number] = _ended(jobs[number], answer)
    return [ends[number] for number in range(len(jobs))]


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    """A file whose picture is read."""

    file: OpenFile
    frame: Frame
    closing: ExitStack
    """Closes the file."""

    @classmethod
    def of(cls, config: RunConfig, files: ExitStack) -> "_Begun":
        with ExitStack() as stack:
            file = stack.enter_context(opened(config))
            (frame,) = file.frames
            return cls(file, frame, files.enter_context(stack.pop_all()))

    def end(self, edited: EditedFrame) -> RunReport:
        """Write the result."""
        with self.closing:
            return self.file.write([edited])


def _attempt(do: Callable[[], T]) -> T | VideoEditError:
    try:
        return do()
    except VideoEditError as error:
        return error


def _answers(tasks: Sequence[EditFile]) -> Steps[list[RunReport | VideoEditError]]:
    """Have tasks done together; where that does not work at all, one by one, so that one harms no other."""
    if len(tasks) > 1:
        try:
            answers: list[RunReport | VideoEditError]
            (answers,) = yield [EditTogether(tuple(task.config for task in tasks))]
        except VideoEditError:
            pass
        else:
            return answers
    each = []
    for task in tasks:
        each += yield from alone(_single(task))
    return each


def _single(task: EditFile) -> Steps[RunReport]:
    report: RunReport
    (report,) = yield [task]
    return report


def _ended(job: Steps[T], answer: RunReport | VideoEditError) -> T | VideoEditError:
    """Tell a job the answer it waits for, after which it ends."""
    try:
        if isinstance(answer, VideoEditError):
            job.throw(answer)
        else:
            job.send([answer])
    except StopIteration as end:
        result: T = end.value
        return result
    except VideoEditError as error:
        return error
    raise RuntimeError("a job of a group may ask only once")

"""Jobs and tasks brought together: order, failures that stay where they are, no more begun than is needed."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from videoedit.errors import MediaError, VideoEditError
from videoedit.jobs.work import Steps, Worker, drive


class Threads:
    """An engine with some threads; its tasks ignore the worker."""

    def __init__(self, num_slots: int) -> None:
        self.num_slots = num_slots
        self.most = self.now = 0
        self._pool = ThreadPoolExecutor(num_slots)

    def submit(self, task: Any) -> "Future[Any]":
        self.now += 1
        self.most = max(self.most, self.now)
        future = self._pool.submit(task, None)
        future.add_done_callback(lambda _: setattr(self, "now", self.now - 1))
        return future

    def close(self) -> None:
        self._pool.shutdown()


def answer(value: object) -> Any:
    def task(worker: Worker) -> object:
        if isinstance(value, Exception):
            raise value
        return value

    return task


def sums(*rounds: list[object]) -> Steps[list[Any]]:
    got: list[Any] = []
    for values in rounds:
        got += yield [answer(value) for value in values]
    return got


@pytest.mark.parametrize("num_slots", [1, 3])
def test_results_come_back_in_the_order_of_the_tasks(num_slots: int) -> None:
    jobs = [sums([1, 2, 3], [4]), sums([5]), sums([6, 7], [8, 9])]
    ends = dict(drive(jobs, Threads(num_slots)))
    assert ends == {0: [1, 2, 3, 4], 1: [5], 2: [6, 7, 8, 9]}


def test_failure_ends_its_own_job_alone_and_unknown_errors_become_one_line() -> None:
    bad = MediaError("broken")
    jobs = [sums([1, bad, 2], [3]), sums([4]), sums([RuntimeError("two\nlines")])]
    ends = dict(drive(jobs, Threads(2)))
    assert ends[0] is bad
    assert ends[1] == [4]
    assert isinstance(ends[2], VideoEditError)
    assert str(ends[2]) == "unexpected RuntimeError: two lines"


def test_job_can_mend_the_failure_of_a_task() -> None:
    def job() -> Steps[list[Any]]:
        try:
            yield [answer(MediaError("broken"))]
        except MediaError:
            return (yield [answer("mended")])
        return []

    assert list(drive([job()], Threads(1))) == [(0, ["mended"])]


def test_jobs_begin_only_when_there_is_room() -> None:
    begun: list[int] = []

    def job(number: int) -> Steps[int]:
        begun.append(number)
        yield [answer(0)]
        return number

    engine = Threads(2)
    first = next(drive((job(number) for number in range(9)), engine))
    assert first[0] in (0, 1)
    assert len(begun) == 2
    assert engine.most <= 2


def test_job_without_tasks_ends_at_once() -> None:
    def job() -> Steps[str]:
        return "done"
        yield

    assert list(drive([job(), job()], Threads(1))) == [(0, "done"), (1, "done")]

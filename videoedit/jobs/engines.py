"""Where tasks are done on this machine."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from videoedit.errors import Interrupted
from videoedit.jobs.one_file import Progress
from videoedit.jobs.work import Task, Worker
from videoedit.pipeline import EditedFrame


class HereEngine:
    """Does one task at a time in a thread of this process."""

    num_slots = 1

    def __init__(self, make_worker: Callable[[Progress], Worker], progress: Progress) -> None:
        """Start the thread; it ends with `close`.

        Args:
            make_worker: Given what sees the streams of finished frames.
            progress: Shows the frames of the file at hand.
        """
        self._stopped = threading.Event()
        self._worker = make_worker(lambda frames, total: self._until_stopped(progress(frames, total)))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="worker")

    def submit(self, task: Task) -> "Future[Any]":
        """Begin a task."""
        return self._thread.submit(task, self._worker)

    def close(self) -> None:
        """Stop at the next frame, and wait until that is done."""
        self._stopped.set()
        self._thread.shutdown(cancel_futures=True)

    def _until_stopped(self, frames: Iterable[EditedFrame]) -> Iterator[EditedFrame]:
        for frame in frames:
            if self._stopped.is_set():
                raise Interrupted("interrupted")
            yield frame

"""Where tasks are done: in a thread of this process, or by peers (other processes, here or elsewhere)."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Protocol, TypeAlias

from videoedit.errors import Interrupted, VideoEditError
from videoedit.jobs.one_file import Progress
from videoedit.jobs.work import Task, Worker

MakeWorker: TypeAlias = Callable[[Progress], Worker]
"""Makes the worker that does the tasks, given what sees every stream of frames."""


class HereEngine:
    """Does one task at a time in a thread of this process."""

    num_slots = 1

    def __init__(self, make_worker: MakeWorker, progress: Progress) -> None:
        """Start the thread; it ends with `close`."""
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

    def _until_stopped(self, frames: Iterable[Any]) -> Iterator[Any]:
        for frame in frames:
            if self._stopped.is_set():
                raise Interrupted("interrupted")
            yield frame


class PeerLostError(Exception):
    """A peer has died, or cannot be reached any more."""


class Peer(Protocol):
    """Another process that does one task at a time."""

    def do(self, task: Task) -> Any:
        """Have a task done; return what it returned, or the `VideoEditError` it raised.

        Raises:
            PeerLostError: The peer has died.
        """
        ...

    def stop(self) -> None:
        """Ask it to stop at the next frame and to end; called from another thread than `do`."""
        ...

    def join(self) -> None:
        """Wait until it has ended."""
        ...


class PeersEngine:
    """Owns peers, started as they are needed; a task whose peer is lost is given to a new one."""

    def __init__(self, start: Callable[[], Peer], num_peers: int, num_tries: int = 2) -> None:
        """Start nothing yet.

        Args:
            start: Starts a peer.
            num_peers: Of them, 1 or more.
            num_tries: Peers that a task may lose before it counts as failed.
        """
        self.num_slots = num_peers
        self._start = start
        self._num_tries = num_tries
        self._starting = threading.Lock()
        self._is_closed = False
        self._started: list[Peer] = []
        self._idle: SimpleQueue[Peer | None] = SimpleQueue()
        for _ in range(num_peers):
            self._idle.put(None)  # to be started
        self._threads = ThreadPoolExecutor(num_peers, thread_name_prefix="peer")

    def submit(self, task: Task) -> "Future[Any]":
        """Begin a task with an idle peer."""
        return self._threads.submit(self._do, task)

    def close(self) -> None:
        """Stop every peer at its next frame, and wait until they have ended."""
        with self._starting:  # so that none is started that nobody would stop
            self._is_closed = True
        for peer in self._started:
            peer.stop()
        self._threads.shutdown(cancel_futures=True)
        for peer in self._started:
            peer.join()

    def _do(self, task: Task) -> Any:
        reason = ""
        for _ in range(self._num_tries):
            peer = self._idle.get()
            try:
                peer = peer or self._begun()
                outcome = peer.do(task)
            except PeerLostError as error:
                peer, reason = None, str(error)
                continue
            finally:
                self._idle.put(peer)
            if isinstance(outcome, VideoEditError):
                raise outcome
            return outcome
        raise VideoEditError(
            f"its worker died {self._num_tries} times ({reason or 'as when memory runs out'}); try fewer --workers"
        )

    def _begun(self) -> Peer:
        with self._starting:
            if self._is_closed:
                raise Interrupted("interrupted")
            peer = self._start()
            self._started.append(peer)
        return peer

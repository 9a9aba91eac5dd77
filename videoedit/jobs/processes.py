"""Peers as processes of this machine, each with models of its own and its share of the cores."""

import contextlib
import multiprocessing
import signal
import threading
from concurrent.futures import Future
from multiprocessing.connection import Connection
from typing import Any

from videoedit.device import num_cores, set_num_threads
from videoedit.jobs.engines import HereEngine, MakeWorker, PeerLostError, PeersEngine
from videoedit.jobs.one_file import unseen
from videoedit.jobs.work import Task, told


def processes_engine(make_worker: MakeWorker, num_workers: int) -> PeersEngine:
    """Return an engine with so many processes; `make_worker` is sent to each, so it must be picklable."""
    num_threads = max(num_cores() // num_workers, 1)
    return PeersEngine(lambda: Process(make_worker, num_threads), num_workers)


class Process:
    """Owns one process and the line to it."""

    def __init__(self, make_worker: MakeWorker, num_threads: int) -> None:
        spawning = multiprocessing.get_context("spawn")  # a forked process would share the locks of other threads
        self._line, its_end = spawning.Pipe()
        self._process = spawning.Process(target=_serve, args=(its_end, make_worker, num_threads), daemon=True)
        self._process.start()
        self._sending = threading.Lock()
        its_end.close()  # so that the line breaks when the process dies

    def do(self, task: Task) -> Any:
        """Have a task done; return what it returned, or the error it raised."""
        try:
            with self._sending:
                self._line.send(task)
            return self._line.recv()
        except (EOFError, OSError) as error:
            raise PeerLostError from error

    def stop(self) -> None:
        """Ask it to stop at the next frame and to end."""
        with contextlib.suppress(OSError), self._sending:
            self._line.send(None)

    def join(self) -> None:
        """Wait until it has ended."""
        self._process.join()
        self._line.close()


def _serve(line: Connection, make_worker: MakeWorker, num_threads: int) -> None:
    """Do the tasks that come over the line, until it breaks or None comes; then stop at the next frame."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C reaches all; the parent says what follows
    set_num_threads(num_threads)
    engine = HereEngine(make_worker, unseen)
    with contextlib.suppress(EOFError, OSError):
        while (task := line.recv()) is not None:
            engine.submit(task).add_done_callback(lambda future: _answer(line, future))
    engine.close()


def _answer(line: Connection, future: "Future[Any]") -> None:
    error = future.exception()
    with contextlib.suppress(OSError):  # where the parent is gone
        line.send(future.result() if error is None else told(error))

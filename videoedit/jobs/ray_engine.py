"""Peers as actors of a Ray cluster: the same tasks on other machines, which share the files and have videoedit too."""

import contextlib
import importlib
import logging
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from videoedit.device import set_num_threads
from videoedit.errors import ConfigError, VideoEditError, first_line
from videoedit.jobs.engines import HereEngine, MakeWorker, PeerLostError, PeersEngine
from videoedit.jobs.one_file import unseen
from videoedit.jobs.work import Task, told

_TRIES: Final = 3
_STOP_SECONDS: Final = 60.0
_TRIES_TO_CONNECT: Final = "RAY_NUM_REDIS_GET_RETRIES"


@dataclass(frozen=True, slots=True, kw_only=True)
class RayConfig:
    """Which cluster, and what each worker takes of it."""

    address: str = "auto"
    """Of a running cluster; `auto` finds the one of this machine."""
    num_workers: int = 1
    cpus: float = 1.0
    """Of each worker."""
    gpus: float = 0.0
    """Of each worker; a share such as 0.25 lets four use one."""


def ray_engine(make_worker: MakeWorker, config: RayConfig) -> PeersEngine:
    """Return an engine whose tasks are done by actors of a cluster; a task may lose its worker twice.

    Raises:
        ConfigError: Ray is not installed, or the cluster is too small for the workers.
        VideoEditError: There is no cluster at the address.
    """
    ray = _connected(config.address)
    have = ray.cluster_resources()
    for name, each in (("CPU", config.cpus), ("GPU", config.gpus)):
        if each * config.num_workers > have.get(name, 0.0):
            raise ConfigError(
                f"{config.num_workers} workers with {each:g} {name} each do not fit the Ray cluster, "
                f"which has {have.get(name, 0.0):g}; give fewer --workers or a smaller --ray-{name.lower()}s"
            )
    return PeersEngine(lambda: Actor(ray, make_worker, config), config.num_workers, _TRIES)


class Actor:
    """Owns one actor of the cluster."""

    def __init__(self, ray: Any, make_worker: MakeWorker, config: RayConfig) -> None:
        self._ray = ray
        # two threads, so that it can be stopped while it works
        kind = ray.remote(num_cpus=config.cpus, num_gpus=config.gpus, max_concurrency=2)(Server)
        self._actor = kind.remote(make_worker, max(math.floor(config.cpus), 1), str(Path.cwd()))

    def do(self, task: Task) -> Any:
        """Have a task done; return what it returned, or the error it raised."""
        try:
            return self._ray.get(self._actor.do.remote(task))
        except self._ray.exceptions.RayTaskError as error:
            return told(error)
        except self._ray.exceptions.RayError as error:
            raise PeerLostError(*str(error).strip().splitlines()[:1]) from error

    def stop(self) -> None:
        """Ask it to stop at the next frame."""
        self._stopping = self._actor.stop.remote()

    def join(self) -> None:
        """Wait until it has stopped, then give its share of the cluster back."""
        with contextlib.suppress(self._ray.exceptions.RayError):
            self._ray.get(self._stopping, timeout=_STOP_SECONDS)
        self._ray.kill(self._actor)


class Server:
    """What runs in the actor's process: a worker, and one task at a time."""

    def __init__(self, make_worker: MakeWorker, num_threads: int, folder: str) -> None:
        os.chdir(folder)  # paths mean the same as where the batch was started
        set_num_threads(num_threads)
        self._engine = HereEngine(make_worker, unseen)

    def do(self, task: Task) -> Any:
        """Do a task; return its result or its error."""
        future = self._engine.submit(task)
        error = future.exception()
        return future.result() if error is None else told(error)

    def stop(self) -> None:
        """Stop at the next frame."""
        self._engine.close()


def _connected(address: str) -> Any:
    os.environ.setdefault(_TRIES_TO_CONNECT, "1")  # of 40 s each; Ray's own 20 of them for a cluster that has died
    try:
        ray = importlib.import_module("ray")
        importlib.import_module("ray.exceptions")
    except ImportError as error:
        raise ConfigError("--engine ray needs Ray; install it with: pip install 'videoedit[ray]'") from error
    if not ray.is_initialized():
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.WARNING)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise VideoEditError(
                f"no Ray cluster at {address}: {first_line(error)}; start one with: ray start --head"
            ) from error
    return ray

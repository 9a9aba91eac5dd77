"""The loop that every training shares: steps, limits, logs, sheets, exact checkpoints, resume.

The loop knows nothing about losses; a `Task` knows nothing about files and clocks.
"""

import json
import logging
import pickle
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import torch
from tqdm import tqdm

from videoedit.errors import ConfigError, ModelError, first_line
from videoedit.frames import Image
from videoedit.train.distributed import agreed, rank
from videoedit.whole_files import whole_file

logger = logging.getLogger(__name__)

CHECKPOINT_NAME = "last.pt"


class Task(Protocol):
    """What is trained: one step at a time, from a state that can be kept and given back."""

    def step(self, iteration: int) -> Mapping[str, float]:
        """Learn from one batch; return named numbers to log."""
        ...

    def state(self) -> dict[str, Any]:
        """Return tensors and plain values from which `restore` goes on exactly."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up a state returned by `state`."""
        ...

    def sample_sheet(self) -> Image | None:
        """Return a picture that shows how far the training is, or None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopConfig:
    """Limits and places of one training."""

    out: str
    """Folder of checkpoints, scalars and sheets."""
    iterations: int = 10_000
    """The training ends after this many steps, counted from its first start."""
    minutes: float = 0.0
    """This run stops after so many minutes, to be resumed; 0 for no limit."""
    save_every: float = 300.0
    """Seconds between exact checkpoints."""
    log_every: int = 50
    """Steps between scalars."""
    sheet_every: int = 500
    """Steps between sample sheets."""

    def __post_init__(self) -> None:
        if self.iterations < 1 or self.log_every < 1 or self.sheet_every < 1:
            raise ConfigError("train: iterations, log_every and sheet_every must be at least 1")


def fit(task: Task, config: LoopConfig) -> int:
    """Train until a limit is reached, resuming where the folder's checkpoint ends.

    Where several processes train, the first writes the files and says when to stop.

    Returns:
        Steps done since the training's first start.
    """
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    iteration = _resume(task, out / CHECKPOINT_NAME)
    if rank() > 0:
        return _follow(task, iteration)
    deadline = time.monotonic() + config.minutes * 60 if config.minutes else float("inf")
    saved = time.monotonic()
    log = _Scalars(out)
    with tqdm(total=config.iterations, initial=iteration, unit="step", mininterval=5, dynamic_ncols=True) as progress:
        torch.set_flush_denormal(True)  # several times faster on CPUs as weights near zero
        try:
            while agreed(iteration < config.iterations and time.monotonic() < deadline):
                log.add(task.step(iteration))
                iteration += 1
                progress.update()
                if iteration % config.log_every == 0:
                    progress.set_postfix_str(log.flush(iteration))
                if iteration % config.sheet_every == 0:
                    _write_sheet(task, out / f"sheet-{iteration:06d}.png")
                if time.monotonic() - saved > config.save_every:
                    save_checkpoint(task, iteration, out / CHECKPOINT_NAME)
                    saved = time.monotonic()
        finally:
            torch.set_flush_denormal(False)
            save_checkpoint(task, iteration, out / CHECKPOINT_NAME)
            log.close()
    return iteration


def _follow(task: Task, iteration: int) -> int:
    while agreed(True):
        task.step(iteration)
        iteration += 1
    return iteration


def save_checkpoint(task: Task, iteration: int, path: Path) -> None:
    """Write the exact state to a temporary file, then rename it: a reader never meets half a checkpoint."""
    random_state = {"torch": torch.get_rng_state()}
    with whole_file(path) as partial:
        torch.save({"iteration": iteration, "task": task.state(), "random": random_state}, partial)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint of `save_checkpoint`; nothing but tensors and plain values is unpickled.

    Raises:
        ModelError: It cannot be read, or is no such checkpoint.
    """
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, LookupError, EOFError, pickle.UnpicklingError) as error:
        raise ModelError(f"cannot read checkpoint {path}: {first_line(error)}; remove it to start again") from error
    if not isinstance(state, dict) or not isinstance(state.get("task"), dict):
        raise ModelError(f"{path} is no checkpoint of a training; remove it to start again")
    return state


def take_up(state: Mapping[str, Any], take: Callable[[Mapping[str, Any]], None], path: Path) -> None:
    """Have a task take up its part of a checkpoint that was read from a path.

    Raises:
        ModelError: It is one of another network, or of a training with other settings.
    """
    try:
        take(state["task"])
    except (RuntimeError, ValueError, LookupError) as error:
        raise ModelError(
            f"checkpoint {path} does not fit: {first_line(error)}; give the settings it was made with, or another one"
        ) from error


def _resume(task: Task, path: Path) -> int:
    if not path.exists():
        return 0
    state = load_checkpoint(path)
    take_up(state, task.restore, path)
    torch.set_rng_state(state["random"]["torch"])
    logger.info("resumed from %s at step %d", path, state["iteration"])
    return int(state["iteration"])


def _write_sheet(task: Task, path: Path) -> None:
    sheet = task.sample_sheet()
    if sheet is not None:
        cv2.imwrite(str(path), sheet[:, :, ::-1])


class _Scalars:
    """Averages named numbers between two lines of `scalars.jsonl`, and TensorBoard's events where it is installed."""

    def __init__(self, out: Path) -> None:
        self._file = (out / "scalars.jsonl").open("a", encoding="utf-8")
        self._sums: dict[str, list[float]] = {}
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            logger.info("tensorboard is not installed: scalars go to %s only", out / "scalars.jsonl")
            self._board = None
        else:
            self._board = SummaryWriter(str(out))

    def add(self, numbers: Mapping[str, float]) -> None:
        """Take one step's numbers; a name may be absent from some steps."""
        for name, value in numbers.items():
            self._sums.setdefault(name, []).append(value)

    def flush(self, iteration: int) -> str:
        """Write the means since the last call and return them as one short line."""
        means = {name: sum(values) / len(values) for name, values in self._sums.items()}
        self._sums.clear()
        self._file.write(json.dumps({"iteration": iteration, **means}) + "\n")
        self._file.flush()
        if self._board is not None:
            for name, value in means.items():
                self._board.add_scalar(name, value, iteration)
        return " ".join(f"{name} {value:.3f}" for name, value in means.items())

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        if self._board is not None:
            self._board.close()

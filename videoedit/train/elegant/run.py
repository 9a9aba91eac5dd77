"""ELEGANT's training from its configuration: data in memory, networks, the loop, and what ships at the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from videoedit.config import from_table
from videoedit.datasets.celeba import FaceSet, load_faces
from videoedit.nets.elegant import ElegantConfig
from videoedit.train.distributed import joined, rank
from videoedit.train.elegant.compact import save_compact, start_from_compact
from videoedit.train.elegant.export import Export, export_elegant
from videoedit.train.elegant.published import PublishedTask, PublishedTrainConfig
from videoedit.train.elegant.task import ElegantTask, ElegantTrainConfig
from videoedit.train.loop import CHECKPOINT_NAME, LoopConfig, fit

MARGIN = 8
"""Pixels of surroundings kept for jitter, at 128 px; scaled with the crop."""
_NUM_SHEET_FACES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ElegantJob:
    """One run of the training command."""

    data: str
    """Folder of CelebA; see `load_faces`."""
    out: str
    """Folder of checkpoints; a training that is found there is resumed."""
    begin_from: str | None = None
    """Compact checkpoint to start from, where `out` holds no training yet."""
    export: str | None = None
    """Write weights and card of this name at the end, in `out`."""
    unfinished: tuple[str, ...] = ()
    """Attributes that the exported card does not offer yet."""
    compact: str | None = None
    """Write a compact checkpoint to this path at the end."""
    limit: int = 0
    """Use so many pictures of the training partition; 0 for all."""
    num_threads: int = 0
    """Threads; 0 for all cores."""
    device: str = "auto"
    """auto, cpu, cuda or cuda:N."""


def run_elegant(job: ElegantJob, table: Mapping[str, Any], *, compiled: bool) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all.

    Args:
        job: Places and limits of this run.
        table: `[loop]`, `[network]`, `[learning]` as in `pipelines/train-elegant.toml`.
        compiled: Compile the networks; slower to start, several times faster after.
    """
    with joined(job.device) as device:
        return _run(replace(job, device=device), table, compiled)


def _run(job: ElegantJob, table: Mapping[str, Any], compiled: bool) -> int:
    network = from_table(ElegantConfig, table["network"], "network")
    loop = from_table(LoopConfig, {**table.get("loop", {}), "out": job.out}, "loop")
    learning = {**table["learning"], "network": network, "iterations": loop.iterations}
    if job.num_threads:
        torch.set_num_threads(job.num_threads)
    is_modern = network.profile == "modern"
    margin = MARGIN * network.crop_size // 128 if is_modern else 0
    faces = load_faces(job.data, partition="train", size=network.crop_size, margin=margin, limit=job.limit)
    task = _task_of(learning, is_modern)(faces, _sheet_faces(job.data, network), compiled=compiled, device=job.device)
    if job.begin_from and not (Path(job.out) / CHECKPOINT_NAME).exists():
        start_from_compact(task, job.begin_from)
    iteration = fit(task, loop)
    if rank() > 0:
        return iteration
    if job.compact:
        save_compact(task, iteration, job.compact)
    if job.export:
        export = Export(
            folder=Path(job.out),
            name=job.export,
            iteration=iteration,
            unfinished=job.unfinished,
            is_local=isinstance(task, ElegantTask) and task.is_local,
        )
        export_elegant(task.average.cpu(), faces.without_margin(margin), export)
    return iteration


def _task_of(learning: Mapping[str, Any], is_modern: bool) -> Callable[..., ElegantTask | PublishedTask]:
    """Return what makes the task: the modern one, or the published one of the profiles official and paper."""
    if is_modern:
        return partial(ElegantTask, from_table(ElegantTrainConfig, learning, "learning"))
    return partial(PublishedTask, from_table(PublishedTrainConfig, learning, "learning"))


def _sheet_faces(data: str, network: ElegantConfig) -> FaceSet:
    """Return validation faces with and without the first attribute, the first of each in file order."""
    faces = load_faces(data, partition="val", size=network.crop_size, limit=20 * _NUM_SHEET_FACES)
    label = faces.column(network.attributes[0])
    rows = np.concatenate([np.flatnonzero(label == sign)[: _NUM_SHEET_FACES // 2] for sign in (1, -1)])
    return faces.rows(rows)

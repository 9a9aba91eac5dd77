"""The points network's training from its pictures to weights and card."""

from dataclasses import dataclass
from pathlib import Path

import torch

from videoedit.nets.checkpoint import save_tensors
from videoedit.nets.points import TEMPLATE, PointsNetwork
from videoedit.resources import ModelCard, sha256_of, write_card
from videoedit.train.export_elegant import WEIGHTS_LICENCE
from videoedit.train.loop import LoopConfig, fit
from videoedit.train.pictures import load_celeba, load_lfw
from videoedit.train.points import AlignedFaces, PointsTask, PointsTrainConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsJob:
    """One run of the training command."""

    data: str
    """Folder that holds `lfw/images.tar` and `celeba/`."""
    faces: str
    """CSV of the teacher's faces for LFW."""
    out: str
    """Folder of checkpoints; a training that is found there is resumed."""
    iterations: int = 12_000
    """Steps over which the learning rate falls to zero."""
    minutes: float = 0.0
    """Stop this run after so many minutes; 0 for no limit."""
    export: str | None = None
    """Write weights and card of this name at the end, in `out`."""
    num_threads: int = 0
    """Threads; 0 for all cores."""


def run_points(job: PointsJob) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    if job.num_threads:
        torch.set_num_threads(job.num_threads)
    data = Path(job.data)
    pictures = load_celeba(data / "celeba", partition=0)
    pictures += load_lfw(data / "lfw" / "images.tar", job.faces, held_out=False)
    config = PointsTrainConfig(iterations=job.iterations)
    task = PointsTask(config, AlignedFaces.of(pictures, config.network.crop_size))
    loop = LoopConfig(out=job.out, iterations=job.iterations, minutes=job.minutes, log_every=200)
    done = fit(task, loop)
    if job.export:
        export_points(task.average, Path(job.out), job.export)
    return done


def export_points(network: PointsNetwork, folder: Path, name: str) -> ModelCard:
    """Write `NAME.safetensors` (float16) and `NAME.toml`."""
    weights = folder / f"{name}.safetensors"
    tensors = {key: v.half() if v.is_floating_point() else v for key, v in network.state_dict().items()}
    save_tensors(weights, tensors)
    card = ModelCard(
        name=name,
        kind="points",
        file=weights.name,
        sha256=sha256_of(weights),
        crop_size=network.config.crop_size,
        template=TEMPLATE,
        licence=WEIGHTS_LICENCE,
        description="finds the five points of a face that a detector found; taught by YuNet on LFW and CelebA",
        network={"width": network.config.width},
        folder=folder,
    )
    write_card(card)
    return card

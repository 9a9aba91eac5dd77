"""Train the face detector: which rows answer for which face, the losses, and the task for the training loop.

Shapes: B scenes, N faces of a scene (padded), A rows of the network.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

from videoedit.device import resolve_device, training_autocast
from videoedit.frames import Image
from videoedit.nets.detector import DetectorConfig, FaceNet, Rows, cell_grid
from videoedit.train.detector.distractors import load_distractors
from videoedit.train.detector.scenes import SceneConfig, make_scene
from videoedit.train.pictures import Picture, load_celeba, load_lfw, turn_of
from videoedit.train.steps import adamw_of, cosine_rate, decay_at, set_learning_rate

ANCHOR_LIMITS: Final = (0.0, 24.0, 48.0, 90.0, 160.0, 250.0, float("inf"))
"""Face sizes (root of the box's area, pixels) between which each of the six anchors answers."""
_CLEAR_SIZE: Final = 64.0
"""Faces from this size on count fully in the loss of the points."""
_SHARED: Final = 1.15
"""A face this close to a limit, as a ratio, is answered by the anchors on both sides: it must not fall between."""
_BORDERLINE: Final = 1.4
"""A face this close to a limit teaches nothing to the anchor on the other side."""
_DISTRACTORS: Final = 0.25
"""Distractors for one picture with a face."""
_WEIGHT_DECAY: Final = 5e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorTrainConfig:
    """How the detector is trained."""

    network: DetectorConfig = field(default_factory=DetectorConfig)
    scenes: SceneConfig = field(default_factory=SceneConfig)
    lfw: str
    """Tar of LFW pictures."""
    lfw_faces: str
    """Table of the teacher's answers for them."""
    celeba: str
    """Folder of CelebA shards and tables."""
    celeba_faces: str = ""
    """Table of faces to take instead of the folder's own; empty for none."""
    distractors: str = ""
    """Tar of what was taken for faces, as `distractors.save_distractors` writes it; empty for none."""
    batch_size: int = 16
    iterations: int = 8000
    """Steps over which the learning rate falls to zero."""
    learning_rate: float = 2e-3
    warm_up: int = 200
    """Steps of rising learning rate."""
    average: float = 0.998
    """Decay of the running average of the weights."""
    num_workers: int = 1
    """Processes that compose scenes."""
    seed: int = 0
    device: str = "cpu"
    """Where the network learns; `auto` takes an accelerator where there is one."""
    only_points: bool = False
    """Teach nothing but `FaceNet.point_path`: what is found, and how surely, stays as it is."""
    is_compiled: bool = True
    """Compile the network (a minute at the start, several times faster after)."""


Tensors: TypeAlias = tuple[Tensor, ...] | list[Tensor]


class Targets(NamedTuple):
    """What each row should say."""

    is_face: Tensor
    """(B, A) bool: the row answers for a face."""
    is_ignored: Tensor
    """(B, A) bool: the row's score is left alone."""
    faces: Tensor
    """(B, A, 14) box and points of the row's face in pixels; zeros where there is none."""


class Scenes(Dataset[tuple[Tensor, Tensor]]):
    """Scenes by number; pictures are read by the process that first needs them."""

    def __init__(self, config: DetectorTrainConfig, pictures: Sequence[Picture] = ()) -> None:
        self.config = config
        self._pictures = list(pictures)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return (3, S, S) uint8 and (max_faces, 15), unused rows all zero."""
        if not self._pictures:
            torch.set_num_threads(1)
            self._pictures = _training_pictures(self.config)
        scene = make_scene(self._pictures, self.config.scenes, self.config.seed, index)
        faces = np.zeros((self.config.scenes.max_faces, 15), np.float32)
        faces[: len(scene.faces)] = scene.faces
        return torch.from_numpy(scene.image).permute(2, 0, 1), torch.from_numpy(faces)


class DetectorTask:
    """One network in training, as `loop.Task`."""

    def __init__(self, config: DetectorTrainConfig, pictures: Sequence[Picture] = ()) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self._device = resolve_device(config.device)
        self.net = FaceNet(config.network).to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = AveragedModel(self.net, multi_avg_fn=_averaging(config.average), use_buffers=True)
        self._learner = self._taught()
        self._optimiser = adamw_of(self._learner, config.learning_rate, _WEIGHT_DECAY)
        self._forward = torch.compile(self.net) if config.is_compiled else self.net
        self._scenes = Scenes(config, pictures)
        self._batches: Iterator[tuple[Tensor, Tensor]] | None = None
        size = config.scenes.size
        centres, strides, anchors = (part.to(self._device) for part in cell_grid(size, size))
        self._grid = (centres, strides, anchors)

    def step(self, iteration: int) -> Mapping[str, float]:
        """Learn from one batch of scenes, which the iteration's number decides."""
        if self._batches is None:
            self._batches = self._open(iteration)
        pixels, faces = (part.to(self._device, non_blocking=True) for part in next(self._batches))
        set_learning_rate(self._optimiser, _rate(self.config, iteration))
        images = to_network(pixels).to(memory_format=torch.channels_last)
        with training_autocast(self._device):
            rows: Rows = self._forward(images)
        loss, numbers = detector_loss(rows, assign(faces, self._grid), self._grid)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._learner.parameters(), 10.0)
        self._optimiser.step()
        self.average.update_parameters(self.net)
        return numbers

    def state(self) -> dict[str, Any]:
        """Return weights, their average and the optimiser."""
        return {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }

    def begin_with(self, state: Mapping[str, Any]) -> None:
        """Take up the weights of another training, with an optimiser that knows nothing of it."""
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up a state; the scenes go on with the iteration's number."""
        self.begin_with(state)
        self._optimiser.load_state_dict(state["optimiser"])

    def sample_sheet(self) -> Image | None:
        """Return None: figures, not pictures, tell how far a detector is."""
        return None

    def _taught(self) -> nn.Module:
        """Return what learns; the rest is left alone, the statistics of its norms too."""
        net: FaceNet = self.net
        if not self.config.only_points:
            return net
        net.eval().requires_grad_(False)
        return net.point_path.train().requires_grad_(True)

    def _open(self, start: int) -> Iterator[tuple[Tensor, Tensor]]:
        size, workers = self.config.batch_size, self.config.num_workers
        loader = DataLoader(
            self._scenes,
            batch_size=size,
            sampler=range(start * size, 2**40),
            num_workers=workers,
            multiprocessing_context="spawn" if workers else None,
            prefetch_factor=6 if workers else None,
        )
        return islice(loader, None)


def to_network(pixels: Tensor) -> Tensor:
    """Return (B, 3, H, W) uint8 as the network takes it: (v - 127.5) / 128."""
    return pixels.float().sub_(127.5).div_(128.0)


def assign(faces: Tensor, grid: tuple[Tensor, Tensor, Tensor]) -> Targets:
    """Give every row its face.

    A row answers for a face of about its anchor's size whose centre is near the row's cell. Rows around them, rows of
    a neighbouring anchor for a borderline size, and all rows on a face without trust are left alone.

    Args:
        faces: (B, N, 15), unused rows all zero.
        grid: From `cell_grid`.
    """
    centres, strides, anchors = grid
    low, high = (torch.tensor(ANCHOR_LIMITS, device=anchors.device)[anchors + end] for end in (0, 1))  # (A,)
    boxes, trust = faces[..., :4], faces[..., 14] > 0
    size = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=2).sqrt()  # (B, N)
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    distance = (centres[None, None] - middle[:, :, None]).abs().amax(dim=3)  # (B, N, A)
    near = torch.maximum(0.16 * size[:, :, None], 0.72 * strides)
    is_sized, is_close_in_size = (
        (size[:, :, None] >= low / ratio) & (size[:, :, None] < high * ratio) for ratio in (_SHARED, _BORDERLINE)
    )
    is_near, is_around = distance <= near, distance <= torch.maximum(0.3 * size[:, :, None], 1.5 * strides)
    is_answer = is_near & is_sized & (trust & (size > 0))[:, :, None]
    is_ignored = is_around & is_close_in_size & (size > 0)[:, :, None]
    is_inside = distance <= 0.5 * size[:, :, None]
    is_ignored |= is_inside & (~trust & (size > 0))[:, :, None]
    cost = torch.where(is_answer, distance, torch.inf)
    nearest = cost.argmin(dim=1)  # (B, A)
    is_face = is_answer.any(dim=1)
    taken = torch.gather(faces[..., :14], 1, nearest[..., None].expand(-1, -1, 14))
    return Targets(is_face, is_ignored.any(dim=1) & ~is_face, taken * is_face[..., None])


def detector_loss(rows: Rows, targets: Targets, grid: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Return the loss to lower, and its parts by name.

    Quality focal loss for scores (the target is the root of the box's overlap), distance IoU for boxes,
    smooth L1 for points in units of the face's size, small faces counting less.
    """
    chosen = targets.is_face
    centres, strides, _ = (part.expand(len(chosen), *part.shape) for part in grid)
    centre, stride = centres[chosen], strides[chosen][:, None]  # (P, 2), (P, 1)
    wanted = targets.faces[chosen]  # (P, 14)
    said = rows.boxes[chosen].float() * stride  # (P, 4)
    boxes = torch.cat([centre - said[:, :2], centre + said[:, 2:]], dim=1)
    overlap, box_loss = _distance_iou(boxes, wanted[:, :4])
    size = (wanted[:, 2:4] - wanted[:, :2]).prod(dim=1).sqrt()[:, None]
    points = rows.points[chosen].float() * stride + centre.repeat(1, 5)
    error = (points - wanted[:, 4:]) / size
    quality = torch.zeros_like(rows.logits, dtype=torch.float32)
    quality[chosen] = overlap.detach().clamp(0, 1).sqrt()
    count = max(int(chosen.sum()), 1)
    score_loss = _quality_focal(rows.logits.float(), quality)[~targets.is_ignored].sum() / count
    point_losses = functional.smooth_l1_loss(error, torch.zeros_like(error), beta=0.01, reduction="none")  # (P, 10)
    clarity = (size / _CLEAR_SIZE).clamp(max=1.0)  # on a few pixels points are mostly noise
    point_loss = (point_losses * clarity).mean(dim=1).sum() / clarity.sum().clamp(min=1e-6)
    weight = overlap.detach().clamp(min=0.2)
    box_loss = (box_loss * weight).sum() / weight.sum().clamp(min=1e-6)
    total = score_loss + 2.0 * box_loss + 20.0 * point_loss
    parts = {"score": score_loss, "box": box_loss, "points": point_loss, "overlap": overlap.sum() / count}
    return total, {name: float(part.detach()) for name, part in parts.items()}


def _quality_focal(logits: Tensor, quality: Tensor) -> Tensor:
    entropy = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    return entropy * (quality - logits.sigmoid()).abs().square()


def _distance_iou(a_xyxy: Tensor, b_xyxy: Tensor) -> tuple[Tensor, Tensor]:
    """Return (P,) overlaps and (P,) losses: 1 - overlap + squared distance of the centres over the hull's diagonal."""
    common = (torch.minimum(a_xyxy[:, 2:], b_xyxy[:, 2:]) - torch.maximum(a_xyxy[:, :2], b_xyxy[:, :2])).clamp(min=0)
    areas = [(box[:, 2:] - box[:, :2]).clamp(min=0).prod(dim=1) for box in (a_xyxy, b_xyxy)]
    intersection = common.prod(dim=1)
    overlap = intersection / (areas[0] + areas[1] - intersection).clamp(min=1e-6)
    hull = torch.maximum(a_xyxy[:, 2:], b_xyxy[:, 2:]) - torch.minimum(a_xyxy[:, :2], b_xyxy[:, :2])
    apart = (a_xyxy[:, :2] + a_xyxy[:, 2:] - b_xyxy[:, :2] - b_xyxy[:, 2:]).square().sum(dim=1) / 4
    return overlap, 1 - overlap + apart / hull.square().sum(dim=1).clamp(min=1e-6)


def _averaging(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """Return a running average that forgets its first steps sooner."""

    @torch.no_grad()
    def update(averages: Tensors, values: Tensors, count: Tensor | int) -> None:
        get_ema_multi_avg_fn(decay_at(int(count), decay))(averages, values, count)  # type: ignore[no-untyped-call]

    return update


def _rate(config: DetectorTrainConfig, iteration: int) -> float:
    """Rise linearly, then fall along a cosine to nearly zero."""
    return cosine_rate(iteration, config.iterations, config.learning_rate, warm_up=config.warm_up, least=0.01)


def _training_pictures(config: DetectorTrainConfig) -> list[Picture]:
    """Return LFW as often as CelebA, faces that are turned aside several times more, and a share of distractors."""
    lfw = load_lfw(config.lfw, config.lfw_faces, held_out=False)
    celeba = load_celeba(config.celeba, partition=0, table=config.celeba_faces)
    repeated = lfw * max(1, round(len(celeba) / max(len(lfw), 1))) + celeba
    turned = [picture for picture in lfw + celeba if turn_of(picture.faces[0]) > 0.3]
    far_turned = [picture for picture in turned if turn_of(picture.faces[0]) > 0.5]
    faces = repeated + turned * 3 + far_turned * 6
    distractors = load_distractors(config.distractors) if config.distractors else []
    return faces + distractors * round(_DISTRACTORS * len(faces) / max(len(distractors), 1))

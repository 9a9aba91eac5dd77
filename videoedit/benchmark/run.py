"""`videoedit benchmark` from its settings to the report."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tqdm import tqdm

from videoedit.benchmark.clips import ClipRecipe, write_clip
from videoedit.benchmark.live import SECONDS, measure_live
from videoedit.benchmark.networks import batch_curve, variants
from videoedit.benchmark.report import Benchmark, Start
from videoedit.benchmark.start import cost_of_command
from videoedit.benchmark.videos import VideoCase, measure_video
from videoedit.device import describe, devices_here, resolve_device
from videoedit.edit.elegant import config_of
from videoedit.errors import ConfigError
from videoedit.resources import load_card
from videoedit.video.writing.encoding import EncoderConfig, choose_encoder
from videoedit.wishes import EditConfig, Wish

LINES: Final = (360, 720, 1080, 2160)
FACES: Final = (1, 2, 8)
BATCHES: Final = (1, 2, 4, 8, 16, 32, 64)

_PIXELS: Final = 24 * 1080 * 1920
"""Pixels of a clip: large frames are fewer."""
_NUM_FRAMES: Final = (8, 24)
"""Fewest and most frames of a clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkJob:
    """What is measured."""

    model: str = "elegant"
    devices: tuple[str, ...] = ()
    """Empty for all that this machine has."""
    lines: tuple[int, ...] = LINES
    """Heights of the clips."""
    faces: tuple[int, ...] = FACES
    """Numbers of faces in the clips."""
    quick: bool = False
    """One small clip, no fresh process, no compiler; to see that all works."""

    def __post_init__(self) -> None:
        if any(not 64 <= lines <= 4320 or lines % 2 for lines in self.lines):
            raise ConfigError(f"--lines must be even and in 64..4320, got {', '.join(map(str, self.lines))}")
        if any(not 1 <= faces <= 8 for faces in self.faces):
            raise ConfigError(f"--faces must be in 1..8, got {', '.join(map(str, self.faces))}")
        for device in self.devices:
            resolve_device(device)


def benchmark(job: BenchmarkJob) -> Benchmark:
    """Measure clips, networks, live editing and the start of the program."""
    devices = job.devices or devices_here()
    recipes = [_recipe(lines, faces, job) for lines in job.lines for faces in job.faces]
    recipes = recipes[:1] if job.quick else recipes
    encoder = EncoderConfig()
    edit = {device: _edit(job.model, device) for device in devices}
    _warm_up(edit.values(), encoder)
    cases = [
        measure_video(recipe, edit[device], encoder)
        for device in devices
        for recipe in tqdm(recipes, desc=device, unit="clip", dynamic_ncols=True, disable=None)
    ]
    batches = BATCHES[:2] if job.quick else BATCHES
    return Benchmark(
        machine=describe(),
        model=job.model,
        encoder=_told(encoder),
        cases=cases,
        curve=[speed for device in devices for speed in batch_curve(job.model, device, batches)],
        variants=[speed for device in devices for speed in variants(job.model, device, compiled=not job.quick)],
        live=[measure_live(edit[device], 2 if job.quick else SECONDS) for device in devices],
        starts=[] if job.quick else [_start(recipes[0], edit[device], cases) for device in devices],
    )


def _recipe(lines: int, faces: int, job: BenchmarkJob) -> ClipRecipe:
    fewest, most = _NUM_FRAMES
    shape = ClipRecipe(lines=lines, num_faces=faces, num_frames=0)
    width, height = shape.size_wh
    num_frames = fewest if job.quick else min(max(_PIXELS // (width * height), fewest), most)
    return ClipRecipe(lines=lines, num_faces=faces, num_frames=num_frames)


def _told(encoder: EncoderConfig) -> str:
    choice = choose_encoder(encoder, "clip.mp4", "yuv420p")
    return " ".join([choice.name, *(f"{name} {value}" for name, value in choice.options.items())])


def _edit(model: str, device: str) -> EditConfig:
    """Take the first attribute away; what is edited makes no difference to the time."""
    attribute = config_of(load_card(model)).attributes[0]
    return EditConfig(wishes=(Wish(attribute=attribute, reference=None),), model=model, device=device)


def _warm_up(edits: Iterable[EditConfig], encoder: EncoderConfig) -> None:
    """Import everything and let every library set itself up."""
    for edit in edits:
        measure_video(ClipRecipe(lines=180, num_faces=1, num_frames=4), edit, encoder)


def _start(recipe: ClipRecipe, edit: EditConfig, cases: Iterable[VideoCase]) -> Start:
    """Compare a fresh process with this one on the same clip."""
    with tempfile.TemporaryDirectory(prefix="videoedit-benchmark-") as name:
        clip, target = write_clip(Path(name), recipe), Path(name) / "edited.mp4"
        flags = ["--attr", edit.wishes[0].attribute, "--remove", "--model", edit.model, "--device", edit.device]
        cold = cost_of_command(["run", str(clip), *flags, "-o", str(target)])
    warm = next(case.edited for case in cases if (case.device, case.clip) == (edit.device, recipe))
    return Start(device=edit.device, clip=recipe, cold=cold, warm=warm)

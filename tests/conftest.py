"""Fixtures and switches for all tests."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import hypothesis
import numpy as np
import pytest

pytest_plugins = ["tests.drawn_celeba"]

hypothesis.settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the heavy tests too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs --slow"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if "gpu" not in item.keywords:
        return
    from videoedit.device import num_cuda_devices

    if num_cuda_devices() == 0:
        if os.environ.get("REQUIRE_GPU") == "1":
            pytest.fail("REQUIRE_GPU=1, but PyTorch sees no CUDA device")
        pytest.skip("needs a CUDA device")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's cache folder."""
    monkeypatch.setenv("VIDEOEDIT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@dataclass(frozen=True, kw_only=True)
class ClipRecipe:
    """What a synthetic clip is made of."""

    size_wh: tuple[int, int] = (64, 48)
    num_frames: int = 12
    fps: Fraction = Fraction(30000, 1001)
    ticks: tuple[int, ...] | None = None
    """Time stamps in ticks of 1/90000 s, for a variable rate."""
    pixel_format: str = "yuv420p"
    full_range: bool = False
    audio_seconds: float | None = 0.5
    audio_start: float = 0.0
    """Seconds by which the sound begins later than the clock."""
    num_b_frames: int = 2
    key_interval: int = 250
    """Frames from one key frame to the next."""
    rotation: int = 0
    """Degrees counterclockwise for display."""


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a clip of moving colours, with a tone, and returns its path."""

    def make(name: str = "clip.mp4", **choices: Any) -> Path:
        return write_clip(tmp_path / name, ClipRecipe(**choices))

    return make


def write_clip(path: Path, recipe: ClipRecipe) -> Path:
    """Encode a clip losslessly enough that every frame differs from the next."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264",
            rate=recipe.fps,
            options={
                "crf": "10",
                "preset": "ultrafast",
                "bf": str(recipe.num_b_frames),
                "g": str(recipe.key_interval),
            },
        )
        stream.width, stream.height = recipe.size_wh
        stream.pix_fmt = recipe.pixel_format
        stream.time_base = Fraction(1, 90_000)
        stream.codec_context.time_base = Fraction(1, 90_000)
        if recipe.full_range:
            stream.codec_context.color_range = 2
        if recipe.rotation:
            stream.set_display_rotation(recipe.rotation)
        audio = container.add_stream("aac", rate=16_000, layout="mono") if recipe.audio_seconds else None
        for index in range(recipe.num_frames):
            picture = av.VideoFrame.from_ndarray(moving_colours(recipe.size_wh, index), "rgb24")
            if recipe.full_range:
                picture = picture.reformat(format=recipe.pixel_format, dst_color_range=2)
                picture.color_range = 2
            step = round(90_000 / recipe.fps)
            picture.pts = recipe.ticks[index] if recipe.ticks else index * step
            picture.time_base = Fraction(1, 90_000)
            container.mux(stream.encode(picture))
        for packet in (last := stream.encode(None)):
            packet.duration = round(90_000 / recipe.fps) * (3 if packet is last[-1] else 1)
            container.mux(packet)
        if audio is not None:
            _add_tone(container, audio, recipe.audio_seconds or 0.0, recipe.audio_start)
    return path


def moving_colours(size_wh: tuple[int, int], index: int) -> np.ndarray:
    width, height = size_wh
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin((x * a + y * b) / 9 + index * 0.7 + c) for a, b, c in ((1, 0.3, 0), (0.2, 1, 2), (0.7, 0.7, 4))]
    return (127 + 90 * np.stack(waves, axis=-1)).astype(np.uint8)


def _add_tone(container: Any, stream: Any, seconds: float, begin: float) -> None:
    wave = (np.sin(np.arange(int(16_000 * seconds)) * 0.17) * 9000).astype(np.int16)
    for start in range(0, len(wave), 1024):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="s16", layout="mono")
        frame.sample_rate = 16_000
        frame.pts = round(begin * 16_000) + start
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))

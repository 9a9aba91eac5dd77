"""Tables of known costs."""

import json

import pytest

from videoedit.benchmark.clips import ClipRecipe
from videoedit.benchmark.live import LiveCase
from videoedit.benchmark.networks import EAGER, OFFICIAL, Speed
from videoedit.benchmark.report import Benchmark, Start
from videoedit.benchmark.run import BenchmarkJob
from videoedit.benchmark.stages import Cost
from videoedit.benchmark.videos import VideoCase
from videoedit.errors import ConfigError, ModelError
from videoedit.live.meter import Figures

CLIP = ClipRecipe(lines=360, num_faces=2, num_frames=10)

FIGURES = Figures(
    seconds=4.0,
    num_in=120,
    num_out=100,
    num_dropped=20,
    num_faces=200,
    latency_p50_ms=31.0,
    latency_p95_ms=62.0,
    latency_max_ms=80.0,
)


def case_on(device: str) -> VideoCase:
    return VideoCase(
        device=device,
        clip=CLIP,
        num_faces_edited=19,
        edited=Cost(wall=4.0, cpu=1.0),
        transcoded=Cost(wall=1.0, cpu=0.5),
        stages={"edit": Cost(wall=1.0, cpu=0.6), "encode": Cost(wall=3.0, cpu=0.2)},
        peak_mib=512.4,
    )


def speed(device: str, variant: str, batch: int, seconds: float | None) -> Speed:
    cost = None if seconds is None else Cost(wall=2 * seconds, cpu=seconds)
    return Speed(device=device, variant=variant, batch=batch, cost=cost, missing="" if cost else "too old")


@pytest.fixture
def report() -> Benchmark:
    return Benchmark(
        machine={"cores": "1"},
        model="elegant",
        encoder="libx264 crf 18 medium",
        cases=[case_on("cpu"), case_on("cuda")],
        curve=[speed("cpu", EAGER, 1, 0.1), speed("cpu", EAGER, 4, 0.2)],
        variants=[speed("cpu", EAGER, 8, 0.2), speed("cpu", "eager, fp16", 8, None), speed("cpu", OFFICIAL, 8, 1.6)],
        live=[LiveCase(device="cpu", clip=CLIP, fps=30, figures=FIGURES, level=2, cost=Cost(wall=4.0, cpu=1.0))],
        starts=[Start(device="cpu", clip=CLIP, cold=Cost(9.0, 5.0), warm=Cost(4.0, 1.0))],
    )


def test_where_the_time_goes_comes_first_and_adds_up(report: Benchmark) -> None:
    assert report.shares("cpu")["edit"] == pytest.approx(0.75)
    assert report.shares("cuda")["encode"] == pytest.approx(0.75)
    assert [*report.shares("cpu")][:2] == ["edit", "encode"]
    assert sum(report.shares("cpu").values()) == pytest.approx(1)
    lines = report.as_markdown().splitlines()
    assert lines[0].startswith("cores 1; model `elegant`, libx264 crf 18 medium")
    assert lines[lines.index("### cpu: where the time goes") + 4] == "| edit | 75.0% | ███████████████ |"


def test_costs_are_told_by_frame_and_as_ratios(report: Benchmark) -> None:
    table = report.as_markdown()
    assert "| 360p, 2 faces | 10 | 0.0 | 0.0 | 0.0 | 0.0 | 0.0 | 60.0 | 0.0 | 0.0 | 20.0 | 0.0 | 80.0 |" in table
    assert "| 360p, 2 faces | 1.9 | 2.5 | 100 | 2.0 | 512 |" in table
    assert "| 360p, 2 faces | 1.9 | 2.5 | 400 | 4.0 | 512 |" in table  # on the clock, not of processors
    assert "| faces per second | 10.0 | 20.0 |" in table
    assert "| 360p, 2 faces, 30 fps | 30.0 | 25.0 | 31, 62 | 2 | 10.0 |" in table
    assert f"| {EAGER} | 40.0 | 8.0 |" in table
    assert "| eager, fp16 | – | too old |" in table
    assert "2 faces and 10 frames take 9.0 s on the clock and 5.0 s of processors; warm, 4.0 s and 1.0 s" in table


def test_programs_get_every_cost(report: Benchmark) -> None:
    table = json.loads(report.as_json())
    assert table["cases"][1]["stages"]["encode"] == {"wall": 3.0, "cpu": 0.2}
    assert table["shares"]["cpu"]["edit"] == pytest.approx(0.75)
    assert table["variants"][1]["cost"] is None
    assert table["variants"][1]["missing"] == "too old"


def test_wrong_sizes_faces_and_devices_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"--lines must be even and in 64\.\.4320, got 361"):
        BenchmarkJob(lines=(361,))
    with pytest.raises(ConfigError, match=r"--faces must be in 1\.\.8, got 9"):
        BenchmarkJob(faces=(9,))
    with pytest.raises(ModelError, match="cuda:77"):
        BenchmarkJob(devices=("cuda:77",))

"""Work on a Ray cluster: a real one with two workers, of which one is killed; mistakes get one line."""

import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import pytest

from tests.conftest import ClipRecipe, write_clip
from tests.jobs.stand_ins import load_deadly, num_edited
from tests.jobs.test_batch import batch, config_of
from videoedit.cli import main
from videoedit.errors import ConfigError
from videoedit.jobs.batch import run_batch
from videoedit.jobs.ray_engine import RayConfig, ray_engine
from videoedit.jobs.work import Worker

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cluster of this machine with two CPUs to give."""
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")  # else it would write to the home folder
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=80 * 2**20)
    yield ray
    ray.shutdown()


@pytest.mark.slow
def test_two_workers_of_a_cluster_share_files_and_segments_and_outlive_the_death_of_one(
    ray: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(4):
        write_clip(tmp_path / f"in/{number}.mp4", ClipRecipe(num_frames=3))
    write_clip(tmp_path / "in/long.mp4", ClipRecipe(num_frames=50, key_interval=20))
    (tmp_path / "in/bad.mp4").write_text("no video")
    monkeypatch.chdir(tmp_path)
    config = config_of(Path(), resume=True, segment_frames=16)
    worker = partial(Worker, config.edit, load=partial(load_deadly, tmp_path / "log"))
    with pytest.raises(ConfigError, match=r"3 workers with 1 CPU each .* which has 2"):
        ray_engine(worker, RayConfig(num_workers=3))
    report = run_batch(config, ray_engine(worker, RayConfig(num_workers=2)), lambda result, total: None)
    assert report.counts() == {"edited": 5, "failed": 1}
    assert (tmp_path / "died").exists()
    assert 4 * 3 + 50 <= num_edited(tmp_path / "log") <= 4 * 3 + 50 + 3 * 6
    deadline = time.monotonic() + 60
    while ray.available_resources().get("CPU") != 2.0 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ray.available_resources()["CPU"] == 2.0


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of a folder in storage that several processes reach: a disk, or a server that speaks S3."""
    if request.param == "file":
        yield f"file://{tmp_path}/there"
        return
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    settings = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir("bucket")
    yield "s3://bucket/there"
    server.stop()


@pytest.mark.slow
def test_workers_of_a_cluster_fetch_from_urls_and_bring_back(place: str, ray: Any, tmp_path: Path) -> None:
    files, _ = fsspec.core.url_to_fs(place)
    for name in ("a.mp4", "deep/b.mp4", "deep/c d ü.mp4"):
        (tmp_path / "in/deep").mkdir(parents=True, exist_ok=True)
        local = write_clip(tmp_path / "in" / name, ClipRecipe(num_frames=3))
        files.makedirs(f"{place}/in/deep", exist_ok=True)
        files.put_file(str(local), f"{place}/in/{name}")
    files.pipe(f"{place}/in/bad.mp4", b"no video")
    config = config_of(tmp_path, inputs=(f"{place}/in",), output_dir=f"{place}/out")
    worker = partial(Worker, config.edit, load=partial(load_deadly, tmp_path / "log"))
    report = run_batch(config, ray_engine(worker, RayConfig(num_workers=2)), lambda result, total: None)
    assert report.counts() == {"edited": 3, "failed": 1}
    assert (tmp_path / "died").exists()
    batch(config_of(tmp_path, inputs=(str(tmp_path / "in"),)), tmp_path / "log-here")
    results = {name.rpartition("/there/out/")[2]: files.cat_file(name) for name in files.find(f"{place}/out")}
    for name in ("a.mp4", "deep/b.mp4", "deep/c d ü.mp4"):
        assert results.pop(name) == (tmp_path / "out" / name).read_bytes()
        assert results.pop(f".videoedit/{name}.json")
    assert [*results] == ["report.json"]
    assert batch(config, tmp_path / "log-again").counts() == {"skipped": 3, "failed": 1}


def test_missing_ray_is_named_with_the_way_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    flags = ["-o", str(tmp_path / "out"), "--attr", "glasses", "--remove", "--engine", "ray"]
    assert main(["batch", str(tmp_path), *flags]) == 2
    assert capsys.readouterr().err == (
        "videoedit: --engine ray needs Ray; install it with: pip install 'videoedit[ray]'\n"
    )


@pytest.mark.slow
def test_missing_cluster_is_named(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    flags = ["-o", str(tmp_path / "out"), "--attr", "glasses", "--remove", "--engine", "ray", "--ray-address", "auto"]
    command = [sys.executable, "-m", "videoedit", "batch", str(tmp_path), *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no Ray cluster at auto" in done.stderr

"""Work by several processes: the same results, a process that dies takes no other with it, nothing is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import wait
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ClipRecipe, write_clip
from tests.jobs.stand_ins import load_deadly, num_edited
from tests.jobs.test_batch import config_of
from tests.jobs.test_segments import FRAMES, LENGTH, assert_same_video
from tests.jobs.test_segments import config_of as segments_config_of
from videoedit.errors import MediaError, VideoEditError
from videoedit.jobs.batch import run_batch
from videoedit.jobs.engines import PeerLostError, PeersEngine
from videoedit.jobs.processes import processes_engine
from videoedit.jobs.work import Worker

ROOT = Path(__file__).resolve().parents[2]


class Peer:
    """Does tasks at once; dies of the task `deadly`, the first so many times."""

    lives = 0
    started = 0

    def __init__(self) -> None:
        Peer.started += 1
        self.calls: list[str] = []

    def do(self, task: Any) -> Any:
        if task == "deadly" and Peer.lives > 0:
            Peer.lives -= 1
            raise PeerLostError
        return MediaError("bad") if task == "bad" else task

    def stop(self) -> None:
        self.calls.append("stop")

    def join(self) -> None:
        self.calls.append("join")


@pytest.mark.parametrize(("deaths", "ends_well"), [(0, True), (2, True), (3, False)])
def test_task_whose_peer_is_lost_is_given_to_a_new_one_some_times(deaths: int, ends_well: bool) -> None:
    Peer.lives, Peer.started = deaths, 0
    engine = PeersEngine(Peer, 2, num_tries=3)
    futures = [engine.submit(task) for task in ("deadly", "bad", "good")]  # type: ignore[arg-type]
    wait(futures)
    engine.close()
    if ends_well:
        assert futures[0].result() == "deadly"
    else:
        with pytest.raises(VideoEditError, match="died 3 times"):
            futures[0].result()
    with pytest.raises(MediaError, match="bad"):
        futures[1].result()
    assert futures[2].result() == "good"
    assert deaths < Peer.started <= deaths + 2


def test_peers_are_started_when_needed_and_all_ended() -> None:
    peers: list[Peer] = []

    def start() -> Peer:
        peers.append(Peer())
        return peers[-1]

    engine = PeersEngine(start, 5)
    assert not peers
    assert engine.submit("good").result() == "good"  # type: ignore[arg-type]
    engine.close()
    assert [peer.calls for peer in peers] == [["stop", "join"]]


def test_peer_that_was_being_started_when_all_was_closed_is_ended_too() -> None:
    peers: list[Peer] = []
    is_starting, may_start = threading.Event(), threading.Event()

    def start() -> Peer:
        is_starting.set()
        may_start.wait()
        peers.append(Peer())
        return peers[-1]

    engine = PeersEngine(start, 1)
    engine.submit("good")  # type: ignore[arg-type]
    is_starting.wait()
    closing = threading.Thread(target=engine.close)
    closing.start()
    closing.join(0.1)
    may_start.set()
    closing.join()
    assert [peer.calls for peer in peers] == [["stop", "join"]]


def test_two_processes_share_the_files_and_outlive_the_death_of_one(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(6):
        write_clip(tmp_path / f"in/{number}.mp4", ClipRecipe(num_frames=3))
    (tmp_path / "in/bad.mp4").write_text("no video")
    config = config_of(tmp_path)
    worker = partial(Worker, config.edit, load=partial(load_deadly, tmp_path / "log"))
    report = run_batch(config, processes_engine(worker, 2), lambda result, total: None)
    assert report.counts() == {"edited": 6, "failed": 1}
    assert (tmp_path / "died").exists()
    assert num_edited(tmp_path / "log") == 6 * 3
    assert not [path for path in (tmp_path / "out").rglob("*") if "partial" in path.name]


@pytest.mark.slow
def test_segments_made_by_several_processes_are_those_of_one(tmp_path: Path) -> None:
    clip = ClipRecipe(num_frames=FRAMES, size_wh=(96, 72), key_interval=20)
    write_clip(tmp_path / "clip.mp4", clip)
    for name, num_workers in (("one", 1), ("two", 2)):
        config = segments_config_of(tmp_path, name)
        worker = partial(Worker, config.edit, load=partial(load_deadly, tmp_path / f"{name}-log"))
        report = run_batch(config, processes_engine(worker, num_workers), lambda result, total: None)
        assert report.counts() == {"edited": 1}
    assert_same_video(tmp_path / "one/clip.mp4", tmp_path / "two/clip.mp4")
    assert num_edited(tmp_path / "two-log") <= FRAMES + (FRAMES // LENGTH) * 6


@pytest.mark.slow
def test_interrupted_processes_end_and_leave_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(2):
        write_clip(tmp_path / f"in/{number}.mp4", ClipRecipe(num_frames=3000, size_wh=(96, 72)))
    sample = ROOT / "sample_clips/hopper-glasses.jpg"
    flags = ["-o", str(tmp_path / "out"), "--attr", "glasses", "--ref", str(sample), "--workers", "2"]
    command = [sys.executable, "-m", "videoedit", "batch", str(tmp_path / "in"), *flags]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 300
    while (num_begun := len(list((tmp_path / "out").glob(".*partial*")))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert num_begun == 2
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "Traceback" not in errors
    assert not [path for path in (tmp_path / "out").rglob("*") if "partial" in path.name or path.suffix == ".mp4"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked up in /proc")
def test_processes_end_when_the_one_that_began_them_is_killed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(2):
        write_clip(tmp_path / f"in/{number}.mp4", ClipRecipe(num_frames=3000, size_wh=(96, 72)))
    log = tmp_path / "log"
    script = (
        "from functools import partial; from pathlib import Path; from tests.jobs.test_engines import *;"
        "from tests.jobs.stand_ins import load;"
        f"folder = Path({str(tmp_path)!r}); config = config_of(folder);"
        "worker = partial(Worker, config.edit, load=partial(load, folder / 'log'));"
        "run_batch(config, processes_engine(worker, 2), lambda result, total: None)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    while process.poll() is None and num_edited(log) < 20:
        time.sleep(0.01)
    threads = Path(f"/proc/{process.pid}/task").iterdir()
    children = [Path("/proc", pid) for thread in threads for pid in (thread / "children").read_text().split()]
    process.kill()
    process.wait()
    deadline = time.monotonic() + 60
    while any(child.exists() for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(children) >= 2
    assert not any(child.exists() for child in children)
    assert num_edited(log) < 2 * 3000 / 2

"""`videoedit webcam` on the sample clip: flags become the job, figures are told, mistakes get one line."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from videoedit.cli import build_parser, main
from videoedit.cli.webcam import config_of

SAMPLES = Path(__file__).resolve().parents[2] / "sample_clips"
CLIP, HOPPER = str(SAMPLES / "astronaut.mp4"), str(SAMPLES / "hopper-glasses.jpg")
EDIT = ["--attr", "glasses", "--ref", HOPPER, "--device", "cpu"]


def test_flags_reach_the_job() -> None:
    flags = ["--source", "1", "--sink", "null", "--sink", "udp://h:1", "--next-ref", CLIP, "--frames", "9"]
    config = config_of(build_parser().parse_args(["webcam", *EDIT, *flags, "--smooth", "low", "--patience", "5"]))
    assert (config.source.name, config.source.patience, config.num_frames) == ("1", 5.0, 9)
    assert (config.sinks, config.more_references) == (("null", "udp://h:1"), (CLIP,))
    assert config.edit.pipeline.smooth == "low"
    (entry,) = config_of(build_parser().parse_args(["webcam", *EDIT, "--map", "anna.png=b.jpg"])).edit.maps
    assert (entry.face, entry.wishes[0].reference) == ("anna.png", "b.jpg")
    alone = config_of(build_parser().parse_args(["webcam", "--attr", "smile", "--map", "anna.png=b.jpg"])).edit
    assert (alone.wishes, alone.maps[0].wishes[0].reference) == ((), "b.jpg")
    default = config_of(build_parser().parse_args(["webcam", *EDIT]))
    assert (default.source.name, default.sinks) == ("0", ("window",))


def test_file_is_edited_live_into_a_file_with_figures_and_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report = tmp_path / "live.mp4", tmp_path / "report.json"
    flags = ["--source", CLIP, "--loop", "--sink", f"file:{out}", "--frames", "6", "--report", str(report)]
    assert main(["webcam", *EDIT, *flags]) == 0
    told = capsys.readouterr().out
    for words in ("frames in", "6 out", "dropped", "latency p50", "p95"):
        assert words in told
    figures = json.loads(report.read_text())
    assert figures["num_out"] == figures["num_faces"] == 6
    assert 0 < figures["latency_p50_ms"] <= figures["latency_p95_ms"] <= figures["latency_max_ms"]
    assert figures["num_in"] >= figures["num_out"] + figures["num_dropped"]
    assert figures["ended_by"] is None
    with av.open(str(out)) as container:
        assert len(list(container.decode(video=0))) == 6


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (["--source", "gone.mp4", "--sink", "null"], 1, "no such file: gone.mp4"),
        (["--source", "/dev/video87", "--sink", "null"], 1, "cannot read camera /dev/video87"),
        (["--source", "tcp://127.0.0.1:9", "--sink", "null"], 1, "Connection refused"),
        (["--source", CLIP, "--sink", "nul"], 2, "no sink 'nul'"),
        (["--source", CLIP, "--sink", "file:gone/x.mp4"], 1, "folder gone does not exist"),
        (["--source", CLIP, "--sink", "tcp://127.0.0.1:9"], 1, "Connection refused"),
        (["--source", "0", "--loop", "--sink", "null"], 2, "--loop"),
        (["--source", CLIP, "--sink", "file:a.webm"], 2, "a.webm cannot hold a recording"),
        (["--source", CLIP, "--sink", "file:a.txt"], 2, "cannot write a.txt: .txt is not known"),
        (["--source", CLIP, "--sink", "file:a.mp4", "--sink", "file:a.mp4"], 2, "two --sink are the same"),
        (["--source", CLIP, "--sink", "null", "--frames", "-1"], 2, "--frames"),
        (["--source", CLIP, "--sink", "null", "--strength", "0:0,1:1"], 2, "--strength of a live edit"),
        (["--source", CLIP, "--sink", "null", "--reference-face", "gone.jpg"], 1, "gone.jpg"),
        (["--source", CLIP, "--sink", "null", "--next-ref", "gone.jpg"], 1, "gone.jpg"),
        (["--source", CLIP, "--sink", "null", "--map", f"{HOPPER}=gone.jpg"], 1, "gone.jpg"),
        (["--source", CLIP, "--sink", "null", "--map", f"3={HOPPER}"], 2, "numbers of tracks"),
        (["--source", CLIP, "--sink", "null", "--report", "gone/report.json"], 1, "gone"),
    ],
)
def test_mistake_gets_one_line_and_its_code(
    capsys: pytest.CaptureFixture[str], flags: list[str], code: int, words: str
) -> None:
    assert main(["webcam", *EDIT, *flags]) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert words in lines[0]


def test_interruption_keeps_the_recording_whole_and_tells_the_figures(tmp_path: Path) -> None:
    out = tmp_path / "live.mp4"
    command = [sys.executable, "-m", "videoedit", "webcam", *EDIT, "--source", CLIP, "--loop", "--sink", f"file:{out}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size > 20_000 for path in tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    told, errors = process.communicate(timeout=60)
    assert process.returncode == 4
    assert errors.strip() == "videoedit: interrupted"
    assert "latency p50" in told
    assert list(tmp_path.iterdir()) == [out]
    with av.open(str(out)) as container:
        assert len(list(container.decode(video=0))) >= 1


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (["--sink", "file:clip.mp4", "--overwrite"], 1, "clip.mp4 would replace a file that is read"),
        (["--sink", "null", "--report", "clip.mp4"], 2, "--report must end in .json"),
    ],
)
def test_the_source_is_not_replaced(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: list[str],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clip.mp4").write_bytes(Path(CLIP).read_bytes())
    assert main(["webcam", *EDIT, "--source", "clip.mp4", "--frames", "2", *flags]) == code
    assert words in capsys.readouterr().err
    assert Path("clip.mp4").read_bytes() == Path(CLIP).read_bytes()

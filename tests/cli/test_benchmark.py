"""`videoedit benchmark --quick` goes all the way."""

import json
from pathlib import Path

import pytest

from videoedit.cli import main


def test_quick_run_prints_and_writes_its_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "speed"
    assert main(["benchmark", "--quick", "--device", "cpu", "--lines", "180", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "### cpu: where the time goes" in printed
    assert "| 180p, 1 face | 1.0 |" in printed
    assert (out / "benchmark.md").read_text() == printed
    table = json.loads((out / "benchmark.json").read_text())
    (case,) = table["cases"]
    assert (case["num_faces_edited"], case["clip"]["num_frames"]) == (8, 8)
    assert {*case["stages"]} >= {"decode", "detect", "align", "edit", "composite", "encode"}


def test_wrong_flags_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--faces", "0"]) == 2
    assert "--faces must be in 1..8" in capsys.readouterr().err
    assert main(["benchmark", "--device", "tpu"]) == 2

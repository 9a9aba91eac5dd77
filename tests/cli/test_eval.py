"""`videoedit eval model` from the command line, on tiny models of its own."""

import json
from pathlib import Path

import pytest

from videoedit.cli import main


@pytest.fixture
def models(sharded_celeba: Path, tmp_path: Path) -> dict[str, str]:
    preset = tmp_path / "tiny.toml"
    preset.write_text(
        '[network]\nattributes = ["Eyeglasses"]\ncrop_size = 32\nwidth = 4\ncode_channels = 16\nprofile = "modern"\n'
        '[learning]\nfrequencies = [1]\nresidual = [1]\nmatched = ["Male"]\ncontext = ["Young"]\n'
    )
    data = ["--data", str(sharded_celeba), "--out"]
    assert (
        main(["train", "elegant", *data, str(tmp_path / "e"), "--preset", str(preset), "--smoke", "--export", "e"]) == 0
    )
    judge = ["train", "judge", *data, str(tmp_path / "j"), "--iterations", "1", "--no-compile", "--export", "j"]
    assert main(judge) == 0
    return {"editor": str(tmp_path / "e" / "e.toml"), "judge": str(tmp_path / "j" / "j.toml")}


def test_table_pairs_and_sheet_are_written(
    sharded_celeba: Path, models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["eval", "model", models["editor"], "--data", str(sharded_celeba), "--judge", models["judge"]]
    files = ["--pairs", str(tmp_path / "pairs.csv"), "--sheet", str(tmp_path / "sheet.png")]
    capsys.readouterr()
    assert main([*command, *files, "--attr", "glasses"]) == 0
    assert "| Eyeglasses add |" in capsys.readouterr().out
    assert (tmp_path / "pairs.csv").read_text().startswith("source,exemplar,attribute,direction")
    assert (tmp_path / "sheet.png").stat().st_size > 1000
    assert main([*command, "--json"]) == 0
    assert {r["direction"] for r in json.loads(capsys.readouterr().out)["results"]} == {"add", "remove"}
    assert main([*command, "--attr", "moustache"]) == 2

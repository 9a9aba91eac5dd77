"""`videoedit eval model` from the command line, on tiny models of its own."""

import json
from pathlib import Path

import pytest

from videoedit.cli import main
from videoedit.video.stills import read_image


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
    out = tmp_path / "figures" / "tiny"
    capsys.readouterr()
    assert main([*command, "--out", str(out), "--attr", "glasses"]) == 0
    printed = capsys.readouterr().out
    assert "| Eyeglasses, add |" in printed
    assert (out / "table.md").read_text() == printed
    assert (out / "pairs.csv").read_text().startswith("source,exemplar,attribute,direction\n")
    table = json.loads((out / "table.json").read_text())
    assert {result["direction"] for result in table["results"]} == {"add", "remove"}
    assert (table["seed"], table["is_whole_split"]) == (0, True)
    assert not (out / "sheet.png").exists()
    assert main([*command, "--out", str(out), "--sheet", "2", "--limit", "12", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert (table["num_pictures"], table["is_whole_split"]) == (12, False)
    assert read_image(out / "sheet.png").shape == (2 * 32, 2 * 4 * 32, 3)


def test_wrong_flags_are_named(
    sharded_celeba: Path, models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["eval", "model", models["editor"], "--data", str(sharded_celeba), "--judge", models["judge"]]
    assert main([*command, "--attr", "moustache"]) == 2
    assert main([*command, "--sheet"]) == 2
    assert "give one with --out" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main([*command, "--out", str(tmp_path / "file")]) == 1
    assert "cannot make folder" in capsys.readouterr().err

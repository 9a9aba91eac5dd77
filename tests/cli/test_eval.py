"""`videoedit eval` from the command line, on tiny models and clips of its own."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from videoedit.cli import main
from videoedit.video.stills.arrays import read_image


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
    assert {result["direction"] for result in table["results"]} == {"add", "remove", "synthetic"}
    assert (table["seed"], table["is_whole_split"]) == (0, True)
    assert not (out / "sheet.png").exists()
    assert main([*command, "--out", str(out), "--sheet", "2", "--limit", "12", "--json", "--try-on-model", "none"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert (table["num_pictures"], table["is_whole_split"]) == (12, False)
    assert read_image(out / "sheet.png").shape == (2 * 32, 2 * 4 * 32, 3)  # with the try-on, crops would be larger


def test_pictures_of_a_model_are_measured_as_the_model_was(
    sharded_celeba: Path, models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, judge = tmp_path / "out", ["--judge", models["judge"]]
    model = ["eval", "model", models["editor"], "--data", str(sharded_celeba), *judge]
    assert main([*model, "--out", str(out), "--pictures"]) == 0
    capsys.readouterr()
    images = ["eval", "images", str(out / "source"), str(out / "edited"), "--aligned", *judge]
    assert main([*images, "--pairs", str(out / "pairs.csv"), "--out", str(tmp_path / "images")]) == 0
    assert (tmp_path / "images" / "table.md").read_text() == capsys.readouterr().out
    by_model = json.loads((out / "table.json").read_text())["results"]
    by_images = json.loads((tmp_path / "images" / "table.json").read_text())["results"]
    assert [result["name"]["direction"] for result in by_images] == ["add", "remove"]
    for expected, found in zip(by_model[:2], by_images, strict=True):
        assert found["count"] == expected["count"]
        assert found["success"]["share"] == expected["success"]
        assert found["outside"] == pytest.approx(expected["outside"], abs=1 / 255)
    assert by_images[0]["fidelity"] == pytest.approx(by_model[0]["fidelity"])
    assert by_images[0]["judge_distance"]["edited"] > 0
    assert main([*images[:-2], *judge, "--attr", "glases"]) == 2
    assert "did you mean" in capsys.readouterr().err


def test_wrong_flags_are_named(
    sharded_celeba: Path, models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["eval", "model", models["editor"], "--data", str(sharded_celeba), "--judge", models["judge"]]
    assert main([*command, "--attr", "moustache"]) == 2
    for flag in ("--sheet", "--pictures"):
        assert main([*command, flag]) == 2
        assert "give one with --out" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main([*command, "--out", str(tmp_path / "file")]) == 1
    assert "cannot make folder" in capsys.readouterr().err


def test_video_is_compared_written_and_plotted(
    make_clip: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, other = make_clip("source.mp4"), make_clip("other.mp4", num_frames=10)
    out = tmp_path / "figures"
    assert main(["eval", "video", str(source), str(other), "--attr", "glasses", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "| frames | 10 of 12 | 10 shown at the same time |" in printed
    assert "| times | differ | some frames have no counterpart; the others by 0.0 ms at most |" in printed
    assert "success not measured: no face was found in the source" in printed
    assert (out / "table.md").read_text() == printed
    assert json.loads((out / "table.json").read_text())["timing"]["num_frames"] == [12, 10]
    assert read_image(out / "plot.png").shape[1] == 1000


def test_video_without_matplotlib_keeps_its_tables(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    clip = make_clip()
    assert main(["eval", "video", str(clip), str(clip), "--out", str(tmp_path / "figures")]) == 0
    assert "no plot.png: the plot needs matplotlib" in caplog.text
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["table.json", "table.md"]


def test_wrong_use_of_video_is_named(make_clip: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    clip = str(make_clip())
    assert main(["eval", "video", clip, clip, "--attr", "eyeglases"]) == 2
    assert "did you mean" in capsys.readouterr().err
    assert main(["eval", "video", clip, clip, "--recognition-model", "gone.onnx"]) == 1
    assert "gone.onnx" in capsys.readouterr().err
    assert main(["eval", "video", clip, "gone.mp4"]) == 1
    assert "gone.mp4" in capsys.readouterr().err

"""`videoedit batch`: flags become the job; the table, the report and the exit code tell what happened."""

import argparse
import json
from itertools import islice
from pathlib import Path

import av
import pytest

from videoedit.cli import build_parser, main
from videoedit.cli.batch import config_of, variants_of
from videoedit.errors import ConfigError

SAMPLES = Path(__file__).resolve().parents[2] / "sample_clips"
HOPPER = str(SAMPLES / "hopper-glasses.jpg")


def parse(*flags: str) -> argparse.Namespace:
    return build_parser().parse_args(["batch", "in", "-o", "out", *flags])


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Two frames of the sample, made small, and a file that is no video."""
    folder = tmp_path / "in"
    folder.mkdir()
    with av.open(str(SAMPLES / "astronaut.mp4")) as source, av.open(str(folder / "face.mp4"), "w") as target:
        stream = target.add_stream("libx264", rate=25, options={"crf": "10"})
        width, height = source.streams.video[0].width // 4 * 2, source.streams.video[0].height // 4 * 2
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in islice(source.decode(video=0), 2):
            target.mux(stream.encode(picture.reformat(width=width, height=height)))
        target.mux(stream.encode(None))
    (folder / "bad.mp4").write_text("no video")
    (folder / "notes.txt").write_text("left out")
    return folder


def test_flags_reach_the_batch() -> None:
    flags = ["--attr", "smile", "--ref", "a.jpg", "--name", "{index}{ext}", "--no-face", "fail", "--on-error", "stop"]
    flags += ["--deinterlace"]
    config = config_of(
        parse(
            *flags, "--crf", "20", "--smooth", "off", "--dry-run", "--overwrite", "--report", "r.json", "--deinterlace"
        )
    )
    assert (config.inputs, config.output_dir, config.name) == (("in",), "out", "{index}{ext}")
    assert config.deinterlace
    assert (config.no_face, config.on_error, config.dry_run, config.overwrite) == ("fail", "stop", True, True)
    assert (config.encoder.crf, config.edit.pipeline.smooth, config.report) == (20, "off", "r.json")


def test_every_attribute_meets_every_reference() -> None:
    variants = variants_of(parse("--attr", "smile", "--attr", "bangs", "--ref", "a.jpg", "--ref", "b.jpg"))
    assert [(one.attr, one.ref) for one in variants] == [
        ("smile", "a"),
        ("smile", "b"),
        ("bangs", "a"),
        ("bangs", "b"),
    ]
    (without,) = variants_of(parse("--attr", "smile", "--remove", "--ref", "a.jpg"))
    assert (without.wishes[0].reference, without.wishes[0].direction) == ("a.jpg", "remove")
    (removed,) = variants_of(parse("--attr", "smile", "--remove", "--strength", "0.5"))
    assert (removed.wishes[0].reference, removed.wishes[0].strength) == (None, 0.5)


def test_people_get_exemplars_of_their_own_in_every_edit_of_a_batch() -> None:
    flags = ["--attr", "smile", "--attr", "bangs", "--ref", "a.jpg", "--remove", "--map", "anna.png=b.jpg"]
    config = config_of(parse(*flags))
    assert config.edit.people == ("anna.png",)
    assert [[wish.attribute for wish in one.maps[0].wishes] for one in config.variants] == [["smile"], ["bangs"]]
    assert {(wish.reference, wish.direction) for one in config.variants for wish in one.maps[0].wishes} == {
        ("b.jpg", "auto")
    }
    with pytest.raises(ConfigError, match="numbers of tracks"):
        config_of(parse("--attr", "smile", "--ref", "a.jpg", "--map", "3=b.jpg"))


def test_without_a_reference_for_all_only_some_people_are_edited(tmp_path: Path, clips: Path) -> None:
    (variant,) = config_of(parse("--attr", "smile+bangs", "--map", "anna.png=b.jpg")).variants
    assert variant.wishes == ()
    assert [wish.reference for wish in variant.maps[0].wishes] == ["b.jpg", "b.jpg"]
    assert (variant.attr, variant.ref) == ("smile+bangs", "b")
    (removed,) = config_of(parse("--attr", "smile", "--remove", "--map", "anna.png=b.jpg")).variants
    assert [wish.reference for wish in removed.wishes] == [None]
    out, report = tmp_path / "out", tmp_path / "report.json"
    person = str(SAMPLES / "astronaut-smile.jpg")
    flags = ["--attr", "glasses", "--map", f"{person}={HOPPER}", "--report", str(report)]
    assert main(["batch", str(clips / "face.mp4"), "-o", str(out), *flags]) == 0
    assert [file["num_faces"] for file in json.loads(report.read_text())["files"]] == [2]


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--attr", "smile"],
        ["--pairs", "a.csv", "--remove"],
        ["--attr", "smile", "--direction", "add"],
        ["--ref", "a.jpg"],
        ["--pairs", "p.csv", "--attr", "smile"],
    ],
)
def test_flags_that_say_no_edit_or_two_are_refused(flags: list[str]) -> None:
    with pytest.raises(ConfigError):
        variants_of(parse(*flags))


def test_batch_edits_what_it_can_names_what_it_cannot_and_does_it_once(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["batch", str(clips), "-o", str(out), "--attr", "glasses", "--ref", HOPPER, "--device", "cpu"]
    assert main([*command, "--dry-run"]) == 5
    said = capsys.readouterr().out
    assert f"{out / 'face.mp4'}: planned\n" in said
    assert "bad.mp4: failed: cannot read" in said
    assert not out.exists()
    assert main(command) == 5
    said = capsys.readouterr()
    assert f"{out / 'face.mp4'}: edited, 2 faces in 2 frames" in said.out
    assert "bad.mp4: failed: cannot read" in said.out
    assert "notes.txt" in said.out
    assert said.err.strip().splitlines()[-1].startswith("videoedit: 1 of 2 files failed")
    assert json.loads((out / "report.json").read_text())["counts"] == {"failed": 1, "edited": 1}
    (clips / "bad.mp4").unlink()
    assert main(command) == 0
    assert "skipped" in capsys.readouterr().out


def test_a_report_cannot_replace_a_video_nor_results_lie_in_a_file(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit = ["--attr", "glasses", "--ref", HOPPER]
    assert main(["batch", str(clips), "-o", str(tmp_path / "out"), *edit, "--report", str(clips / "face.mp4")]) == 2
    assert "--report must end in .json" in capsys.readouterr().err
    assert main(["batch", str(clips), "-o", str(clips / "notes.txt" / "deep"), *edit]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "notes.txt is no folder" in line

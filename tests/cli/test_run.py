"""`videoedit run`: flags become the job; mistakes get one line and the documented code."""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stub_editing import EDIT as STUB_EDIT
from tests.stub_editing import stub_pipeline
from tests.video.rich_clips import rich_clip
from videoedit.cli import build_parser, main
from videoedit.cli.flags import wishes_of
from videoedit.cli.resume_flags import segment_frames_of
from videoedit.cli.run import config_of
from videoedit.errors import ConfigError
from videoedit.jobs.one_file import RunConfig, edit_file, unseen
from videoedit.strength import Keyframes
from videoedit.video.reading.part import part_of
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.wishes import Direction, EditConfig, FaceMap, Wish

SAMPLES = Path(__file__).resolve().parents[2] / "sample_clips"
CLIP, HOPPER = str(SAMPLES / "astronaut.mp4"), str(SAMPLES / "hopper-glasses.jpg")


def parse(*flags: str) -> argparse.Namespace:
    return build_parser().parse_args(["run", *flags])


def test_flags_reach_the_job() -> None:
    config = config_of(
        parse(CLIP, "--attr", "glasses", "--ref", HOPPER, "--strength", "0.5", "--crf", "20", "--smooth", "off")
    )
    assert config.edit.wishes[0].strength == 0.5
    assert (config.encoder.crf, config.edit.pipeline.smooth) == (20, "off")
    assert Path(config.output).name == "astronaut-glasses.mp4"


def test_wishes_about_the_encoding_reach_the_encoder() -> None:
    wishes = ("--output-video-encoder", "libx265", "--output-video-quality", "80", "--output-video-preset", "fast")
    config = config_of(parse("clip.avi", "--attr", "glasses", "--ref", HOPPER, *wishes, "--pix-fmt", "yuv444p10le"))
    assert config.output == "clip-glasses.mkv"
    assert config.encoder == EncoderConfig(encoder="libx265", quality=80, preset="fast", pixel_format="yuv444p10le")


def test_flags_about_faces_reach_the_job() -> None:
    flags = ("--face-selector-mode", "one", "--face-selector-order", "left-right", "--strength", "0:0,2s:1")
    edit = config_of(parse(CLIP, "--attr", "glasses", "--ref", HOPPER, *flags)).edit
    assert (edit.pipeline.faces.mode, edit.pipeline.faces.order) == ("one", "left-right")
    wide = config_of(parse(CLIP, "--attr", "glasses", "--ref", HOPPER, "--face-detector-size", "1280")).edit
    assert (wide.pipeline.detector_side, edit.pipeline.detector_side) == (1280, 640)
    assert edit.wishes[0].strength == Keyframes((0.0, 2.0), (0.0, 1.0))
    chosen = config_of(parse(CLIP, "--attr", "glasses", "--ref", HOPPER, "--reference-face", "anna.png")).edit
    assert (chosen.pipeline.faces.mode, chosen.reference_faces) == ("reference", ("anna.png",))
    painting = config_of(parse(CLIP, "--attr", "glasses", "--ref", HOPPER, "--face-occluder-model", "none")).edit
    assert (painting.occluder_model, chosen.occluder_model) == (None, "face-occluder")
    drawing = config_of(parse(CLIP, "--attr", "glasses", "--ref", HOPPER, "--try-on-model", "none")).edit
    assert (drawing.try_on_model, chosen.try_on_model) == (None, "glasses-matting")


@pytest.mark.parametrize("command", ["run", "batch"])
def test_segments_are_refused_where_there_are_none(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [command, CLIP, "--attr", "glasses", "--ref", HOPPER, "-o", str(tmp_path / "out.mp4"), "--dry-run"]
    assert main([*flags, "--segment-frames", "50"]) == 2
    assert "--segment-frames is for --resume" in capsys.readouterr().err
    args = build_parser().parse_args([*flags, "--resume"])
    assert segment_frames_of(args) == 300


def test_maps_give_one_face_another_exemplar_and_need_no_reference_for_all() -> None:
    edit = config_of(parse(CLIP, "--attr", "glasses", "--map", "3=a.jpg", "--map", "anna.png=b.jpg")).edit
    assert edit.wishes == ()
    assert [(entry.face, entry.track_id, entry.wishes[0].reference) for entry in edit.maps] == [
        ("3", 3, "a.jpg"),
        ("anna.png", None, "b.jpg"),
    ]
    assert config_of(parse(CLIP, "--attr", "smile", "--ref", HOPPER, "--map", "3=a.jpg")).edit.wishes != ()
    with pytest.raises(ConfigError, match="--map"):
        config_of(parse(CLIP, "--attr", "smile", "--map", "3"))


def test_references_go_to_attributes_by_name_by_order_or_to_all() -> None:
    one = wishes_of(["smile", "bangs"], ["a.jpg"], 1.0, "auto")
    assert [w.reference for w in one] == ["a.jpg", "a.jpg"]
    each = wishes_of(["smile", "bangs"], ["a.jpg", "b.jpg"], 1.0, "auto")
    assert [w.reference for w in each] == ["a.jpg", "b.jpg"]
    named = wishes_of(["smile", "bangs"], ["bangs=a.jpg", "b=c.jpg"], 1.0, "auto")
    assert [w.reference for w in named] == ["b=c.jpg", "a.jpg"]
    otherwise = wishes_of(["Smiling", "BANGS"], ["fringe=a.jpg", "smile=b.jpg"], 1.0, "auto")
    assert [w.reference for w in otherwise] == ["b.jpg", "a.jpg"]
    with pytest.raises(ConfigError, match="two --ref say what smiling is taken from"):
        wishes_of(["smile"], ["smile=a.jpg", "Smiling=b.jpg"], 1.0, "auto")
    assert wishes_of(["smile"], [], 1.0, "remove")[0].reference is None


def test_direction_reaches_the_wishes_but_mapped_faces_keep_what_the_others_lose() -> None:
    removed = config_of(parse(CLIP, "--attr", "smile", "--remove", "--map", "3=a.jpg")).edit
    assert (removed.wishes[0].reference, removed.wishes[0].direction) == (None, "auto")
    assert (removed.maps[0].wishes[0].reference, removed.maps[0].wishes[0].direction) == ("a.jpg", "auto")
    without = config_of(parse(CLIP, "--attr", "smile", "--ref", "a.jpg", "--remove")).edit
    assert (without.wishes[0].reference, without.wishes[0].direction) == ("a.jpg", "remove")
    added = config_of(parse(CLIP, "--attr", "smile", "--ref", "a.jpg", "--direction", "add")).edit
    assert added.wishes[0].direction == "add"


@pytest.mark.parametrize(("references", "direction"), [([], "auto"), (["a", "b", "c"], "auto"), ([], "add")])
def test_references_that_do_not_fit_are_refused(references: list[str], direction: Direction) -> None:
    with pytest.raises(ConfigError, match="--ref"):
        wishes_of(["smile", "bangs"], references, 1.0, direction)


@pytest.mark.parametrize(
    ("case", "code", "words"),
    [
        ("missing", 1, "no such file"),
        ("empty", 1, "is empty"),
        ("text", 1, "cannot read"),
        ("reference", 1, "is not a picture"),
        ("attribute", 2, "did you mean 'eyeglasses'"),
        ("exists", 1, "exists; give --overwrite"),
        ("folder", 1, "does not exist"),
        ("strength", 2, "--strength"),
        ("model", 2, "no elegant model 'elegnt'"),
        ("keys", 2, "--strength"),
        ("mode", 2, "--reference-face"),
        ("order", 2, "no --face-selector-order 'big'"),
        ("recognition", 1, "gone.onnx"),
        ("url", 2, "s3://bucket/a.mp4 is a URL, and run takes files"),
        ("url in map", 2, "s3://bucket/b.jpg is a URL, and run takes files"),
        ("url of a person", 2, "s3://bucket/c.jpg is a URL"),
        ("url of a reference", 2, "s3://bucket/d.jpg is a URL"),
        ("score", 2, "score must be between 0 and 1, got 1.5"),
        ("size", 2, "--min-face must be 0 or more, got nan"),
        ("kind", 2, "face-points is a model of kind points, not elegant"),
        ("occluder", 2, "elegant is a model of kind elegant, not occluder"),
        ("try-on", 2, "elegant is a model of kind elegant, not matting"),
        ("detector", 2, "elegant is a model of kind elegant, not detector"),
    ],
)
def test_mistake_gets_one_line_and_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str, code: int, words: str
) -> None:
    bad, out = tmp_path / "bad.mp4", tmp_path / "out.mp4"
    bad.write_text("" if case == "empty" else "words " * 100)
    flags = {"input": CLIP, "--ref": HOPPER, "--attr": "eyeglasses", "-o": str(out)}
    flags |= {
        "missing": {"input": str(tmp_path / "gone.mp4")},
        "empty": {"input": str(bad)},
        "text": {"input": str(bad)},
        "reference": {"--ref": str(bad)},
        "attribute": {"--attr": "eyeglases"},
        "exists": {"-o": str(bad)},
        "folder": {"-o": str(tmp_path / "gone" / "out.mp4")},
        "strength": {"--strength": "7"},
        "model": {"--model": "elegnt"},
        "kind": {"--model": "face-points"},
        "occluder": {"--face-occluder-model": "elegant"},
        "try-on": {"--try-on-model": "elegant"},
        "detector": {"--face-detector-model": "elegant"},
        "size": {"--min-face": "nan"},
        "keys": {"--strength": "2:0,1:1"},
        "mode": {"--face-selector-mode": "reference"},
        "order": {"--face-selector-order": "big"},
        "url": {"input": "s3://bucket/a.mp4"},
        "url in map": {"--map": "0=s3://bucket/b.jpg"},
        "url of a person": {"--reference-face": "s3://bucket/c.jpg"},
        "url of a reference": {"--ref": "eyeglasses=s3://bucket/d.jpg"},
        "score": {"--face-detector-score": "1.5"},
        "recognition": {"--recognition-model": str(tmp_path / "gone.onnx")},
    }[case]
    source = flags.pop("input")
    before = sorted(tmp_path.iterdir())
    assert main(["run", source, *(word for pair in flags.items() for word in pair)]) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("videoedit: ")
    assert words in lines[0]
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interruption_leaves_nothing_half_written(tmp_path: Path, number: signal.Signals) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip(f"{number.name} is ignored where the tests run, as below nohup")
    command = [sys.executable, "-m", "videoedit", "run", CLIP, "--ref", HOPPER, "--attr", "glasses"]
    process = subprocess.Popen([*command, "-o", str(tmp_path / "out.mp4")], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 4, errors
    assert errors.strip().splitlines()[-1].endswith("videoedit: interrupted")
    assert "Traceback" not in errors
    assert not list(tmp_path.iterdir())


def test_dry_run_says_what_would_be_done_and_writes_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source = rich_clip(tmp_path / "in.mkv", ["subrip"])
    before = sorted(tmp_path.iterdir())
    flags = ("--attr", "glasses", "--ref", HOPPER, "--crf", "20", "--start", "1f", "--dry-run")
    assert main(["run", str(source), "-o", str(tmp_path / "out.mp4"), *flags]) == 0
    assert sorted(tmp_path.iterdir()) == before
    out = capsys.readouterr().out
    for words in (
        "out.mp4: 64×48 yuv420p by libx264 (preset medium, crf 20), every frame at its time",
        f"frames of {source}, from frame 1 on",
        "stream 1 (audio, aac) is copied",
        "stream 3 (subtitle, srt) is converted to mov_text",
        "(attachment, unknown) is left out: .mp4 does not hold it",
        "2 chapters; metadata: title",
        f"glasses like {HOPPER}, strength 1",
    ):
        assert out.count(words) == 1


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--attr", "glases"), 2),
        (("--attr", "glasses", "--output-video-encoder", "ffv1"), 2),
        (("--attr", "glasses", "-o", CLIP), 1),
        (("--attr", "glasses", "--report", "gone/r.json"), 1),
        (("--attr", "glasses", "--report", "folder.json"), 1),
        (("--attr", "glasses", "--report", "r.txt"), 2),
        (("--attr", "glasses", "--resume", "--compare"), 2),
        (("--attr", "glasses", "--resume", "--fps", "10"), 2),
        (("--attr", "glasses", "--resume", "--segment-frames", "3"), 2),
    ],
)
def test_dry_run_refuses_what_a_run_refuses(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: tuple[str, ...],
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.json").mkdir()
    command = ["run", CLIP, "-o", "out.mp4", "--ref", HOPPER, *flags]
    assert main([*command, "--dry-run"]) == code
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert main(command) == code
    assert capsys.readouterr().err.strip() == line
    assert [path.name for path in tmp_path.rglob("*")] == ["folder.json"]


def test_dry_run_sees_that_a_file_ends_early_unless_that_end_is_left_out(
    make_clip: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_clip("clip.mkv", num_frames=40)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    command = ["run", str(clip), "--ref", HOPPER, "--attr", "glasses", "--dry-run"]
    assert main(command) == 1
    assert "clip.mkv ends early; videoedit run --keep-partial" in capsys.readouterr().err
    for flags in (["--keep-partial"], ["--end", "3f"]):
        assert main([*command, *flags]) == 0


def test_dry_run_tells_the_size_of_pictures_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", CLIP, "-o", "out.mp4", "--remove", "--attr", "glasses", "--compare", "--dry-run"]) == 0
    assert "out.mp4: 1280×480 " in capsys.readouterr().out


def test_dry_run_of_a_picture_is_one_of_a_picture(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = str(tmp_path / "out.png")
    assert main(["run", HOPPER, "-o", out, "--attr", "glasses", "--ref", HOPPER, "--dry-run"]) == 0
    assert f"{out}: a picture" in capsys.readouterr().out
    assert (
        main(["run", HOPPER, "-o", str(tmp_path / "out.mp4"), "--attr", "glasses", "--ref", HOPPER, "--dry-run"]) == 2
    )


@pytest.mark.parametrize("name", [".", "", "folder"])
def test_a_folder_is_no_video_also_where_the_result_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert main(["run", name, "--attr", "no/such", "--remove"]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "is a folder" in line


def test_a_result_replaces_no_reference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference = tmp_path / "ref.jpg"
    reference.write_bytes(Path(HOPPER).read_bytes())
    edit = [HOPPER, "--ref", str(reference), "--attr", "glasses", "-o", str(reference), "--overwrite"]
    for more in ([], ["--dry-run"]):
        assert main(["run", *edit, *more]) == 1
        assert "ref.jpg would replace a file that is read" in capsys.readouterr().err
    assert reference.read_bytes() == Path(HOPPER).read_bytes()


def test_a_dry_run_tells_strength_over_time_and_who_is_mapped(capsys: pytest.CaptureFixture[str]) -> None:
    edit = ["--ref", HOPPER, "--attr", "glasses", "--strength", "0:0,2s:0.5", "--map", f"3={HOPPER}"]
    assert main(["run", CLIP, "-o", "out.mp4", *edit, "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == f"  glasses like {HOPPER}, strength 0:0,2:0.5"
    assert lines[-1] == f"  track 3: glasses like {HOPPER}, strength 0:0,2:0.5"


def test_one_frame_is_not_told_as_several(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)
    clip = str(make_clip(num_frames=1))
    assert main(["run", clip, *STUB_EDIT, "-o", str(tmp_path / "out.mp4")]) == 0
    assert "out.mp4: 1 frame, 1 with a face to edit, 1 face edited, " in capsys.readouterr().out
    assert main(["probe", clip, "--no-faces"]) == 0
    assert "2 streams, 0 chapters" in (said := capsys.readouterr().out)
    assert ", 1 packet from" in said


def test_a_track_that_was_never_seen_and_sound_that_is_not_there_are_told_as_it_is(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("videoedit.jobs.one_file.build_pipeline", stub_pipeline)
    clip = make_clip(audio_seconds=None)
    wish = Wish(attribute="light", reference=None)
    edit = EditConfig(wishes=(wish,), maps=tuple(FaceMap(face=face, wishes=(wish,)) for face in ("0", "99")))
    part = part_of(None, "8f")
    edit_file(RunConfig(input=str(clip), output=str(tmp_path / "out.mp4"), edit=edit, part=part), unseen)
    assert "no track 99 of --map was seen" in caplog.text
    assert "no track 0 " not in caplog.text
    assert "up to frame 8" in caplog.text
    assert "sound" not in caplog.text

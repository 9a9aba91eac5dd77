"""`videoedit preview`: the moments asked for, four pictures each."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.stub_editing import EDIT as STUB_EDIT
from tests.stub_editing import stub_pipeline
from tests.video.clips import counted_frames
from videoedit.cli import main
from videoedit.colour import region_rgb, to_image
from videoedit.jobs.preview import preview_sheet
from videoedit.strength import Keyframes
from videoedit.video.reading.part import Place
from videoedit.video.reading.reader import VideoReader
from videoedit.wishes import EditConfig, Wish

SAMPLES = Path(__file__).resolve().parents[2] / "sample_clips"
EDIT = [str(SAMPLES / "astronaut.mp4"), "--ref", str(SAMPLES / "hopper-glasses.jpg"), "--attr", "glasses"]


def test_sheet_shows_before_after_difference_and_mask(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    assert main(["preview", *EDIT, "--at", "0.5s", "--at", "0", "-o", str(out)]) == 0
    sheet = cv2.imread(str(out)).astype(int)
    assert sheet.shape == (2 * 480, 4 * 640, 3)
    for row in (sheet[:480], sheet[480:]):
        before, after, difference, mask = (row[:, i * 640 : (i + 1) * 640] for i in range(4))
        shown = (np.minimum(before, after) > 0) & (np.maximum(before, after) < 255)  # nothing was cut off
        shown &= (difference > 0) & (difference < 255)
        assert shown.mean() > 0.9
        np.testing.assert_allclose((after - before + 128)[shown], difference[shown], atol=1)
        assert (mask == 255).any()
        assert (mask > 0).mean() < 0.07  # of a crop that covers a fifth of the picture
        assert (difference[mask.max(axis=2) == 0] == 128).mean() > 0.999
        assert abs(difference - 128).max() > 30
    assert abs(sheet[:480] - sheet[480:]).max() > 50  # two different moments


@pytest.mark.parametrize(("moment", "code"), [("9999", 1), ("soon", 2), ("-1", 2)])
def test_impossible_moment_gets_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], moment: str, code: int
) -> None:
    assert main(["preview", *EDIT, f"--at={moment}", "-o", str(tmp_path / "sheet.png")]) == code
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_track_has_no_number_in_a_preview(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", *EDIT, f"--map=0={EDIT[2]}", "-o", str(tmp_path / "sheet.png")]) == 2
    assert "--map a picture" in capsys.readouterr().err


@pytest.mark.parametrize("strength", [1.0, Keyframes((0.0, 8.0), (0.0, 1.0))], ids=["constant", "growing"])
def test_preview_seeks_and_shows_what_the_whole_run_shows(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strength: float | Keyframes
) -> None:
    clip = make_clip(num_frames=200, key_interval=20, fps=Fraction(25), size_wh=(96, 64), audio_seconds=None)
    monkeypatch.setattr("videoedit.jobs.preview.build_pipeline", stub_pipeline)
    config = EditConfig(wishes=(Wish(attribute="Light", reference=None, strength=strength),))
    with VideoReader(clip) as reader:
        shown = list(stub_pipeline(config).run(reader))[150]
    expected = to_image(region_rgb(shown.frame, (0, 0, 96, 64)))
    decoded = counted_frames(monkeypatch)
    for place in (Place(seconds=Fraction(6)), Place(frame=150)):
        decoded.clear()
        sheet = preview_sheet(str(clip), [place], config)
        assert sheet.shape == (64, 4 * 96, 3)
        assert len(decoded) < (110 if place.frame is None else 180)
        np.testing.assert_allclose(sheet[:, 96:192].astype(int), expected, atol=1)


def test_mask_shows_all_that_limits_the_edit(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(num_frames=20, fps=Fraction(25), size_wh=(96, 64), audio_seconds=None)
    monkeypatch.setattr("videoedit.jobs.preview.build_pipeline", stub_pipeline)
    sheet = preview_sheet(str(clip), [Place(frame=10)], EditConfig(wishes=(Wish(attribute="Light", reference=None),)))
    mask = sheet[:, 3 * 96 :]
    assert mask[32, 48].tolist() == pytest.approx([128] * 3, abs=1)  # the editor lets half of it through
    assert mask.max() <= 130
    assert not mask[:, :8].any()


def test_a_moment_far_behind_the_end_is_named_as_it_was_asked_for(
    make_clip: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preview", str(make_clip()), *EDIT[1:], "--at", "9", "-o", str(tmp_path / "sheet.png")]) == 1
    assert "ends before 9 s; ask for an earlier moment" in capsys.readouterr().err


def test_a_damaged_clip_is_shown_where_it_decodes(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("videoedit.jobs.preview.build_pipeline", stub_pipeline)
    clip = make_clip("clip.mkv", fps=Fraction(25), audio_seconds=None)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 6 // 10])
    command = ["preview", str(clip), *STUB_EDIT, "-o", str(tmp_path / "sheet.png")]
    assert main(command) == 0
    assert cv2.imread(str(tmp_path / "sheet.png")).shape == (48, 4 * 64, 3)
    assert main([*command, "--overwrite", "--at", "0.4"]) == 1
    assert "clip.mkv is damaged after 0." in capsys.readouterr().err


@pytest.mark.parametrize("read", ["picture.png", "exemplar.png"])
def test_a_sheet_replaces_no_picture_that_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], read: str
) -> None:
    for name in ("picture.png", "exemplar.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((8, 8, 3), np.uint8))
    before = (tmp_path / read).read_bytes()
    edit = ["--attr", "glasses", "--ref", str(tmp_path / "exemplar.png")]
    assert main(["preview", str(tmp_path / "picture.png"), *edit, "-o", str(tmp_path / read)]) == 1
    assert f"{read} would replace a file that is read" in capsys.readouterr().err
    assert (tmp_path / read).read_bytes() == before


def test_a_sheet_replaces_another_picture_only_where_that_is_said_or_none_is_named(
    make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("videoedit.jobs.preview.build_pipeline", stub_pipeline)
    monkeypatch.chdir(tmp_path)
    command = ["preview", str(make_clip()), *STUB_EDIT]
    for name in ("photo.png", "preview.png"):
        (tmp_path / name).write_text("mine")
    assert main([*command, "-o", "photo.png"]) == 1
    assert "photo.png exists; give --overwrite" in capsys.readouterr().err
    assert (tmp_path / "photo.png").read_text() == "mine"
    assert main([*command, "-o", "photo.png", "--overwrite"]) == 0
    assert main(command) == 0
    assert all(cv2.imread(str(tmp_path / name)) is not None for name in ("photo.png", "preview.png"))


@pytest.mark.parametrize(("name", "code"), [("sheet.mp4", 2), ("sheet", 2), ("nowhere/sheet.png", 1)])
def test_a_sheet_that_cannot_be_written_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, code: int
) -> None:
    assert main(["preview", str(tmp_path / "missing.mp4"), *EDIT[1:], "-o", str(tmp_path / name)]) == code
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert str(tmp_path / name).removesuffix("/sheet.png") in line
    assert "missing.mp4" not in line

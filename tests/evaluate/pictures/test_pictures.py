"""Folders of drawn faces: an edit that draws what is asked, one that does nothing, one that spoils the rest."""

import csv
import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from videoedit.align.templates import TEMPLATES
from videoedit.errors import ConfigError, MediaError, ModelError
from videoedit.evaluate.pictures.extractors import Inception, Lpips
from videoedit.evaluate.pictures.landmarks import landmark_error
from videoedit.evaluate.pictures.measure import SetResult, Tools, measure_set
from videoedit.evaluate.pictures.report import PicturesReport
from videoedit.evaluate.pictures.run import PicturesJob, landmark_rows
from videoedit.evaluate.pictures.sets import (
    AlignedCrop,
    EditName,
    LargestFace,
    Pairs,
    PictureSet,
    find_edits,
    load_set,
    rows_of,
)
from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.video.stills.arrays import write_image

SIZE = 32
ADD, REMOVE = EditName("Eyeglasses", "add"), EditName("Eyeglasses", "remove")


class BandJudge:
    """Sees glasses where the eye band is dark, and a man where the lower corner is red."""

    attributes = ("Eyeglasses", "Male")

    def probabilities(self, crops: Tensor) -> Tensor:
        dark = crops[:, :, 12:14, 11:21].mean(dim=(1, 2, 3))
        red = (crops[:, 0] - crops[:, 2])[:, 28:, :3].mean(dim=(1, 2))
        return torch.sigmoid(torch.stack([-8 * (dark + 0.3), 8 * red - 2], dim=1))

    def features(self, crops: Tensor) -> Tensor:
        return crops[:, :, ::8, ::8].flatten(1)

    def threshold(self, attribute: str) -> float:
        return 0.5


def face(seed: int, glasses: int | None = None) -> Image:
    """Return a grey crop of 32 pixels, with glasses of this brightness."""
    picture = np.random.default_rng(seed).integers(120, 200, (SIZE, SIZE, 1)).repeat(3, axis=2).astype(np.uint8)
    if glasses is not None:
        picture[11:17, 7:25] = glasses
    return picture


def shown(edited: Sequence[Image], sources: Sequence[Image], exemplars: Sequence[Image] | None = None) -> PictureSet:
    return PictureSet(
        sources=np.stack(sources),
        edited=np.stack(edited),
        exemplars=None if exemplars is None else np.stack(exemplars),
        likeness=None,
        num_skipped=0,
    )


def measured(edited: Sequence[Image], real: Sequence[Image] | None = None, **tools: object) -> SetResult:
    sources = [face(seed) for seed in range(len(edited))]
    reals = None if real is None else np.stack(real)
    return measure_set(ADD, shown(edited, sources), reals, Tools(BandJudge(), None, None, **tools), seed=0)  # type: ignore[arg-type]


def test_good_edit_succeeds_and_touches_nothing_else() -> None:
    result = measured([face(seed, glasses=20) for seed in range(12)])
    assert (result.success.share, result.success_source.share, result.interval) == (1, 0, (1, 1))
    assert (result.outside, result.inside_share) == pytest.approx((0, 1))
    assert [(effect.attribute, effect.beyond) for effect in result.side_effects] == [("Male", 0)]


def test_edit_that_does_nothing_fails() -> None:
    faces = [face(seed) for seed in range(12)]
    result = measured(faces)
    assert (result.success.share, result.psnr, result.ssim) == (0, None, 1)
    removed = measure_set(REMOVE, shown(faces, faces), None, Tools(BandJudge(), None, None), seed=0)
    assert (removed.success.share, removed.success_source.share) == (1, 1)
    assert result.missing["locality"] == "nothing was changed"


def test_edit_that_spills_is_caught() -> None:
    spilt = [face(seed, glasses=20) for seed in range(12)]
    for picture in spilt:
        picture[28:, :3] = (250, 0, 0)
    good, bad = measured([face(seed, glasses=20) for seed in range(12)]), measured(spilt)
    assert bad.side_effects[0].flips == 1
    assert bad.inside_share is not None
    assert bad.inside_share < 0.95
    assert bad.ssim < good.ssim
    assert (bad.psnr or 0) < (good.psnr or 0)


def test_psnr_of_a_known_change() -> None:
    brighter = [face(seed) + np.uint8(10) for seed in range(4)]
    assert measured(brighter).psnr == pytest.approx(20 * np.log10(255 / 10), abs=0.01)


def test_distance_to_real_faces_with_glasses_falls_with_the_edit_and_stands_beside_its_yardsticks() -> None:
    real = [face(seed + 100, glasses=20) for seed in range(40)]
    good = measured([face(seed, glasses=20) for seed in range(40)], real).judge_distance
    idle = measured([face(seed) for seed in range(40)], real).judge_distance
    assert good is not None
    assert idle is not None
    assert good.edited < 0.5 * idle.edited
    assert idle.edited == idle.source == good.source
    assert good.floor > 0


def test_exemplars_darkness_is_looked_for_where_it_is_known() -> None:
    shades, before = [10, 30, 50, 70, 90], [100, 190, 110, 180, 120]
    sources = [face(i, glasses=shade) for i, shade in enumerate(before)]
    edited = [face(i, glasses=shade + before[i] - 100) for i, shade in enumerate(shades)]
    exemplars = [face(9 - i, glasses=shade) for i, shade in enumerate(shades)]
    tools = Tools(BandJudge(), None, None)
    known = measure_set(ADD, shown(edited, sources, exemplars), None, tools, seed=0)
    assert known.fidelity is not None
    assert known.fidelity["L"] == pytest.approx(1.0)
    report = PicturesReport(source="a", edited="b", judge="j", seed=0, results=[known, known], landmarks=None)
    assert "- Eyeglasses +: exemplar's eye band against the change of the source's, Spearman's ρ: L* 1.00" in (
        report.as_markdown()
    )
    assert "- Eyeglasses +: fid, kid, judge distance not measured: give --real" in report.as_markdown()
    swapped = measure_set(ADD, shown(edited, sources, exemplars[::-1]), None, tools, seed=0)
    assert swapped.fidelity is not None
    assert swapped.fidelity["L"] == pytest.approx(-1.0)
    assert "--pairs" in measured(edited).missing["fidelity"]


class MeanColour(torch.nn.Module):
    """A stand-in for both networks: mean colours of the quarters."""

    def forward(self, x: Tensor, resize_images: bool = False, return_lpips: bool = True) -> Tensor:
        return torch.nn.functional.adaptive_avg_pool2d(x, 2).flatten(1)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(MeanColour()).save(str(tmp_path / "stand-in.pt"))
    return tmp_path / "stand-in.pt"


def test_fid_kid_and_lpips_need_weights_and_use_those_given(script: Path) -> None:
    real = [face(seed + 100, glasses=20) for seed in range(40)]
    edited = [face(seed, glasses=20) for seed in range(40)]
    without = measured(edited, real)
    assert (without.fid, without.kid, without.lpips) == (None, None, None)
    assert "--inception" in without.missing["fid"]
    assert "--lpips" in without.missing["lpips"]
    tools = Tools(BandJudge(), Inception(script), Lpips(script))
    sources = [face(seed) for seed in range(40)]
    found = measure_set(ADD, shown(edited, sources), np.stack(real), tools, seed=0)
    assert found.fid is not None
    assert found.kid is not None
    assert found.fid.edited < found.fid.source
    assert found.kid.edited < found.kid.source
    assert "--real" in measure_set(ADD, shown(edited, sources), None, tools, seed=0).missing["fid"]


def test_inception_sees_299_pixels_around_zero_and_lpips_what_is_there(script: Path) -> None:
    grey = np.full((1, 64, 64, 3), 192, np.uint8)
    np.testing.assert_allclose(Inception(script).features(grey), 0.5, atol=1e-6)
    darker = grey - np.uint8(2)
    assert Lpips(script).distances(grey, darker)[0] == pytest.approx(12 * 4)
    assert Lpips(script).distances(grey, grey)[0] == 0


def test_missing_and_other_files_are_named(tmp_path: Path) -> None:
    text = tmp_path / "text.pt"
    text.write_text("nothing")
    for kind in (Inception, Lpips):
        with pytest.raises(ModelError, match=r"text\.pt: not a TorchScript file"):
            kind(text)
        with pytest.raises(ModelError, match=r"gone\.pt"):
            kind(tmp_path / "gone.pt")


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Sources, and edits in folders of their own, as PNG; the list of pairs beside them."""
    for folder in ("source", "edited/Eyeglasses-add", "edited/Eyeglasses-remove"):
        (tmp_path / folder).mkdir(parents=True)
    rows = []
    for seed in range(8):
        before, after = (None, 20) if seed % 2 else (20, None)
        name, edit = f"{seed:06d}", "add" if seed % 2 else "remove"
        write_image(tmp_path / "source" / f"{name}.png", face(seed, before))
        write_image(tmp_path / "edited" / f"Eyeglasses-{edit}" / f"{name}.png", face(seed, after))
        rows.append((f"{name}.jpg", f"{7 - seed:06d}.jpg", "Eyeglasses", edit))
    with (tmp_path / "pairs.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("source", "exemplar", "attribute", "direction"), *rows])
    return tmp_path


def test_folders_of_edits_are_found_and_their_pictures_paired_by_name(folders: Path) -> None:
    found = find_edits(folders / "edited", BandJudge.attributes, None)
    assert [*found] == [ADD, REMOVE]
    rows = rows_of(folders / "source", found[ADD], ADD, None)
    assert [row.source.name for row in rows] == [f"00000{seed}.png" for seed in (1, 3, 5, 7)]
    assert [row.edited.name for row in rows] == [row.source.name for row in rows]
    paired = rows_of(folders / "source", found[ADD], ADD, Pairs(folders / "pairs.csv", BandJudge.attributes))
    assert [row.exemplar.stem for row in paired if row.exemplar] == ["000006", "000004", "000002", "000000"]
    loaded = load_set(paired, AlignedCrop(), SIZE, None)
    np.testing.assert_array_equal(loaded.sources[0], face(1))
    np.testing.assert_array_equal(loaded.edited[0], face(1, 20))
    assert loaded.exemplars is not None
    np.testing.assert_array_equal(loaded.exemplars[0], face(6, 20))


def test_wrong_folders_and_lists_are_named(folders: Path) -> None:
    with pytest.raises(ConfigError, match="say with --attr"):
        find_edits(folders / "source", BandJudge.attributes, None)
    assert find_edits(folders / "source", BandJudge.attributes, ADD) == {ADD: folders / "source"}
    with pytest.raises(MediaError, match="no folder"):
        find_edits(folders / "gone", BandJudge.attributes, None)
    with pytest.raises(MediaError, match="no picture of"):
        rows_of(folders / "edited", folders / "source", ADD, None)
    (folders / "edited" / "Eyeglasses-add" / "000003.png").unlink()
    pairs = Pairs(folders / "pairs.csv", BandJudge.attributes)
    with pytest.raises(MediaError, match="no picture 000003"):
        rows_of(folders / "source", folders / "edited" / "Eyeglasses-add", ADD, pairs)
    (folders / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(MediaError, match="no list of pairs"):
        Pairs(folders / "other.csv", BandJudge.attributes)
    write_image(folders / "edited" / "Eyeglasses-remove" / "000002.png", face(0)[:20])
    removed = rows_of(folders / "source", folders / "edited" / "Eyeglasses-remove", REMOVE, None)
    with pytest.raises(MediaError, match="differ in size"):
        load_set(removed, AlignedCrop(), SIZE, None)


@dataclass
class ShiftingDetector:
    """Finds the template's points, each eye off by `eyes` pixels and the rest by `rest`, where the band is dark."""

    eyes: float
    rest: float

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        return [self._faces(image) for image in images]

    def _faces(self, image: Image) -> list[Face]:
        dark = image[11:17, 7:25].mean() < 60
        off = np.array([self.eyes, self.eyes, self.rest, self.rest, self.rest])[:, None] * [1.0, 0.0] * dark
        points = TEMPLATES["elegant"] * (SIZE / 256) + off
        return [Face(np.array([0.0, 0, SIZE, SIZE]), points, 0.9)] if image.mean() > 1 else []


def test_landmark_error_is_told_in_eye_distances_and_falls_when_glasses_go(folders: Path) -> None:
    true_xy = {f"{seed:06d}": TEMPLATES["elegant"] * (SIZE / 256) for seed in range(8)}
    eyes = 70 * SIZE / 256
    rows = {name: rows_of(folders / "source", folders / "edited" / name.folder, name, None) for name in (ADD, REMOVE)}
    found = landmark_rows(rows, true_xy, ShiftingDetector(eyes=2.0, rest=0.5))
    assert {name: (error.eyes, error.rest, error.count) for name, error in found.items() if error} == {
        "no glasses": pytest.approx((0, 0, 4), abs=1e-3),
        "glasses": pytest.approx((2 / eyes, 0.5 / eyes, 4), rel=1e-3),
        "glasses removed": pytest.approx((0, 0, 4), abs=1e-3),
    }
    assert landmark_error([folders / "source" / "000001.png"], ["unknown"], true_xy, ShiftingDetector(0, 0)) is None


def test_pictures_without_a_face_are_left_out_and_counted(folders: Path) -> None:
    write_image(folders / "source" / "000003.png", face(0) * np.uint8(0))
    finder = LargestFace(ShiftingDetector(0, 0))
    rows = rows_of(folders / "source", folders / "edited" / "Eyeglasses-add", ADD, None)
    loaded = load_set(rows, finder, SIZE, None)
    assert (len(loaded.sources), loaded.num_skipped) == (3, 1)
    only = [row for row in rows if row.source.stem == "000003"]
    with pytest.raises(MediaError, match="no face in any of 1"):
        load_set(only, finder, SIZE, None)


def test_report_lays_our_figures_beside_the_published_ones(script: Path) -> None:
    real = [face(seed + 100, glasses=20) for seed in range(12)]
    tools = Tools(BandJudge(), Inception(script), None)
    pictures = shown([face(seed, glasses=20) for seed in range(12)], [face(seed) for seed in range(12)])
    result = measure_set(ADD, pictures, np.stack(real), tools, seed=0)
    report = PicturesReport(source="a", edited="b", judge="j", seed=0, results=[result], landmarks=None)
    table, parsed = report.as_markdown(), json.loads(report.as_json())
    assert result.fid is not None
    assert f"| this | – | – | – | – | – | – | {result.fid.edited:.2f} | – | – | – |" in table
    assert "| ELEGANT | 30.71 | 31.12 | 25.71 | 24.88 | 37.51 | 49.13 | 47.35 | 60.71 | 59.37 | 56.80 |" in table
    assert "| glasses removed | 0.03048 | 0.04608 | – | – |" in table
    assert "landmarks not measured: give list_landmarks_align_celeba.txt" in table
    assert "- Eyeglasses +: lpips not measured: no LPIPS weights" in table
    assert "| Eyeglasses + | 12 | 100.0% (100.0%–100.0%) | 0.0% | Male +0.0% |" in table
    assert parsed["results"][0]["fid"]["edited"] == result.fid.edited
    assert parsed["results"][0]["lpips"] is None
    assert parsed["published"]["fid"]["CycleGAN"]["Mustache-remove"] == 55.49
    assert parsed["landmarks"] is None


def test_wrong_jobs_are_refused() -> None:
    with pytest.raises(ConfigError, match="--remove needs --attr"):
        PicturesJob(source=Path("a"), edited=Path("b"), removing=True)
    with pytest.raises(ConfigError, match="leave --aligned out"):
        PicturesJob(source=Path("a"), edited=Path("b"), landmarks="points.txt", is_aligned=True)

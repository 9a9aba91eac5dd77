"""An editor that draws what is asked succeeds; one that does nothing, or too much, comes out worse."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from videoedit.datasets.celeba import FaceSet, load_faces
from videoedit.edit.base import Edit
from videoedit.evaluate.model import Result, evaluate_pairs, judge_sources, reconstruction_psnr
from videoedit.evaluate.pairs import draw_pairs, write_pairs
from videoedit.evaluate.report import Report
from videoedit.frames import Image

SIZE = 32


class BandJudge:
    """Sees glasses where the eye band is dark, and a man where the lower corners are red, as the pictures are drawn."""

    attributes = ("Eyeglasses", "Male")

    def probabilities(self, crops: Tensor) -> Tensor:
        dark = crops[:, :, 12:14, 11:21].mean(dim=(1, 2, 3))
        red = (crops[:, 0] - crops[:, 2])[:, 28:, :3].mean(dim=(1, 2))
        return torch.sigmoid(torch.stack([-8 * (dark + 0.3), 8 * red], dim=1))

    def threshold(self, attribute: str) -> float:
        assert attribute in self.attributes
        return 0.5


@dataclass
class BandEditor:
    """Darkens or lightens the eye band as far as the exemplar's; `spill` adds to the corners too."""

    effect: float = 1.0
    spill: float = 0.0
    attributes: tuple[str, ...] = ("Eyeglasses",)
    crop_size: int = SIZE
    template: str = "elegant"

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.tensor(exemplar[12:14, 11:21].mean() / 127.5 - 1.0).view(1, 1, 1, 1))

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        raise NotImplementedError

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        residual = torch.zeros_like(crops)
        for edit in edits:
            band = crops[:, :, 12:14, 11:21]
            residual[:, :, 12:14, 11:21] = self.effect * (edit.code.float() - band.mean(dim=(1, 2, 3), keepdim=True))
            residual[:, 0, 28:, :3] += self.spill
            residual[:, 2, 28:, :3] -= self.spill
        return (crops + residual).clamp(-1, 1) - crops


@pytest.fixture
def faces(sharded_celeba: Path) -> FaceSet:
    return load_faces(sharded_celeba, partition="val", size=SIZE)


def results_of(faces: FaceSet, editor: BandEditor) -> dict[str, Result]:
    judge = BandJudge()
    pairs = draw_pairs(faces, "Eyeglasses", seed=0)
    return {r.direction: r for r in evaluate_pairs(pairs, faces, editor, judge, judge_sources(faces, judge))}


def all_flips(result: Result) -> dict[str, float]:
    return result.correlated | dict([result.worst_weak] if result.worst_weak else [])


def test_good_editor_succeeds_both_ways_and_leaves_the_rest(faces: FaceSet) -> None:
    results = results_of(faces, BandEditor())
    label = faces.column("Eyeglasses")
    assert (results["add"].count, results["remove"].count) == ((label == -1).sum(), (label == 1).sum())
    for result in results.values():
        assert result.success > 0.9
        assert result.real > 0.9
        assert result.interval[0] <= result.success <= result.interval[1]
        assert result.outside == 0
        assert result.inside_share == 1
        flips = all_flips(result)
        assert flips["Male"] <= 0.02


def test_editor_that_does_nothing_fails(faces: FaceSet) -> None:
    for result in results_of(faces, BandEditor(effect=0.0)).values():
        assert result.success < 0.1


def test_editor_that_spills_is_caught(faces: FaceSet) -> None:
    result = results_of(faces, BandEditor(spill=1.5))["add"]
    assert result.outside > 0.01
    assert result.inside_share < 0.9
    flips = all_flips(result)
    assert flips["Male"] > 0.2


def test_no_edit_reconstructs_perfectly_and_noise_does_not(faces: FaceSet) -> None:
    assert reconstruction_psnr(faces, BandEditor()) == float("inf")

    class Noisy(BandEditor):
        def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
            return torch.full_like(crops, 0.02)

    assert reconstruction_psnr(faces, Noisy()) == pytest.approx(40.0, abs=0.1)


def test_pairs_have_other_labels_follow_the_seed_and_are_kept(faces: FaceSet, tmp_path: Path) -> None:
    pairs = draw_pairs(faces, "Eyeglasses", seed=3)
    label = faces.column("Eyeglasses")
    assert len(pairs) == len(label)
    assert all(label[p.source] == -label[p.exemplar] for p in pairs)
    assert pairs == draw_pairs(faces, "Eyeglasses", seed=3)
    assert pairs != draw_pairs(faces, "Eyeglasses", seed=4)
    write_pairs(pairs, faces, tmp_path / "pairs.csv")
    with (tmp_path / "pairs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["source"] for row in rows] == [faces.names[p.source] for p in pairs]


def test_report_says_the_same_to_people_and_programs(faces: FaceSet) -> None:
    results = list(results_of(faces, BandEditor()).values())
    report = Report(model="m", split="val", seed=0, num_pictures=9, reconstruction_psnr=41.26, results=results)
    table = report.as_markdown()
    assert "reconstruction 41.3 dB" in table
    assert f"| Eyeglasses add | {results[0].count} | {results[0].success:.1%} (" in table
    parsed = json.loads(report.as_json())
    assert parsed["results"][0]["success"] == results[0].success
    assert np.isclose(parsed["reconstruction_psnr"], 41.26)

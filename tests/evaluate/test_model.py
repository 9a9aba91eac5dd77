"""An editor that draws what is asked succeeds; one that does nothing, or too much, comes out worse."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from videoedit.datasets.celeba import CelebaIndex, FaceSet, load_faces, read_index
from videoedit.edit.base import Edit, Worn
from videoedit.errors import ConfigError
from videoedit.evaluate.judging import judge_sources
from videoedit.evaluate.model import ModelEvaluator, edited_batches, reconstruction_psnr
from videoedit.evaluate.pairs import draw_pairs, write_pairs
from videoedit.evaluate.report import Report
from videoedit.evaluate.results import Result, SideEffect
from videoedit.evaluate.sheet import first_pairs, sheet_of
from videoedit.frames import Image

SIZE = 32


class BandJudge:
    """Sees glasses where the eye band is dark, and a man where the lower corners are red, as the pictures are drawn."""

    attributes = ("Eyeglasses", "Male", "Wearing_Hat")

    def probabilities(self, crops: Tensor) -> Tensor:
        dark = crops[:, :, 12:14, 11:21].mean(dim=(1, 2, 3))
        red = (crops[:, 0] - crops[:, 2])[:, 28:, :3].mean(dim=(1, 2))
        return torch.sigmoid(torch.stack([-8 * (dark + 0.3), 8 * red, dark], dim=1))

    def threshold(self, attribute: str) -> float:
        assert attribute in self.attributes
        return 0.5


@dataclass
class BandEditor:
    """Darkens or lightens the eye band as far as the exemplar's; `spill` reddens the corners too."""

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


@pytest.fixture
def training(sharded_celeba: Path) -> CelebaIndex:
    return read_index(sharded_celeba, "train")


def results_of(faces: FaceSet, training: CelebaIndex | None, editor: BandEditor) -> dict[str, Result]:
    pairs = draw_pairs(faces, "Eyeglasses", seed=0)
    evaluator = ModelEvaluator(faces, training, editor, BandJudge())
    results = evaluator.results_of(pairs, "Eyeglasses", seed=0)
    return {result.direction: result for result in results if result.direction != "synthetic"}


def effect_on_sex(result: Result) -> SideEffect:
    assert result.side_effects is not None
    (effect,) = result.side_effects
    assert effect.attribute == "Male"
    return effect


def uncorrelated(training: CelebaIndex) -> CelebaIndex:
    """Return as many men with glasses as without."""
    columns = [training.attributes.index(name) for name in ("Eyeglasses", "Male")]
    labels = {name: label.copy() for name, label in training.labels.items()}
    names = training.names[: len(training.names) // 4 * 4]
    for i, name in enumerate(names):
        labels[name][columns] = ((1, 1), (1, -1), (-1, 1), (-1, -1))[i % 4]
    return replace(training, labels=labels, names=names)


def test_good_editor_succeeds_both_ways_and_leaves_the_rest(faces: FaceSet, training: CelebaIndex) -> None:
    results = results_of(faces, training, BandEditor())
    label = faces.column("Eyeglasses")
    assert (results["add"].count, results["remove"].count) == ((label == -1).sum(), (label == 1).sum())
    for result in results.values():
        assert result.success is not None
        assert result.interval is not None
        assert result.success > 0.9
        assert result.interval[0] <= result.success <= result.interval[1]
        assert result.real_positives.share == result.real_negatives.share == 1.0
        assert result.real_positives.count == (label == 1).sum()
        assert result.outside == 0
        assert result.inside_share == 1
        assert effect_on_sex(result).flips == 0


def test_editor_that_does_nothing_fails(faces: FaceSet, training: CelebaIndex) -> None:
    for result in results_of(faces, training, BandEditor(effect=0.0)).values():
        assert result.success == 0
        assert result.inside_share is None
        assert result.missing["inside_share"] == "the model changed nothing"


def test_editor_that_spills_is_caught(faces: FaceSet, training: CelebaIndex) -> None:
    result = results_of(faces, training, BandEditor(spill=1.5))["add"]
    assert result.outside is not None
    assert result.inside_share is not None
    assert result.outside > 0.01
    assert result.inside_share < 0.9
    women = (faces.column("Male") == -1) & (faces.column("Eyeglasses") == -1)
    assert effect_on_sex(result).flips == pytest.approx(women.sum() / result.count)


def test_success_is_told_apart_by_sex(faces: FaceSet, training: CelebaIndex) -> None:
    class ForMen(BandEditor):
        def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
            is_red = (crops[:, 0] > crops[:, 2])[:, 28:, :3].flatten(1).all(dim=1)
            return super().residuals(crops, edits) * is_red[:, None, None, None]

    result = results_of(faces, training, ForMen())["add"]
    assert result.success_by is not None
    assert {name: rate.share for name, rate in result.success_by.items()} == {"Male": 1, "not Male": 0}
    assert sum(rate.count for rate in result.success_by.values()) == result.count
    assert "success by label: Male 100.0% of " in report_of([result]).as_markdown()


def test_flips_are_weak_or_correlated_by_the_training_labels(faces: FaceSet, training: CelebaIndex) -> None:
    as_drawn = results_of(faces, training, BandEditor(spill=1.5))["add"]
    assert [effect.attribute for effect in as_drawn.correlated] == ["Male"]
    assert as_drawn.weak_mean is None
    apart = results_of(faces, uncorrelated(training), BandEditor(spill=1.5))["add"]
    assert not apart.correlated
    assert apart.weak_mean == effect_on_sex(apart).beyond > 0.2
    unknown = results_of(faces, None, BandEditor())["add"]
    assert not unknown.correlated
    assert not unknown.weak
    assert unknown.missing["correlation"] == "the data hold no training labels"


def test_synthetic_glasses_stand_beside_the_edit_and_tell_the_judge_s_own_entanglement(
    faces: FaceSet, training: CelebaIndex
) -> None:
    class Entangled(BandJudge):
        def probabilities(self, crops: Tensor) -> Tensor:
            said = super().probabilities(crops)
            drawn = crops[:, :, 8:20, 8:24].std(dim=(2, 3)).mean(dim=1) > 0.1
            return torch.stack([said[:, 0], torch.maximum(said[:, 1], drawn.float()), said[:, 2]], dim=1)

    pairs = draw_pairs(faces, "Eyeglasses", seed=0)
    evaluators = [ModelEvaluator(faces, training, BandEditor(), judge) for judge in (BandJudge(), Entangled())]
    calm, tangled = (evaluator.results_of(pairs, "Eyeglasses", 0) for evaluator in evaluators)
    assert [result.direction for result in calm] == ["add", "remove", "synthetic"]
    assert calm[2].count == tangled[2].count == calm[0].count
    assert calm[2].interval is not None
    assert calm[0].success_by is not None
    assert calm[2].success_by is not None
    assert calm[2].success_by.keys() == calm[0].success_by.keys()
    assert calm[2].success == tangled[2].success
    assert effect_on_sex(calm[2]).flips == 0
    women = (faces.column("Male") == -1) & (faces.column("Eyeglasses") == -1)
    assert 0.5 < effect_on_sex(tangled[2]).flips * tangled[2].count / women.sum() <= 1  # some glasses are faint
    assert "no edits of the model" in report_of(calm).as_markdown()
    assert "no edits of the model" not in report_of(calm[:2]).as_markdown()


def test_the_judge_s_own_noise_is_taken_off(faces: FaceSet, training: CelebaIndex) -> None:
    effect = SideEffect(attribute="Male", correlation=0.0, flips=0.08, noise=0.05)
    assert effect.beyond == pytest.approx(0.03)
    steady = effect_on_sex(results_of(faces, training, BandEditor())["add"])
    assert steady.noise == 0


def test_the_judge_errs_on_pictures_with_swapped_labels(faces: FaceSet) -> None:
    said = judge_sources(faces.images, BandJudge()).real[:, 0]
    np.testing.assert_array_equal(said, faces.column("Eyeglasses") == 1)
    swapped = replace(faces, labels=-faces.labels)
    evaluator = ModelEvaluator(swapped, None, BandEditor(), BandJudge())
    result = evaluator.results_of(draw_pairs(swapped, "Eyeglasses", 0), "Eyeglasses", 0)[0]
    assert result.real_positives.share == result.real_negatives.share == 0


def test_exemplar_s_darkness_arrives_or_not(faces: FaceSet, training: CelebaIndex) -> None:
    rng = np.random.default_rng(0)
    images = faces.images.copy()
    glasses = faces.column("Eyeglasses") == 1
    lenses = rng.integers(0, 80, (glasses.sum(), 1, 1, 1))
    images[glasses, 11:17, 7:25] = lenses
    images[~glasses, 11:17, 7:25] = 180
    varied = replace(faces, images=images)
    good = results_of(varied, training, BandEditor())
    assert good["add"].fidelity is not None
    assert good["add"].fidelity["L"] == pytest.approx(1.0, abs=0.02)
    assert good["remove"].fidelity is None
    assert good["remove"].missing["fidelity"] == "measured where Eyeglasses are added"
    still = results_of(varied, training, BandEditor(effect=0.0))["add"]
    assert still.fidelity == {"L": None, "a": None, "b": None}
    assert still.missing["fidelity.L"] == "exemplars or changes are all alike"
    opposite = results_of(varied, training, BandEditor(effect=-0.2))["add"]
    assert opposite.fidelity is not None
    assert (opposite.fidelity["L"] or 0) < -0.9


def test_no_edit_reconstructs_perfectly_and_noise_does_not(faces: FaceSet) -> None:
    assert reconstruction_psnr(faces.images, BandEditor()) is None

    class Noisy(BandEditor):
        def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
            return torch.full_like(crops, 0.02)

    assert reconstruction_psnr(faces.images, Noisy()) == pytest.approx(40.0, abs=0.01)


class PuttingOn(BandEditor):
    """Draws after dark exemplars, and puts white on where they are light."""

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        edit = super().edit_like(exemplar, attribute)
        return replace(edit, worn=Worn(*torch.zeros(3, 1))) if edit.code.item() > -0.3 else edit

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return super().residuals(crops, edits) if edits[0].worn is None else torch.full_like(crops, 0.1)


@pytest.mark.parametrize("editor", [BandEditor(), PuttingOn()])
def test_batches_of_pairs_give_what_each_pair_gives_alone(faces: FaceSet, editor: BandEditor) -> None:
    pairs = draw_pairs(faces, "Eyeglasses", seed=0)
    together = torch.cat([residual for _, residual in edited_batches(pairs, faces, editor)])
    alone = torch.cat([r for pair in pairs for _, r in edited_batches([pair], faces, editor)])
    torch.testing.assert_close(together, alone)


def test_exemplars_that_lack_an_attribute_put_nothing_on(faces: FaceSet) -> None:
    class Everything(PuttingOn):
        def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
            return replace(super().edit_like(exemplar, attribute), worn=Worn(*torch.zeros(3, 1)))

    for pair in draw_pairs(faces, "Eyeglasses", seed=0):
        ((_, residual),) = edited_batches([pair], faces, Everything())
        assert bool((residual == 0.1).all()) == (pair.direction == "add")


def test_exemplars_that_lack_an_attribute_take_it_away(faces: FaceSet) -> None:
    asked: list[bool] = []

    class Listening(BandEditor):
        def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
            asked.extend(edit.is_removal for edit in edits)
            return super().residuals(crops, edits)

    pairs = draw_pairs(faces, "Eyeglasses", seed=0)
    for pair in pairs:
        list(edited_batches([pair], faces, Listening()))
    assert asked == [pair.direction == "remove" for pair in pairs]


def test_pairs_have_other_labels_follow_the_seed_and_are_kept(faces: FaceSet, tmp_path: Path) -> None:
    pairs = draw_pairs(faces, "Eyeglasses", seed=3)
    label = faces.column("Eyeglasses")
    assert len(pairs) == len(label)
    assert all(label[pair.source] == -label[pair.exemplar] for pair in pairs)
    assert all((pair.direction == "add") == (label[pair.source] == -1) for pair in pairs)
    assert pairs == draw_pairs(faces, "Eyeglasses", seed=3)
    assert pairs != draw_pairs(faces, "Eyeglasses", seed=4)
    write_pairs(tmp_path / "pairs.csv", pairs, faces)
    with (tmp_path / "pairs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["source"] for row in rows] == [faces.names[pair.source] for pair in pairs]
    assert [row["exemplar"] for row in rows] == [faces.names[pair.exemplar] for pair in pairs]


def test_set_of_one_label_is_not_measured_and_says_why(faces: FaceSet, training: CelebaIndex) -> None:
    alike = faces.rows(np.flatnonzero(faces.column("Eyeglasses") == -1))
    for result in results_of(alike, training, BandEditor()).values():
        assert (result.count, result.success, result.real_positives.share) == (0, None, None)
        assert "none the other one" in result.missing["success"]
    report = report_of(list(results_of(alike, training, BandEditor()).values()))
    assert json.loads(report.as_json())["results"][0]["success"] is None
    assert "| Eyeglasses, add | 0 | – | – |" in report.as_markdown()


def test_attribute_that_the_judge_does_not_know_is_named(faces: FaceSet) -> None:
    with pytest.raises(ConfigError, match="'Smiling'"):
        ModelEvaluator(faces, None, BandEditor(), BandJudge()).results_of([], "Smiling", 0)


def test_report_says_the_same_to_people_and_programs(faces: FaceSet, training: CelebaIndex) -> None:
    results = list(results_of(faces, uncorrelated(training), BandEditor(spill=1.5)).values())
    report = report_of(results)
    table, parsed = report.as_markdown(), json.loads(report.as_json())
    assert "on the first 9 pictures of `val`" in table
    assert "seed 7; reconstruction: PSNR 41.3 dB" in table
    assert f"| Eyeglasses, add | {results[0].count} | {results[0].success:.1%} (" in table
    assert f"| Male {results[0].weak[0].beyond:+.1%} |" in table
    assert parsed["results"][0]["success"] == results[0].success
    assert parsed["results"][0]["weak_worst"] == {"attribute": "Male", "beyond": results[0].weak[0].beyond}
    assert parsed["jpeg_qualities"] == [95, 90]
    assert np.isclose(parsed["reconstruction_psnr"], 41.26)


def test_sheet_shows_the_first_pairs_of_every_edit(faces: FaceSet) -> None:
    pairs = draw_pairs(faces, "Eyeglasses", seed=0)
    blocks = first_pairs(pairs, 3)
    assert [len(block) for block in blocks] == [3, 3]
    sheet = sheet_of(blocks, faces, BandEditor())
    assert sheet.shape == (3 * SIZE, 2 * 4 * SIZE, 3)
    first = blocks[0][0]
    np.testing.assert_array_equal(sheet[:SIZE, :SIZE], faces.images[first.source])
    np.testing.assert_array_equal(sheet[:SIZE, SIZE : 2 * SIZE], faces.images[first.exemplar])
    assert abs(int(sheet[0, 3 * SIZE, 0]) - 128) <= 1


def report_of(results: list[Result]) -> Report:
    return Report(
        model="m",
        model_sha256="a" * 64,
        judge="j",
        judge_sha256="b" * 64,
        split="val",
        seed=7,
        num_pictures=9,
        is_whole_split=False,
        reconstruction_psnr=41.26,
        results=results,
    )

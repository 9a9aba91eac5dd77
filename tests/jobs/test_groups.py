"""Small pictures are edited together, yet each comes out as if it were alone, and none harms another."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from tests.jobs.stand_ins import LightEditor, MiddleDetector, silent
from tests.jobs.test_batch import config_of
from videoedit.edit.base import Edit
from videoedit.jobs.batch import BatchConfig, BatchReport, run_batch
from videoedit.jobs.engines import HereEngine
from videoedit.jobs.plan import Variant
from videoedit.jobs.work import Worker
from videoedit.video.stills.arrays import read_image, write_image
from videoedit.wishes import Models, Wish

BATCH = 4  # of the stand-ins' pipeline


class NarrowEditor(LightEditor):
    """Cannot take two faces at once."""

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        if len(crops) > 1:
            raise RuntimeError("out of memory")
        return super().residuals(crops, edits)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures that differ a little, so that they would be taken for one scene."""
    (tmp_path / "in").mkdir()
    noise = np.random.default_rng(1).integers(60, 190, (48, 64, 3)).astype(np.uint8)
    for number in range(6):
        write_image(tmp_path / f"in/{number}.png", noise + np.uint8(2 * number))
    return tmp_path


def pictures_config(folder: Path, **choices: object) -> BatchConfig:
    return config_of(folder, name="{stem}-{attr}.png", **choices)


def batch(config: BatchConfig, editor: LightEditor, num_slots: int = 1) -> BatchReport:
    def load(_: object) -> Models:
        return Models(MiddleDetector(), editor)

    engine = HereEngine(lambda progress: Worker(config.edit, progress, load), silent)
    engine.num_slots = num_slots
    return run_batch(config, engine, lambda result, total: None)


def calls(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().split()]


def test_pictures_are_edited_together_and_come_out_as_if_alone(folder: Path) -> None:
    log = folder / "log"
    report = batch(pictures_config(folder), LightEditor(log, company=0.0))
    assert report.counts() == {"edited": 6}
    assert calls(log) == [BATCH, 6 - BATCH]
    alone = pictures_config(folder, output_dir=str(folder / "alone"), on_error="stop")
    batch(alone, LightEditor(folder / "log-alone", company=0.0))
    assert calls(folder / "log-alone") == [1] * 6
    for number in range(6):
        edited, same = (read_image(folder / out / f"{number}-light.png") for out in ("out", "alone"))
        np.testing.assert_array_equal(edited, same)
        assert not np.array_equal(edited, read_image(folder / f"in/{number}.png"))


def test_bad_picture_among_them_is_named_and_harms_no_other(folder: Path) -> None:
    (folder / "in/1.png").write_text("words")
    whole = (folder / "in/2.png").read_bytes()
    (folder / "in/2.png").write_bytes(whole[: len(whole) // 2])
    write_image(folder / "in/3.png", np.full((48, 64, 3), 120, np.uint8))
    report = batch(pictures_config(folder), LightEditor(folder / "log"))
    assert [result.status for result in report.files] == ["edited", "failed", "failed", "no face", "edited", "edited"]
    assert "1.png" in report.files[1].reason
    assert "2.png" in report.files[2].reason
    assert len(list((folder / "out").glob("*.png"))) == 4
    assert not list((folder / "out").glob(".*partial*"))
    assert batch(pictures_config(folder), LightEditor(folder / "log")).counts() == {"skipped": 4, "failed": 2}
    strict = batch(
        pictures_config(folder, no_face="fail", output_dir=str(folder / "strict")), LightEditor(folder / "l")
    )
    assert strict.counts() == {"edited": 3, "failed": 3}


def test_pictures_that_cannot_be_edited_together_are_edited_one_by_one(folder: Path) -> None:
    log = folder / "log"
    assert batch(pictures_config(folder), NarrowEditor(log)).counts() == {"edited": 6}
    assert calls(log) == [1] * 6


def test_pictures_are_together_only_with_those_of_the_same_edit_and_only_small_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants = tuple(Variant((Wish(attribute="light", reference=None, strength=s),)) for s in (0.5, 1.0))
    config = pictures_config(folder, variants=variants)
    assert batch(config, LightEditor(folder / "log")).counts() == {"edited": 12}
    assert sorted(calls(folder / "log")) == [2, 2, BATCH, BATCH]
    monkeypatch.setattr("videoedit.jobs.batch._SMALL_BYTES", 100)
    assert batch(pictures_config(folder, output_dir=str(folder / "big")), LightEditor(folder / "log-big"))
    assert calls(folder / "log-big") == [1] * 6


def test_few_pictures_are_spread_over_all_workers(folder: Path) -> None:
    batch(pictures_config(folder), LightEditor(folder / "log"), num_slots=3)
    assert calls(folder / "log") == [2, 2, 2]

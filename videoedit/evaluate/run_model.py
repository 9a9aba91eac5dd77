"""`videoedit eval model` from its settings to the report."""

from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from videoedit.datasets.celeba import CelebaIndex, FaceSet, load_faces, read_index
from videoedit.edit.attributes import attribute_of
from videoedit.edit.tryon import EMBEDDED as TRY_ON
from videoedit.edit.tryon import load_editor
from videoedit.errors import ConfigError
from videoedit.evaluate.folder import made_folder, write_text
from videoedit.evaluate.kept import PictureFolders
from videoedit.evaluate.model import Keep, ModelEvaluator, forget, reconstruction_psnr
from videoedit.evaluate.pairs import draw_pairs, write_pairs
from videoedit.evaluate.report import Report
from videoedit.evaluate.sheet import first_pairs, sheet_of
from videoedit.judge.attributes import EMBEDDED, AttributeJudge
from videoedit.resources import load_card
from videoedit.video.stills.arrays import write_image


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelJob:
    """What is evaluated, on what, and what is written."""

    model: str
    """Name, or path of a card."""
    data: str
    """Folder that holds CelebA."""
    try_on: str | None = TRY_ON
    """Name, or path of a card; None has the model draw glasses itself."""
    split: str = "val"
    attributes: tuple[str, ...] = ()
    """Names or aliases; empty for all that the model edits."""
    judge: str = EMBEDDED
    """Name, or path of a card."""
    seed: int = 0
    limit: int = 0
    """Use the first so many pictures; 0 for all."""
    device: str = "auto"
    out: Path | None = None
    """Folder for `table.md`, `table.json` and `pairs.csv`."""
    num_sheet_rows: int = 0
    """Rows of `sheet.png` for every edit; 0 for no sheet."""
    with_pictures: bool = False
    """Write every aligned picture before and after its edits, as `videoedit eval images` reads them."""

    def __post_init__(self) -> None:
        if min(self.seed, self.limit, self.num_sheet_rows) < 0:
            raise ConfigError("seed, limit and rows of the sheet must not be negative")
        if (self.num_sheet_rows or self.with_pictures) and self.out is None:
            raise ConfigError("sheet and pictures need a folder to be written to; give one with --out")


def evaluate_model(job: ModelJob) -> Report:
    """Edit every picture of the split once per attribute, judge, and write what was asked for."""
    editor = load_editor(job.model, job.try_on, job.device)
    judge = AttributeJudge.from_card(job.judge, job.device)
    names = list(dict.fromkeys(attribute_of(name, editor.attributes) for name in job.attributes or editor.attributes))
    out = made_folder(job.out) if job.out else None
    faces = load_faces(job.data, partition=job.split, size=editor.crop_size, limit=job.limit)
    pairs = {name: draw_pairs(faces, name, job.seed) for name in names}
    keep = _kept_in(out, faces) if out and job.with_pictures else forget
    evaluator = ModelEvaluator(faces, _training_labels(job.data), editor, judge, keep)
    results = [
        result
        for name in tqdm(names, unit="attribute", dynamic_ncols=True, disable=None)
        for result in evaluator.results_of(pairs[name], name, job.seed)
    ]
    report = Report(
        model=job.model,
        model_sha256=load_card(job.model).sha256,
        judge=job.judge,
        judge_sha256=load_card(job.judge).sha256,
        split=job.split,
        seed=job.seed,
        num_pictures=len(faces.names),
        is_whole_split=not job.limit or len(faces.names) < job.limit,
        reconstruction_psnr=reconstruction_psnr(faces.images, editor),
        results=results,
    )
    if out:
        everything = [pair for name in names for pair in pairs[name]]
        write_pairs(out / "pairs.csv", everything, faces)
        write_text(out / "table.md", report.as_markdown())
        write_text(out / "table.json", report.as_json())
        if job.num_sheet_rows and everything:
            sheet = sheet_of(first_pairs(everything, job.num_sheet_rows), faces, editor)
            write_image(out / "sheet.png", sheet)
    return report


def _kept_in(out: Path, faces: FaceSet) -> Keep:
    folders = PictureFolders(out, faces)
    folders.keep_sources()
    return folders.keep_results


def _training_labels(folder: str) -> CelebaIndex | None:
    index = read_index(folder, "train")
    return index if index.names else None

"""What `videoedit eval images` found, for people (Markdown) and for programs (JSON)."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from videoedit.evaluate.fidelity import fidelity_told
from videoedit.evaluate.pictures.distances import Distance
from videoedit.evaluate.pictures.landmarks import LandmarkError
from videoedit.evaluate.pictures.measure import SetResult
from videoedit.evaluate.pictures.published import FID_CAVEATS, FID_COLUMNS, FID_ROWS, LANDMARK_ROWS
from videoedit.evaluate.pictures.sets import EditName

_SIGNS = {"add": "+", "remove": "−"}
_EDITS_HEADER = (
    "| edit | n | success (95 %) | sources | worst other label | PSNR | SSIM | LPIPS | identity | outside its region "
    "| energy inside |"
)
_DISTANCES_ARE = (
    "Distances to real pictures that have what was asked for; in brackets that of the sources, and that between two "
    "halves of the real ones."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesReport:
    """Everything that was measured."""

    source: str
    edited: str
    judge: str
    seed: int
    results: Sequence[SetResult]
    landmarks: Mapping[str, LandmarkError | None] | None
    """By the rows of the published table; None where no true points were given."""

    def as_json(self) -> str:
        """Return the report as indented JSON; what could not be measured is null, its reason under `missing`."""
        table: dict[str, Any] = asdict(self)
        for result, row in zip(self.results, table["results"], strict=True):
            row["side_effects"] = [asdict(effect) | {"beyond": effect.beyond} for effect in result.side_effects]
        table["published"] = {
            "fid": {name: dict(zip(_column_names(), row, strict=True)) for name, row in FID_ROWS.items()},
            "landmarks": LANDMARK_ROWS,
        }
        return json.dumps(table, indent=2, allow_nan=False)

    def as_markdown(self) -> str:
        """Return the edits' own figures, then the tables of the papers with ours beside."""
        parts = [
            [f"`{self.edited}` against `{self.source}`, judge `{self.judge}`, seed {self.seed}."],
            self._edits(),
            self._distances(),
            self._fid(),
            self._landmarks(),
            self._remarks(),
        ]
        return "\n\n".join("\n".join(part) for part in parts if part)

    def _edits(self) -> list[str]:
        return [
            _EDITS_HEADER,
            "|---|--:|---|--:|---|--:|--:|--:|--:|--:|--:|",
            *(_edit_row(result) for result in self.results),
        ]

    def _distances(self) -> list[str]:
        return [
            _DISTANCES_ARE,
            "",
            "| edit | FID | KID × 1000 | Fréchet in the judge's features |",
            "|---|---|---|---|",
            *(
                f"| {_short(r.name)} | {_apart(r.fid)} | {_apart(r.kid, 1000)} | {_apart(r.judge_distance)} |"
                for r in self.results
            ),
        ]

    def _fid(self) -> list[str]:
        ours = {result.name: result.fid.edited for result in self.results if result.fid}
        return [
            f"| FID | {' | '.join(_short(name) for name in FID_COLUMNS)} |",
            f"|---|{'--:|' * len(FID_COLUMNS)}",
            *(f"| {name} | {' | '.join(f'{value:.2f}' for value in row)} |" for name, row in FID_ROWS.items()),
            f"| this | {' | '.join(_text(ours.get(name), '.2f') for name in FID_COLUMNS)} |",
            "",
            FID_CAVEATS,
        ]

    def _landmarks(self) -> list[str]:
        ours = self.landmarks or {}
        rows = [
            f"| {name} | {eyes:.5f} | {rest:.5f} | {_error(own, 'eyes')} | {_error(own, 'rest')} |"
            for (name, (eyes, rest)), own in zip(LANDMARK_ROWS.items(), map(ours.get, LANDMARK_ROWS), strict=True)
        ]
        return [
            "| landmark error | Shen and Liu: eyes | rest | this: eyes | rest |",
            "|---|--:|--:|--:|--:|",
            *rows,
        ]

    def _remarks(self) -> list[str]:
        by_reason: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for result in self.results:
            for name, reason in result.missing.items():
                by_reason[reason][name.replace("_", " ")].append(_short(result.name))
        lines = [f"- {_short(r.name)}: {fidelity_told(r.fidelity)}." for r in self.results if r.fidelity]
        for reason, names in by_reason.items():
            edits = dict.fromkeys(edit for found in names.values() for edit in found)
            lines.append(f"- {', '.join(edits)}: {', '.join(names)} not measured: {reason}.")
        if self.landmarks is None:
            lines.append("- landmarks not measured: give list_landmarks_align_celeba.txt of CelebA with --landmarks.")
        return lines


def _edit_row(r: SetResult) -> str:
    worst = r.side_effects[0] if r.side_effects else None
    cells = [
        _short(r.name),
        str(r.count),
        f"{_text(r.success.share, '.1%')} ({r.interval[0]:.1%}–{r.interval[1]:.1%})",
        _text(r.success_source.share, ".1%"),
        f"{worst.attribute} {worst.beyond:+.1%}" if worst else "–",
        "exact" if r.psnr is None else f"{r.psnr:.1f}",
        f"{r.ssim:.3f}",
        _text(r.lpips, ".3f"),
        _text(r.identity, ".3f"),
        _text(r.outside, ".4f"),
        _text(r.inside_share, ".1%"),
    ]
    return f"| {' | '.join(cells)} |"


def _short(name: EditName) -> str:
    return f"{name.attribute} {_SIGNS[name.direction]}"


def _column_names() -> list[str]:
    return [name.folder for name in FID_COLUMNS]


def _apart(distance: Distance | None, times: float = 1.0) -> str:
    if distance is None:
        return "–"
    edited, source, floor = (times * value for value in (distance.edited, distance.source, distance.floor))
    return f"{edited:.2f} ({source:.2f}, {floor:.2f})"


def _error(error: LandmarkError | None, part: str) -> str:
    return "–" if error is None else f"{getattr(error, part):.5f} of {error.count}"


def _text(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)

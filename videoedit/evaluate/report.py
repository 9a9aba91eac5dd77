"""The table of a model card, for people (Markdown) and for programs (JSON)."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from videoedit.evaluate.fidelity import fidelity_told
from videoedit.evaluate.judging import QUALITIES
from videoedit.evaluate.results import WEAK, Rate, Result, SideEffect

_HEADER = (
    "| edit | n | success (95 %) | judge on real: with it | without it | other labels flipped, mean | worst "
    "| outside its region | energy inside |"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that `videoedit eval model` found."""

    model: str
    model_sha256: str
    """Of the weights."""
    judge: str
    judge_sha256: str
    split: str
    seed: int
    num_pictures: int
    is_whole_split: bool
    """False where a limit left pictures out."""
    reconstruction_psnr: float | None
    """dB, mean over the pictures; None where every picture comes back exactly."""
    results: Sequence[Result]

    def as_json(self) -> str:
        """Return the report as indented JSON; what could not be measured is null, its reason under `missing`."""
        table = asdict(self) | {
            "jpeg_qualities": QUALITIES,
            "weak_below": WEAK,
            "results": [_table_of(result) for result in self.results],
        }
        return json.dumps(table, indent=2, allow_nan=False)

    def as_markdown(self) -> str:
        """Return the report as a headline, a table, and a list of what does not fit into columns."""
        return "\n".join(
            [
                *self._headline(),
                "",
                _HEADER,
                "|---|--:|---|---|---|--:|---|--:|--:|",
                *(_row(result) for result in self.results),
                "",
                *(line for result in self.results for line in _remarks(result)),
            ]
        )

    def _headline(self) -> list[str]:
        psnr = "exact" if self.reconstruction_psnr is None else f"PSNR {self.reconstruction_psnr:.1f} dB"
        extent = "all" if self.is_whole_split else "the first"
        first, second = QUALITIES
        what = (
            f"`{self.model}` (weights {self.model_sha256[:12]}) on {extent} {self.num_pictures} pictures of "
            f"`{self.split}`, exemplars of the other label drawn with seed {self.seed}; reconstruction: {psnr}."
        )
        how = (
            f"Judge: `{self.judge}` (weights {self.judge_sha256[:12]}) at its equal-error thresholds. Success with its "
            "95 % bootstrap interval; beside it how often the judge is right on real pictures with and without the "
            "attribute."
        )
        beside = (
            f"Other labels flipped: between the source (JPEG, quality {first}) and the result, less the flips between "
            f"qualities {first} and {second} of the same sources; mean and worst over labels whose |correlation| "
            f"with the edited one is below {WEAK} in the training labels."
        )
        synthetic = (
            "The rows `synthetic` are no edits of the model: glasses of all kinds drawn on the same pictures, mouths, "
            "bangs and mustaches of others laid over them. What these flip, the judge cannot tell from the attribute; "
            "where it does not see them, it does not know the attribute on such faces."
        )
        return [
            what,
            how,
            beside,
            *([synthetic] if any(result.direction == "synthetic" for result in self.results) else []),
        ]


def _row(r: Result) -> str:
    worst = f"{r.weak[0].attribute} {r.weak[0].beyond:+.1%}" if r.weak else "–"
    success = "–" if r.success is None else f"{r.success:.1%}"
    if r.interval:
        success += f" ({r.interval[0]:.1%}–{r.interval[1]:.1%})"
    cells = [
        f"{r.attribute}, {r.direction}",
        str(r.count),
        success,
        _rate(r.real_positives),
        _rate(r.real_negatives),
        _text(r.weak_mean, "+.1%"),
        worst,
        _text(r.outside, ".4f"),
        _text(r.inside_share, ".1%"),
    ]
    return f"| {' | '.join(cells)} |"


def _remarks(r: Result) -> list[str]:
    lines = []
    if r.success_by:
        lines.append(f"success by label: {'; '.join(f'{name} {_rate(rate)}' for name, rate in r.success_by.items())}")
    if r.correlated:
        lines.append(f"correlated labels flipped: {'; '.join(_effect(effect) for effect in r.correlated)}")
    if r.fidelity:
        lines.append(fidelity_told(r.fidelity))
    reasons = {name: reason for name, reason in r.missing.items() if name != "fidelity"}  # plain from the table
    lines += [f"{name.replace('_', ' ')} not measured: {reason}" for name, reason in reasons.items()]
    return [f"- {r.attribute}, {r.direction}: {line}." for line in lines]


def _effect(effect: SideEffect) -> str:
    return f"{effect.attribute} {effect.beyond:+.1%} (correlation {_text(effect.correlation, '+.2f')})"


def _rate(rate: Rate) -> str:
    return "–" if rate.share is None else f"{rate.share:.1%} of {rate.count}"


def _text(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _table_of(result: Result) -> dict[str, Any]:
    """Return the fields of a result and what follows from them."""
    effects = [asdict(effect) | {"beyond": effect.beyond} for effect in result.side_effects or ()]
    worst = result.weak[0] if result.weak else None
    return asdict(result) | {
        "side_effects": effects if result.side_effects is not None else None,
        "weak_mean": result.weak_mean,
        "weak_worst": {"attribute": worst.attribute, "beyond": worst.beyond} if worst else None,
    }

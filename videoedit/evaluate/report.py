"""The table of a model card, for people (Markdown) and for programs (JSON)."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from videoedit.evaluate.model import Result

_HEAD = (
    "| edit | n | success (95 %) | real pictures | weak flips, mean | worst | outside | energy inside |",
    "|---|--:|--:|--:|--:|---|--:|--:|",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that `videoedit eval model` found."""

    model: str
    split: str
    seed: int
    num_pictures: int
    reconstruction_psnr: float
    """dB, mean over the pictures."""
    results: Sequence[Result]

    def as_json(self) -> str:
        """Return the report as indented JSON."""
        return json.dumps(asdict(self), indent=2)

    def as_markdown(self) -> str:
        """Return the report as a headline and two tables."""
        headline = (
            f"`{self.model}` on {self.num_pictures} pictures of `{self.split}`, exemplars of the other label drawn "
            f"with seed {self.seed}; reconstruction {self.reconstruction_psnr:.1f} dB."
        )
        lines = [headline, "", *_HEAD, *(_row(r) for r in self.results), "", *(_remarks(r) for r in self.results)]
        return "\n".join(lines)


def _row(r: Result) -> str:
    mean = "–" if r.weak_flips is None else f"{r.weak_flips:.1%}"
    worst = "–" if r.worst_weak is None else f"{r.worst_weak[0]} {r.worst_weak[1]:.1%}"
    return (
        f"| {r.attribute} {r.direction} | {r.count} | {r.success:.1%} ({r.interval[0]:.1%}–{r.interval[1]:.1%}) "
        f"| {r.real:.1%} | {mean} | {worst} | {r.outside:.4f} | {r.inside_share:.1%} |"
    )


def _remarks(r: Result) -> str:
    flips = ", ".join(f"{name} {share:.1%}" for name, share in sorted(r.correlated.items(), key=lambda i: -i[1]))
    rho = "" if r.fidelity is None else f" Exemplar's eye band, Spearman's ρ: L* {r.fidelity[0]:.2f}, "
    rho += "" if r.fidelity is None else f"a* {r.fidelity[1]:.2f}, b* {r.fidelity[2]:.2f}."
    return f"- {r.attribute} {r.direction}: flips of correlated attributes: {flips or 'none'}.{rho}"

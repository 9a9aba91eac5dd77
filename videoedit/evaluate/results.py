"""What was measured of a model, attribute by attribute, each direction apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from videoedit.evaluate.pairs import Direction

WEAK = 0.2
"""Attributes less correlated than this with the edited one, in the training labels, should not move."""

SPLIT = "Male"
"""Success is told apart by this label of the source, for a judge knows hardly any women with a mustache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something holds for pictures of one label."""

    share: float | None
    """None where there is no such picture."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEffect:
    """What an edit does to an attribute that was not asked for."""

    attribute: str
    correlation: float | None
    """With the edited attribute in the training labels; None where there are none."""
    flips: float
    """Share of the edits after which the judge says otherwise than of the source re-encoded."""
    noise: float
    """Share of the same sources of which it says otherwise between two re-encodings."""

    @property
    def beyond(self) -> float:
        """Return the flips that are not the judge's own; negative where an edit is calmer than a re-encoding."""
        return self.flips - self.noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One attribute in one direction. What could not be measured is None, and `missing` says why."""

    attribute: str
    direction: Direction | Literal["synthetic"]
    """`synthetic` where no model was asked, but the attribute put on the same pictures by hand, for comparison."""
    count: int
    """Pictures edited."""
    real_positives: Rate
    """Real pictures with the attribute that are judged to have it."""
    real_negatives: Rate
    """Real pictures without the attribute that are judged not to have it."""
    missing: Mapping[str, str]
    """Reason by the name of the figure."""
    success: float | None = None
    """Share judged to have the attribute after adding, or not to have it after removing."""
    interval: tuple[float, float] | None = None
    """95 % bootstrap interval of `success`."""
    success_by: Mapping[str, Rate] | None = None
    """`success` where the source has the label `SPLIT` and where it has not, by the names `Male` and `not Male`."""
    side_effects: tuple[SideEffect, ...] | None = None
    """On every other attribute that the judge and the data name."""
    outside: float | None = None
    """Mean |residual| outside the attribute's region, of values in [-1, 1]."""
    inside_share: float | None = None
    """Share of the squared residual that lies inside the region."""
    fidelity: Mapping[str, float | None] | None = None
    """Spearman's rho of L*, a*, b*: the exemplar's eye band against the change of the source's."""

    @property
    def weak(self) -> tuple[SideEffect, ...]:
        """Side-effects on attributes correlated below `WEAK`, worst first."""
        known = [effect for effect in self.side_effects or () if effect.correlation is not None]
        weak = [effect for effect in known if abs(effect.correlation or 0.0) < WEAK]
        return tuple(sorted(weak, key=lambda effect: -effect.beyond))

    @property
    def correlated(self) -> tuple[SideEffect, ...]:
        """Side-effects on attributes correlated by `WEAK` or more, strongest correlation first."""
        found = [effect for effect in self.side_effects or () if abs(effect.correlation or 0.0) >= WEAK]
        return tuple(sorted(found, key=lambda effect: -abs(effect.correlation or 0.0)))

    @property
    def weak_mean(self) -> float | None:
        """Return the mean of the weak side-effects beyond the judge's noise."""
        return sum(effect.beyond for effect in self.weak) / len(self.weak) if self.weak else None

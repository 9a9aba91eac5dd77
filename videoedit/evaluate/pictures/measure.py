"""Figures of one set of edited pictures.

Shapes: N pictures of S x S; n attributes of the judge.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity
from torch import Tensor

from videoedit.align.regions import region_mask
from videoedit.evaluate import metrics
from videoedit.evaluate.fidelity import eye_band_fidelity
from videoedit.evaluate.judging import QUALITIES, Judge, batches, rate_of, recompressed, verdicts
from videoedit.evaluate.pictures.distances import Distance, Features, frechet, halves, kernel
from videoedit.evaluate.pictures.extractors import INCEPTION_WANTED, LPIPS_WANTED, Inception, Lpips
from videoedit.evaluate.pictures.sets import EditName, PictureSet
from videoedit.evaluate.results import Rate, SideEffect
from videoedit.judge.recognition import WANTED as RECOGNITION_WANTED
from videoedit.tensors import to_model

REAL_WANTED = "give --real, a folder of real pictures that have what was asked for"
FEWEST = 4
"""Pictures without which no distance between sets is taken."""


class FeatureJudge(Judge, Protocol):
    """A judge whose features can be compared."""

    def features(self, crops: Tensor) -> Tensor:
        """Return (B, D) of crops (B, 3, S, S) in [-1, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """Networks that look at the pictures; None where the user gave none."""

    judge: FeatureJudge
    inception: Inception | None
    lpips: Lpips | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """What was measured of one edit. What could not be is None, and `missing` says why."""

    name: EditName
    count: int
    num_skipped: int
    """Pictures without a face."""
    success: Rate
    interval: tuple[float, float]
    """95 % bootstrap interval of the success."""
    success_source: Rate
    """The same of the sources: what was so already."""
    side_effects: tuple[SideEffect, ...]
    """Worst first."""
    psnr: float | None
    """dB between result and source over the whole crop; None where nothing differs."""
    ssim: float
    lpips: float | None
    identity: float | None
    outside: float | None
    """Mean |change| outside the attribute's region, of values in [-1, 1]."""
    inside_share: float | None
    """Share of the squared change that lies inside the region."""
    fidelity: dict[str, float | None] | None
    """Spearman's rho of L*, a*, b*: the exemplar's eye band against the change of the source's."""
    fid: Distance | None
    kid: Distance | None
    judge_distance: Distance | None
    """Fréchet, in the judge's features."""
    missing: dict[str, str]


def measure_set(
    name: EditName, shown: PictureSet, real: NDArray[np.uint8] | None, tools: Tools, seed: int
) -> SetResult:
    """Measure everything about one edit.

    Args:
        name: The edit.
        shown: Its pictures.
        real: (M, S, S, 3) real pictures that have what was asked for; None where there are none.
        tools: What looks at them.
        seed: Of the intervals and halves.
    """
    missing: dict[str, str] = {}
    column, wanted = tools.judge.attributes.index(name.attribute), name.direction == "add"
    before, after = (verdicts(images, tools.judge) for images in (shown.sources, shown.edited))
    success = after[:, column] == wanted
    residuals = (to_model(shown.edited) - to_model(shown.sources)).numpy()
    decibels = metrics.residual_psnr(residuals)
    finite = decibels[np.isfinite(decibels)]
    perceived = tools.lpips.distances(shown.sources, shown.edited) if tools.lpips else None
    far = _distances(shown, real, tools, missing, seed)
    return SetResult(
        name=name,
        count=len(success),
        num_skipped=shown.num_skipped,
        success=rate_of(success),
        interval=metrics.bootstrap_interval(success.astype(np.float64), seed),
        success_source=rate_of(before[:, column] == wanted),
        side_effects=_side_effects(shown, before, after, tools.judge, name),
        psnr=float(finite.mean()) if len(finite) else None,
        ssim=_ssim(shown),
        lpips=_mean_or(perceived, LPIPS_WANTED, "lpips", missing),
        identity=_mean_or(shown.likeness, RECOGNITION_WANTED, "identity", missing),
        **_locality(residuals, name, missing),
        fidelity=_fidelity(shown, name, missing),
        fid=far.get("fid"),
        kid=far.get("kid"),
        judge_distance=far.get("judge_distance"),
        missing=missing,
    )


def _side_effects(
    shown: PictureSet, before: NDArray[np.bool_], after: NDArray[np.bool_], judge: Judge, name: EditName
) -> tuple[SideEffect, ...]:
    again = verdicts(np.stack([recompressed(image, QUALITIES[0]) for image in shown.sources]), judge)
    flips, noise = metrics.flip_shares(before, after), metrics.flip_shares(before, again)
    effects = [
        SideEffect(attribute=other, correlation=None, flips=float(flips[i]), noise=float(noise[i]))
        for i, other in enumerate(judge.attributes)
        if other != name.attribute
    ]
    return tuple(sorted(effects, key=lambda effect: -effect.beyond))


def _ssim(shown: PictureSet) -> float:
    peak = np.iinfo(np.uint8).max
    values = [
        structural_similarity(a, b, channel_axis=2, data_range=peak)  # type: ignore[no-untyped-call]
        for a, b in zip(shown.sources, shown.edited, strict=True)
    ]
    return float(np.mean(values))


def _mean_or(values: NDArray[np.float64] | None, wanted: str, name: str, missing: dict[str, str]) -> float | None:
    if values is None:
        missing[name] = wanted
        return None
    return float(values.mean())


def _locality(residuals: NDArray[np.float32], name: EditName, missing: dict[str, str]) -> dict[str, float | None]:
    inside = region_mask(name.attribute, residuals.shape[-1])
    if inside.all():
        missing["locality"] = "the attribute's region is the whole crop"
        return {"outside": None, "inside_share": None}
    within, everywhere = (float(part.sum()) for part in metrics.inside_share(residuals, inside))
    if everywhere == 0:
        missing["locality"] = "nothing was changed"
    return {
        "outside": float(metrics.outside_mean(residuals, inside).mean()),
        "inside_share": within / everywhere if everywhere else None,
    }


def _fidelity(shown: PictureSet, name: EditName, missing: dict[str, str]) -> dict[str, float | None] | None:
    if shown.exemplars is None:
        missing["fidelity"] = "the exemplars are not known; give the list of pairs with --pairs"
        return None
    bands = [metrics.eye_band_lab(images) for images in (shown.exemplars, shown.sources, shown.edited)]
    return eye_band_fidelity(bands[0], bands[2] - bands[1], (name.attribute, name.direction), missing)


def _distances(
    shown: PictureSet, real: NDArray[np.uint8] | None, tools: Tools, missing: dict[str, str], seed: int
) -> dict[str, Distance]:
    """Return the distances that can be taken, by name."""
    names = ("fid", "kid", "judge_distance")
    if real is None or min(len(real), len(shown.edited)) < FEWEST:
        reason = REAL_WANTED if real is None else f"fewer than {FEWEST} pictures"
        missing.update(dict.fromkeys(names, reason))
        return {}
    sets = shown.edited, shown.sources, real
    judged = [_judge_features(images, tools.judge) for images in sets]
    found = {"judge_distance": _distance(frechet, judged, seed)}
    if tools.inception is None:
        missing.update(dict.fromkeys(names[:2], INCEPTION_WANTED))
        return found
    seen = [tools.inception.features(images) for images in sets]
    return found | {"fid": _distance(frechet, seen, seed), "kid": _distance(kernel, seen, seed)}


def _judge_features(images: NDArray[np.uint8], judge: FeatureJudge) -> Features:
    parts = [judge.features(to_model(images[rows])).numpy() for rows in batches(len(images))]
    return np.concatenate(parts).astype(np.float64)


def _distance(measure: Callable[[Features, Features], float], features: list[Features], seed: int) -> Distance:
    edited, source, real = features
    return Distance(edited=measure(edited, real), source=measure(source, real), floor=measure(*halves(real, seed)))

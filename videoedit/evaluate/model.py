"""Evaluate an editor on a labelled set: every picture edited once per attribute, and judged.

Shapes: N pictures of S x S; n attributes of the judge.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.align.regions import region_mask
from videoedit.datasets.celeba import CelebaIndex, FaceSet
from videoedit.edit.base import Edit, FaceEditor, together
from videoedit.errors import ConfigError
from videoedit.evaluate import metrics
from videoedit.evaluate.fidelity import eye_band_fidelity
from videoedit.evaluate.judging import Judge, Judged, batches, judge_sources, rate_of, verdicts
from videoedit.evaluate.pairs import DIRECTIONS, Direction, Pair
from videoedit.evaluate.results import SPLIT, Rate, Result, SideEffect
from videoedit.registry import unknown_name
from videoedit.synthetic.makers import MAKERS
from videoedit.tensors import change_of, from_model, to_model

Keep: TypeAlias = Callable[[Sequence[Pair], NDArray[np.uint8]], None]
"""Is shown a batch of pairs and their results (B, S, S, 3)."""


def forget(pairs: Sequence[Pair], results: NDArray[np.uint8]) -> None:
    """Let the results go."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Figures of N edits, one row each."""

    said: NDArray[np.bool_]
    """(N, n) what the judge says of the results."""
    outside: metrics.Floats | None
    """(N,) mean |residual| outside the region; None where the region is the whole crop."""
    energy: tuple[metrics.Floats, metrics.Floats]
    """Squared residual inside the region and everywhere, (N,) each."""
    change_lab: metrics.Floats
    """(N, 3) eye band of the result minus that of the source."""
    exemplar_lab: metrics.Floats
    """(N, 3) eye band of the exemplar."""


class ModelEvaluator:
    """Holds the set and what the judge says of it, so that each attribute is measured against the same."""

    def __init__(
        self,
        faces: FaceSet,
        training: CelebaIndex | None,
        editor: FaceEditor,
        judge: Judge,
        keep: Keep = forget,
    ) -> None:
        """Judge the unedited set; `keep` sees every result."""
        self._keep = keep
        self._faces = faces
        self._training = training
        self._editor = editor
        self._judge = judge
        self._judged: Judged = judge_sources(faces.images, judge)

    def results_of(self, pairs: Sequence[Pair], attribute: str, seed: int) -> list[Result]:
        """Edit and judge the pairs of one attribute.

        Raises:
            ConfigError: The judge does not know the attribute.
        """
        if attribute not in self._judge.attributes:
            raise ConfigError(unknown_name("attribute of the judge", attribute, self._judge.attributes))
        results = [
            self._result([pair for pair in pairs if pair.direction == direction], (attribute, direction), seed)
            for direction in DIRECTIONS
        ]
        added = [pair for pair in pairs if pair.direction == "add"]
        return [*results, self._synthetic(added, attribute, seed)] if attribute in MAKERS and added else results

    def _synthetic(self, pairs: Sequence[Pair], attribute: str, seed: int) -> Result:
        """Judge what can be put on without a network, on the pictures that the model adds to."""
        column = self._judge.attributes.index(attribute)
        maker, rng = MAKERS[attribute](self._faces, self._faces.images.shape[1]), np.random.default_rng(seed)
        said = verdicts(np.stack([maker.positive(pair.source, rng) for pair in pairs]), self._judge)
        success = said[:, column].astype(np.float64)
        real = self._real_rates(attribute)
        return Result(
            attribute=attribute,
            direction="synthetic",
            count=len(pairs),
            real_positives=real[0],
            real_negatives=real[1],
            missing=self._correlation_missing(),
            success=float(success.mean()),
            interval=metrics.bootstrap_interval(success, seed),
            success_by=self._success_by(pairs, success == 1, attribute),
            side_effects=self._side_effects(pairs, said, attribute),
        )

    def _real_rates(self, attribute: str) -> tuple[Rate, Rate]:
        """Return how often the judge is right on real pictures with the attribute and without."""
        column, has = self._judge.attributes.index(attribute), self._faces.column(attribute) == 1
        return rate_of(self._judged.real[has, column]), rate_of(~self._judged.real[~has, column])

    def _correlation_missing(self) -> dict[str, str]:
        return {} if self._training is not None else {"correlation": "the data hold no training labels"}

    def _result(self, pairs: Sequence[Pair], edit: tuple[str, Direction], seed: int) -> Result:
        attribute, direction = edit
        column = self._judge.attributes.index(attribute)
        positives, negatives = self._real_rates(attribute)
        missing: dict[str, str] = {}
        figures: dict[str, object] = {}
        if pairs:
            made = measure(pairs, self._faces, self._editor, self._judge, self._keep)
            success = (made.said[:, column] == (direction == "add")).astype(np.float64)
            figures = {
                "success": float(success.mean()),
                "interval": metrics.bootstrap_interval(success, seed),
                "success_by": self._success_by(pairs, success == 1, attribute),
                "side_effects": self._side_effects(pairs, made.said, attribute),
                **_locality(made, missing),
                "fidelity": eye_band_fidelity(made.exemplar_lab, made.change_lab, edit, missing),
            }
            missing |= self._correlation_missing()
        else:
            missing["success"] = "no picture has the label, or none the other one"
        return Result(
            attribute=attribute,
            direction=direction,
            count=len(pairs),
            real_positives=positives,
            real_negatives=negatives,
            missing=missing,
            **figures,  # type: ignore[arg-type]
        )

    def _success_by(self, pairs: Sequence[Pair], success: NDArray[np.bool_], attribute: str) -> dict[str, Rate] | None:
        """Tell success apart by the sources' label `SPLIT`, where the data have it and it is not what is edited."""
        if attribute == SPLIT or SPLIT not in self._faces.attributes:
            return None
        has = self._faces.column(SPLIT)[[pair.source for pair in pairs]] == 1
        return {SPLIT: rate_of(success[has]), f"not {SPLIT}": rate_of(success[~has])}

    def _side_effects(self, pairs: Sequence[Pair], said: NDArray[np.bool_], attribute: str) -> tuple[SideEffect, ...]:
        rows = [pair.source for pair in pairs]
        before, again = self._judged.encoded[rows], self._judged.encoded_again[rows]
        flips, noise = metrics.flip_shares(before, said), metrics.flip_shares(before, again)
        related = _correlations(self._training, attribute)
        return tuple(
            SideEffect(attribute=name, correlation=related.get(name), flips=float(flips[i]), noise=float(noise[i]))
            for i, name in enumerate(self._judge.attributes)
            if name != attribute and name in self._faces.attributes
        )


def measure(pairs: Sequence[Pair], faces: FaceSet, editor: FaceEditor, judge: Judge, keep: Keep = forget) -> Measured:
    """Edit pairs of one attribute in batches, show `keep` the results, and hold their figures alone."""
    inside = region_mask(pairs[0].attribute, editor.crop_size)
    said, outside, energies, changes = [], [], [], []
    for batch, residuals in edited_batches(pairs, faces, editor):
        sources = faces.images[[pair.source for pair in batch]]
        results = from_model(to_model(sources) + residuals)
        keep(batch, results)
        said.append(verdicts(results, judge))
        energies.append(metrics.inside_share(residuals.numpy(), inside))
        changes.append(metrics.eye_band_lab(results) - metrics.eye_band_lab(sources))
        if not inside.all():
            outside.append(metrics.outside_mean(residuals.numpy(), inside))
    return Measured(
        said=np.concatenate(said),
        outside=np.concatenate(outside) if outside else None,
        energy=(np.concatenate([e[0] for e in energies]), np.concatenate([e[1] for e in energies])),
        change_lab=np.concatenate(changes),
        exemplar_lab=np.concatenate([metrics.eye_band_lab(faces.images[[pair.exemplar]]) for pair in pairs]),
    )


def edited_batches(
    pairs: Sequence[Pair], faces: FaceSet, editor: FaceEditor
) -> Iterator[tuple[Sequence[Pair], Tensor]]:
    """Yield pairs of one attribute with the changes of their pictures (B, 3, S, S); every exemplar is encoded once."""
    attribute = pairs[0].attribute
    edits: dict[int, Edit] = {}
    for rows in batches(len(pairs)):
        batch = pairs[rows]
        for pair in batch:
            if pair.exemplar not in edits:
                edit = editor.edit_like(faces.images[pair.exemplar], attribute)
                edits[pair.exemplar] = edit.as_removal if pair.direction == "remove" else edit  # as in a wish
        crops = to_model(faces.images[[pair.source for pair in batch]])
        yield batch, _changes(crops, [edits[pair.exemplar] for pair in batch], editor)


def _changes(crops: Tensor, edits: Sequence[Edit], editor: FaceEditor) -> Tensor:
    """Return what edits of one attribute, one for each, change in crops (B, 3, S, S)."""
    changes = torch.empty_like(crops)
    for kind in {edit.kind for edit in edits}:
        rows = [row for row, edit in enumerate(edits) if edit.kind == kind]
        some = crops[rows]
        changes[rows] = change_of(editor.residuals(some, [together([edits[row] for row in rows])]), some)
    return changes


def reconstruction_psnr(images: NDArray[np.uint8], editor: FaceEditor) -> float | None:
    """Return the mean PSNR in dB between pictures and what the editor makes of them with no edit.

    None where it leaves every picture exactly as it is.
    """
    crops = (to_model(images[rows]) for rows in batches(len(images)))
    decibels = np.concatenate(
        [metrics.residual_psnr(change_of(editor.residuals(some, []), some).numpy()) for some in crops]
    )
    finite = decibels[np.isfinite(decibels)]
    return float(finite.mean()) if len(finite) else None


def _correlations(training: CelebaIndex | None, attribute: str) -> dict[str, float]:
    """Return the correlation of an attribute with every other in the training labels."""
    if training is None or attribute not in training.attributes:
        return {}
    labels = np.stack([training.labels[name] for name in training.names])
    values = metrics.correlations(labels, training.attributes.index(attribute))
    return dict(zip(training.attributes, values.tolist(), strict=True))


def _locality(made: Measured, missing: dict[str, str]) -> dict[str, object]:
    inside, everywhere = (float(part.sum()) for part in made.energy)
    if made.outside is None:
        missing["outside"] = missing["inside_share"] = "the attribute's region is the whole crop"
        return {}
    if everywhere == 0:
        missing["inside_share"] = "the model changed nothing"
    return {
        "outside": float(made.outside.mean()),
        "inside_share": inside / everywhere if everywhere else None,
    }

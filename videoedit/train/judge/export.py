"""From a training to the judge that ships: float16 weights, thresholds from validation pictures, and the card."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from videoedit.datasets.celeba import FaceSet
from videoedit.judge.calibration import Reliability, reliability_of
from videoedit.nets.classifier import AttributeClassifier
from videoedit.resources import ModelCard
from videoedit.tensors import to_model
from videoedit.train.export import UNKNOWN_SHA256, WEIGHTS_LICENCE, export_network

_BATCH = 64


def export_classifier(network: AttributeClassifier, val: FaceSet, folder: Path, name: str) -> list[Reliability]:
    """Write `NAME.safetensors` and `NAME.toml`; return what validation says.

    Args:
        network: Averaged weights.
        val: Validation faces of the crop's size.
        folder: Where to write; must exist.
        name: Name of the model.
    """
    config = network.config
    measured = measure(network, val)
    export_network(
        network,
        ModelCard(
            name=name,
            kind="judge",
            file=f"{name}.safetensors",
            sha256=UNKNOWN_SHA256,
            attributes=config.attributes,
            crop_size=config.crop_size,
            template="elegant",
            licence=WEIGHTS_LICENCE,
            description=f"attribute classifier, {_mean_accuracy(measured):.1%} right on validation pictures",
            network={"width": config.width, "blocks": config.blocks},
            thresholds={m.attribute: round(m.threshold, 5) for m in measured},
            plainly_below={m.attribute: round(m.plainly_below, 5) for m in measured},
            folder=folder,
        ),
    )
    return measured


def measure(network: AttributeClassifier, val: FaceSet) -> list[Reliability]:
    """Judge every validation face; one entry per attribute, in the network's order."""
    probabilities = _probabilities(network, val.images)
    return [
        reliability_of(name, probabilities[:, i], val.column(name) == 1)
        for i, name in enumerate(network.config.attributes)
    ]


def reliability_table(measured: Sequence[Reliability]) -> str:
    """Return the table of a card in Markdown, means last."""
    rows = [
        "| attribute | positives | majority | accuracy | balanced | equal-error rate | threshold | calibration error |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    rows += [_row(m) for m in measured]
    shares = [[m.majority, m.accuracy, m.balanced, m.equal_error] for m in measured]
    majority, accuracy, balanced, equal = np.mean(shares, axis=0)
    calibration = np.mean([m.calibration_error for m in measured])
    rows.append(
        f"| **mean** | | {majority:.1%} | {accuracy:.1%} | {balanced:.1%} | {equal:.1%} | | {calibration:.3f} |"
    )
    return "\n".join(rows)


def _row(m: Reliability) -> str:
    return (
        f"| {m.attribute} | {m.num_positive} | {m.majority:.1%} | {m.accuracy:.1%} | {m.balanced:.1%} "
        f"| {m.equal_error:.1%} | {m.threshold:.3f} | {m.calibration_error:.3f} |"
    )


def _mean_accuracy(measured: Sequence[Reliability]) -> float:
    return float(np.mean([m.accuracy for m in measured]))


@torch.inference_mode()
def _probabilities(network: AttributeClassifier, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    network.eval()
    parts = [torch.sigmoid(network(to_model(images[i : i + _BATCH]))) for i in range(0, len(images), _BATCH)]
    return torch.cat(parts).double().numpy()

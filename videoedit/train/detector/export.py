"""Write a trained detector as an ONNX file in SCRFD's layout, with its card."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch

from videoedit.errors import ModelError
from videoedit.nets.detector import EVEN, STRIDES, DetectorConfig, FaceNet, ScrfdLayout, fold_norms
from videoedit.resources import ModelCard, sha256_of, write_card
from videoedit.whole_files import whole_file

OUTPUT_NAMES: Final = tuple(f"{part}_{stride}" for part in ("score", "box", "points") for stride in STRIDES)
_OPSET: Final = 13

logger = logging.getLogger(__name__)


def export_detector(
    checkpoint: str | Path, config: DetectorConfig, card: ModelCard, thresholds: Sequence[float] = EVEN
) -> Path:
    """Export the averaged weights of a training's checkpoint.

    Args:
        checkpoint: `last.pt` of the training loop.
        config: The network that was trained.
        card: Where to write; its sha256 is replaced by the new file's.
        thresholds: The score of each anchor that the file is to call 0.5, so that all users may take 0.5 as the limit.

    Returns:
        Path of the card.

    Raises:
        ModelError: The checkpoint is not one of this network.
    """
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    write_onnx(averaged_net(state["task"], config), card.weights_path, thresholds)
    values = {name: getattr(card, name) for name in card.__dataclass_fields__}
    digest = sha256_of(card.weights_path)
    return write_card(ModelCard(**(values | {"sha256": digest, "network": asdict(config)})))


def averaged_net(task_state: Mapping[str, Any], config: DetectorConfig) -> FaceNet:
    """Return the running average of a training, in evaluation mode."""
    prefix = "module."
    weights = {
        name.removeprefix(prefix): value for name, value in task_state["average"].items() if name.startswith(prefix)
    }
    net = FaceNet(config)
    try:
        net.load_state_dict(weights)
    except RuntimeError as error:
        raise ModelError(f"the checkpoint is of another network: {error}") from error
    return net.eval()


def write_onnx(net: FaceNet, path: str | Path, thresholds: Sequence[float]) -> None:
    """Write the nine-output ONNX file, batch norms folded, height and width free; it appears only when whole."""
    layout = ScrfdLayout(fold_norms(net), thresholds).eval()
    axes = {"input": {2: "height", 3: "width"}} | {name: {0: f"rows_{name}"} for name in OUTPUT_NAMES}
    with whole_file(Path(path)) as partial, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about itself being the older of two
        torch.onnx.export(
            layout,
            (torch.zeros(1, 3, 96, 128),),
            str(partial),
            input_names=["input"],
            output_names=list(OUTPUT_NAMES),
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
    logger.info("wrote %s", path)

"""Make the embedded face detector again: ask the teacher, export a training, measure.

    python scripts/face_detector.py label    DATA TABLE
    videoedit train detector ...
    python scripts/face_detector.py export   CHECKPOINT models
    python scripts/face_detector.py evaluate DATA TABLE [--detector NAME-OR-FILE] [--clips]

DATA is a folder with lfw/, celeba/, weights/ and clips/; TABLE is the CSV of the teacher's answers for LFW.
"""

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from videoedit.detect import detectors
from videoedit.frames import Image
from videoedit.nets.detector import DetectorConfig
from videoedit.resources import ModelCard
from videoedit.train.evaluate_detector import EvaluationData, Finder, as_table, evaluate, evaluate_clip, milliseconds
from videoedit.train.export_detector import export_detector
from videoedit.train.teacher import write_table
from videoedit.video.reader import VideoReader
from videoedit.video.thumbnail import thumbnail

TEACHER = Path("weights/yunet_n_dynamic.onnx")
FULL_SIZE = 1 << 14  # pixels: no clip is larger


def main() -> None:
    """Run one of the steps."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(required=True)
    label = steps.add_parser("label")
    label.add_argument("data", type=Path)
    label.add_argument("table", type=Path)
    label.set_defaults(handler=handle_label)
    export = steps.add_parser("export")
    export.add_argument("checkpoint", type=Path)
    export.add_argument("models", type=Path)
    export.set_defaults(handler=handle_export)
    measure = steps.add_parser("evaluate")
    measure.add_argument("data", type=Path)
    measure.add_argument("table", type=Path)
    measure.add_argument("--detector", default="face-detector", help="model card, or an ONNX file of SCRFD or YuNet")
    measure.add_argument("--size", type=int, default=640, help="longer side of the network's input")
    measure.add_argument("--limit", type=int, default=1000, help="pictures of CelebA")
    measure.add_argument("--clips", action="store_true", help="measure on clips too")
    measure.set_defaults(handler=handle_evaluate)
    args = parser.parse_args()
    args.handler(args)


def handle_label(args: argparse.Namespace) -> None:
    """Write the teacher's answers."""
    print(write_table(args.data / "lfw" / "images.tar", args.data / TEACHER, args.table), "faces")


def handle_export(args: argparse.Namespace) -> None:
    """Write weights and card."""
    card = ModelCard(
        name="face-detector",
        kind="detector",
        file="face-detector.onnx",
        sha256="0" * 64,
        licence="LicenseRef-LFW-CelebA-research-only",
        description="Small face detector with five points in SCRFD's layout, taught by YuNet on LFW and CelebA.",
        folder=args.models,
    )
    print(export_detector(args.checkpoint, DetectorConfig(), card))


def handle_evaluate(args: argparse.Namespace) -> None:
    """Print the tables."""
    detector = finder(args.detector, args.size, 0.5)
    teacher = finder(args.data / TEACHER, args.size, 0.3)
    rows = evaluate(detector, teacher, EvaluationData.load(args.data, args.table, limit=args.limit))
    for clip in sorted((args.data / "clips").glob("*.mp4")) if args.clips else ():
        rows += evaluate_clip(clip.stem, detector, teacher, frames(clip, every=5))
    print(as_table(rows))
    for size in (320, 640):
        image = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
        pair = finder(args.detector, size, 0.5), finder(args.data / TEACHER, size, 0.5)
        ours, yunet = (milliseconds(one, image) for one in pair)
        print(f"{size} x {size}: {ours:.2f} ms, YuNet {yunet:.2f} ms, ratio {ours / yunet:.2f}")


def finder(weights: str | Path, size: int, score: float) -> Finder:
    """Make a detector of single pictures, with one thread."""
    kind = "yunet" if "yunet" in str(weights) else "insightface"
    detector = detectors.build(kind, weights=weights, size=size, score=score)
    return lambda image: detector.detect([image])[0]


def frames(clip: Path, every: int) -> Iterator[Image]:
    """Yield some frames of a clip at full size."""
    with VideoReader(clip) as reader:
        for frame in reader:
            if frame.index % every == 0:
                yield thumbnail(frame, FULL_SIZE)[0]


if __name__ == "__main__":
    main()

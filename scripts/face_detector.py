"""Make the embedded face detector again: ask the teacher, export a training, measure.

    python scripts/face_detector.py label    DATA TABLE
    python scripts/face_detector.py quiet    DATA TABLE QUIET-LFW QUIET-CELEBA --landmarks LFW.csv CELEBA.csv
    python scripts/face_detector.py train    DATA TABLE OUT [--minutes M] [--iterations N]
    python scripts/face_detector.py export   OUT/last.pt models
    python scripts/face_detector.py evaluate DATA TABLE [--detector NAME-OR-FILE] [--clips]

DATA is a folder with lfw/, celeba/, weights/ and clips/; TABLE is the CSV of the teacher's answers for LFW.
"""

import argparse
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch

from videoedit.detect import detectors
from videoedit.frames import Image
from videoedit.nets.detector import DetectorConfig
from videoedit.resources import ModelCard
from videoedit.train.detector import DetectorTask, DetectorTrainConfig
from videoedit.train.evaluate_detector import (
    SURE,
    EvaluationData,
    Finder,
    as_table,
    evaluate,
    evaluate_clip,
    milliseconds,
)
from videoedit.train.export_detector import export_detector
from videoedit.train.loop import LoopConfig, fit
from videoedit.train.pictures import celeba_faces, is_held_out, labels_of
from videoedit.train.quiet import fit_map, quieted, read_landmarks
from videoedit.train.teacher import read_table, save_table, write_table
from videoedit.video.reading.reader import VideoReader
from videoedit.video.thumbnail import thumbnail

Parser: TypeAlias = argparse.ArgumentParser
Steps: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

TEACHER = Path("weights/yunet_n_dynamic.onnx")
FULL_SIZE = 1 << 14  # pixels: no clip is larger


def main() -> None:
    """Run one of the steps."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(required=True)
    label = _step(steps, "label", handle_label, "data", "table")
    label.add_argument("--pictures", type=Path, default=Path("lfw/images.tar"), help="tar inside DATA")
    quiet = _step(steps, "quiet", handle_quiet, "data", "table", "quiet_lfw", "quiet_celeba")
    quiet.add_argument("--landmarks", type=Path, nargs="+", required=True, help="tables of a landmark network")
    train = _step(steps, "train", handle_train, "data", "table", "out")
    train.add_argument("--celeba-table", default="", help="faces to take instead of landmarks5.csv")
    train.add_argument("--minutes", type=float, default=0.0, help="stop this run after so many minutes, to be resumed")
    train.add_argument("--iterations", type=int, default=20_000, help="over which the learning rate falls to zero")
    train.add_argument("--batch-size", type=int, default=16, help="scenes per step")
    train.add_argument("--workers", type=int, default=1, help="processes that compose scenes")
    train.add_argument("--device", default="auto", help="auto, cpu, cuda")
    export = _step(steps, "export", handle_export, "checkpoint", "models")
    export.add_argument("--threshold", type=float, default=0.5, help="trained score that the file is to call 0.5")
    measure = _step(steps, "evaluate", handle_evaluate, "data", "table")
    measure.add_argument("--celeba-table", default="", help="faces to take instead of landmarks5.csv")
    measure.add_argument("--detector", default="face-detector", help="model card, or an ONNX file of SCRFD or YuNet")
    measure.add_argument("--as-it-is", action="store_true", help="without finding the points anew")
    measure.add_argument("--size", type=int, default=640, help="longer side of the network's input")
    measure.add_argument("--limit", type=int, default=1000, help="pictures of CelebA")
    measure.add_argument("--clips", action="store_true", help="measure on clips too")
    args = parser.parse_args()
    args.handler(args)


def _step(steps: Steps, name: str, handler: Callable[[argparse.Namespace], None], *places: str) -> Parser:
    step = steps.add_parser(name, help=handler.__doc__)
    for place in places:
        step.add_argument(place, type=Path)
    step.set_defaults(handler=handler)
    return step


def handle_label(args: argparse.Namespace) -> None:
    """Write the teacher's answers."""
    print(write_table(args.data / args.pictures, args.data / TEACHER, args.table), "faces")


def handle_quiet(args: argparse.Namespace) -> None:
    """Fit the map on the training side of both splits, and write both tables with quieter points."""
    landmarks = {name: found for table in args.landmarks for name, found in read_landmarks(table).items()}
    lfw, celeba = read_table(args.table), celeba_faces(args.data / "celeba" / "landmarks5.csv")
    partition = labels_of(args.data / "celeba", "partition")
    training = {name: faces[faces[:, 14] >= SURE] for name, faces in lfw.items() if not is_held_out(name)}
    training |= {name: faces for name, faces in celeba.items() if partition[name] == "0"}
    mapping = fit_map(training, landmarks)
    save_table(quieted(lfw, landmarks, mapping), args.quiet_lfw)
    save_table(quieted(celeba, landmarks, mapping), args.quiet_celeba)


def handle_train(args: argparse.Namespace) -> None:
    """Train, or go on training; one thread composes scenes, the others learn."""
    torch.set_flush_denormal(True)
    config = DetectorTrainConfig(
        lfw=str(args.data / "lfw" / "images.tar"),
        lfw_faces=str(args.table),
        celeba=str(args.data / "celeba"),
        celeba_faces=args.celeba_table,
        iterations=args.iterations,
        batch_size=args.batch_size,
        num_workers=args.workers,
        device=args.device,
    )
    loop = LoopConfig(out=str(args.out), iterations=args.iterations, minutes=args.minutes, save_every=60)
    print(fit(DetectorTask(config), loop), "steps")


def handle_export(args: argparse.Namespace) -> None:
    """Write weights and card."""
    card = ModelCard(
        name="face-detector",
        kind="detector",
        file="face-detector.onnx",
        sha256="0" * 64,
        licence="LicenseRef-CelebA-research",
        description="Small face detector with five points in SCRFD's layout, taught by YuNet on LFW and CelebA",
        folder=args.models,
    )
    print(export_detector(args.checkpoint, DetectorConfig(), card, threshold=args.threshold))


def handle_evaluate(args: argparse.Namespace) -> None:
    """Print the tables."""
    detector = finder(args.detector, args.size, 0.5, as_it_is=args.as_it_is)
    teacher = finder(args.data / TEACHER, args.size, 0.3)
    rows = evaluate(detector, teacher, EvaluationData.load(args.data, args.table, args.celeba_table, limit=args.limit))
    for clip in sorted((args.data / "clips").glob("*.mp4")) if args.clips else ():
        rows += evaluate_clip(clip.stem, detector, teacher, frames(clip, every=5))
    print(as_table(rows))
    for size in (320, 640):
        image = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
        pair = finder(args.detector, size, 0.5, as_it_is=args.as_it_is), finder(args.data / TEACHER, size, 0.5)
        ours, yunet = (milliseconds(one, image) for one in pair)
        print(f"{size} x {size}: {ours:.2f} ms, YuNet {yunet:.2f} ms, ratio {ours / yunet:.2f}")


def finder(weights: str | Path, size: int, score: float, *, as_it_is: bool = False) -> Finder:
    """Make a detector of single pictures, with one thread; the points of SCRFD files are found anew as in an edit."""
    kind = "yunet" if "yunet" in str(weights) else "insightface" if as_it_is else "refined"
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

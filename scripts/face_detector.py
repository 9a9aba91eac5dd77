"""Make the embedded face detector again: ask the teacher, export a training, measure.

    python scripts/face_detector.py label    DATA TABLE
    python scripts/face_detector.py quiet    DATA TABLE QUIET-LFW QUIET-CELEBA --landmarks LFW.csv CELEBA.csv
    videoedit train detector --data DATA --faces QUIET-LFW --celeba-faces QUIET-CELEBA --out OUT [--distractors TAR]
    videoedit train detector (the same) --from CHECKPOINT --only-points --out OUT, once faces are found
    python scripts/face_detector.py mine     DATA TABLE TAR [--detector NAME-OR-FILE]
    python scripts/face_detector.py widen    DATA TABLE CHECKPOINT [--weights ONNX]
    python scripts/face_detector.py mix      DATA TABLE CHECKPOINT OTHER MIXED [--share SHARE]
    python scripts/face_detector.py calibrate DATA TABLE OUT/last.pt
    python scripts/face_detector.py export   OUT/last.pt models --thresholds T T T T T T
    python scripts/face_detector.py evaluate DATA TABLE [--detector NAME-OR-FILE] [--clips]

DATA is a folder with lfw/, celeba/, weights/ and clips/; TABLE is the CSV of the teacher's answers for LFW.
"""

import argparse
import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch

from videoedit.detect import detectors
from videoedit.frames import Image
from videoedit.nets.detector import EVEN, DetectorConfig
from videoedit.train.detector.distractors import mined, save_distractors
from videoedit.train.detector.evaluate import (
    SURE,
    EvaluationData,
    Finder,
    as_table,
    evaluate,
    evaluate_clip,
    milliseconds,
)
from videoedit.train.detector.export import export_detector
from videoedit.train.detector.quiet import fit_map, quieted, read_landmarks
from videoedit.train.detector.run import card_of
from videoedit.train.detector.task import DetectorTask, DetectorTrainConfig, Scenes, to_network
from videoedit.train.detector.teacher import read_table, save_table, write_table
from videoedit.train.detector.thresholds import calibrated
from videoedit.train.detector.warm_start import begin_from_folded, mix, read_weights
from videoedit.train.loop import load_checkpoint, save_checkpoint, take_up
from videoedit.train.pictures import Picture, celeba_faces, is_held_out, labels_of, load_celeba, load_lfw
from videoedit.video.reading.reader import VideoReader
from videoedit.video.thumbnail import thumbnail

Parser: TypeAlias = argparse.ArgumentParser
Steps: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

TEACHER = Path("weights/yunet_n_dynamic.onnx")
NEAR_MISS = 0.3  # score from which something that is no face is worth unlearning
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
    mine = _step(steps, "mine", handle_mine, "data", "table", "distractors")
    mine.add_argument("--detector", default="face-detector", help="model card, or an ONNX file of SCRFD")
    mine.add_argument("--every", type=int, default=2, help="take every n-th picture of CelebA")
    widen = _step(steps, "widen", handle_widen, "data", "table", "checkpoint")
    widen.add_argument("--weights", type=Path, default=Path("models/face-detector.onnx"), help="an exported detector")
    mixing = _step(steps, "mix", handle_mix, "data", "table", "checkpoint", "other", "mixed")
    mixing.add_argument("--share", type=float, default=0.4, help="of the other checkpoint")
    thresholds = _step(steps, "calibrate", handle_calibrate, "data", "table", "checkpoint")
    thresholds.add_argument("--share", type=float, default=0.00125, help="of faceless pictures, for each anchor")
    export = _step(steps, "export", handle_export, "checkpoint", "models")
    export.add_argument("--thresholds", type=float, nargs=6, default=EVEN, help="scores that the file is to call 0.5")
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


def handle_mine(args: argparse.Namespace) -> None:
    """Collect what the detector takes for faces in training pictures, for the next training to unlearn."""
    detector = finder(args.detector, 640, NEAR_MISS, as_it_is=True)
    pictures = training_pictures(args.data, args.table, args.every)
    print(save_distractors(mined(detector, finder(args.data / TEACHER, 640, 0.3), pictures), args.distractors), "found")


def handle_widen(args: argparse.Namespace) -> None:
    """Write a checkpoint for the training to go on from, that says what an exported file with fewer blocks says."""
    config = training_config(args.data, args.table)
    task = DetectorTask(config)
    begin_from_folded(task.net, read_weights(args.weights), scene_batches(config))
    save_beginning(task, args.checkpoint)


def handle_mix(args: argparse.Namespace) -> None:
    """Write a checkpoint between two of one training: the mean of their averages, its norms fitted anew."""
    config = training_config(args.data, args.table)
    task, one, other = (DetectorTask(config) for _ in range(3))
    for each, path in ((one, args.checkpoint), (other, args.other)):
        take_up(load_checkpoint(path), each.begin_with, path)
    mix(task.net, one.average.module, other.average.module, args.share, scene_batches(config))
    save_beginning(task, args.mixed)


def handle_calibrate(args: argparse.Namespace) -> None:
    """Print the scores from which the anchors are equally often wrong on faceless training pictures."""
    with tempfile.TemporaryDirectory() as folder:
        card = card_of("face-detector", Path(folder))
        export_detector(args.checkpoint, DetectorConfig(), card)
        detector = finder(card.weights_path, 640, 0.5, as_it_is=True)
        pictures = training_pictures(args.data, args.table, every=5)
        found = calibrated(detector, finder(args.data / TEACHER, 640, 0.3), pictures, args.share)
    print(*(f"{threshold:.2f}" for threshold in found))


def handle_export(args: argparse.Namespace) -> None:
    """Write weights and card."""
    card = card_of("face-detector", args.models)
    print(export_detector(args.checkpoint, DetectorConfig(), card, args.thresholds))


def handle_evaluate(args: argparse.Namespace) -> None:
    """Print the tables."""
    detector = finder(args.detector, args.size, 0.5, as_it_is=args.as_it_is)
    teacher = finder(args.data / TEACHER, args.size, 0.3)
    rows = evaluate(detector, teacher, EvaluationData.load(args.data, args.table, args.celeba_table, limit=args.limit))
    for clip in sorted((args.data / "clips").glob("*.mp4")) if args.clips else ():
        rows += evaluate_clip(clip.stem, detector, teacher, frames(clip, every=5), args.size)
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


def training_config(data: Path, table: Path) -> DetectorTrainConfig:
    """Return what scenes are composed by where no training runs."""
    return DetectorTrainConfig(
        lfw=str(data / "lfw" / "images.tar"), lfw_faces=str(table), celeba=str(data / "celeba"), is_compiled=False
    )


def scene_batches(config: DetectorTrainConfig) -> list[torch.Tensor]:
    """Return 12 batches of 16 training scenes, (16, 3, S, S), as the network takes them."""
    scenes = Scenes(config)
    return [to_network(torch.stack([scenes[16 * one + row][0] for row in range(16)])) for one in range(12)]


def save_beginning(task: DetectorTask, checkpoint: Path) -> None:
    """Write a state that a training can begin from, its average the network itself."""
    task.average.module.load_state_dict(task.net.state_dict())
    task.average.n_averaged.fill_(1)
    save_checkpoint(task, 0, checkpoint)


def training_pictures(data: Path, table: Path, every: int) -> list[Picture]:
    """Return LFW without the held-out people, and every n-th of CelebA's training pictures."""
    pictures = load_lfw(data / "lfw" / "images.tar", table, held_out=False)
    return pictures + load_celeba(data / "celeba", partition=0)[::every]


def frames(clip: Path, every: int) -> Iterator[Image]:
    """Yield some frames of a clip at full size."""
    with VideoReader(clip) as reader:
        for frame in reader:
            if frame.index % every == 0:
                yield thumbnail(frame, FULL_SIZE)[0]


if __name__ == "__main__":
    main()

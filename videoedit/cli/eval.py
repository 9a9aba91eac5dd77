"""`videoedit eval`: how good the edits are, in figures."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from videoedit.cli.flags import (
    add_detector_model_flag,
    add_device_flag,
    add_recognition_flag,
    add_try_on_flag,
    unless_none,
)

if TYPE_CHECKING:
    from videoedit.evaluate.clip.report import ClipReport
    from videoedit.evaluate.pictures.report import PicturesReport
    from videoedit.evaluate.report import Report

_SHEET_ROWS = 10


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser("eval", help="measure edits", description="Measures how good edits are.")
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    _add_video(kinds)
    _add_images(kinds)
    _add_model(kinds)


def _add_video(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    what = "an edited video against its source: times, sound, untouched pixels, steadiness, success, identity"
    video = kinds.add_parser("video", help=what, description=f"Measures {what}.")
    video.add_argument("source", metavar="SOURCE", help="video before the edit")
    video.add_argument("edited", metavar="EDITED", help="video after it, of the same size")
    video.add_argument("--attr", metavar="NAME", help="attribute that was edited")
    video.add_argument("--remove", action="store_true", help="the attribute was taken away, not added")
    add_recognition_flag(video)
    add_detector_model_flag(video)
    video.add_argument("--out", metavar="FOLDER", help="write table.md, table.json and plot.png there")
    _add_common(video)
    video.set_defaults(handler=handle_video)


def _add_images(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    what = "folders of edited pictures against their sources: success, identity, distances, landmarks"
    images = kinds.add_parser("images", help=what, description=f"Measures {what}.")
    images.add_argument("source", metavar="SOURCE", help="folder of pictures before the edit")
    images.add_argument(
        "edited", metavar="EDITED", help="folder of the same names after it, or of folders such as Eyeglasses-add"
    )
    images.add_argument("--attr", metavar="NAME", help="attribute that was edited, if EDITED has no such folders")
    images.add_argument("--remove", action="store_true", help="the attribute was taken away, not added")
    images.add_argument("--pairs", metavar="CSV", help="the pairs.csv of eval model: which picture had which exemplar")
    images.add_argument("--real", metavar="FOLDER", help="real pictures that have what was asked for")
    images.add_argument("--aligned", action="store_true", help="the pictures are aligned crops already")
    add_recognition_flag(images)
    images.add_argument("--inception", metavar="PT", help="Inception as TorchScript, for FID and KID")
    images.add_argument("--lpips", metavar="PT", help="VGG with LPIPS as TorchScript")
    images.add_argument("--landmarks", metavar="TXT", help="CelebA's list_landmarks_align_celeba.txt")
    add_detector_model_flag(images)
    images.add_argument("--seed", type=int, default=0, metavar="N", help="of the intervals and halves (default 0)")
    images.add_argument("--out", metavar="FOLDER", help="write table.md and table.json there")
    _add_common(images)
    images.set_defaults(handler=handle_images)


def _add_model(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    what = "an editor on labelled pictures: the table of its card"
    model = kinds.add_parser("model", help=what, description=f"Measures {what}.")
    model.add_argument("name", metavar="NAME", help="embedded model, or path of a card")
    model.add_argument("--data", required=True, metavar="FOLDER", help="CelebA: the official folder, or tar shards")
    model.add_argument("--split", choices=("train", "val", "test"), default="val", help="partition (default val)")
    model.add_argument(
        "--attr", action="append", metavar="NAME", help="attribute to measure; repeatable (default: all of the model)"
    )
    model.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the exemplars and the intervals (default 0)"
    )
    model.add_argument(
        "--limit", type=int, default=0, metavar="N", help="use the first N pictures; 0 for all (default)"
    )
    model.add_argument("--out", metavar="FOLDER", help="write table.md, table.json and pairs.csv there")
    model.add_argument(
        "--sheet",
        nargs="?",
        type=int,
        const=_SHEET_ROWS,
        default=0,
        metavar="N",
        help=f"write sheet.png to --out: source | exemplar | edited | residual, first N per edit ({_SHEET_ROWS})",
    )
    model.add_argument(
        "--pictures", action="store_true", help="write every picture before and after to --out, for eval images"
    )
    add_try_on_flag(model)
    _add_common(model)
    model.set_defaults(handler=handle_model)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--judge", metavar="NAME", help="judge, or path of its card (default: the embedded one)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    add_device_flag(parser)


def _judge_of(args: argparse.Namespace) -> dict[str, str]:
    """Return the judge that was chosen, if one was."""
    return {"judge": args.judge} if args.judge else {}


def _tell(report: "Report | ClipReport | PicturesReport", args: argparse.Namespace) -> None:
    print(report.as_json() if args.json else report.as_markdown())


def handle_video(args: argparse.Namespace) -> None:
    """Print the table."""
    from videoedit.cli.progress import bar_of_frames
    from videoedit.evaluate.clip.run import ClipJob, evaluate_clip

    job = ClipJob(
        source=args.source,
        edited=args.edited,
        attribute=args.attr,
        removing=args.remove,
        recognition=args.recognition_model,
        detector_model=args.face_detector_model,
        device=args.device,
        out=Path(args.out) if args.out else None,
        **_judge_of(args),
    )
    report = evaluate_clip(job, bar_of_frames)
    _tell(report, args)


def handle_images(args: argparse.Namespace) -> None:
    """Print the tables."""
    from videoedit.evaluate.pictures.run import PicturesJob, evaluate_pictures

    job = PicturesJob(
        source=Path(args.source),
        edited=Path(args.edited),
        attribute=args.attr,
        removing=args.remove,
        pairs=Path(args.pairs) if args.pairs else None,
        real=Path(args.real) if args.real else None,
        is_aligned=args.aligned,
        recognition=args.recognition_model,
        inception=args.inception,
        lpips=args.lpips,
        landmarks=args.landmarks,
        detector_model=args.face_detector_model,
        device=args.device,
        seed=args.seed,
        out=Path(args.out) if args.out else None,
        **_judge_of(args),
    )
    report = evaluate_pictures(job)
    _tell(report, args)


def handle_model(args: argparse.Namespace) -> None:
    """Print the table."""
    from videoedit.evaluate.run_model import ModelJob, evaluate_model

    job = ModelJob(
        model=args.name,
        data=args.data,
        try_on=unless_none(args.try_on_model),
        split=args.split,
        attributes=tuple(args.attr or ()),
        seed=args.seed,
        limit=args.limit,
        device=args.device,
        out=Path(args.out) if args.out else None,
        num_sheet_rows=args.sheet,
        with_pictures=args.pictures,
        **_judge_of(args),
    )
    report = evaluate_model(job)
    _tell(report, args)

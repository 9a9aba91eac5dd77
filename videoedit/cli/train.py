"""`videoedit train`: train a network of the project from pictures on disk."""

import argparse
import logging
from typing import Any

from videoedit.cli.flags import add_device_flag

_SMOKE = {"loop": {"iterations": 3, "log_every": 1, "sheet_every": 3}, "learning": {"batch_size": 2}}
"""Laid over the preset by --smoke: a few steps that show that everything runs."""
_SMOKE_LIMIT = 64


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "train", help="train a network", description="Trains a network of the project from pictures on disk."
    )
    kinds = parser.add_subparsers(metavar="NETWORK", required=True)
    elegant = _add_kind(kinds, "elegant", "the ELEGANT editor", "CelebA: the official folder, or tar shards")
    elegant.add_argument(
        "--preset", default="train-elegant", metavar="NAME", help="name or path of a preset (default train-elegant)"
    )
    elegant.add_argument("--from", dest="begin_from", metavar="FILE", help="compact checkpoint to begin with")
    elegant.add_argument(
        "--unfinished",
        action="append",
        default=[],
        metavar="NAME",
        help="attribute that the card does not offer yet; repeatable",
    )
    elegant.add_argument("--compact", metavar="FILE", help="write a compact checkpoint at the end")
    add_device_flag(elegant)
    elegant.add_argument("--no-compile", action="store_true", help="run the networks as they are: slow, but at once")
    elegant.add_argument("--smoke", action="store_true", help="a few steps on a few pictures, to see that all runs")
    elegant.set_defaults(handler=handle_elegant)
    judge = _add_kind(kinds, "judge", "the attribute judge", "CelebA: the official folder, or tar shards")
    judge.add_argument("--no-compile", action="store_true", help="run the network as it is: slow, but at once")
    judge.add_argument(
        "--limit", type=int, default=0, metavar="N", help="use so many pictures of each partition; 0 for all (default)"
    )
    judge.set_defaults(handler=handle_judge)
    _add_detector(kinds)
    occluder = _add_kind(
        kinds,
        "occluder",
        "the network that sees what is in front of a face",
        "CelebA: the official folder, or tar shards",
    )
    occluder.add_argument("--no-compile", action="store_true", help="run the network as it is: slow, but at once")
    occluder.add_argument("--limit", type=int, default=0, metavar="N", help="use so many pictures; 0 for all (default)")
    occluder.set_defaults(handler=handle_occluder)
    _add_matting(kinds)
    _add_hair(kinds)
    _add_points(kinds)


def _add_hair(kinds: Any) -> None:
    what = "the network that finds the hair above the eyes"
    hair = _add_kind(kinds, "hair", what, "CelebA: the official folder, or tar shards")
    hair.add_argument(
        "--editor", default="elegant", metavar="NAME", help="model, or path of its card, that takes bangs off"
    )
    hair.add_argument("--no-compile", action="store_true", help="run the network as it is: slow, but at once")
    hair.add_argument("--limit", type=int, default=0, metavar="N", help="use so many pictures; 0 for all (default)")
    hair.set_defaults(handler=handle_hair)


def _add_points(kinds: Any) -> None:
    points = _add_kind(kinds, "points", "the network that finds a face's points", "folder that holds lfw/ and celeba/")
    points.add_argument("--faces", required=True, metavar="CSV", help="the teacher's faces for LFW")
    points.set_defaults(handler=handle_points)
    lips = _add_kind(kinds, "lips", "the network that finds the outlines of lips", "folder that holds lfw/ and celeba/")
    lips.add_argument("--faces", required=True, metavar="CSV", help="a teacher's faces for LFW")
    lips.add_argument("--lips", required=True, metavar="CSV", nargs="+", help="another's landmarks, lips first")
    lips.set_defaults(handler=handle_lips)
    what = "the network that finds the outlines of brows"
    brows = _add_kind(kinds, "brows", what, "folder that holds lfw/ and celeba/")
    brows.add_argument("--faces", required=True, metavar="CSV", help="a teacher's faces for LFW")
    brows.add_argument("--brows", required=True, metavar="CSV", nargs="+", help="another's landmarks, brows first")
    brows.set_defaults(handler=handle_brows)


def _add_matting(kinds: Any) -> None:
    what = "the network that lifts glasses off an exemplar"
    matting = _add_kind(kinds, "matting", what, "CelebA: the official folder, or tar shards")
    matting.add_argument(
        "--editor", default="elegant", metavar="NAME", help="model, or path of its card, that takes glasses off first"
    )
    matting.add_argument("--from", dest="begin_from", metavar="NAME", help="model, or path of its card, to begin with")
    matting.add_argument(
        "--learning-rate", type=float, default=2e-3, metavar="RATE", help="the highest (default 0.002)"
    )
    matting.add_argument("--no-compile", action="store_true", help="run the network as it is: slow, but at once")
    matting.add_argument("--limit", type=int, default=0, metavar="N", help="use so many pictures; 0 for all (default)")
    matting.set_defaults(handler=handle_matting)


def _add_detector(kinds: Any) -> None:
    detector = _add_kind(kinds, "detector", "the embedded face detector", "folder that holds lfw/ and celeba/")
    detector.add_argument("--faces", required=True, metavar="CSV", help="the teacher's faces for LFW")
    detector.add_argument("--celeba-faces", default="", metavar="CSV", help="instead of CelebA's own landmarks5.csv")
    detector.add_argument("--distractors", default="", metavar="TAR", help="what was taken for faces and is none")
    detector.add_argument("--from", dest="begin_from", metavar="FILE", help="checkpoint to begin with")
    detector.add_argument(
        "--learning-rate", type=float, default=2e-3, metavar="RATE", help="the highest (default 0.002)"
    )
    detector.add_argument("--batch-size", type=int, default=16, metavar="N", help="scenes per step (default 16)")
    detector.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes that compose scenes (default 1)"
    )
    detector.add_argument(
        "--only-points", action="store_true", help="teach where the points lie, and leave all else as it is"
    )
    add_device_flag(detector)
    detector.set_defaults(handler=handle_detector)


def _add_kind(kinds: Any, name: str, what: str, data: str) -> argparse.ArgumentParser:
    """Add one kind of training with the flags that all have."""
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=what, description=f"Trains {what}.")
    parser.add_argument("--data", required=True, metavar="FOLDER", help=data)
    parser.add_argument("--out", required=True, metavar="FOLDER", help="checkpoints; resumed where it holds some")
    parser.add_argument("--iterations", type=int, metavar="N", help="end after so many steps in all")
    parser.add_argument("--minutes", type=float, metavar="M", help="stop this run after so many minutes, to be resumed")
    parser.add_argument("--export", metavar="NAME", help="write weights and card of this name to --out at the end")
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads; 0 for all (default)")
    return parser


def handle_elegant(args: argparse.Namespace) -> None:
    """Train ELEGANT and say where it stands."""
    from videoedit.config import merged, read_toml
    from videoedit.resources import preset_path
    from videoedit.train.elegant.run import ElegantJob, run_elegant

    job = ElegantJob(
        data=args.data,
        out=args.out,
        begin_from=args.begin_from,
        export=args.export,
        unfinished=tuple(args.unfinished),
        compact=args.compact,
        limit=_SMOKE_LIMIT if args.smoke else 0,
        num_threads=args.threads,
        device=args.device,
    )
    table = merged(read_toml(preset_path(args.preset)), _changes_of(args))
    _tell(args, run_elegant(job, table, compiled=not (args.no_compile or args.smoke)))


def handle_judge(args: argparse.Namespace) -> None:
    """Train the judge and say where it stands."""
    from videoedit.train.judge.run import JudgeJob, run_judge

    _tell(args, run_judge(JudgeJob(**_celeba_flags_of(args), **_limits_of(args)), compiled=not args.no_compile))


def handle_occluder(args: argparse.Namespace) -> None:
    """Train the occluder network and say where it stands."""
    from videoedit.train.occluder.run import OccluderJob, run_occluder

    job = OccluderJob(**_celeba_flags_of(args), **_limits_of(args))
    _tell(args, run_occluder(job, compiled=not args.no_compile))


def handle_matting(args: argparse.Namespace) -> None:
    """Train the matting network and say where it stands."""
    from videoedit.train.matting.run import MattingJob, run_matting

    flags = {"editor": args.editor, "begin_from": args.begin_from, "learning_rate": args.learning_rate}
    job = MattingJob(**flags, **_celeba_flags_of(args), **_limits_of(args))
    _tell(args, run_matting(job, compiled=not args.no_compile))


def handle_hair(args: argparse.Namespace) -> None:
    """Train the hair network and say where it stands."""
    from videoedit.train.hair.run import HairJob, run_hair

    job = HairJob(editor=args.editor, **_celeba_flags_of(args), **_limits_of(args))
    _tell(args, run_hair(job, compiled=not args.no_compile))


def handle_detector(args: argparse.Namespace) -> None:
    """Train the face detector and say where it stands."""
    from videoedit.train.detector.run import DetectorJob, run_detector

    flags = {
        "celeba_faces": args.celeba_faces,
        "distractors": args.distractors,
        "begin_from": args.begin_from,
        "learning_rate": args.learning_rate,
        "batch_size": args.batch_size,
        "num_workers": args.workers,
        "only_points": args.only_points,
        "device": args.device,
    }
    _tell(args, run_detector(DetectorJob(**_face_flags_of(args), **flags, **_limits_of(args))))


def handle_points(args: argparse.Namespace) -> None:
    """Train the points network and say where it stands."""
    from videoedit.train.points.run import PointsJob, run_points

    _tell(args, run_points(PointsJob(**_face_flags_of(args), **_limits_of(args))))


def handle_lips(args: argparse.Namespace) -> None:
    """Train the network that finds lips and say where it stands."""
    from videoedit.train.points.run import LipsJob, run_lips

    _tell(args, run_lips(LipsJob(lips=tuple(args.lips), **_face_flags_of(args), **_limits_of(args))))


def handle_brows(args: argparse.Namespace) -> None:
    """Train the network that finds brows and say where it stands."""
    from videoedit.train.points.run import BrowsJob, run_brows

    _tell(args, run_brows(BrowsJob(brows=tuple(args.brows), **_face_flags_of(args), **_limits_of(args))))


def _celeba_flags_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the flags of the small trainings on CelebA."""
    return {
        "data": args.data,
        "out": args.out,
        "export": args.export,
        "limit": args.limit,
        "num_threads": args.threads,
    }


def _face_flags_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the flags of the trainings that learn from a teacher's faces."""
    return {
        "data": args.data,
        "faces": args.faces,
        "out": args.out,
        "export": args.export,
        "num_threads": args.threads,
    }


def _tell(args: argparse.Namespace, steps: int) -> None:
    print(f"{args.out}: {steps} steps")


def _limits_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the limits that were given; the rest keep their defaults."""
    logging.getLogger("videoedit").setLevel(logging.INFO)
    return {key: value for key in ("iterations", "minutes") if (value := getattr(args, key)) is not None}


def _changes_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the flags lay over ELEGANT's preset."""
    loop = _limits_of(args)
    if not args.smoke:
        return {"loop": loop}
    return {**_SMOKE, "loop": {**_SMOKE["loop"], **loop}}

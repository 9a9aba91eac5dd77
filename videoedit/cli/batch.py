"""`videoedit batch`: the same edits for many videos and pictures, each file for itself."""

import argparse
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from videoedit.cli.encoder_flags import add_encoder_flags, encoder_config_of
from videoedit.cli.flags import (
    NO_REFERENCE,
    add_face_flags,
    add_model_flags,
    add_reading_flags,
    edits_others,
    map_pairs_of,
    models_config_of,
)
from videoedit.cli.resume_flags import add_resume_flags, segment_frames_of
from videoedit.errors import BatchError, ConfigError
from videoedit.wording import counted

if TYPE_CHECKING:
    from videoedit.jobs.batch import BatchConfig, BatchReport, FileResult
    from videoedit.jobs.plan import Variant
    from videoedit.jobs.work import Engine
    from videoedit.wishes import EditConfig


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "batch",
        help="edit many files",
        description="Edits many videos and pictures. Files that are done already, from the same content with the same "
        "settings, are skipped; a file that fails stops no other.",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="folder (with all below it), pattern or file, also as a URL, or @LIST",
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUTDIR", help="folder of the results")
    parser.add_argument(
        "--name", metavar="TEMPLATE", help="of the results (default {stem}{ext}); {attr}, {ref} and {index} too"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that no batch has made")
    parser.add_argument("--dry-run", action="store_true", help="check every file and only say what would be done")
    parser.add_argument("--report", metavar="JSON", help="where the report goes (default OUTDIR/report.json)")
    add_reading_flags(parser)
    parser.add_argument(
        "--no-face",
        choices=("pass", "fail"),
        default="pass",
        help="files that show no face are copied (default), or count as failed",
    )
    parser.add_argument(
        "--on-error",
        choices=("continue", "stop"),
        default="continue",
        help="after a file that fails, go on with the others (default) or stop",
    )
    add_resume_flags(parser)
    add_pairing_flags(parser)
    add_face_flags(parser)
    add_encoder_flags(parser)
    add_worker_flags(parser)
    parser.set_defaults(handler=handle)


def add_pairing_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says which edits are made; there may be several of every file."""
    edit = parser.add_argument_group("edit")
    edit.add_argument(
        "--attr",
        action="append",
        default=[],
        metavar="NAME[+NAME]",
        help="attribute to change, as eyeglasses or smile+bangs (videoedit models list); repeatable",
    )
    edit.add_argument(
        "--ref", action="append", default=[], metavar="IMAGE", help="exemplar; every --attr with each is an edit"
    )
    edit.add_argument("--pairs", metavar="CSV", help="edits by line instead: columns attr, ref and maybe strength")
    add_model_flags(edit)


def add_worker_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says who does the work."""
    workers = parser.add_argument_group("workers")
    workers.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes that share the work (default 1)"
    )
    workers.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="where these are: on this machine (default local), or in a running Ray cluster",
    )
    workers.add_argument(
        "--ray-address", default="auto", metavar="HOST:PORT", help="of the cluster (default: that of this machine)"
    )
    workers.add_argument("--ray-cpus", type=float, default=1.0, metavar="N", help="CPUs of each worker (default 1)")
    workers.add_argument("--ray-gpus", type=float, default=0.0, metavar="N", help="GPUs of each worker (default 0)")


def handle(args: argparse.Namespace) -> None:
    """Edit the files, and say what became of each and of all."""
    from videoedit.jobs.batch import run_batch

    config = config_of(args)
    report = run_batch(config, engine_of(args, config.edit), show_result)
    print(summary(report))
    num_failed = report.counts().get("failed", 0)
    if num_failed:
        raise BatchError(
            f"{num_failed} of {counted(len(report.files), 'file')} failed; mend them and run the same again"
        )


def engine_of(args: argparse.Namespace, edit: "EditConfig") -> "Engine":
    """Return where the work is done."""
    from videoedit.cli.progress import passing_bar_of_frames
    from videoedit.jobs.engines import HereEngine
    from videoedit.jobs.processes import processes_engine
    from videoedit.jobs.work import Worker

    if args.workers < 1:
        raise ConfigError(f"--workers must be at least 1, got {args.workers}")
    make_worker = partial(Worker, edit)
    if args.engine == "ray":
        from videoedit.jobs.ray_engine import RayConfig, ray_engine

        shares = {"cpus": args.ray_cpus, "gpus": args.ray_gpus}
        return ray_engine(make_worker, RayConfig(address=args.ray_address, num_workers=args.workers, **shares))
    if args.workers == 1:
        return HereEngine(make_worker, passing_bar_of_frames)
    return processes_engine(make_worker, args.workers)


def config_of(args: argparse.Namespace) -> "BatchConfig":
    """Translate the flags."""
    from videoedit.jobs.batch import BatchConfig
    from videoedit.jobs.plan import mapped

    pictures = map_pairs_of(args)
    is_for_all = bool(args.pairs) or edits_others(args)
    variants = tuple(mapped(variant, pictures, is_for_all=is_for_all) for variant in variants_of(args))
    return BatchConfig(
        inputs=tuple(args.inputs),
        output_dir=args.output,
        variants=variants,
        edit=replace(models_config_of(args), maps=variants[0].maps),
        name=args.name,
        no_face=args.no_face,
        on_error=args.on_error,
        overwrite=args.overwrite,
        deinterlace=args.deinterlace,
        resume=args.resume,
        segment_frames=segment_frames_of(args),
        dry_run=args.dry_run,
        report=args.report,
        encoder=encoder_config_of(args),
    )


def variants_of(args: argparse.Namespace) -> "tuple[Variant, ...]":
    """Return the edits that the flags ask for."""
    from videoedit.jobs.plan import crossed, read_pairs

    if args.pairs:
        if args.attr or args.ref or args.direction != "auto":
            raise ConfigError("--pairs says all; leave --attr, --ref, --direction and --remove out")
        return read_pairs(args.pairs, args.strength)
    if not args.attr:
        raise ConfigError("say what to change with --attr, or with --pairs")
    if not args.ref and args.direction != "remove" and not args.map:
        raise ConfigError(NO_REFERENCE)
    return crossed(args.attr, args.ref or [None], args.strength, args.direction)


def show_result(result: "FileResult", total: int) -> None:
    """Print a line about one file."""
    from tqdm import tqdm

    faces, frames = counted(result.num_faces, "face"), counted(result.num_frames, "frame")
    counts = "" if result.status == "planned" else f", {faces} in {frames}"
    tqdm.write(f"{result.output}: {result.status}{f': {result.reason}' if result.reason else counts}")


def summary(report: "BatchReport") -> str:
    """Return the table at the end."""
    lines = [f"{status:>10}  {count}" for status, count in report.counts().items()]
    if report.left_out:
        more = ", …" if len(report.left_out) > 3 else ""
        lines.append(f"{'left out':>10}  {len(report.left_out)} by name: {', '.join(report.left_out[:3])}{more}")
    lines.append(f"{'in all':>10}  {len(report.files)} in {report.seconds:.1f} s")
    return "\n".join(lines)

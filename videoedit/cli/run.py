"""`videoedit run`: change an attribute of the faces in one video."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from videoedit.cli.encoder_flags import add_encoder_flags, encoder_config_of
from videoedit.cli.flags import (
    add_edit_flags,
    add_reading_flags,
    add_view_flags,
    mapped_edit_config_of,
    refuse_urls,
)
from videoedit.cli.resume_flags import add_resume_flags, segment_frames_of
from videoedit.wording import counted

if TYPE_CHECKING:
    from videoedit.jobs.one_file import RunConfig


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "run",
        help="edit one video or picture",
        description="Changes an attribute of the faces in one video or picture: "
        "videoedit run clip.mp4 --attr eyeglasses --ref glasses.jpg -o clip-glasses.mp4",
    )
    parser.add_argument("input", metavar="INPUT", help="video or picture to edit")
    parser.add_argument("-o", "--output", metavar="FILE", help="result (default: INPUT-ATTR beside INPUT)")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing result")
    parser.add_argument("--dry-run", action="store_true", help="check everything and only say what would be done")
    parser.add_argument("--start", metavar="PLACE", help="first frame: seconds, 1:02:03.5, or a number as 120f")
    parser.add_argument("--end", metavar="PLACE", help="end before this, counted from the beginning of INPUT")
    add_reading_flags(parser)
    parser.add_argument("--keep-partial", action="store_true", help="keep what could be edited of a damaged video")
    parser.add_argument(
        "--no-face",
        choices=("pass", "fail"),
        default="pass",
        help="where no frame shows a face: copy it (default), or end with exit code 6",
    )
    add_resume_flags(parser)
    add_edit_flags(parser)
    add_encoder_flags(parser)
    add_view_flags(parser)
    parser.set_defaults(handler=handle)


def handle(args: argparse.Namespace) -> None:
    """Edit the file and say what was done."""
    from videoedit.cli.progress import bar_of_frames
    from videoedit.jobs.dry_run import dry_run
    from videoedit.jobs.one_file import edit_file
    from videoedit.jobs.resume import resume_file

    config, segment_frames = config_of(args), segment_frames_of(args)
    if args.dry_run:
        print("\n".join(dry_run(config, segment_frames if args.resume else None)))
        return
    report = resume_file(config, segment_frames, bar_of_frames) if args.resume else edit_file(config, bar_of_frames)
    print(
        f"{report.output}: {counted(report.num_frames, 'frame')}, {report.num_frames_with_face} with a face to edit, "
        f"{counted(report.num_faces, 'face')} edited, {report.seconds:.1f} s"
    )


def config_of(args: argparse.Namespace) -> "RunConfig":
    """Translate the flags."""
    from videoedit.jobs.one_file import RunConfig
    from videoedit.jobs.views import View
    from videoedit.video.reading.part import part_of

    edit = mapped_edit_config_of(args)
    refuse_urls("run", args.input, args.output or "", *edit.pictures)
    return RunConfig(
        input=args.input,
        output=args.output or str(usual_output(args.input, args.attr)),
        edit=edit,
        part=part_of(args.start, args.end),
        no_face=args.no_face,
        overwrite=args.overwrite,
        keep_partial=args.keep_partial,
        deinterlace=args.deinterlace,
        encoder=encoder_config_of(args),
        view=View(compare=args.compare, debug=args.debug),
        report=args.report,
    )


def usual_output(path: str, attributes: list[str]) -> Path:
    """Return where a result goes that was given no name: beside the input."""
    from videoedit.video.writing.containers import writable_suffix

    source, attribute = Path(path), "-".join(attributes).lower().replace("/", "-")
    return source.parent / f"{source.stem}-{attribute}{writable_suffix(source)}"

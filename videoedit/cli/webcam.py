"""`videoedit webcam`: change an attribute of the faces in front of a camera, as they are seen."""

import argparse
import sys
from typing import TYPE_CHECKING

from videoedit.cli.flags import add_edit_flags, mapped_edit_config_of
from videoedit.wording import counted

if TYPE_CHECKING:
    from videoedit.live.meter import Second
    from videoedit.live.webcam import LiveConfig


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "webcam",
        help="edit a camera or a stream live",
        description="Changes an attribute of the faces in front of a camera, in a stream or in a file that is played: "
        "videoedit webcam --attr eyeglasses --ref glasses.jpg",
    )
    parser.add_argument(
        "--source", default="0", metavar="SOURCE", help="camera number, /dev/videoN, address or file (default 0)"
    )
    parser.add_argument("--loop", action="store_true", help="play a file again and again")
    parser.add_argument(
        "--sink",
        action="append",
        metavar="SINK",
        help="window, null, file:PATH, udp://HOST:PORT or another address, vcam, v4l2:/dev/videoN; "
        "repeatable (default window)",
    )
    parser.add_argument(
        "--next-ref", action="append", default=[], metavar="IMAGE", help="further exemplar, for the n key; repeatable"
    )
    parser.add_argument("--frames", type=int, default=0, metavar="N", help="end after N frames (default 0: never)")
    parser.add_argument(
        "--patience",
        type=float,
        default=60.0,
        metavar="S",
        help="seconds to look for a source or receiver that was lost (default 60)",
    )
    parser.add_argument(
        "--snapshots", default=".", metavar="FOLDER", help="of the pictures that the s key takes (default: this folder)"
    )
    parser.add_argument("--report", metavar="FILE.json", help="write the figures and the latency curve there")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file:PATH")
    add_edit_flags(parser)
    parser.set_defaults(handler=handle)


def handle(args: argparse.Namespace) -> None:
    """Edit until the end, then say how it went."""
    from videoedit.live.webcam import check_report, edit_live, write_report

    config = config_of(args)
    if args.report:
        check_report(args.report)
    report = edit_live(config, say if sys.stderr.isatty() else None)
    figures = report.figures
    print(
        f"{config.source.name}: {counted(figures.num_in, 'frame')} in ({figures.fps_in:.1f}/s), "
        f"{figures.num_out} out ({figures.fps_out:.1f}/s), {figures.num_dropped} dropped, "
        f"latency p50 {figures.latency_p50_ms:.0f} ms, p95 {figures.latency_p95_ms:.0f} ms"
    )
    if args.report:
        write_report(args.report, report, config)
    if report.failure is not None:
        raise report.failure


def config_of(args: argparse.Namespace) -> "LiveConfig":
    """Translate the flags."""
    from videoedit.live.webcam import LiveConfig
    from videoedit.video.live.capture import SourceConfig

    return LiveConfig(
        source=SourceConfig(name=args.source, loop=args.loop, patience=args.patience),
        edit=mapped_edit_config_of(args),
        sinks=tuple(args.sink or ["window"]),
        more_references=tuple(args.next_ref),
        num_frames=args.frames,
        overwrite=args.overwrite,
        snapshots=args.snapshots,
    )


def say(second: "Second") -> None:
    """Show one line that is written over every second."""
    print(
        f"\r{second.fps_in:5.1f} in  {second.fps_out:5.1f} out  latency {second.latency_p50_ms:4.0f} ms"
        f" (at most {second.latency_max_ms:.0f})   ",
        end="",
        file=sys.stderr,
        flush=True,
    )

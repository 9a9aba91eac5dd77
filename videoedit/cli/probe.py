"""`videoedit probe`: what a video is, and whether and where there are faces to edit."""

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from videoedit.cli.flags import add_detector_flags, refuse_urls
from videoedit.wording import counted

if TYPE_CHECKING:
    from videoedit.jobs.probe import Probe
    from videoedit.video.reading.facts import VideoFacts


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "probe",
        help="say what a video is",
        description="Decodes a video to its end and says what it is: streams, real frame count and times, orientation, "
        "colours, damage, faces, and whether it can be edited as it is.",
    )
    parser.add_argument("input", metavar="INPUT", help="video to look at")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument("--no-faces", action="store_true", help="do not look for faces")
    add_detector_flags(parser)
    parser.set_defaults(handler=handle)


def handle(args: argparse.Namespace) -> None:
    """Print what was found."""
    from videoedit.cli.progress import passing_bar_of_frames
    from videoedit.detect.base import detectors
    from videoedit.jobs.probe import probe
    from videoedit.pipeline import PipelineConfig

    refuse_urls("probe", args.input)
    config = PipelineConfig(detector_score=args.face_detector_score, detector_side=args.face_detector_size)
    flags = {"weights": args.face_detector_model, "size": config.detector_side, "score": config.detector_score}
    detector = None if args.no_faces else detectors.build("refined", **flags)
    found = probe(args.input, detector, passing_bar_of_frames, config.detector_side)
    print(json.dumps(found.as_table(), indent=2) if args.json else "\n".join(lines_of(found)))


def lines_of(found: "Probe") -> Iterator[str]:
    """Yield what is known, line by line."""
    streams, chapters = counted(len(found.streams), "stream"), counted(found.num_chapters, "chapter")
    yield f"{found.path}: {found.container}, {streams}, {chapters}"
    for stream in found.streams:
        kind = f"  {stream.index} {stream.kind:<10} {stream.codec}"
        language = f" ({stream.language})" if stream.language else ""
        start = "" if stream.start is None else f" from {float(stream.start):.3f} s"
        yield f"{kind}{language}, {counted(stream.num_packets, 'packet')}{start}"
    yield from _lines_of_video(found.video)
    if found.faces is not None:
        faces = found.faces
        sizes = f", {faces.smallest:.0f} to {faces.largest:.0f} pixels" if faces.num_with_face else ""
        seen = f"in {faces.num_with_face} of {counted(faces.num_looked_at, 'frame')} looked at"
        yield f"  faces       {faces.most} at most, {seen}{sizes}"
    if found.video.damage:
        yield f"  damage      {found.video.damage}"
    yield f"  editing     {found.refusal or 'as it is'}"


def _lines_of_video(video: "VideoFacts") -> Iterator[str]:
    """Yield what is known about the pictures."""
    timing = video.timing
    kind = "variable" if timing.is_variable else "constant"
    steps = f", {float(timing.shortest):.4f} to {float(timing.longest):.4f} s apart" if timing.is_variable else ""
    yield (
        f"  frames      {timing.num_frames} from {float(timing.start):.4f} s to {float(timing.end):.4f} s, "
        f"{float(timing.rate):.3f} per second, {kind}{steps}"
    )
    turned = f", turned by {video.rotation:g}°" if video.rotation else ""
    mirrored = ", mirrored" if video.is_mirrored else ""
    shown = "{}×{}".format(*video.shown_wh)
    yield f"  pictures    {video.size_wh[0]}×{video.size_wh[1]}, shown {shown}{turned}{mirrored}"
    tags = ", ".join(f"{name} {value or 'untagged'}" for name, value in video.colours.items())
    yield f"  colours     {video.pixel_format}; {tags}"
    yield f"  HDR         {video.high_range or 'no'}"
    yield f"  interlaced  {counted(video.num_interlaced, 'frame') if video.num_interlaced else 'no'}"

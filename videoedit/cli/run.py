"""`videoedit run`: change an attribute of the faces in one video."""

import argparse
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from videoedit.errors import ConfigError

if TYPE_CHECKING:
    from videoedit.jobs.one_file import RunConfig
    from videoedit.video.encoding import EncoderConfig
    from videoedit.wishes import EditConfig, Wish


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser("run", help="edit one video", description=__doc__)
    parser.add_argument("input", metavar="INPUT", help="video to edit")
    add_edit_flags(parser)
    parser.add_argument("-o", "--output", help="result (default: INPUT-ATTR beside INPUT)")
    add_encoder_flags(parser)
    parser.add_argument("--start", metavar="PLACE", help="first frame: seconds, 1:02:03.5, or a number as 120f")
    parser.add_argument("--end", metavar="PLACE", help="end before this, counted from the beginning of INPUT")
    add_reading_flags(parser)
    parser.add_argument("--no-face", choices=("pass", "fail"), default="pass", help="if no frame shows a face")
    parser.add_argument("--keep-partial", action="store_true", help="keep what could be edited of a damaged video")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing result")
    add_resume_flags(parser)
    parser.add_argument("--dry-run", action="store_true", help="check everything and only say what would be done")
    parser.set_defaults(handler=handle)


def add_reading_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says how a video is read."""
    parser.add_argument("--deinterlace", action="store_true", help="make whole pictures of interlaced ones (bwdif)")


def add_resume_flags(parser: argparse.ArgumentParser) -> None:
    """Add what lets a long video go on where it was broken off."""
    parser.add_argument("--resume", action="store_true", help="edit in segments; after a stop, go on from the last one")
    parser.add_argument("--segment-frames", type=int, default=300, metavar="N", help="of each (default 300)")


def add_encoder_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says how a video is encoded; every command that writes video has these flags."""
    parser.add_argument(
        "--output-video-encoder",
        default="auto",
        metavar="NAME",
        help="auto (libx264, in webm libvpx-vp9), libx265, libsvtav1, prores_ks, ffv1, h264_nvenc, hevc_qsv, …",
    )
    parser.add_argument("--crf", type=int, help="the encoder's own scale, 0 is lossless (default 18 for libx264)")
    parser.add_argument("--output-video-quality", type=int, metavar="Q", help="instead of --crf: 0 worst, 100 best")
    parser.add_argument("--output-video-preset", default="medium", help="ultrafast to veryslow (default medium)")
    parser.add_argument("--pix-fmt", metavar="NAME", help="pixel format of the result (default: the source's)")
    parser.add_argument("--scale", "--output-video-scale", metavar="FACTOR", default="1", help="of width and height")
    parser.add_argument("--fps", "--output-video-fps", metavar="RATE", help="constant rate, as 25 or 30000/1001")
    parser.add_argument("--audio", choices=("copy", "encode", "none"), default="copy", help="(default copy)")


def encoder_config_of(args: argparse.Namespace) -> "EncoderConfig":
    """Translate the flags of `add_encoder_flags`."""
    from videoedit.video.encoding import EncoderConfig
    from videoedit.video.rate import fps_of

    return EncoderConfig(
        encoder=args.output_video_encoder,
        crf=args.crf,
        quality=args.output_video_quality,
        preset=args.output_video_preset,
        pixel_format=args.pix_fmt,
        scale=scale_of(args.scale),
        fps=fps_of(args.fps) if args.fps else None,
        audio=args.audio,
    )


def scale_of(text: str) -> Fraction:
    """Read a factor.

    >>> scale_of("0.5"), scale_of("2/3")
    (Fraction(1, 2), Fraction(2, 3))

    Raises:
        ConfigError: It is no number.
    """
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(f"--scale must be a factor, as 0.5, got {text!r}") from error


def add_edit_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says which edit is made; every command that edits has these flags."""
    parser.add_argument(
        "--attr", action="append", required=True, metavar="NAME", help="attribute to change; repeatable"
    )
    parser.add_argument("--ref", action="append", default=[], metavar="[NAME=]IMAGE", help="exemplar; one per --attr")
    add_model_flags(parser)


def add_model_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says by which models and how an edit is made."""
    parser.add_argument("--remove", action="store_true", help="take the attribute away; needs no --ref")
    parser.add_argument("--strength", type=float, default=1.0, help="0 to 1.5 (default 1)")
    parser.add_argument("--model", default="elegant", help="embedded model or path of a card")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--smooth", choices=("off", "low", "medium", "high"), default="medium", help="(default medium)")
    parser.add_argument("--min-face", type=float, default=32.0, metavar="PX", help="leave smaller faces (default 32)")
    parser.add_argument("--face-detector-model", default="face-detector", metavar="ONNX", help="SCRFD file")
    parser.add_argument("--face-detector-score", type=float, default=0.5, help="0 to 1 (default 0.5)")


def handle(args: argparse.Namespace) -> None:
    """Edit the file and say what was done."""
    from videoedit.cli.progress import bar_of_frames
    from videoedit.jobs.dry_run import dry_run
    from videoedit.jobs.one_file import edit_file
    from videoedit.jobs.resume import resume_file

    config = config_of(args)
    if args.dry_run:
        print("\n".join(dry_run(config)))
        return
    report = (
        resume_file(config, args.segment_frames, bar_of_frames) if args.resume else edit_file(config, bar_of_frames)
    )
    print(
        f"{report.output}: {report.num_frames} frames, {report.num_frames_with_face} with a face, "
        f"{report.num_faces} faces edited, {report.seconds:.1f} s"
    )


def config_of(args: argparse.Namespace) -> "RunConfig":
    """Translate the flags."""
    from videoedit.jobs.one_file import RunConfig
    from videoedit.video.containers import writable_suffix
    from videoedit.video.part import part_of

    source = Path(args.input)
    usual = source.with_name(f"{source.stem}-{'-'.join(args.attr).lower()}{writable_suffix(source)}")
    return RunConfig(
        input=args.input,
        output=args.output or str(usual),
        edit=edit_config_of(args),
        part=part_of(args.start, args.end),
        no_face=args.no_face,
        overwrite=args.overwrite,
        keep_partial=args.keep_partial,
        deinterlace=args.deinterlace,
        encoder=encoder_config_of(args),
    )


def edit_config_of(args: argparse.Namespace) -> "EditConfig":
    """Translate the flags of `add_edit_flags`."""
    return replace(models_config_of(args), wishes=wishes_of(args.attr, args.ref, args.strength, removing=args.remove))


def models_config_of(args: argparse.Namespace) -> "EditConfig":
    """Translate the flags of `add_model_flags`; there are no wishes yet."""
    from videoedit.pipeline import PipelineConfig
    from videoedit.wishes import EditConfig

    return EditConfig(
        wishes=(),
        model=args.model,
        detector_model=args.face_detector_model,
        device=args.device,
        pipeline=PipelineConfig(smooth=args.smooth, min_face=args.min_face, detector_score=args.face_detector_score),
    )


def wishes_of(attributes: list[str], references: list[str], strength: float, *, removing: bool) -> "tuple[Wish, ...]":
    """Pair attributes with references: by `NAME=IMAGE`, else in the order given; one reference serves all."""
    from videoedit.wishes import Wish

    if removing:
        if references:
            raise ConfigError("--remove takes no --ref; leave one of them out")
        return tuple(Wish(attribute=name, reference=None, strength=strength) for name in attributes)
    named = dict(ref.split("=", 1) for ref in references if ref.split("=", 1)[0] in attributes and "=" in ref)
    plain = [ref for ref in references if ref.split("=", 1)[0] not in named]
    waiting = [name for name in attributes if name not in named]
    if len(plain) == 1:
        plain *= len(waiting)
    if len(plain) != len(waiting):
        raise ConfigError(
            f"{len(waiting)} --attr without a reference of their own ({', '.join(waiting)}) but {len(plain)} --ref; "
            "give one --ref for all, one for each, or --ref NAME=IMAGE"
        )
    pictures = named | dict(zip(waiting, plain, strict=True))
    return tuple(Wish(attribute=name, reference=pictures[name], strength=strength) for name in attributes)

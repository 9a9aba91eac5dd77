"""Flags that several commands have, and what they mean: which edit is made, how video is read and written."""

import argparse
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from videoedit.errors import ConfigError
from videoedit.strength import Keyframes, read_strength

if TYPE_CHECKING:
    from videoedit.video.writing.encoding import EncoderConfig
    from videoedit.wishes import Direction, EditConfig, FaceMap, Wish


def add_edit_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says which edit is made; every command that edits has these flags."""
    parser.add_argument(
        "--attr", action="append", required=True, metavar="NAME", help="attribute to change; repeatable"
    )
    parser.add_argument("--ref", action="append", default=[], metavar="[NAME=]IMAGE", help="exemplar; one per --attr")
    add_model_flags(parser)


def add_map_flag(parser: argparse.ArgumentParser) -> None:
    """Add what gives faces edits of their own."""
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FACE=IMAGE",
        help="another exemplar for one face: number of a track, or picture of the person; repeatable",
    )


def add_model_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says by which models and how an edit is made."""
    parser.add_argument(
        "--direction",
        choices=("auto", "add", "remove"),
        default="auto",
        help="what --ref must show: the attribute, its absence, or either (default auto)",
    )
    parser.add_argument(
        "--remove",
        dest="direction",
        action="store_const",
        const="remove",
        help="the same as --direction remove, which needs no --ref",
    )
    parser.add_argument(
        "--strength",
        type=read_strength,
        default=1.0,
        metavar="S",
        help="0 to 1.5 (default 1), or over time as 0:0,2s:1",
    )
    add_model_flag(parser)
    add_device_flag(parser)
    parser.add_argument("--smooth", choices=("off", "low", "medium", "high"), default="medium", help="(default medium)")
    parser.add_argument("--min-face", type=float, default=32.0, metavar="PX", help="leave smaller faces (default 32)")
    add_detector_flags(parser)
    add_occluder_flag(parser)
    add_face_flags(parser)


def add_model_flag(parser: argparse.ArgumentParser) -> None:
    """Add what names the editor."""
    parser.add_argument("--model", default="elegant", help="embedded model or path of a card (default elegant)")


def add_device_flag(parser: argparse.ArgumentParser) -> None:
    """Add what says where the networks run."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps (default auto)")


def add_detector_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says how faces are looked for."""
    add_detector_model_flag(parser)
    parser.add_argument(
        "--face-detector-size",
        type=int,
        default=640,
        metavar="PX",
        help="longer side of the picture in which faces are looked for (default 640); 1280 finds smaller ones",
    )
    parser.add_argument("--face-detector-score", type=float, default=0.5, help="0 to 1 (default 0.5)")


def add_occluder_flag(parser: argparse.ArgumentParser) -> None:
    """Add what the edit stays behind."""
    parser.add_argument(
        "--face-occluder-model",
        default="face-occluder",
        metavar="CARD",
        help="finds what hides a face, so that the edit stays behind it (default face-occluder); none paints over it",
    )


def add_detector_model_flag(parser: argparse.ArgumentParser) -> None:
    """Add what names the face detector."""
    parser.add_argument("--face-detector-model", default="face-detector", metavar="ONNX", help="SCRFD file")


def add_face_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says which faces are edited, and by what people are told apart."""
    parser.add_argument("--face-selector-mode", default=None, metavar="MODE", help="many (default), one or reference")
    parser.add_argument(
        "--face-selector-order",
        default="large-small",
        metavar="ORDER",
        help="which face is the one: large-small (default), left-right, top-bottom, best-worst, or the reverse of them",
    )
    parser.add_argument(
        "--reference-face", action="append", default=[], metavar="IMAGE", help="edit this person alone; repeatable"
    )
    parser.add_argument("--recognition-model", metavar="ONNX", help="ArcFace file of insightface, to know people by")


def edit_config_of(args: argparse.Namespace) -> "EditConfig":
    """Translate the flags of `add_edit_flags`."""
    return replace(models_config_of(args), wishes=wishes_of(args.attr, args.ref, args.strength, args.direction))


def mapped_edit_config_of(args: argparse.Namespace) -> "EditConfig":
    """Translate the flags of `add_edit_flags` and `add_map_flag`."""
    maps = maps_of(args)
    if maps and not args.ref and args.direction != "remove":
        return replace(models_config_of(args), maps=maps)  # other faces are left alone
    return replace(edit_config_of(args), maps=maps)


def maps_of(args: argparse.Namespace) -> "tuple[FaceMap, ...]":
    """Read `--map`."""
    from videoedit.wishes import FaceMap

    direction: Direction = "auto" if args.direction == "remove" else args.direction
    return tuple(
        FaceMap(face=face, wishes=wishes_of(args.attr, [picture], args.strength, direction))
        for face, picture in map_pairs_of(args)
    )


def map_pairs_of(args: argparse.Namespace) -> list[tuple[str, str]]:
    """Read `--map`: which face, and the picture of its exemplar."""
    pairs = []
    for text in args.map:
        face, equals, picture = text.partition("=")
        if not (face and equals and picture):
            raise ConfigError(f"--map must be TRACK=IMAGE or FACE-IMAGE=IMAGE, got {text!r}")
        pairs.append((face, picture))
    return pairs


def models_config_of(args: argparse.Namespace) -> "EditConfig":
    """Translate the flags of `add_model_flags`; there are no wishes yet."""
    from videoedit.pipeline import PipelineConfig
    from videoedit.track.choice import FaceChoice
    from videoedit.wishes import EditConfig

    mode = args.face_selector_mode or ("reference" if args.reference_face else "many")
    return EditConfig(
        wishes=(),
        model=args.model,
        detector_model=args.face_detector_model,
        device=args.device,
        occluder_model=None if args.face_occluder_model == "none" else args.face_occluder_model,
        recognition_model=args.recognition_model,
        reference_faces=tuple(args.reference_face),
        pipeline=PipelineConfig(
            smooth=args.smooth,
            min_face=args.min_face,
            detector_score=args.face_detector_score,
            detector_side=args.face_detector_size,
            faces=FaceChoice(mode=mode, order=args.face_selector_order),
        ),
    )


def wishes_of(
    attributes: list[str], references: list[str], strength: float | Keyframes, direction: "Direction"
) -> "tuple[Wish, ...]":
    """Pair attributes with references: by `NAME=IMAGE`, else in the order given; one reference serves all."""
    from videoedit.wishes import Wish

    if direction == "remove" and not references:
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
    return tuple(
        Wish(attribute=name, reference=pictures[name], strength=strength, direction=direction) for name in attributes
    )


def add_reading_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says how a video is read."""
    parser.add_argument("--deinterlace", action="store_true", help="make whole pictures of interlaced ones (bwdif)")


def add_view_flags(parser: argparse.ArgumentParser) -> None:
    """Add what lets an edit be looked into."""
    parser.add_argument("--compare", action="store_true", help="write source and result side by side")
    parser.add_argument("--debug", action="store_true", help="mark the faces: tracks, points, fades and reasons")
    parser.add_argument("--report", metavar="FILE", help="what became of every track (.json), or frame (.jsonl)")


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
    from videoedit.video.writing.encoding import EncoderConfig
    from videoedit.video.writing.rate import fps_of

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

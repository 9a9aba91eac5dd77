"""Flags that several commands have, and what they mean: which edit is made of which faces, and how video is read."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from videoedit.errors import ConfigError
from videoedit.strength import Keyframes, read_strength

if TYPE_CHECKING:
    from videoedit.wishes import Direction, EditConfig, FaceMap, Wish


Flags: TypeAlias = "argparse.ArgumentParser | argparse._ArgumentGroup"

NO_REFERENCE: Final = "--ref is missing; give a picture of a face that has the attribute, or --remove to take it away"


def add_edit_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says which edit is made of which faces; every command that edits has these flags."""
    edit = parser.add_argument_group("edit")
    edit.add_argument(
        "--attr",
        action="append",
        required=True,
        metavar="NAME",
        help="attribute to change, as eyeglasses, smile or bangs (videoedit models list); repeatable",
    )
    edit.add_argument(
        "--ref",
        action="append",
        default=[],
        metavar="[NAME=]IMAGE",
        help="exemplar: a picture of a face that has the attribute, or lacks it; one for all --attr, or one for each",
    )
    add_model_flags(edit)
    add_face_flags(parser)


def add_model_flags(edit: Flags) -> None:
    """Add what says how an edit is made, and by which model."""
    edit.add_argument(
        "--direction",
        choices=("auto", "add", "remove"),
        default="auto",
        help="what --ref must show: the attribute, its absence, or either (default auto)",
    )
    edit.add_argument(
        "--remove",
        dest="direction",
        action="store_const",
        const="remove",
        help="the same as --direction remove, which needs no --ref",
    )
    edit.add_argument(
        "--strength",
        type=read_strength,
        default=1.0,
        metavar="S",
        help="0 to 1.5 (default 1), or over time as 0:0,2s:1",
    )
    edit.add_argument(
        "--smooth",
        choices=("off", "low", "medium", "high"),
        default="medium",
        help="how far place and edit of a face are steadied over time (default medium)",
    )
    edit.add_argument(
        "--face-occluder-model",
        default="face-occluder",
        metavar="CARD",
        help="finds what hides a face, so that the edit stays behind it (default face-occluder); none paints over it",
    )
    add_model_flag(edit)
    add_try_on_flag(edit)
    add_device_flag(edit)


def unless_none(card: str) -> str | None:
    """Return the card that a flag names; None for the word none."""
    return None if card == "none" else card


def add_try_on_flag(flags: Flags) -> None:
    """Add --try-on-model."""
    flags.add_argument(
        "--try-on-model",
        default="glasses-matting",
        metavar="CARD",
        help="lifts glasses off the exemplar (default glasses-matting); with it mustaches and bangs are put on as they "
        "are too, and smiles bend the face's own lips; none has the editor draw them all",
    )


def add_model_flag(flags: Flags) -> None:
    """Add what names the editor."""
    flags.add_argument(
        "--model", default="elegant", metavar="NAME", help="embedded model or path of a card (default elegant)"
    )


def add_device_flag(flags: Flags) -> None:
    """Add what says where the networks run."""
    flags.add_argument("--device", default="auto", metavar="NAME", help="auto, cpu, cuda, cuda:N or mps (default auto)")


def add_face_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says which faces are edited, and by what people are told apart."""
    faces = parser.add_argument_group("faces")
    faces.add_argument(
        "--face-selector-mode",
        default=None,
        metavar="MODE",
        help="many (all, the default), one, or reference (those of --reference-face)",
    )
    faces.add_argument(
        "--face-selector-order",
        default="large-small",
        metavar="ORDER",
        help="which face is the one: large-small (default), left-right, top-bottom, best-worst, or the reverse of them",
    )
    faces.add_argument(
        "--reference-face", action="append", default=[], metavar="IMAGE", help="edit this person alone; repeatable"
    )
    faces.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FACE=IMAGE",
        help="another exemplar for one face: FACE is a picture of the person, or, in run, the number of a track; "
        "repeatable",
    )
    add_recognition_flag(faces)
    faces.add_argument(
        "--min-face", type=float, default=32.0, metavar="PX", help="leave smaller faces alone (default 32)"
    )
    add_detector_flags(faces)


def add_recognition_flag(flags: Flags) -> None:
    """Add what people are known by."""
    flags.add_argument(
        "--recognition-model", metavar="ONNX", help="ArcFace file of insightface, as w600k_r50.onnx, to know people by"
    )


def add_detector_flags(flags: Flags) -> None:
    """Add what says how faces are looked for."""
    add_detector_model_flag(flags)
    flags.add_argument(
        "--face-detector-size",
        type=int,
        default=640,
        metavar="PX",
        help="longer side of the picture in which faces are looked for (default 640); 1280 finds smaller ones",
    )
    flags.add_argument(
        "--face-detector-score",
        type=float,
        default=0.5,
        metavar="S",
        help="how sure a face must be to be edited, 0 to 1 (default 0.5)",
    )


def add_detector_model_flag(flags: Flags) -> None:
    """Add what names the face detector."""
    flags.add_argument(
        "--face-detector-model",
        default="face-detector",
        metavar="ONNX",
        help="SCRFD file of insightface (default: the embedded detector)",
    )


def edit_config_of(args: argparse.Namespace) -> "EditConfig":
    """Translate the flags of `add_edit_flags`."""
    return replace(models_config_of(args), wishes=wishes_of(args.attr, args.ref, args.strength, args.direction))


def mapped_edit_config_of(args: argparse.Namespace) -> "EditConfig":
    """Translate the flags of `add_edit_flags`, `--map` too."""
    config = edit_config_of(args) if edits_others(args) else models_config_of(args)
    return replace(config, maps=maps_of(args))


def edits_others(args: argparse.Namespace) -> bool:
    """Tell whether faces that `--map` does not name are edited too."""
    return bool(args.ref) or args.direction == "remove" or not args.map


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
        occluder_model=unless_none(args.face_occluder_model),
        try_on_model=unless_none(args.try_on_model),
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
    from videoedit.wishes import Wish, usual_name

    if direction == "remove" and not references:
        return tuple(Wish(attribute=name, reference=None, strength=strength) for name in attributes)
    if not references:
        raise ConfigError(NO_REFERENCE)
    known = {usual_name(name) for name in attributes}
    split = [(usual_name(ref.partition("=")[0]), ref.partition("=")[2]) for ref in references]
    for name in known:
        if sum(bool(picture) and other == name for other, picture in split) > 1:
            raise ConfigError(f"two --ref say what {name} is taken from; leave one of them out")
    named = {name: picture for name, picture in split if picture and name in known}
    plain = [ref for ref, (name, _) in zip(references, split, strict=True) if name not in named]
    waiting = [name for name in attributes if usual_name(name) not in named]
    if len(plain) == 1:
        plain *= len(waiting)
    if len(plain) != len(waiting):
        raise ConfigError(
            f"{len(waiting)} --attr without a reference of their own ({', '.join(waiting)}) but {len(plain)} --ref; "
            "give one --ref for all, one for each, or --ref NAME=IMAGE"
        )
    pictures = named | {usual_name(name): picture for name, picture in zip(waiting, plain, strict=True)}
    return tuple(
        Wish(attribute=name, reference=pictures[usual_name(name)], strength=strength, direction=direction)
        for name in attributes
    )


def refuse_urls(command: str, *paths: str) -> None:
    """Send URLs to the command that reads them.

    Raises:
        ConfigError: One of the paths is a URL.
    """
    from videoedit.jobs.storage import url_of

    for path in paths:
        if url := url_of(path):
            raise ConfigError(f"{url} is a URL, and {command} takes files of this machine; give it to videoedit batch")


def add_reading_flags(flags: Flags) -> None:
    """Add what says how a video is read."""
    flags.add_argument("--deinterlace", action="store_true", help="make whole pictures of interlaced ones (bwdif)")


def add_view_flags(parser: argparse.ArgumentParser) -> None:
    """Add what lets an edit be looked into."""
    views = parser.add_argument_group("what was done")
    views.add_argument("--compare", action="store_true", help="write source and result side by side")
    views.add_argument("--debug", action="store_true", help="mark the faces: tracks, points, fades and reasons")
    views.add_argument("--report", metavar="FILE", help="tell what became of every track (.json) or frame (.jsonl)")

"""`videoedit.run` and its like: the command line's jobs as functions, with the names of its flags."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from videoedit.jobs.one_file import RunConfig, RunReport, edit_file, unseen
from videoedit.jobs.views import View
from videoedit.pipeline import PipelineConfig
from videoedit.strength import read_strength
from videoedit.track.choice import FaceChoice
from videoedit.video.reading.part import part_of
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.rate import fps_of
from videoedit.wishes import Direction, EditConfig, FaceMap, Wish


class Encoding(TypedDict, total=False):
    """How a result is encoded; what is left out is as the command line has it."""

    encoder: str
    """FFmpeg's name of the video encoder; auto chooses by the output's ending."""
    crf: int | None
    """Constant rate factor on the encoder's own scale, 0 is lossless."""
    quality: int | None
    """Instead of it, 0 worst to 100 best."""
    preset: str
    """ultrafast to veryslow."""
    pixel_format: str | None
    """FFmpeg's name; None keeps the source's."""
    scale: float | Fraction
    """Factor of width and height."""
    fps: float | Fraction | None
    """Constant frame rate; None keeps every frame at its time."""
    audio: Literal["copy", "encode", "none"]
    """Copy the sound, encode it anew or leave it out."""


class Choices(Encoding, total=False):
    """Which faces are edited, how they are found, and how the result is encoded; as the command line has it."""

    face_selector_mode: Literal["many", "one", "reference"]
    """Left out: reference where there is a `reference_face`, else many."""
    face_selector_order: str
    """Which face is the one: large-small, left-right, top-bottom, best-worst, or the reverse."""
    reference_face: str | Path | Sequence[str | Path]
    """Pictures of the people to edit."""
    map: Mapping[int | str | Path, str | Path]
    """Other exemplars for single faces, by the number of a track or a picture of the person.

    With `ref` None and a direction other than remove, other faces are left alone.
    """
    recognition_model: str | Path | None
    """ArcFace file of insightface, to know people by."""
    face_detector_model: str | Path
    """Name of an embedded card, or path of an SCRFD file."""
    face_detector_size: int
    """Longer side of the picture in which faces are looked for, in pixels."""
    face_detector_score: float
    """0 to 1."""
    face_occluder_model: str | Path | None
    """Name of an embedded card, or path of one, by which edits stay behind what hides a face; None paints over it."""
    try_on_model: str | Path | None
    """Name of an embedded card, or path of one, by which glasses are lifted off the exemplar: these, mustaches and
    bangs are put on as they are with it, and smiles bend the face's own lips. None has the editor draw them all."""
    compare: bool
    """Write source and result side by side."""
    debug: bool
    """Mark the faces."""
    report: str | Path | None
    """Where it is told what became of every track (.json) or frame (.jsonl)."""


def run(  # noqa: PLR0913 - the names of the flags, all but three by keyword
    input: str | Path,  # noqa: A002
    output: str | Path,
    *,
    attr: str | Sequence[str],
    ref: str | Path | Sequence[str | Path] | None,
    direction: Direction = "auto",
    strength: float | str = 1.0,
    model: str = "elegant",
    device: str = "auto",
    smooth: str = "medium",
    min_face: float = 32.0,
    start: str | None = None,
    end: str | None = None,
    no_face: Literal["pass", "fail"] = "pass",
    overwrite: bool = False,
    keep_partial: bool = False,
    deinterlace: bool = False,
    **choices: Unpack[Choices],
) -> RunReport:
    """Edit one video, as `videoedit run` does.

    Args:
        input: Video to edit.
        output: Result; appears only when it is whole.
        attr: Attribute or attributes to change.
        ref: Picture of the exemplar, for all attributes or one for each; None takes the attributes away.
        direction: What the pictures must show: the attribute (add), its absence (remove), or either (auto).
        strength: 0 to 1.5, or over time as "0:0,2s:1".
        model: Name of an embedded card, or path of the user's own.
        device: auto, cpu, cuda, cuda:N or mps.
        smooth: off, low, medium or high.
        min_face: Faces with fewer pixels on their longer side are left alone.
        start: First frame: seconds, `1:02:03.5`, or its number as `120f`; None for the first of all.
        end: End before this place, counted from the beginning of the input; None for the last of all.
        no_face: Pass a video without a face through, or raise `NoFaceError`.
        overwrite: Replace an existing result.
        deinterlace: Make whole pictures of interlaced ones.
        keep_partial: Keep what could be edited of a damaged video; the error is raised all the same.
        **choices: Which faces, how the result is encoded, and what is told of it: the fields of `Choices`.

    Raises:
        VideoEditError: Anything the user can mend, in one line.
        ValueError: There is no attribute, or there are neither one nor as many references as attributes.
    """
    if unknown := choices.keys() - Choices.__annotations__.keys():
        raise TypeError(f"run() got an unexpected keyword argument {min(unknown)!r}; see videoedit.api.Choices")
    attributes = [attr] if isinstance(attr, str) else list(attr)
    if not attributes:
        raise ValueError("attr must name at least one attribute")
    asked = [
        Wish(attribute=name, reference=picture, direction=direction, strength=read_strength(str(strength)))
        for name, picture in zip(attributes, _references(ref, len(attributes)), strict=True)
    ]
    edit = EditConfig(
        wishes=tuple(asked), model=model, device=device, pipeline=PipelineConfig(smooth=smooth, min_face=min_face)
    )
    config = RunConfig(
        input=str(input),
        output=str(output),
        edit=_with_choices(edit, choices),
        part=part_of(start, end),
        no_face=no_face,
        overwrite=overwrite,
        keep_partial=keep_partial,
        deinterlace=deinterlace,
        encoder=_encoder_config(choices),
        view=View(compare=choices.get("compare", False), debug=choices.get("debug", False)),
        report=None if choices.get("report") is None else str(choices["report"]),
    )
    return edit_file(config, unseen)


def _with_choices(edit: EditConfig, choices: Choices) -> EditConfig:
    """Say which faces are edited, and by which models they are found."""
    people = choices.get("reference_face", ())
    people = [people] if isinstance(people, str | Path) else people
    maps = choices.get("map", {})
    faces = FaceChoice(
        mode=choices.get("face_selector_mode", "reference" if people else "many"),
        order=choices.get("face_selector_order", FaceChoice().order),
    )
    usual, recognition = edit.pipeline, choices.get("recognition_model")
    occluder = choices.get("face_occluder_model", edit.occluder_model)
    try_on = choices.get("try_on_model", edit.try_on_model)
    others_alone = maps and all(wish.reference is None and wish.direction != "remove" for wish in edit.wishes)
    return replace(
        edit,
        wishes=() if others_alone else edit.wishes,
        maps=tuple(FaceMap.of(str(face), str(picture), edit.wishes) for face, picture in maps.items()),
        reference_faces=tuple(map(str, people)),
        recognition_model=None if recognition is None else str(recognition),
        detector_model=str(choices.get("face_detector_model", edit.detector_model)),
        occluder_model=None if occluder is None else str(occluder),
        try_on_model=None if try_on is None else str(try_on),
        pipeline=replace(
            usual,
            faces=faces,
            detector_side=choices.get("face_detector_size", usual.detector_side),
            detector_score=choices.get("face_detector_score", usual.detector_score),
        ),
    )


def _encoder_config(choices: Choices) -> EncoderConfig:
    """Bring numbers into the exact form in which the configuration has them."""
    encoding: dict[str, Any] = {key: value for key, value in choices.items() if key in Encoding.__annotations__}
    encoding["scale"] = Fraction(encoding.get("scale", 1))
    if (fps := encoding.get("fps")) is not None:
        encoding["fps"] = fps_of(str(fps))
    return EncoderConfig(**encoding)


def _references(ref: str | Path | Sequence[str | Path] | None, count: int) -> list[str | None]:
    """Return one reference per attribute."""
    if ref is None or isinstance(ref, str | Path):
        return [None if ref is None else str(ref)] * count
    if len(ref) != count:
        raise ValueError(f"ref must be one picture or one for each of {count} attributes, got {len(ref)}")
    return [str(one) for one in ref]

"""`videoedit.run` and its like: the command line's jobs as functions, with the names of its flags."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from videoedit.jobs.one_file import RunConfig, RunReport, edit_file, unseen
from videoedit.pipeline import PipelineConfig
from videoedit.strength import read_strength
from videoedit.video.reading.part import part_of
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.rate import fps_of
from videoedit.wishes import Direction, EditConfig, Wish


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
    """Copy the sound or leave it out."""


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
    **encoding: Unpack[Encoding],
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
        **encoding: How the result is encoded, the fields of `Encoding`.

    Raises:
        VideoEditError: Anything the user can mend, in one line.
        ValueError: There are neither one nor as many references as attributes.
    """
    attributes = [attr] if isinstance(attr, str) else list(attr)
    config = RunConfig(
        input=str(input),
        output=str(output),
        edit=EditConfig(
            wishes=tuple(
                Wish(attribute=name, reference=picture, direction=direction, strength=read_strength(str(strength)))
                for name, picture in zip(attributes, _references(ref, len(attributes)), strict=True)
            ),
            model=model,
            device=device,
            pipeline=PipelineConfig(smooth=smooth, min_face=min_face),
        ),
        part=part_of(start, end),
        no_face=no_face,
        overwrite=overwrite,
        keep_partial=keep_partial,
        deinterlace=deinterlace,
        encoder=_encoder_config(encoding),
    )
    return edit_file(config, unseen)


def _encoder_config(encoding: Encoding) -> EncoderConfig:
    """Bring numbers into the exact form in which the configuration has them."""
    exact: dict[str, Any] = {**encoding, "scale": Fraction(encoding.get("scale", 1))}
    if (fps := encoding.get("fps")) is not None:
        exact["fps"] = fps_of(str(fps))
    return EncoderConfig(**exact)


def _references(ref: str | Path | Sequence[str | Path] | None, count: int) -> list[str | None]:
    """Return one reference per attribute."""
    if ref is None or isinstance(ref, str | Path):
        return [None if ref is None else str(ref)] * count
    if len(ref) != count:
        raise ValueError(f"ref must be one picture or one for each of {count} attributes, got {len(ref)}")
    return [str(one) for one in ref]

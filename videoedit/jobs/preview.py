"""A look at an edit before the whole video is made: before | after | what was added | where it may change.

Shapes: T moments, h x w the frame as it is shown.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np

from videoedit.colour import region_rgb, to_image
from videoedit.composite.residual import warp_back
from videoedit.errors import DamagedError, TooShortError
from videoedit.frames import Image
from videoedit.jobs.one_file import until_damage
from videoedit.pipeline import EditedFrame, Pipeline
from videoedit.streams import begun
from videoedit.tone import to_sdr
from videoedit.video.reading.part import Part, Place
from videoedit.video.reading.reader import VideoReader
from videoedit.video.stills.clip import PictureReader
from videoedit.video.writing.containers import is_picture
from videoedit.wishes import EditConfig, build_pipeline, check_people

_LEAD_SECONDS: Final = Fraction(2)
_LEAD_FRAMES: Final = 60
"""From here on before a moment the video is edited; no smoothing looks back further."""


def preview_sheet(path: str, places: Sequence[Place], config: EditConfig, *, deinterlace: bool = False) -> Image:
    """Edit a video around the moments asked for, and show them.

    Args:
        path: Video.
        places: Each shows the frame on screen then.
        config: The edit.
        deinterlace: Make whole pictures of interlaced ones, which are refused else.

    Returns:
        (T h, 4 w, 3) uint8, one row per place in their order.

    Raises:
        ConfigError: A face is meant by the number of its track, which only a whole run counts.
        TooShortError: The video ends before one of the places.
        DamagedError: No frame decodes there.
    """
    check_people(config.maps, "a preview")
    pipeline = build_pipeline(config)
    rows = [_row_at(place, _reader_before(place, path, deinterlace), pipeline) for place in places]
    return np.concatenate(rows, axis=0)


def _row_at(place: Place, opened: VideoReader | PictureReader, pipeline: Pipeline) -> Image:
    """Edit from a little before a place up to the frame on screen then, and show it; damage after it is no matter."""
    damage: list[DamagedError] = []
    with opened as reader, suppress(TooShortError):
        frames = begun(until_damage(reader, damage))
        pipeline = replace(pipeline, begin=reader.begin)
        for shown in pipeline.run(frames):
            source = shown.source
            if place.frame is not None and source.index == min(place.frame, _LEAD_FRAMES):
                return _row(shown, pipeline)
            if place.seconds is not None and place.seconds < source.time + source.duration - (reader.begin or 0):
                return _row(shown, pipeline)
    if damage:
        raise damage[0]
    raise TooShortError(f"{reader.path} ends before {place}; ask for an earlier moment with --at")


def _reader_before(place: Place, path: str, deinterlace: bool) -> VideoReader | PictureReader:
    """Open a video a little before a place, or a picture."""
    if is_picture(path):
        return PictureReader(path)
    return VideoReader(path, part=Part(start=_a_little_before(place)), deinterlace=deinterlace)


def _a_little_before(place: Place) -> Place:
    if place.frame is not None:
        return Place(frame=max(place.frame - _LEAD_FRAMES, 0))
    return Place(seconds=max((place.seconds or Fraction(0)) - _LEAD_SECONDS, Fraction(0)))


def _row(shown: EditedFrame, pipeline: Pipeline) -> Image:
    """Return before | after | difference around grey | mask."""
    box = (0, 0, *shown.source.size_wh)
    before, after = (to_sdr(region_rgb(frame, box), frame.format) for frame in (shown.source, shown.frame))
    where = np.zeros_like(before)
    for placement in shown.placements:
        limit = np.repeat(pipeline.limit_of(shown.source, placement)[..., None], 3, axis=2)
        where = np.maximum(where, warp_back(limit, placement.crop_from_frame, box))
    pictures = (before, after, after - before + np.float32(0.5), where)
    return np.concatenate([shown.source.upright(to_image(picture)) for picture in pictures], axis=1)

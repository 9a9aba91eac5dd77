"""Two videos frame by frame: the faces of the source are followed, and both are looked at in the same places.

Shapes: S the side of an aligned crop.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from videoedit.align.from_frame import box_of_crop, crop_of_frame
from videoedit.align.regions import region_mask
from videoedit.detect.base import FaceDetector
from videoedit.evaluate.clip.outside import outside_of
from videoedit.evaluate.clip.record import Clock, Embedded, Point, Series, Verdict
from videoedit.evaluate.clip.steadiness import CropPair, FlowMeter, Triples, flicker, wobble
from videoedit.evaluate.clip.timing import LagMeter, paired
from videoedit.evaluate.judging import Judge
from videoedit.faces import Face, Points, Track
from videoedit.frames import Frame
from videoedit.geometry import iou, scale_of
from videoedit.judge.recognition import FaceRecogniser
from videoedit.pipeline import faces_in_frames
from videoedit.tensors import to_model
from videoedit.track.fading import BRIEF
from videoedit.track.smoothing import SIGMAS, Placement, steady
from videoedit.track.tracker import Tracked, Tracker

SIZE: Final = 128
"""Side of the crops in which faces are compared."""

_TEMPLATE: Final = "elegant"
_DETECTOR_SIDE: Final = 640
_MIN_FACE: Final = 32.0
_BORDER: Final = 0.1
"""Share of the crop's side by which its rectangle is widened before the rest counts as outside."""
_SAME_FACE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Eyes:
    """What the videos are looked at with."""

    detector: FaceDetector
    judge: Judge
    recogniser: FaceRecogniser | None
    attribute: str | None
    """Attribute that was edited, as the judge names it; None leaves success out."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """One frame of the source, what the edited video shows at that time, and the faces in them."""

    source: Frame
    edited: Frame | None
    tracks: Sequence[Track]
    edited_faces: Sequence[Face]
    placements: Sequence[Placement]


class ClipMeter:
    """Goes through two videos once and keeps figures, not pictures."""

    def __init__(self, eyes: Eyes) -> None:
        self.clock = Clock()
        self.lag = LagMeter()
        self.series: Series = {}
        self.verdicts: dict[int, list[Verdict]] = {}
        """By track."""
        self.embedded: dict[int, list[Embedded]] = {}
        """By track."""
        self._eyes = eyes
        self._flow = FlowMeter()
        self._crops: Triples[tuple[float, CropPair]] = Triples()
        self._points: dict[str, Triples[tuple[float, Points]]] = {"source": Triples(), "edited": Triples()}
        self._inside = region_mask(eyes.attribute or "", SIZE)
        """Everywhere where no attribute is named."""

    @property
    def attribute(self) -> str | None:
        """Attribute that the judge is asked for."""
        return self._eyes.attribute

    @property
    def has_recogniser(self) -> bool:
        """Whether faces are recognised."""
        return self._eyes.recogniser is not None

    def measure(self, source: Iterable[Frame], edited: Iterable[Frame]) -> None:
        """Compare two videos of one size."""
        for shown in _placed(self._followed(source, edited)):
            if shown.edited is None:
                continue
            self.lag.add(shown.source, shown.edited)
            self._look_outside(shown.source, shown.edited, shown.placements)
            pairs = [
                CropPair(*(crop_of_frame(frame, place.crop_from_frame, SIZE) for frame in (shown.source, shown.edited)))
                for place in shown.placements
            ]
            for place, pair in zip(shown.placements, pairs, strict=True):
                self._follow_edit(shown.source, place.track_id, pair)
            self._ask_judge(shown, pairs)
            for track in shown.tracks:
                self._follow_points(shown, track)

    def _followed(self, source: Iterable[Frame], edited: Iterable[Frame]) -> Iterator[_Shown]:
        """Detect in both videos, and follow the source's faces."""
        tracker = Tracker()
        for before, after in paired(source, edited):
            self.clock.add(before, after)
            if before is None:
                continue
            frames = [before] if after is None else [before, after]
            found = faces_in_frames(frames, self._eyes.detector, _DETECTOR_SIDE)
            tracks = tracker.update([face for face in found[0] if face.size >= _MIN_FACE])
            yield _Shown(before, after, tracks, found[1] if after is not None else (), ())

    def _note(self, name: str, point: Point) -> None:
        self.series.setdefault(name, []).append(point)

    def _look_outside(self, source: Frame, edited: Frame, placements: Sequence[Placement]) -> None:
        boxes = [
            box_of_crop(source, p.crop_from_frame, SIZE, round(_BORDER * SIZE / scale_of(p.crop_from_frame)))
            for p in placements
        ]
        seen, time = outside_of(source, edited, boxes), float(source.time)
        if seen.psnr is not None:
            self._note("psnr_outside", Point(time, seen.psnr))
        self._note("largest_outside", Point(time, seen.largest))
        self._note("largest_block_outside", Point(time, seen.largest_block))

    def _follow_edit(self, frame: Frame, track: int, pair: CropPair) -> None:
        last = self._crops.last(track, frame.index - 1)
        triple = self._crops.add(track, frame.index, (float(frame.time), pair))
        if last and (errors := self._flow.errors(last[1], pair, self._inside)):
            for name, value in (
                ("warp_edit", errors.edit),
                ("warp_edited", errors.edited),
                ("warp_source", errors.source),
                ("slip_edited", errors.slip_edited),
                ("slip_source", errors.slip_source),
            ):
                self._note(name, Point(float(frame.time), value, track))
        if triple:
            (_, before), (time, middle), (_, after) = triple
            for name, where in (("flicker", self._inside), ("flicker_elsewhere", ~self._inside)):
                size = flicker(before, middle, after, where) if where.any() else None
                if size is not None:
                    self._note(name, Point(time, size, track))

    def _ask_judge(self, shown: _Shown, pairs: Sequence[CropPair]) -> None:
        judge, name = self._eyes.judge, self._eyes.attribute
        if name is None or not pairs:
            return
        column, threshold = judge.attributes.index(name), judge.threshold(name)
        said = judge.probabilities(to_model([pair.source for pair in pairs] + [pair.edited for pair in pairs]))
        before, after = said[:, column].reshape(2, -1).tolist()
        for place, was, now in zip(shown.placements, before, after, strict=True):
            self._note("probability_source", Point(float(shown.source.time), was, place.track_id))
            self._note("probability", Point(float(shown.source.time), now, place.track_id))
            verdict = Verdict(shown.source.index, was > threshold, now > threshold)
            self.verdicts.setdefault(place.track_id, []).append(verdict)

    def _follow_points(self, shown: _Shown, track: Track) -> None:
        """Follow the landmarks of a face in both videos, and who it is."""
        twin = max(shown.edited_faces, key=lambda face: iou(face.box_xyxy, track.face.box_xyxy), default=None)
        if twin is None or iou(twin.box_xyxy, track.face.box_xyxy) < _SAME_FACE or shown.edited is None:
            return
        for name, face in (("source", track.face), ("edited", twin)):
            triple = self._points[name].add(track.id, shown.source.index, (float(shown.source.time), face.points_xy))
            if triple:
                (_, before), (time, middle), (_, after) = triple
                self._note(f"wobble_{name}", Point(time, wobble(before, middle, after), track.id))
        if self._eyes.recogniser is not None:
            crops = [
                self._eyes.recogniser.crop_of(frame, face.points_xy)
                for frame, face in ((shown.source, track.face), (shown.edited, twin))
            ]
            both = Embedded(*self._eyes.recogniser.embeddings(crops))
            self.embedded.setdefault(track.id, []).append(both)
            self._note("identity_kept", Point(float(shown.source.time), float(both.source @ both.edited), track.id))


def _placed(followed: Iterable[_Shown]) -> Iterator[_Shown]:
    """Place the source's crops as an edit does, steadied over time."""
    waiting: deque[_Shown] = deque()

    def tracked() -> Iterator[Tracked]:
        for shown in followed:
            waiting.append(shown)
            yield Tracked(shown.source, shown.tracks)

    for placed in steady(tracked(), _TEMPLATE, SIZE, SIGMAS["medium"]):
        shown = waiting.popleft()
        placements = tuple(place for place in placed.placements if place.reason != BRIEF)
        yield _Shown(shown.source, shown.edited, shown.tracks, shown.edited_faces, placements)

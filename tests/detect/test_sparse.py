"""Between detections faces are followed by what the picture does, and the detector looks again where that fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from videoedit.align.templates import TEMPLATES
from videoedit.detect.sparse import Effort, SparseDetector
from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.geometry import transform_points

SIZE_WH = (480, 270)
POINTS = (TEMPLATES["elegant"] - 128) * 0.8 + [200.0, 130.0]


def texture() -> Image:
    noise = np.random.default_rng(0).integers(0, 255, (270, 480, 3)).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 3.0), np.uint8)


def motion(index: int) -> np.ndarray:
    """Where the first picture's points are in a later one: shifted, turned and scaled a little more every time."""
    turn = cv2.getRotationMatrix2D((200, 130), 0.7 * index, 1 + 0.004 * index)
    turn[:, 2] += [2.5 * index, 1.2 * index]
    return np.asarray(turn, np.float64)


def picture(index: int) -> Image:
    return np.asarray(cv2.warpAffine(texture(), motion(index), SIZE_WH, borderMode=cv2.BORDER_REFLECT), np.uint8)


def true_points(index: int) -> np.ndarray:
    return transform_points(motion(index), POINTS)


@dataclass
class KnowingDetector:
    """Knows where the face is by the number of the picture."""

    index: int = 0
    looked: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    is_blind: bool = False

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        self.looked.append(self.index)
        self.widths.append(images[0].shape[1])
        if self.is_blind:
            return [[]]
        factor = images[0].shape[1] / SIZE_WH[0]
        points = (true_points(self.index) + 0.5) * factor - 0.5
        return [[Face(np.concatenate([points.min(axis=0), points.max(axis=0)]), points, 0.9)]]


def follow(effort: Effort, pictures: list[Image], detector: KnowingDetector) -> list[list[Face]]:
    sparse = SparseDetector(detector, lambda: effort)
    found = []
    for detector.index, image in enumerate(pictures):
        found.append(sparse.detect([image])[0])
    return found


def test_every_picture_is_looked_at_where_that_is_asked_for() -> None:
    detector = KnowingDetector()
    follow(Effort(1, 640), [picture(i) for i in range(5)], detector)
    assert detector.looked == list(range(5))


def test_face_is_followed_within_a_pixel_between_detections() -> None:
    detector = KnowingDetector()
    found = follow(Effort(4, 640), [picture(i) for i in range(13)], detector)
    assert detector.looked == [0, 4, 8, 12]
    for index, faces in enumerate(found):
        assert abs(faces[0].points_xy - true_points(index)).max() < 1.0
    off = [abs(faces[0].points_xy - true_points(i // 4 * 4)).max() for i, faces in enumerate(found)]
    assert off[3] > 5  # standing still would be far off


def test_detector_looks_again_where_the_face_is_lost() -> None:
    other = np.ascontiguousarray(texture()[::-1, ::-1])
    detector = KnowingDetector()
    follow(Effort(6, 640), [picture(0), picture(1), other, other], detector)
    assert detector.looked == [0, 2]


def test_smaller_input_gives_the_same_places() -> None:
    detector = KnowingDetector()
    found = follow(Effort(2, 320), [picture(0)], detector)
    assert detector.widths == [320]
    np.testing.assert_allclose(found[0][0].points_xy, true_points(0), atol=0.01)


def test_without_a_face_the_detector_rests_as_long() -> None:
    detector = KnowingDetector(is_blind=True)
    assert follow(Effort(3, 640), [picture(0)] * 7, detector) == [[]] * 7
    assert detector.looked == [0, 3, 6]


def test_effort_may_change_on_the_way_and_so_may_the_size() -> None:
    efforts = iter([Effort(1, 640), Effort(4, 640), Effort(4, 640), Effort(4, 640), Effort(1, 640), Effort(4, 640)])
    detector = KnowingDetector()
    sparse = SparseDetector(detector, lambda: next(efforts))
    small = np.ascontiguousarray(picture(3)[:200, :300])
    for detector.index, image in enumerate([picture(0), picture(1), picture(2), small, picture(4), picture(5)]):
        assert len(sparse.detect([image])[0]) == 1
    assert detector.looked == [0, 1, 3, 4, 5]


def test_face_beyond_the_picture_does_not_break_it() -> None:
    class Astray(KnowingDetector):
        def detect(self, images: Sequence[Image]) -> list[list[Face]]:
            (face,) = super().detect(images)[0]
            return [[Face(face.box_xyxy + 500.0, face.points_xy + 500.0, 0.9)]]

    assert len(follow(Effort(3, 640), [picture(0)] * 3, Astray())) == 3

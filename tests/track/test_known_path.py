"""A photographed face moved along a known path, found by the shipped detector: what is aligned stays on the face."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage.data

from tests.track.drawn_faces import frame_at
from videoedit.detect import detectors
from videoedit.faces import Face, Track
from videoedit.geometry import inverse, transform_points
from videoedit.track.causal import GAINS, steady_live
from videoedit.track.smoothing import SIGMAS, Placed, steady
from videoedit.track.tracker import Tracked

SIZE_WH = (480, 320)
NUM_FRAMES = 80
POINTS = np.array([[203.0, 112], [248, 112], [225, 140], [208, 160], [245, 160]])
"""Of the photographed face, roughly; only that they move with it matters."""
EYES = 45.0

Steadying = Callable[[Iterator[Tracked]], Iterator[Placed]]
OFF: Steadying = lambda tracked: steady(tracked, "elegant", 128, SIGMAS["off"])  # noqa: E731
OFFLINE: Steadying = lambda tracked: steady(tracked, "elegant", 128, SIGMAS["medium"])  # noqa: E731
LIVE: Steadying = lambda tracked: steady_live(tracked, "elegant", 128, GAINS["medium"])  # noqa: E731


def frame_from_photo(index: int) -> np.ndarray:
    """Return where the photo lies: it swings, turns by 20 degrees to both sides, and grows and shrinks by a third."""
    angle, scale = 0.35 * np.sin(index / 12), 1.05 + 0.3 * np.sin(index / 16 + 1)
    centre = [240 + 90 * np.sin(index / 9.5), 165 + 25 * np.sin(index / 6.4)]
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, centre - turn @ [225, 135]])


@pytest.fixture(scope="module")
def faces() -> list[Face]:
    """Find the face in every frame."""
    photo, rng = np.asarray(skimage.data.astronaut()), np.random.default_rng(0)
    detector = detectors.build("refined", weights="face-detector", score=0.3)
    found = []
    for index in range(NUM_FRAMES):
        drawn = cv2.warpAffine(photo, frame_from_photo(index), SIZE_WH, borderMode=cv2.BORDER_REFLECT)
        noisy = drawn + rng.normal(0, 2.0, (*drawn.shape[:2], 1))
        found.append(detector.detect([np.clip(noisy, 0, 255).astype(np.uint8)])[0][0])
    return found


def aligned(faces: list[Face], steadying: Steadying, noise: float = 0.0) -> np.ndarray:
    """Return where the face's own points lie in the crops, (T, 5, 2) in eye distances, around their means.

    Args:
        faces: As detected.
        steadying: How they are steadied.
        noise: Added to the detected points, in eye distances.
    """
    rng = np.random.default_rng(5)

    def tracked() -> Iterator[Tracked]:
        for index, face in enumerate(faces):
            pixels = noise * EYES * np.hypot(*frame_from_photo(index)[0, :2])
            points = face.points_xy + rng.normal(0, 1, (5, 2)) * pixels
            yield Tracked(frame_at(index), [Track(0, replace(face, points_xy=points))])

    seen = np.array(
        [
            transform_points(
                entry.placements[0].crop_from_frame, transform_points(frame_from_photo(entry.frame.index), POINTS)
            )
            for entry in steadying(tracked())
        ]
    )
    eyes = np.linalg.norm(seen[:, 1] - seen[:, 0], axis=1).mean()
    return (seen - seen.mean(axis=0)) / eyes


def rms(values: np.ndarray) -> float:
    """Return the root mean square distance of (..., 2)."""
    return float(np.sqrt(np.square(values).sum(axis=-1).mean()))


def test_aligned_points_stay_on_the_face_within_one_per_cent_of_the_eye_distance(faces: list[Face]) -> None:
    assert rms(aligned(faces, OFFLINE)) < 0.01


def test_most_of_the_noise_of_the_detections_is_gone(faces: list[Face]) -> None:
    steadied, raw = (rms(np.diff(aligned(faces, how, noise=0.02), axis=0)) for how in (OFFLINE, OFF))
    assert steadied < 0.3 * raw


@pytest.mark.parametrize(("steadying", "most"), [(OFFLINE, 0), (LIVE, 2)], ids=["offline", "live"])
def test_the_crop_goes_with_the_face_and_not_after_it(faces: list[Face], steadying: Steadying, most: int) -> None:
    tracked = (Tracked(frame_at(i), [Track(0, face)]) for i, face in enumerate(faces))
    middles = np.array(
        [inverse(entry.placements[0].crop_from_frame) @ [64.0, 64.0, 1.0] for entry in steadying(tracked)]
    )
    paths = [frame_from_photo(i) for i in range(NUM_FRAMES)]
    on_photo = np.mean([inverse(path) @ [*xy, 1.0] for path, xy in zip(paths, middles, strict=True)], axis=0)
    truth = np.array([path @ [*on_photo, 1.0] for path in paths])
    inner = np.arange(12, NUM_FRAMES - 12)
    alike = [np.corrcoef(middles[inner + lag, 0], truth[inner, 0])[0, 1] for lag in range(-6, 7)]
    assert abs(int(np.argmax(alike)) - 6) <= most

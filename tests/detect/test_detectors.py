"""Detectors: the embedded one finds a face where it is, and wrong files are told apart."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from videoedit.detect import detectors
from videoedit.detect.fit import Fitted
from videoedit.detect.insightface import InsightFaceDetector
from videoedit.errors import ConfigError, ModelError
from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.geometry import iou
from videoedit.resources import load_card

FACE_BOX = np.array([178.0, 65, 269, 176])
"""Where the astronaut's face is."""
EYES = np.array([[203.5, 103], [246.5, 104]])


@pytest.fixture(scope="module")
def astronaut() -> Image:
    return np.asarray(skimage.data.astronaut(), dtype=np.uint8)


def only_face(image: Image, **options: object) -> Face:
    (face,) = detectors.build("insightface", **options).detect([image])[0]
    return face


def test_embedded_detector_finds_the_one_face(astronaut: Image) -> None:
    face = only_face(astronaut)
    assert iou(face.box_xyxy, FACE_BOX) > 0.6
    assert face.score > 0.6
    assert np.abs(face.points_xy[:2] - EYES).max() < 5
    assert face.points_xy[0, 0] < face.points_xy[1, 0]


def test_faces_are_told_in_pixels_of_the_picture_whatever_its_size(astronaut: Image) -> None:
    large = cv2.resize(astronaut, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    cut = only_face(astronaut[:300, :331])
    assert iou(only_face(large).box_xyxy / 2.5, FACE_BOX) > 0.6
    assert iou(cut.box_xyxy, FACE_BOX) > 0.6


def test_insightface_is_given_bgr_at_an_explicit_size() -> None:
    seen: list[tuple[Image, object]] = []

    class Recorder:
        def detect(self, image: Image, input_size: object, det_thresh: float) -> tuple[np.ndarray, np.ndarray]:
            seen.append((image, input_size))
            return np.zeros((0, 5)), np.zeros((0, 5, 2))

    detector = InsightFaceDetector(size=320)
    detector._network = Recorder()
    red = np.zeros((40, 70, 3), np.uint8)
    red[:, :, 0] = 255
    assert detector.detect([red]) == [[]]
    image, size = seen[0]
    assert size == (96, 64)
    assert image[0, 0].tolist() == [0, 0, 255]


def test_a_large_size_finds_small_faces_and_loses_no_large_one(astronaut: Image) -> None:
    face = astronaut[40:200, 150:300]
    street = np.full((960, 1280, 3), 128, np.uint8)
    large = cv2.resize(face, None, fx=5.4, fy=5.4, interpolation=cv2.INTER_CUBIC)  # a face of 500 pixels
    street[:864, :810] = large
    small = cv2.resize(face, None, fx=0.22, fy=0.22, interpolation=cv2.INTER_AREA)
    street[900 : 900 + len(small), 1000 : 1000 + small.shape[1]] = small
    found = {size: detectors.build("insightface", size=size).detect([street])[0] for size in (640, 1280)}
    assert [face.size > 300 for face in found[640]] == [True]
    assert sorted(face.size > 300 for face in found[1280]) == [False, True]


@pytest.mark.parametrize(("half", "expected"), [(0.8, [0.8]), (0.6, [0.7, 0.7])])
def test_of_one_face_in_two_looks_the_surer_counts(half: float, expected: list[float]) -> None:
    class Looks:
        def detect(self, image: Image, input_size: object, det_thresh: float) -> tuple[np.ndarray, np.ndarray]:
            if image.shape[1] == 320:  # one large face in the reduced picture
                return np.array([[10.0, 10, 110, 110, half]]), np.zeros((1, 5, 2))
            halves = [[20.0, 20, 110, 220, 0.7], [130.0, 20, 220, 220, 0.7]]  # two parts of it at full size
            return np.array(halves), np.zeros((2, 5, 2))

    detector = InsightFaceDetector()
    detector._network = Looks()
    (found,) = detector.detect([np.zeros((640, 640, 3), np.uint8)])
    assert [face.score for face in found] == expected


def test_a_picture_without_a_face_gives_an_empty_list() -> None:
    grey = np.full((200, 300, 3), 128, np.uint8)
    assert detectors.build("insightface").detect([grey, grey]) == [[], []]


def test_embedded_weights_are_small_and_have_nine_flat_outputs() -> None:
    import onnxruntime

    path = load_card("face-detector").weights_path
    outputs = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).get_outputs()
    assert path.stat().st_size <= 4_000_000
    assert [output.shape[1] for output in outputs] == [1, 1, 1, 4, 4, 4, 10, 10, 10]


@pytest.mark.parametrize("name", ["insightface", "yunet"])
def test_missing_weights_are_an_error_that_names_the_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.onnx"):
        detectors.build(name, weights=tmp_path / "nowhere.onnx")


@pytest.mark.parametrize("name", ["insightface", "yunet"])
def test_a_file_that_is_no_detector_is_an_error_that_names_the_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "noise.onnx"
    path.write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"noise\.onnx"):
        detectors.build(name, weights=path)


def test_wrong_options_are_told() -> None:
    with pytest.raises(ValueError, match="size"):
        detectors.build("insightface", size=500)
    with pytest.raises(ValueError, match="score"):
        detectors.build("insightface", score=1.5)
    with pytest.raises(ConfigError, match="no-such-card"):
        detectors.build("insightface", weights="no-such-card")


def test_a_fitted_picture_has_sides_of_32_and_leads_back_exactly() -> None:
    fitted = Fitted.of(np.zeros((1080, 1920, 3), np.uint8), 640)
    assert fitted.image.shape == (384, 640, 3)
    whole = np.array([-0.5, -0.5, 639.5, 359.5])
    face = fitted.face(whole, np.full((5, 2), 319.5), 0.9)
    np.testing.assert_allclose(face.box_xyxy, [-0.5, -0.5, 1919.5, 1079.5])
    np.testing.assert_allclose(face.points_xy[:, 0], 959.5)


def test_yunet_agrees_with_the_embedded_detector(astronaut: Image) -> None:
    folder = os.environ.get("VIDEOEDIT_TEST_DATA")
    if not folder:
        pytest.skip("VIDEOEDIT_TEST_DATA is not set")
    (teacher,) = detectors.build("yunet", weights=Path(folder) / "weights/yunet_n_dynamic.onnx").detect([astronaut])[0]
    face = only_face(astronaut)
    assert iou(face.box_xyxy, teacher.box_xyxy) > 0.7
    assert np.linalg.norm(face.points_xy - teacher.points_xy, axis=1).mean() < 4

"""What a detector wrongly takes for a face is cut out, kept, and laid into scenes without being called a face."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.train.detector.distractors import load_distractors, mined, save_distractors
from videoedit.train.detector.scenes import SceneConfig, make_scene
from videoedit.train.pictures import Picture

FACE = np.array([[30.0, 40, 70, 90, 40, 60, 60, 60, 50, 70, 42, 80, 58, 80, 1]])
RED = (230, 20, 20)
RED_BOX = (100.0, 20.0, 130.0, 60.0)


@pytest.fixture
def picture() -> Picture:
    image = np.full((120, 150, 3), 100, np.uint8)
    cv2.rectangle(image, (100, 20), (130, 60), RED, -1)
    _, png = cv2.imencode(".png", image[:, :, ::-1])
    return Picture("Some_One_0001.jpg", png.tobytes(), FACE)


def sees(*boxes: tuple[float, ...]) -> list[Face]:
    return [Face(np.array(box), FACE[0, 4:14].reshape(5, 2), 0.5) for box in boxes]


def is_red(image: Image) -> NDArray[np.bool_]:
    return np.asarray((np.abs(image.astype(int) - RED) < 60).all(axis=2))


def test_what_is_no_known_face_is_cut_out_with_its_surroundings(picture: Picture) -> None:
    asked: list[Image] = []

    def detector(image: Image) -> list[Face]:
        asked.append(image)
        return sees((32, 42, 68, 88), RED_BOX) if len(asked) == 1 else []  # then the picture with its face cut away

    (cut,) = mined(detector, lambda _: [], [picture])
    height, width = cut.shape[:2]
    assert height / width == pytest.approx(4 / 3, abs=0.05)
    assert is_red(cut)[height * 3 // 8 : height * 5 // 8, width * 3 // 8 : width * 5 // 8].all()
    assert 0.2 < is_red(cut).mean() < 0.3


def test_what_the_teacher_takes_for_a_face_is_not_kept(picture: Picture) -> None:
    assert list(mined(lambda _: sees(RED_BOX), lambda _: sees(RED_BOX), [picture])) == []


def test_distractors_are_laid_into_scenes_and_called_no_face(picture: Picture, tmp_path: Path) -> None:
    cuts = list(mined(lambda _: sees(RED_BOX), lambda _: [], [picture]))
    assert save_distractors(cuts, tmp_path / "cuts.tar") == len(cuts) == 2
    distractors = load_distractors(tmp_path / "cuts.tar")
    scenes = [make_scene(distractors, SceneConfig(), 0, index) for index in range(20)]
    assert all(len(scene.faces) == 0 for scene in scenes)
    assert max(is_red(scene.image).sum() for scene in scenes) > 200

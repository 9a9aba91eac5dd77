"""TL-ID and TG-ID on embeddings with known answers, and a recognition model that is none."""

from pathlib import Path

import numpy as np
import pytest

from videoedit.errors import ModelError
from videoedit.evaluate.clip.identity import identity_of
from videoedit.judge.recognition import FaceRecogniser


def on_circle(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_same_person_scores_one() -> None:
    found = identity_of(on_circle(0, 5, 10, 7), on_circle(0, 5, 10, 7))
    assert (found.tl_id, found.tg_id, found.tl_off, found.tg_off) == pytest.approx((1, 1, 0, 0))
    assert found.kept == pytest.approx(1)


def test_ratios_of_a_drifting_person_are_as_published() -> None:
    source, edited = on_circle(0, 0, 0), on_circle(0, 30, 60)
    found = identity_of(source, edited)
    cos30, cos60 = np.cos(np.pi / 6), 0.5
    assert found.tl_id == pytest.approx(cos30)
    assert found.tg_id == pytest.approx((2 * cos30 + cos60) / 3)
    assert found.kept == pytest.approx((1 + cos30 + cos60) / 3)


def test_steadier_than_the_source_passes_one_and_is_off() -> None:
    found = identity_of(on_circle(0, 40, 0), on_circle(10, 10, 10))
    assert found.tl_id > 1
    assert found.tl_off == pytest.approx(found.tl_id - 1)


def test_one_frame_has_no_neighbour() -> None:
    with pytest.raises(ValueError, match="two or more"):
        identity_of(on_circle(0), on_circle(0))


def test_recogniser_tells_colours_apart_in_red_green_blue_order(tiny_arcface: Path) -> None:
    recogniser = FaceRecogniser(tiny_arcface)
    red, blue = np.zeros((2, 112, 112, 3), np.uint8)
    red[..., 0], blue[..., 2] = 255, 255
    embeddings = recogniser.embeddings([red, red, blue])
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1)
    assert embeddings[0] @ embeddings[1] == pytest.approx(1)
    assert embeddings[0] @ embeddings[2] < 0
    assert embeddings[0].reshape(3, 4)[0].min() > 0  # the network sees red first


def test_recogniser_s_crop_puts_the_eyes_where_arcface_wants_them(tiny_arcface: Path) -> None:
    recogniser = FaceRecogniser(tiny_arcface)
    points = 3 * np.array(
        [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
    )
    image = np.zeros((400, 400, 3), np.uint8)
    image[152:159, 112:119] = 255  # around the first eye
    crop = recogniser.crop_of(image, points)
    y, x = np.unravel_index(crop[..., 0].argmax(), (112, 112))
    assert abs(x - 38.3) <= 1
    assert abs(y - 51.7) <= 1


def test_missing_damaged_or_other_models_are_named(tmp_path: Path) -> None:
    from videoedit.resources import load_card

    broken = tmp_path / "broken.onnx"
    broken.write_text("no model")
    detector = load_card("face-detector").weights_path
    for path, message in (
        (tmp_path / "gone.onnx", "no weights"),
        (broken, "cannot load"),
        (detector, "not a recognition model"),
    ):
        with pytest.raises(ModelError, match=message) as caught:
            FaceRecogniser(path)
        assert path.name in str(caught.value)

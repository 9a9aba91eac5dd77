"""Wishes become edits: the same for all, or another for one track or one person, and changing over time."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import videoedit.wishes
from tests.test_sample_clips import FOLDER
from tests.track.drawn_faces import frame_at
from videoedit.edit.base import Edit
from videoedit.errors import ConfigError, MediaError
from videoedit.pipeline import PipelineConfig, Turn
from videoedit.strength import Keyframes
from videoedit.track.choice import FaceChoice
from videoedit.track.smoothing import Placement
from videoedit.wishes import EditConfig, EditsByFace, FaceMap, Models, Wish


def turn(track_id: int, person: int = -1, seconds: float = 0.0) -> Turn:
    return Turn(frame_at(0), Placement(track_id, np.eye(2, 3), person=person), seconds)


def timed(name: str, strength: float | Keyframes = 1.0) -> list[tuple[Edit, float | Keyframes]]:
    return [(Edit(name, torch.zeros(1, 1, 1, 1)), strength)]


def test_a_track_comes_before_a_person_and_a_person_before_all() -> None:
    edits = EditsByFace(timed("all"), {3: timed("track")}, {0: timed("person")})
    names = [edits(at)[0].attribute for at in (turn(1), turn(1, person=0), turn(3, person=0), turn(1, person=5))]
    assert names == ["all", "person", "track", "all"]


def test_faces_that_are_not_mapped_get_nothing_where_nothing_is_for_all() -> None:
    assert EditsByFace((), {3: timed("track")}, {})(turn(1)) == []


def test_strength_follows_the_seconds_since_the_first_frame() -> None:
    edits = EditsByFace(timed("all", Keyframes((1.0, 3.0), (0.0, 1.0))), {}, {})
    assert [edits(turn(0, seconds=s))[0].strength for s in (0.0, 1.5, 2.0, 9.0)] == [0.0, 0.25, 0.5, 1.0]


def test_people_of_references_and_maps_are_numbered_once() -> None:
    maps = tuple(FaceMap(face=face, wishes=()) for face in ("2", "anna.png", "ben.png"))
    faces = PipelineConfig(faces=FaceChoice(mode="reference"))
    config = EditConfig(wishes=(), maps=maps, reference_faces=("ben.png",), pipeline=faces)
    assert config.people == ("ben.png", "anna.png")
    assert [entry.track_id for entry in maps] == [2, None, None]


@pytest.mark.parametrize("faces", [(), ("anna.png",)])
def test_reference_mode_and_reference_faces_need_each_other(faces: tuple[str, ...]) -> None:
    mode = "many" if faces else "reference"
    with pytest.raises(ConfigError, match="--reference-face"):
        EditConfig(wishes=(), reference_faces=faces, pipeline=PipelineConfig(faces=FaceChoice(mode=mode)))


def test_loaded_models_tell_the_mapped_person_from_another(tmp_path: object) -> None:
    """With the shipped models: the astronaut is mapped by her picture, Hopper is not she."""
    import skimage.data

    from videoedit.following import Detected, Follower
    from videoedit.frames import Frame, PixelFormat

    astronaut = np.asarray(skimage.data.astronaut())
    hopper = cv2.imread(str(FOLDER / "hopper-glasses.jpg"))[:, :, ::-1]
    path = f"{tmp_path}/astronaut.png"
    cv2.imwrite(path, astronaut[:300, 100:400, ::-1])
    maps = (FaceMap(face=path, wishes=(Wish(attribute="smile", reference=None),)),)
    config = EditConfig(wishes=(), maps=maps, device="cpu")
    models = Models.load(config)
    pipeline = models.pipeline(config)
    people = []
    for image in (np.clip(astronaut * 0.7, 0, 255).astype(np.uint8), hopper):
        green, blue, red = (np.ascontiguousarray(image[:, :, i]) for i in (1, 2, 0))
        frame = Frame((green, blue, red), PixelFormat("gbrp", 8, (0, 0), "rgb", True), Fraction(0), Fraction(1), 0)
        faces = models.detector.detect([image])[0][:1]
        follower = Follower(0.5, FaceChoice(), pipeline.acquaintance)
        (tracked,) = follower.follow([(Detected(frame, faces, ()), image)])
        people += [track.person for track in tracked.tracks]
    assert people == [0, -1]


def test_reference_that_would_do_the_opposite_is_refused_by_name() -> None:
    models = Models.load(EditConfig(wishes=(), device="cpu"))
    with_glasses, without = (str(FOLDER / name) for name in ("hopper-glasses.jpg", "astronaut-smile.jpg"))
    for reference, direction in ((with_glasses, "add"), (without, "remove")):
        (edit,) = models.edits([Wish(attribute="glasses", reference=reference, direction=direction)])
        assert edit.attribute == "Eyeglasses"
    for reference, direction in ((without, "add"), (with_glasses, "remove")):
        with pytest.raises(MediaError, match=Path(reference).name):
            models.edits([Wish(attribute="glasses", reference=reference, direction=direction)])


def test_nothing_is_put_on_where_something_is_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videoedit.wishes, "_check_direction", lambda *_: None)  # as if the judge overlooked them
    models = Models.load(EditConfig(wishes=(), device="cpu"))
    glasses = str(FOLDER / "hopper-glasses.jpg")
    put_on, taken_off = models.edits(
        [Wish(attribute="glasses", reference=glasses, direction=direction) for direction in ("auto", "remove")]
    )
    assert put_on.worn is not None
    assert taken_off.worn is None
    assert (put_on.is_removal, taken_off.is_removal) == (False, True)
    assert torch.equal(put_on.code, taken_off.code)


def test_direction_is_checked_where_it_is_written() -> None:
    with pytest.raises(ConfigError, match="--direction 'ad'"):
        Wish(attribute="glasses", reference="a.jpg", direction="ad")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="--ref"):
        Wish(attribute="glasses", reference=None, direction="add")


def test_a_larger_detector_size_finds_smaller_faces() -> None:
    head = cv2.cvtColor(cv2.imread(str(FOLDER / "hopper-glasses.jpg")), cv2.COLOR_BGR2RGB)
    street = np.full((960, 1280, 3), 128, np.uint8)
    small = cv2.resize(head, (round(head.shape[1] * 20 / head.shape[0]), 20), interpolation=cv2.INTER_AREA)
    street[600:620, 700 : 700 + small.shape[1]] = small
    found = {}
    for size in (640, 1280):
        config = EditConfig(wishes=(), device="cpu", pipeline=PipelineConfig(detector_side=size))
        found[size] = Models.load(config).detector.detect([street])[0]
    assert (len(found[640]), len(found[1280])) == (0, 1)


def test_nothing_is_said_twice_of_a_face_or_an_attribute() -> None:
    wish = Wish(attribute="glasses", reference="a.jpg")
    with pytest.raises(ConfigError, match="--attr says twice what is done to eyeglasses"):
        EditConfig(wishes=(wish, Wish(attribute="Eyeglasses", reference="b.jpg")))
    with pytest.raises(ConfigError, match="--map says twice what is done to track 3"):
        EditConfig(wishes=(), maps=(FaceMap(face="3", wishes=(wish,)), FaceMap(face="3", wishes=())))

"""`import videoedit`: light, complete, and typed by the same table."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, Unpack

import pytest

import videoedit
from videoedit.errors import ConfigError
from videoedit.jobs.one_file import RunConfig


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, videoedit; print([m for m in ('torch', 'numpy', 'av', 'cv2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", videoedit.__all__)
def test_every_public_name_can_be_used(name: str) -> None:
    assert getattr(videoedit, name) is not None


def test_the_table_and_the_public_names_agree() -> None:
    assert sorted(videoedit._MODULES) == videoedit.__all__ == sorted(videoedit.__all__)
    assert {*videoedit.__all__} <= {*dir(videoedit)}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = videoedit.nothing


def test_faces_are_chosen_by_the_names_of_the_flags() -> None:
    from videoedit.api import Choices, _with_choices
    from videoedit.cli import build_parser
    from videoedit.cli.run import config_of
    from videoedit.wishes import EditConfig, Wish

    def asked(ref: str | None, **choices: Unpack[Choices]) -> EditConfig:
        return _with_choices(EditConfig(wishes=(Wish(attribute="smile", reference=ref),)), choices)

    def flagged(*flags: str) -> EditConfig:
        return config_of(build_parser().parse_args(["run", "a.mp4", "--attr", "smile", *flags])).edit

    ref, usual = ("--ref", "b.jpg"), asked("b.jpg")
    assert usual == flagged(*ref)
    assert asked("b.jpg", reference_face="anna.png") == flagged(*ref, "--reference-face", "anna.png")
    assert asked("b.jpg", map={3: "c.jpg", "anna.png": "d.jpg"}) == flagged(
        *ref, "--map", "3=c.jpg", "--map", "anna.png=d.jpg"
    )
    assert asked(None, map={3: "c.jpg"}) == flagged("--map", "3=c.jpg")
    one = asked("b.jpg", face_selector_mode="one", face_selector_order="left-right", recognition_model="r.onnx")
    flags = ("--face-selector-mode", "one", "--face-selector-order", "left-right", "--recognition-model", "r.onnx")
    assert one == flagged(*ref, *flags)
    found = asked(
        "b.jpg",
        face_detector_model="d.onnx",
        face_detector_size=1280,
        face_detector_score=0.4,
        face_occluder_model=None,
        try_on_model=None,
    )
    flags = ("--face-detector-model", "d.onnx", "--face-detector-size", "1280", "--face-detector-score", "0.4")
    assert found == flagged(*ref, *flags, "--face-occluder-model", "none", "--try-on-model", "none")


def test_how_to_encode_is_said_by_the_names_of_the_configuration() -> None:
    from videoedit.api import _encoder_config
    from videoedit.video.writing.encoding import EncoderConfig

    assert _encoder_config({}) == EncoderConfig()
    wishes = {"encoder": "libx265", "crf": 20, "preset": "fast", "fps": 29.97, "scale": 0.5, "audio": "none"}
    config = _encoder_config(wishes)  # type: ignore[arg-type]
    assert config == EncoderConfig(
        encoder="libx265", crf=20, preset="fast", fps=Fraction(30000, 1001), scale=Fraction(1, 2), audio="none"
    )


@pytest.mark.parametrize(
    ("choices", "error", "words"),
    [
        ({"attr": []}, ValueError, "attr must name at least one"),
        ({"reprot": "a.json"}, TypeError, r"run\(\) got an unexpected keyword argument 'reprot'"),
        ({"no_face": "pas"}, ConfigError, "no --no-face 'pas'"),
        ({"audio": "mp3"}, ConfigError, "no --audio 'mp3'"),
    ],
)
def test_a_slip_in_a_call_is_named(choices: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        videoedit.run("a.mp4", "b.mp4", **({"attr": "smile", "ref": "c.jpg"} | choices))


def test_what_is_told_of_an_edit_is_asked_for_as_by_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[RunConfig] = []
    monkeypatch.setattr("videoedit.api.edit_file", lambda config, _: asked.append(config))
    videoedit.run("a.mp4", "b.mp4", attr="smile", ref="c.jpg", compare=True, debug=True, report=Path("t.json"))
    videoedit.run("a.mp4", "b.mp4", attr="smile", ref="c.jpg")
    assert [(one.view.compare, one.view.debug, one.report) for one in asked] == [
        (True, True, "t.json"),
        (False, False, None),
    ]

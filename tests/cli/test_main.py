"""The command line as a whole: quick, one line per error, the documented exit codes."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import videoedit
from videoedit import cli
from videoedit.cli.progress import bar_of_frames, passing_bar_of_frames
from videoedit.errors import ConfigError, Interrupted, MediaError, ModelError, NoFaceError

HEAVY = ("torch", "av", "cv2", "onnxruntime", "insightface", "skimage", "numpy")


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["models", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom videoedit.cli import main\n"
        f"try:\n    main({arguments})\nexcept SystemExit as exit:\n    assert exit.code == 0\n"
        f"found = {set(HEAVY)} & {{*sys.modules}}\nsys.exit(repr(found) if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"videoedit {videoedit.__version__}\n"


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([command, "--help"])
    assert caught.value.code == 0
    assert f"usage: videoedit {command}" in capsys.readouterr().out


def test_a_misspelt_command_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["modles"]) == 2
    assert "no command 'modles'" in (said := capsys.readouterr().err)
    assert "did you mean 'models'?" in said


@pytest.mark.parametrize("arguments", [[], ["--nonsense"], ["models"], ["models", "lst"], ["doctor", "--nonsense"]])
def test_wrong_flags_get_one_line_and_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("videoedit: ")
    assert line.endswith("--help")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("wrong"), 2),
        (MediaError("wrong"), 1),
        (ModelError("wrong"), 1),
        (NoFaceError("wrong"), 6),
        (Interrupted("wrong"), 4),
    ],
)
def test_an_error_is_one_line_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    _answer_with(monkeypatch, error)
    assert cli.main(["doctor"]) == code
    assert capsys.readouterr().err == "videoedit: wrong\n"


def test_ctrl_c_exits_with_4(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _answer_with(monkeypatch, KeyboardInterrupt())
    assert cli.main(["doctor"]) == 4
    assert "interrupted" in capsys.readouterr().err


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer_with(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        cli.main(["doctor"])


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "videoedit", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("videoedit ")


def _answer_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(args: object) -> None:
        raise error

    parsed = SimpleNamespace(parse_args=lambda arguments: SimpleNamespace(handler=fail))
    monkeypatch.setattr(cli, "build_parser", lambda: parsed)


@pytest.mark.parametrize(
    "broken_off",
    [
        'exec("import signal; signal.raise_signal(signal.SIGTERM)")',  # after which Python ends by the signal
        "swallow(), 1 / 0",
        "swallow(), list(until_interrupted([1]))",
    ],
)
def test_an_interruption_stays_one_whatever_it_meets(broken_off: str, tmp_path: Path) -> None:
    program = f"""if True:
        import contextlib, signal, sys
        import videoedit.cli.doctor
        from videoedit.cli import main
        from videoedit.cli.interruption import until_interrupted
        def swallow():
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        videoedit.cli.doctor.handle = lambda _: ({broken_off})
        sys.exit(main(["doctor"]))
    """
    (tmp_path / "broken_off.py").write_text(program)
    folders = os.pathsep.join([str(tmp_path), str(Path(videoedit.__file__).parents[1])])
    ended = subprocess.run(
        [sys.executable, "-m", "broken_off"],  # as `python -m videoedit`
        env=os.environ | {"PYTHONPATH": folders},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (4, "videoedit: interrupted\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["probe", "a.mp4", "--nothing"], "see videoedit probe --help"),
        (["batch", "a.mp4", "-o", "b", "--start", "1"], "unrecognized arguments: --start 1"),
        (["run", "a.mp4", "--attr", "smile", "--strenght=1"], "did you mean --strength?; see videoedit run --help"),
        (["probe", "s3://bucket/a.mp4"], "give it to videoedit batch"),
        (["preview", "s3://bucket/a.mp4", "--attr", "smile", "--remove"], "give it to videoedit batch"),
        (["run", "a.mp4", "--attr", "smile"], "--ref is missing; give a picture"),
        (["eval", "video", "a.mp4", "b.mp4", "--judge", "elegant"], "elegant is a model of kind elegant, not judge"),
    ],
)
def test_wrong_use_is_told_with_the_way_out(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert cli.main(arguments) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert words in line


def test_no_bar_is_drawn_into_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(bar_of_frames(iter("ab"), 2)) == list(passing_bar_of_frames(iter("ab"), 2)) == ["a", "b"]
    assert capsys.readouterr().err == ""

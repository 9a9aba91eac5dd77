"""Weights on disk: whole or not at all, and never a pickle that runs code."""

import pathlib
import pickle
import warnings
from pathlib import Path

import pytest
import torch

from videoedit.errors import ModelError
from videoedit.nets.checkpoint import load_metadata, load_official, load_tensors, save_tensors

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(1, dtype=torch.float16)}


class Trap:
    """Touches a file when it is unpickled without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_tensors_and_texts_come_back(tmp_path: Path) -> None:
    save_tensors(tmp_path / "w.safetensors", STATE, {"iteration": "7"})
    (tmp_path / "any").touch()
    assert (tmp_path / "w.safetensors").stat().st_mode == (tmp_path / "any").stat().st_mode  # others may read it too
    loaded = load_tensors(tmp_path / "w.safetensors")
    assert loaded.keys() == STATE.keys()
    for name, tensor in STATE.items():
        torch.testing.assert_close(loaded[name], tensor, rtol=0, atol=0)
    assert load_metadata(tmp_path / "w.safetensors") == {"iteration": "7"}


def test_texts_may_be_absent(tmp_path: Path) -> None:
    save_tensors(tmp_path / "w.safetensors", STATE)
    assert load_metadata(tmp_path / "w.safetensors") == {}


def test_a_view_is_stored_as_what_it_shows(tmp_path: Path) -> None:
    save_tensors(tmp_path / "w.safetensors", {"t": STATE["a.weight"].T})
    torch.testing.assert_close(load_tensors(tmp_path / "w.safetensors")["t"], STATE["a.weight"].T)


def test_a_failed_save_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.safetensors"
    save_tensors(path, STATE)
    old = path.read_bytes()

    def fail(target: Path, data: bytes) -> None:
        with target.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(ModelError, match="no space left"):
        save_tensors(path, STATE)
    assert path.read_bytes() == old
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("load", [load_tensors, load_metadata, load_official])
def test_missing_damaged_and_foreign_files_are_refused_in_one_line(tmp_path: Path, load: object) -> None:
    assert callable(load)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_text("not weights\n" * 100)
    for name in ("gone", "empty", "text"):
        with pytest.raises(ModelError) as caught:
            load(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"junk\n", pickle.dumps(pathlib.PurePosixPath("x"))], ids=["junk", "pickle"])
def test_foreign_pickles_are_refused_without_advice_to_run_them(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "Enc.pth"
    path.write_bytes(content)
    with warnings.catch_warnings(action="error"), pytest.raises(ModelError, match=r"Enc.pth; give the file") as caught:
        load_official(path)
    assert "weights_only" not in str(caught.value)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_tensors(path, STATE)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ModelError, match="damaged"):
        load_tensors(path)


@pytest.mark.parametrize("zipped", [True, False], ids=["new format", "old format"])
def test_official_files_load_and_lose_the_parallel_prefix(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "Enc.pth"
    state = {f"module.{name}": tensor for name, tensor in STATE.items()}
    torch.save(state, path, _use_new_zipfile_serialization=zipped)
    assert load_official(path).keys() == STATE.keys()


def test_a_prefix_is_taken_off_at_the_start_only(tmp_path: Path) -> None:
    torch.save({"main.module.x": torch.ones(1)}, tmp_path / "e.pth")
    assert list(load_official(tmp_path / "e.pth")) == ["main.module.x"]


@pytest.mark.parametrize("held", [{"step": 3}, [torch.ones(1)], {1: torch.ones(1)}])
def test_anything_but_named_tensors_is_refused(tmp_path: Path, held: object) -> None:
    torch.save(held, tmp_path / "x.pth")
    with pytest.raises(ModelError, match="more than named tensors"):
        load_official(tmp_path / "x.pth")


@pytest.mark.parametrize("save", [torch.save, lambda held, path: path.write_bytes(pickle.dumps(held, protocol=2))])
def test_a_pickle_with_code_is_refused_and_not_run(tmp_path: Path, save: object) -> None:
    assert callable(save)
    save({"w": Trap(tmp_path / "sprung")}, tmp_path / "x.pth")
    with pytest.raises(ModelError):
        load_official(tmp_path / "x.pth")
    assert not (tmp_path / "sprung").exists()

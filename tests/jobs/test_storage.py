"""A batch from and to other storage: fetched, brought back whole, recognised when done, nothing left behind."""

import json
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tests.conftest import ClipRecipe, write_clip
from tests.jobs.stand_ins import LIGHT, num_edited
from tests.jobs.test_batch import batch, config_of
from videoedit.cli import main
from videoedit.errors import ConfigError, MediaError
from videoedit.jobs.fetching import on_disk, pictures_on_disk
from videoedit.jobs.inputs import find_sources
from videoedit.jobs.plan import Variant
from videoedit.jobs.storage import read_text, upload
from videoedit.pipeline import PipelineConfig
from videoedit.track.choice import FaceChoice
from videoedit.wishes import EditConfig, FaceMap, Wish

FRAMES = 3
URLS = {"inputs": ("memory://in",), "output_dir": "memory://out"}


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryFileSystem]:
    """Storage with two clips, one of them deeper, that are in `tmp_path / "in"` too; temporary folders are watched."""
    files = MemoryFileSystem()
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    for name in ("a.mp4", "deep/b.mp4"):
        path = write_clip(tmp_path / "in" / name, ClipRecipe(num_frames=FRAMES, size_wh=(64, 48 + 16 * len(name))))
        files.pipe(f"/in/{name}", path.read_bytes())
    yield files
    assert not list((tmp_path / "tmp").iterdir())
    files.store.clear()
    files.pseudo_dirs[:] = [""]


def names(files: MemoryFileSystem, folder: str) -> list[str]:
    return sorted(name.removeprefix(f"{folder}/") for name in files.find(folder))


def test_results_are_those_of_files_on_disk(storage: MemoryFileSystem, tmp_path: Path) -> None:
    batch(config_of(tmp_path), tmp_path / "log")
    report = batch(config_of(tmp_path, **URLS), tmp_path / "log-urls")
    assert report.counts() == {"edited": 2}
    notes = [".videoedit/a.mp4.json", ".videoedit/deep/b.mp4.json"]
    assert names(storage, "/out") == [*notes, "a.mp4", "deep/b.mp4", "report.json"]
    for name in ("a.mp4", "deep/b.mp4"):
        assert storage.cat_file(f"/out/{name}") == (tmp_path / "out" / name).read_bytes()
    assert {file["output"] for file in json.loads(storage.cat_file("/out/report.json"))["files"]} == {
        "memory://out/a.mp4",
        "memory://out/deep/b.mp4",
    }


def test_done_files_are_recognised_by_content(storage: MemoryFileSystem, tmp_path: Path) -> None:
    log, config = tmp_path / "log", config_of(tmp_path, **URLS)
    batch(config, log)
    assert batch(config, log).counts() == {"skipped": 2}
    assert num_edited(log) == 2 * FRAMES

    storage.pipe("/in/a.mp4", storage.cat_file("/in/deep/b.mp4"))  # a source that changed
    assert batch(config, log).counts() == {"edited": 1, "skipped": 1}
    storage.pipe("/out/deep/b.mp4", b"other")  # a result that no batch made
    again = batch(config, log)
    assert again.counts() == {"skipped": 1, "failed": 1}
    assert "memory://out/deep/b.mp4 exists and was not made by a batch" in again.files[1].reason


def test_mixed_with_files_on_disk(storage: MemoryFileSystem, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert batch(config_of(tmp_path, inputs=("memory://in/*.mp4",)), log).counts() == {"edited": 1}
    assert (tmp_path / "out/a.mp4").is_file()
    there = f"file://{tmp_path}/there"
    assert batch(config_of(tmp_path, output_dir=there), log).counts() == {"edited": 2}
    assert batch(config_of(tmp_path, output_dir=there), log).counts() == {"skipped": 2}
    assert (tmp_path / "there/deep/b.mp4").read_bytes()


def test_broken_upload_leaves_nothing(
    storage: MemoryFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = MemoryFileSystem.put_file

    def broken(self: MemoryFileSystem, local: str, there: str, **options: Any) -> None:
        if "/.a.partial-" not in there:
            whole(self, local, there, **options)
            return
        self.pipe_file(there, Path(local).read_bytes()[:100])
        raise RuntimeError("line\ncut")

    monkeypatch.setattr(MemoryFileSystem, "put_file", broken)
    report = batch(config_of(tmp_path, **URLS), tmp_path / "log")
    assert report.counts() == {"failed": 1, "edited": 1}
    assert report.files[0].reason.startswith("cannot write memory://out/a.mp4: line cut; ")
    assert names(storage, "/out") == [".videoedit/deep/b.mp4.json", "deep/b.mp4", "report.json"]


def test_result_never_has_its_name_before_it_is_whole(
    storage: MemoryFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    whole = MemoryFileSystem.put_file
    monkeypatch.setattr(
        MemoryFileSystem,
        "put_file",
        lambda self, local, there, **options: (sent.append(there), whole(self, local, there, **options)),
    )
    batch(config_of(tmp_path, **URLS), tmp_path / "log")
    assert len(sent) >= 7
    assert all("/." in name and ".partial-" in name for name in sent)


def test_what_killed_workers_left_is_removed_and_nothing_else(storage: MemoryFileSystem, tmp_path: Path) -> None:
    for name in (".a.partial-00ff.mp4", ".videoedit/.a.mp4.partial-1.json", ".other.partial-00ff.mp4"):
        storage.pipe(f"/out/{name}", b"half")
    batch(config_of(tmp_path, dry_run=True, **URLS), tmp_path / "log")
    assert len(names(storage, "/out")) == 3
    batch(config_of(tmp_path, **URLS), tmp_path / "log")
    assert [name for name in names(storage, "/out") if "partial" in name] == [".other.partial-00ff.mp4"]


def test_no_bucket_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage that knows buckets makes one where it is told to make a folder."""
    made: list[str] = []

    class Buckets(MemoryFileSystem):
        protocol = "s3"
        store: ClassVar[dict[str, Any]] = {}
        makedirs = staticmethod(lambda path, exist_ok: made.append(path))

        def put_file(self, local: str, there: str) -> None:
            self.pipe_file(there, Path(local).read_bytes())

    monkeypatch.setattr("fsspec.core.url_to_fs", lambda url: (Buckets(), url))
    (tmp_path / "a.txt").write_text("text")
    upload(tmp_path / "a.txt", "s3://bucket/deep/a.txt")
    assert (made, read_text(Path("s3://bucket/deep/a.txt"))) == ([], "text")


def test_warnings_name_files_as_the_user_does(
    storage: MemoryFileSystem, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with on_disk("memory://in/a.mp4", str(tmp_path / "a.mp4")) as (source, _):
        logging.getLogger("videoedit.video").warning("%s: odd", source)
        logging.getLogger("videoedit.video").warning("%d%% done", 5)
    assert caplog.messages == ["memory://in/a.mp4: odd", "5% done"]


def test_every_picture_of_an_edit_may_be_a_url(storage: MemoryFileSystem) -> None:
    urls = [f"memory://refs/{name}.png" for name in ("ref", "anna", "own", "berta")]
    for url in urls:
        storage.pipe(url, url.encode())
    ref, anna, own, berta = urls
    maps = (FaceMap(face=anna, wishes=(Wish(attribute="light", reference=own),)), FaceMap(face="3", wishes=(LIGHT,)))
    pipeline = PipelineConfig(faces=FaceChoice(mode="reference"))
    people = {"maps": maps, "reference_faces": (berta, "local.png")}
    edit = EditConfig(wishes=(Wish(attribute="light", reference=ref),), pipeline=pipeline, **people)
    with pictures_on_disk(edit) as local:
        paths = [local.wishes[0].reference, local.maps[0].face, local.maps[0].wishes[0].reference]
        assert [Path(path or "").read_text() for path in [*paths, local.reference_faces[0]]] == urls
        assert (local.maps[1], local.reference_faces[1]) == (maps[1], "local.png")


def test_bad_file_is_named_as_the_user_names_it(storage: MemoryFileSystem, tmp_path: Path) -> None:
    storage.pipe("/in/c.mp4", b"words " * 100)
    report = batch(config_of(tmp_path, **URLS), tmp_path / "log")
    (bad,) = (file for file in report.files if file.status == "failed")
    assert "memory://in/c.mp4" in bad.reason
    assert str(tmp_path) not in bad.reason


def test_reference_by_url_counts_by_content(storage: MemoryFileSystem, tmp_path: Path) -> None:
    log = tmp_path / "log"
    wish = Wish(attribute=LIGHT.attribute, reference="memory://refs/one.png")
    config = config_of(tmp_path, variants=(Variant((wish,)),), **URLS)
    for content, counts in ((noise(0), {"edited": 2}), (noise(0), {"skipped": 2}), (noise(1), {"edited": 2})):
        storage.pipe("/refs/one.png", content)
        report = batch(config, log)
        assert report.counts() == counts
        assert report.files[0].ref == "one"
    storage.pipe("/refs/one.png", b"words")
    with pytest.raises(MediaError, match=r"memory://refs/one\.png"):
        batch(config, log)


def noise(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)
    return bytes(cv2.imencode(".png", pixels)[1])


def test_what_a_url_stands_for(storage: MemoryFileSystem) -> None:
    for name in (".hidden/x.mp4", "deep/notes.txt", "out/a.mp4"):
        storage.pipe(f"/in/{name}", b"")
    found = find_sources(["memory://in"], Path("memory://in/out"))
    assert [(str(source.path), str(source.tree)) for source in found.sources] == [
        ("memory:/in/a.mp4", "."),
        ("memory:/in/deep/b.mp4", "deep"),
    ]
    assert found.left_out == (Path("memory://in/deep/notes.txt"),)
    (deep,) = find_sources(["memory://in/d*/*.mp4"], Path("out")).sources
    assert (deep.path, deep.tree) == (Path("memory://in/deep/b.mp4"), Path("deep"))
    with pytest.raises(ConfigError, match="results cannot go into memory://in, which is read"):
        find_sources(["memory://in"], Path("memory://in"))
    with pytest.raises(MediaError, match=r"memory://in/gone\.mp4"):
        find_sources(["memory://in/gone.mp4"], Path("out"))


def test_folder_named_like_a_scheme_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s3:").mkdir()
    Path("s3:/a.mp4").touch()
    assert [source.path for source in find_sources(["s3:"], Path("out")).sources] == [Path("s3:/a.mp4")]


def test_segments_need_a_disk(storage: MemoryFileSystem, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--resume keeps its segments on disk"):
        batch(config_of(tmp_path, resume=True, **URLS), tmp_path / "log")


@pytest.mark.parametrize("place", ["input", "output"])
def test_without_fsspec(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    (tmp_path / "a.mp4").touch()
    words = ["s3://b/a.mp4", "-o", str(tmp_path / "out")] if place == "input" else [str(tmp_path), "-o", "s3://b/out"]
    assert main(["batch", *words, "--attr", "glasses", "--remove"]) == 2
    url = "s3://b/a.mp4" if place == "input" else "s3://b/out"
    assert (
        capsys.readouterr().err == f"videoedit: {url} needs fsspec; install it with: pip install 'videoedit[storage]'\n"
    )

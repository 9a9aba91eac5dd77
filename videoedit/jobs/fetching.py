"""Files of other storage as files of this machine, as long as someone works on them; workers need not share a disk."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from videoedit.errors import VideoEditError
from videoedit.jobs.scratch import scratch_folder
from videoedit.jobs.storage import download, upload, url_of
from videoedit.wishes import EditConfig, Wish


@contextmanager
def on_disk(source: str, output: str) -> Iterator[tuple[str, str]]:
    """Give a source and a result as files of this machine; a result that belongs elsewhere is copied there at the end.

    Yields:
        The two paths. Errors name the files as they are named outside.
    """
    with scratch_folder() as folder:
        input_path = _fetched(source, folder / "in")
        url = url_of(output)
        output_path = str(folder / "out" / Path(output).name) if url else output
        (folder / "out").mkdir()
        with _naming({input_path: source, output_path: output}):
            yield input_path, output_path
        if url:
            upload(Path(output_path), url)


@contextmanager
def pictures_on_disk(edit: EditConfig) -> Iterator[EditConfig]:
    """Give an edit whose exemplars and people are files of this machine, as long as the context lasts."""
    urls = [name for name in edit.pictures if url_of(name)]
    with scratch_folder() as folder:
        paths = {name: _fetched(name, folder / str(number)) for number, name in enumerate(urls)}
        with _naming({path: name for name, path in paths.items()}):
            yield _with_pictures(edit, paths)


def _with_pictures(edit: EditConfig, paths: Mapping[str, str]) -> EditConfig:
    """Return an edit with other paths for some pictures."""

    def moved(wishes: tuple[Wish, ...]) -> tuple[Wish, ...]:
        return tuple(replace(w, reference=w.reference and paths.get(w.reference, w.reference)) for w in wishes)

    return replace(
        edit,
        wishes=moved(edit.wishes),
        maps=tuple(replace(e, face=paths.get(e.face, e.face), wishes=moved(e.wishes)) for e in edit.maps),
        reference_faces=tuple(paths.get(name, name) for name in edit.reference_faces),
    )


def _fetched(name: str, folder: Path) -> str:
    """Return a file's path on this machine, where it is copied into the folder if it is elsewhere."""
    if (url := url_of(name)) is None:
        return name
    folder.mkdir()
    path = folder / Path(name).name
    download(url, path)
    return str(path)


@contextmanager
def _naming(names: Mapping[str, str]) -> Iterator[None]:
    """Say the given names instead of paths, in errors and warnings."""
    renaming = _Renaming(names)
    handlers = [*logging.getLogger().handlers, *([logging.lastResort] if logging.lastResort else [])]
    for handler in handlers:
        handler.addFilter(renaming)
    try:
        yield
    except VideoEditError as error:
        text = renaming.named(str(error))
        if text == str(error):
            raise
        raise type(error)(text) from error
    finally:
        for handler in handlers:
            handler.removeFilter(renaming)


class _Renaming(logging.Filter):
    """Lets all pass, with other names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = {path: url_of(name) or name for path, name in names.items()}

    def named(self, text: str) -> str:
        """Return a text with the names in it."""
        for path, name in self._names.items():
            text = text.replace(path, name)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Change a record."""
        record.msg, record.args = self.named(record.getMessage()), ()
        return True

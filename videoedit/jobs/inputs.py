"""Which files a batch works on: folders, patterns, files and lists become sources, each with its place in a tree."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from videoedit.errors import ConfigError, MediaError
from videoedit.jobs.storage import files_below, files_like, is_file, is_folder, url_of
from videoedit.video.writing.containers import PICTURE_SUFFIXES

VIDEO_SUFFIXES: Final = (
    *(".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf"),
    *(".ogv", ".ts", ".vob", ".webm", ".wmv", ".y4m"),
)
MEDIA_SUFFIXES: Final = frozenset([*VIDEO_SUFFIXES, *PICTURE_SUFFIXES])
"""Endings of the videos and pictures that are looked for in folders."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file to edit."""

    path: Path
    tree: Path = Path()
    """Its folder, relative to the folder or pattern that the user gave; its result lies there under OUTDIR."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the user's words stand for."""

    sources: tuple[Source, ...]
    """Every file once, in the order of the words, and by name within a word."""
    left_out: tuple[Path, ...]
    """Files in folders whose names are neither a video's nor a picture's."""


def find_sources(words: Sequence[str], output_dir: Path) -> Found:
    """Look up the files that are meant.

    Args:
        words: Folders (with all below them), patterns with `*`, `?`, `[…]` or `**`, files, and `@LIST`: a text file
            with one such word per line, as if it were typed.
        output_dir: Where the results go; nothing in there is a source, if it lies in a folder that is read.

    Raises:
        ConfigError: The results would go into a folder that is read.
        MediaError: A word stands for nothing, or all of them for nothing that can be edited.
    """
    sources: dict[str, Source] = {}
    left_out: list[Path] = []
    for word in words:
        found = _found(word, output_dir if url_of(output_dir) else output_dir.resolve())
        left_out += found.left_out
        for source in found.sources:
            sources.setdefault(os.path.abspath(source.path), source)  # noqa: PTH100 - links are not followed
    if not sources:
        raise MediaError(f"no video or picture in {' '.join(words)}; check the path")
    return Found(tuple(sources.values()), tuple(left_out))


def _found(word: str, output_dir: Path) -> Found:
    path = Path(word)
    if (url := url_of(path)) is not None:
        return _found_elsewhere(url, output_dir)
    if path.is_dir():
        return _found_in_folder(path, output_dir)
    if os.path.lexists(path):
        return Found((Source(path),), ())
    if word.startswith("@"):
        return _found_in_list(Path(word[1:]), output_dir)
    if glob.has_magic(word):
        return _found_by_pattern(word)
    raise MediaError(f"no such file or folder: {word}; check the path")


def _found_elsewhere(url: str, output_dir: Path) -> Found:
    """Look a URL up: a folder with all below it, a pattern, or a file."""
    if glob.has_magic(url):
        return _matching(url, files_like(url))
    if is_folder(url):
        folder = Path(url)
        if folder == output_dir:
            raise ConfigError(f"results cannot go into {url}, which is read; choose another -o")
        below = [path for path in files_below(url) if output_dir not in path.parents]
        return _media_of(folder, [path for path in below if not _is_hidden(path.relative_to(folder))])
    if is_file(Path(url)):
        return Found((Source(Path(url)),), ())
    raise MediaError(f"no such file or folder: {url}; check the path")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _found_in_folder(folder: Path, output_dir: Path) -> Found:
    """Take all files below a folder but hidden ones; a link that leads nowhere is a file that will be named as bad."""
    if folder.resolve() == output_dir:
        raise ConfigError(f"results cannot go into {folder}, which is read; choose another -o")
    return _media_of(folder, [path for path in _walk(folder, output_dir) if not path.is_dir()])


def _media_of(folder: Path, files: Sequence[Path]) -> Found:
    media = [path for path in files if path.suffix.lower() in MEDIA_SUFFIXES]
    return Found(
        tuple(Source(path, path.parent.relative_to(folder)) for path in media),
        tuple(path for path in files if path not in {*media}),
    )


def _walk(folder: Path, output_dir: Path) -> Iterator[Path]:
    for parent, names, files in os.walk(folder):
        names[:] = sorted(
            name for name in names if not name.startswith(".") and Path(parent, name).resolve() != output_dir
        )
        yield from (Path(parent, name) for name in sorted(files) if not name.startswith("."))


def _found_by_pattern(pattern: str) -> Found:
    """Take the files that match."""
    paths = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - absolute ones too
    return _matching(pattern, [path for path in paths if not path.is_dir()])


def _matching(pattern: str, paths: Sequence[Path]) -> Found:
    """Place the files that match; the tree begins at the last folder before the pattern's first wildcard."""
    parts = Path(pattern).parts
    first = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:first])
    sources = tuple(Source(path, path.parent.relative_to(root)) for path in paths)
    if not sources:
        raise MediaError(f"no file matches {pattern}; check the pattern, and quote it")
    return Found(sources, ())


def _found_in_list(path: Path, output_dir: Path) -> Found:
    """Read a list; a line that stands for nothing is a file that will be named as bad, not the end of the batch."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise MediaError(f"cannot read list {path}: {reason}; give a text file with one path per line") from error
    sources: list[Source] = []
    left_out: list[Path] = []
    for line in lines:
        if not line or line.startswith("#"):
            continue
        try:
            found = _found(line, output_dir)
        except MediaError:
            found = Found((Source(Path(line)),), ())
        sources += found.sources
        left_out += found.left_out
    return Found(tuple(sources), tuple(left_out))

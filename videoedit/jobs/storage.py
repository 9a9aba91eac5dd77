"""Files of other storage than this machine's: named by URLs such as `s3://bucket/clip.mp4`, reached through fsspec.

A URL is held in a `Path` like any other name, in which its two slashes become one; `url_of` gives the URL back.
"""

import hashlib
import importlib
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from videoedit.errors import ConfigError, MediaError, VideoEditError
from videoedit.whole_files import partial_path, target_of

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]+:")  # one letter alone would be a drive
_HAVE_BUCKETS: Final = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss")
"""Storage without folders: what would have to be made there is a bucket, which no typing error should do."""


def url_of(path: str | Path) -> str | None:
    """Return the URL that a path stands for; None for a path of this machine.

    >>> url_of(Path("s3://bucket/deep/clip.mp4")), url_of("file:///clips/a.mp4"), url_of("clips/a.mp4")
    ('s3://bucket/deep/clip.mp4', 'file:///clips/a.mp4', None)
    """
    first, *rest = Path(path).parts or ("",)
    if not _SCHEME.fullmatch(first) or os.path.lexists(first):
        return None
    return f"{first}//{'/' if first == 'file:' else ''}{'/'.join(rest)}"


def shown(path: Path) -> str:
    """Return a path as the user writes it."""
    return url_of(path) or str(path)


def check(path: Path) -> None:
    """See that what a path asks for is installed.

    Raises:
        ConfigError: It is not.
    """
    if (url := url_of(path)) is not None:
        _filesystem(url)


def is_file(path: Path) -> bool:
    """Tell whether there is such a file."""
    if (url := url_of(path)) is None:
        return path.is_file()
    with _told(url, "look for"):
        return bool(_filesystem(url).isfile(url))


def is_folder(url: str) -> bool:
    """Tell whether a URL is a folder with something in it."""
    with _told(url, "look for"):
        return bool(_filesystem(url).isdir(url))


def files_below(url: str) -> list[Path]:
    """Return all files below a folder, sorted."""
    with _told(url, "list"):
        files = _filesystem(url)
        return sorted(Path(files.unstrip_protocol(name)) for name in files.find(url))


def files_like(pattern: str) -> list[Path]:
    """Return the files that match a pattern, sorted."""
    with _told(pattern, "list"):
        files = _filesystem(pattern)
        found = files.glob(pattern, detail=True).items()
        return sorted(Path(files.unstrip_protocol(name)) for name, facts in found if facts["type"] == "file")


def digest(url: str) -> str:
    """Return the SHA-256 of a file's content, which is read but not kept."""
    with _told(url, "read"), _filesystem(url).open(url, "rb") as file:
        sha256 = hashlib.sha256()
        while block := file.read(2**20):
            sha256.update(block)
        return sha256.hexdigest()


def read_text(path: Path) -> str:
    """Read a text file.

    Raises:
        OSError: It is not there, or cannot be read.
        MediaError: Other storage cannot be read.
    """
    if (url := url_of(path)) is None:
        return path.read_text(encoding="utf-8")
    if not is_file(path):
        raise FileNotFoundError(url)
    with _told(url, "read"):
        content: bytes = _filesystem(url).cat_file(url)
    return content.decode()


def remove(path: Path) -> None:
    """Delete a file if it is there."""
    if (url := url_of(path)) is None:
        path.unlink(missing_ok=True)
        return
    with _told(url, "delete"), suppress(FileNotFoundError):
        _filesystem(url).rm_file(url)


def download(url: str, local: Path) -> None:
    """Copy a file to this machine."""
    with _told(url, "read"):
        _filesystem(url).get_file(url, str(local))


def upload(local: Path, url: str) -> None:
    """Copy a file there; it appears under its name only when it is whole."""
    folder, _, name = url.rpartition("/")
    partial = f"{folder}/{partial_path(Path(name), uuid.uuid4().hex)}"
    with _told(url, "write"):
        files = _filesystem(url)
        if url.partition(":")[0] not in _HAVE_BUCKETS:
            files.makedirs(folder, exist_ok=True)
        try:
            files.put_file(str(local), partial)
            files.mv(partial, url)
        except BaseException:
            with suppress(Exception):  # what went wrong first is what is told
                files.rm_file(partial)
            raise


def remove_uploads(folder: str, targets: Iterable[Path]) -> None:
    """Delete what workers that were killed had copied of some files below a folder; none may be at work."""
    wanted = set(targets)
    for path in files_below(folder):
        if target_of(path) in wanted:
            remove(path)


@contextmanager
def _told(url: str, action: str) -> Iterator[None]:
    """Turn whatever a storage raises into one line; each has errors of its own."""
    try:
        yield
    except (VideoEditError, KeyboardInterrupt):
        raise
    except FileNotFoundError as error:
        raise MediaError(f"no such file: {url}; check the path") from error
    except Exception as error:  # the storages' errors share no base class
        reason = " ".join(str(error).split()) or type(error).__name__
        raise MediaError(f"cannot {action} {url}: {reason}; check the URL and what you may do there") from error


def _filesystem(url: str) -> Any:
    try:
        core = importlib.import_module("fsspec.core")
    except ImportError as error:
        raise ConfigError(f"{url} needs fsspec; install it with: pip install 'videoedit[storage]'") from error
    try:
        files = core.url_to_fs(url)[0]
    except (ImportError, ValueError) as error:  # no such storage, or what it needs is missing
        raise ConfigError(f"cannot reach {url}: {' '.join(str(error).split())}") from error
    files.invalidate_cache()  # other workers write too
    return files

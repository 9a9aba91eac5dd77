"""What is remembered about a result: what it was made from and how, so that it is made only once."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

from videoedit.errors import MediaError
from videoedit.jobs.fingerprint import digest_of
from videoedit.jobs.scratch import scratch_folder
from videoedit.jobs.storage import is_file, read_text, upload, url_of
from videoedit.whole_files import whole_file

FOLDER: Final = ".videoedit"
"""Folder below OUTDIR that holds the sidecars, in OUTDIR's tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """Notes about one result."""

    job: str
    """Digest of the source's content and the settings."""
    state: Literal["begun", "edited", "no face"]
    output_sha256: str = ""
    """Of the result; empty where there is none."""
    num_frames: int = 0
    num_faces: int = 0

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read notes; None where there are none, or none that can be understood."""
        try:
            return cls(**json.loads(read_text(path)))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Write the notes.

        Raises:
            MediaError: That is not possible.
        """
        write_json(path, asdict(self))

    def vouches_for(self, output: Path) -> bool:
        """Tell whether a result is there as it was made."""
        return bool(self.output_sha256) and is_file(output) and digest_of(output) == self.output_sha256


def sidecar_path(output: Path, output_dir: Path) -> Path:
    """Return where the notes about a result lie."""
    inside = output.relative_to(output_dir)
    return output_dir / FOLDER / inside.with_name(f"{inside.name}.json")


def write_json(path: Path, table: Any) -> None:
    """Write a file, and the folders it lies in; it appears only when it is whole.

    Raises:
        MediaError: That is not possible.
    """
    text = json.dumps(table, indent=2) + "\n"
    if (url := url_of(path)) is not None:
        with scratch_folder() as folder:
            local = folder / path.name
            local.write_text(text, encoding="utf-8")
            upload(local, url)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MediaError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error

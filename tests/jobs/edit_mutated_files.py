"""Edits files with bytes changed, in one process that must not crash: `python -m tests.jobs.edit_mutated_files FOLDER`.

Prints one line of JSON per mutated file.
"""

import contextlib
import io
import json
import random
import sys
from pathlib import Path
from unittest import mock

import av

from tests.conftest import ClipRecipe, moving_colours, write_clip
from tests.stub_editing import EDIT, stub_pipeline
from tests.video.clips import remuxed
from videoedit.cli import main

NUM_FILES = 200


def write_sources(folder: Path) -> list[Path]:
    """Write the same tiny clip into every kind of container."""
    first = write_clip(folder / "first.mp4", ClipRecipe(size_wh=(48, 32), num_frames=10, audio_seconds=0.3))
    kinds = {
        "front.mp4": {"movflags": "+faststart"},
        "parts.mp4": {"movflags": "+frag_keyframe+empty_moov"},
        "clip.mov": {},
        "clip.mkv": {},
        "clip.ts": {},
    }
    return [
        *(remuxed(first, folder / name, **options) for name, options in kinds.items()),
        write_avi(folder / "clip.avi"),
    ]


def write_avi(target: Path) -> Path:
    """Write a clip as old cameras do: avi, MPEG-4, no stamps but the count of frames."""
    with av.open(str(target), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 48, 32
        for index in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moving_colours((48, 32), index), "rgb24")))
        container.mux(stream.encode(None))
    return target


def mutated(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Change a file in one of five ways."""
    changed = bytearray(content)
    match chance.randrange(5):
        case 0:  # bytes flipped anywhere
            for _ in range(chance.choice((1, 4, 30))):
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        case 1:  # cut
            del changed[chance.randrange(len(changed)) :]
        case 2:  # the beginning of another file
            length = chance.choice((8, 64, 600))
            changed[:length] = other[:length]
        case 3:  # a stretch of zeros
            start = chance.randrange(len(changed))
            changed[start : start + 300] = bytes(len(changed[start : start + 300]))
        case _:  # bytes flipped in the header only
            for _ in range(3):
                changed[chance.randrange(min(1000, len(changed)))] ^= 0xFF
    return bytes(changed)


def edit(source: Path, target: Path, *, keep_partial: bool) -> dict[str, object]:
    """Edit one file and tell what came of it."""
    errors = io.StringIO()
    flags = ["-o", str(target), "--output-video-preset", "ultrafast", *EDIT, *(["--keep-partial"] * keep_partial)]
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        code = main(["run", str(source), *flags])
    return {
        "source": source.name,
        "keep_partial": keep_partial,
        "code": code,
        "errors": errors.getvalue(),
        "has_output": target.exists(),
        "left": sorted(path.name for path in target.parent.iterdir() if path != target),
    }


def edit_all(folder: Path) -> None:
    """Mutate and edit `NUM_FILES` times, every second time with --keep-partial."""
    sources = write_sources(folder)
    contents = [source.read_bytes() for source in sources]
    chance = random.Random(20)
    outputs = folder / "outputs"
    outputs.mkdir()
    for number in range(NUM_FILES):
        which = number % len(sources)
        source = folder / f"mutated-{number}{sources[which].suffix}"
        source.write_bytes(mutated(contents[which], contents[chance.randrange(len(contents))], chance))
        sys.stderr.write(f"{source.name}\n")  # names the one that crashes or hangs
        target = outputs / "out.mp4"
        sys.stdout.write(json.dumps(edit(source, target, keep_partial=number % 2 == 1)) + "\n")
        target.unlink(missing_ok=True)


if __name__ == "__main__":
    with mock.patch("videoedit.jobs.one_file.build_pipeline", stub_pipeline):
        edit_all(Path(sys.argv[1]))

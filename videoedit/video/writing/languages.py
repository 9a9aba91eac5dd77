"""Languages of a QuickTime file's tracks, written into it when it is finished.

FFmpeg's muxer knows an old list of numbers alone, which lacks many languages; three letters in 15 bits say all.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

_Box: TypeAlias = tuple[int, int]
"""Where the content of a box begins and ends."""

_TRACK_NUMBER: Final = (12, 20)
"""Place in `tkhd` of its versions 0 and 1, each with a version and three flags before all."""
_LANGUAGE: Final = (20, 32)
"""Place in `mdhd` of its versions 0 and 1."""


def write_languages(path: Path, languages: Mapping[int, str]) -> None:
    """Name the languages of a finished file's tracks.

    Args:
        path: A mov file.
        languages: Three letters (ISO 639-2) by the track's number.
    """
    with path.open("r+b") as file:
        whole = (0, path.stat().st_size)
        for movie in _inside(file, whole, b"moov"):
            for track in _inside(file, movie, b"trak"):
                _name_track(file, track, languages)


def _name_track(file: BinaryIO, track: _Box, languages: Mapping[int, str]) -> None:
    for head in _inside(file, track, b"tkhd"):
        (number,) = struct.unpack(">I", _read(file, _place(file, head, _TRACK_NUMBER), 4))
        for media in _inside(file, track, b"mdia") if number in languages else ():
            for own in _inside(file, media, b"mdhd"):
                file.seek(_place(file, own, _LANGUAGE))
                file.write(struct.pack(">H", packed(languages[number])))


def has_letters(language: str) -> bool:
    """Tell whether a language is named by three letters, as in ISO 639-2."""
    return re.fullmatch("[a-z]{3}", language) is not None


def packed(language: str) -> int:
    """Return three letters as a number.

    >>> hex(packed("und"))
    '0x55c4'
    """
    first, second, third = (ord(letter) - 0x60 for letter in language)
    return first << 10 | second << 5 | third


def _inside(file: BinaryIO, box: _Box, wanted: bytes) -> Iterator[_Box]:
    """Yield the boxes of one kind that lie in another."""
    begin, end = box
    while begin + 8 <= end:
        size, kind = struct.unpack(">I4s", _read(file, begin, 8))
        head = 8
        if size == 1:  # too large for its place
            (size,) = struct.unpack(">Q", _read(file, begin + 8, 8))
            head = 16
        if size < head:  # it reaches to the end of the file
            size = end - begin
        if kind == wanted:
            yield begin + head, begin + size
        begin += size


def _place(file: BinaryIO, box: _Box, places: tuple[int, int]) -> int:
    """Return where a value lies, by the version of its box."""
    return box[0] + places[_read(file, box[0], 1)[0]]


def _read(file: BinaryIO, begin: int, count: int) -> bytes:
    file.seek(begin)
    return file.read(count)

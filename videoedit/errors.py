"""Every error a user can meet, each with the exit code of the command line.

    VideoEditError
    ├── ConfigError        wrong flags, names, presets, ranges, or a missing dependency   2
    ├── MediaError         a picture or video cannot be read or written                   1
    │   ├── DamagedError   a video was read, but not all of it is whole                   1
    │   └── TooShortError  a video ends before what is asked for                          1
    ├── ModelError         weights, cards or devices cannot be used                       1
    ├── BatchError         a batch is through, but not all of its files came out          5
    ├── NoFaceError        nobody to edit, where a face was required                      6
    └── Interrupted        the user stopped the work                                      4

Wrong use of a function (not of the program) stays `ValueError` or `TypeError`.
"""


def first_line(error: BaseException) -> str:
    """Return what a library's error says, as part of one of our own: its first line, or its kind if it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(":")


class VideoEditError(Exception):
    """Something the user can mend: one line naming the thing, the cause and the next step."""

    exit_code = 1


class ConfigError(VideoEditError):
    """A flag, name, preset or range is wrong, or a dependency is missing."""

    exit_code = 2


class MediaError(VideoEditError):
    """A picture or video cannot be read or written."""


class DamagedError(MediaError):
    """A video was read as far as it decodes, but not all of it is whole."""

    def __init__(self, finding: str) -> None:
        super().__init__(f"{finding}; repair or re-export it")
        self.finding = finding
        """What is wrong and from when on, without the next step."""

    def __reduce__(self) -> tuple[type["DamagedError"], tuple[str]]:
        return type(self), (self.finding,)


class TooShortError(MediaError):
    """A video ends before what is asked for."""


class ModelError(VideoEditError):
    """Weights, a card or a device cannot be used."""


class BatchError(VideoEditError):
    """A batch is through, but not all of its files came out."""

    exit_code = 5


class NoFaceError(VideoEditError):
    """No face was found where one was required."""

    exit_code = 6


class Interrupted(VideoEditError):
    """The user stopped the work; nothing half-written is left."""

    exit_code = 4

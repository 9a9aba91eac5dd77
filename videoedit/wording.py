"""Numbers in what is told to the user."""


def counted(number: int, noun: str) -> str:
    """Name so many things.

    >>> counted(1, "frame"), counted(0, "face"), counted(12, "frame")
    ('1 frame', '0 faces', '12 frames')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

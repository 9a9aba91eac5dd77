"""Names for interchangeable parts: a detector, an editor, a sink is built by its name."""

import difflib
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from videoedit.errors import ConfigError

T = TypeVar("T")


class Registry(Generic[T]):
    """The parts of one kind, by name.

    >>> shapes: Registry[str] = Registry("shape")
    >>> @shapes.register("round")
    ... def make(name: str = "ball") -> str:
    ...     return name
    >>> shapes.build("round", name="wheel")
    'wheel'
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._factories: dict[str, Callable[..., T]] = {}

    def register(self, name: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
        """Put a factory (a class, a function) under `name`; used as a decorator."""

        def put(factory: Callable[..., T]) -> Callable[..., T]:
            if name in self._factories:
                raise ValueError(f"{self.kind} {name!r} is registered already")
            self._factories[name] = factory
            return factory

        return put

    def names(self) -> list[str]:
        """Return the known names in alphabetical order."""
        return sorted(self._factories)

    def build(self, name: str, /, **options: object) -> T:
        """Make the part called `name`, or say which names there are."""
        try:
            factory = self._factories[name]
        except KeyError:
            raise ConfigError(unknown_name(self.kind, name, self._factories)) from None
        return factory(**options)


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """Return one line that lists the known names and suggests the closest.

    >>> unknown_name("editor", "elegnt", ["elegant"])
    "no editor 'elegnt' (known: elegant); did you mean 'elegant'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"no {kind} {name!r} (known: {', '.join(names)}){hint}"

"""Where things stand in a file, and what is wrong with its YAML."""

from typing import NamedTuple

Path = tuple[str | int, ...]
"""Where a value stands: `("earn", 1, "when", "days", 0)`."""


class Place(NamedTuple):
    """A stretch of one line; line and column count from 1, columns in characters."""

    line: int
    column: int
    width: int = 1


class Problem(NamedTuple):
    """Something about the YAML itself that is wrong, as a code of `messages` with its fields."""

    code: str
    place: Place
    fields: dict[str, str]

"""Going through what a file says, wrong or not."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from shared.program.currency import plain
from shared.program.places import Path
from shared.program.source import Document


def items_at(document: Document, *path: str | int) -> Iterator[tuple[Path, dict[str, Any]]]:
    found = document.value(path)
    if isinstance(found, list):
        yield from (((*path, at), item) for at, item in enumerate(found) if isinstance(item, dict))


def number_of(value: Any) -> int | Decimal | None:  # noqa: ANN401 whatever the file says
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return plain(value) if isinstance(value, Decimal) else value

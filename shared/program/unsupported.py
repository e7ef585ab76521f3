"""What the file format has room for and this version of Jifen cannot do yet: refused by name, never skipped.

A pattern is a path with `*` for the place in a list. Taking a line out of here is how a later version learns a field.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from shared.program.places import Path

_FIELDS: Final[frozenset[tuple[str, ...]]] = frozenset(
    {
        *(("redeem", name) for name in ("cash", "shipping", "fee_percent", "member_day")),
        *(
            ("redeem", "catalog", "*", name)
            for name in ("valid_days", "auto_issue", "price_change", "requires_purchase_of", "prizes")
        ),
        ("safety", "anomaly"),
    }
)
_REWARD_TYPES: Final = frozenset({"coupon", "service", "lottery"})


class Unsupported(NamedTuple):
    """A field, or a value of one (`value`), that cannot be executed."""

    path: Path
    field: str
    value: str | None = None


class Supported(NamedTuple):
    """The document without what is not supported, and for shortened lists where their items stood."""

    data: Any
    places: dict[Path, list[int]]
    refused: list[Unsupported]

    def original(self, location: Path) -> Path:
        """Translate a location in the shortened document to the one in the file."""
        translated: list[str | int] = []
        for part in location:
            places = self.places.get(tuple(translated))
            translated.append(places[part] if places is not None and isinstance(part, int) else part)
        return tuple(translated)


def without_unsupported(data: Any) -> Supported:  # noqa: ANN401 whatever the file says
    """Take out what is not supported, so that the rest can be checked in the same run."""
    supported = Supported(None, {}, [])
    return supported._replace(data=_kept(data, (), supported))


def _kept(value: Any, path: Path, supported: Supported) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {name: _kept(part, (*path, name), supported) for name, part in _kept_fields(value, path, supported)}
    if not isinstance(value, list):
        return value
    kept = [(at, item) for at, item in enumerate(value) if not _refused_item(item, (*path, at), supported)]
    if len(kept) < len(value):
        supported.places[path] = [at for at, _ in kept]
    return [_kept(item, (*path, at), supported) for at, item in kept]


def _kept_fields(value: Mapping[str, Any], path: Path, supported: Supported) -> Iterator[tuple[str, Any]]:
    for name, part in value.items():
        at = (*path, name)
        if _pattern(at) in _FIELDS:
            supported.refused.append(Unsupported(at, name))
        else:
            yield name, part


def is_unsupported(path: Path, value: object) -> bool:
    """Say whether a field or reward is one of those that cannot be executed."""
    return _pattern(path) in _FIELDS or _field_that_refuses(value, path) is not None


def _refused_item(item: Any, path: Path, supported: Supported) -> bool:  # noqa: ANN401
    """Refuse a whole reward of an unsupported kind: one finding, none about its other fields."""
    field = _field_that_refuses(item, path)
    if field is not None:
        supported.refused.append(Unsupported((*path, field), field, item[field]))
    return field is not None


def _field_that_refuses(item: object, path: Path) -> str | None:
    if not isinstance(item, Mapping):
        return None
    pattern = _pattern(path)
    return "type" if pattern == ("redeem", "catalog", "*") and _is_refused_type(item.get("type")) else None


def _is_refused_type(type_: object) -> bool:
    return isinstance(type_, str) and type_ in _REWARD_TYPES


def _pattern(path: Path) -> tuple[str, ...]:
    return tuple("*" if isinstance(part, int) else part for part in path)

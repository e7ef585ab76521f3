"""The one byte form of a program: sorted compact JSON in UTF-8, decimals as text, absent fields left out.

Equal programs have equal bytes and so one SHA-256, whichever file, comments or order of keys they came from. The
version number is no part of the content.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

from shared.program.actions import FirstMatch, GiftReward, Streak
from shared.program.currency import plain
from shared.program.model import CategoryMapRef, Program
from shared.program.rules import ExtraPercent, FixedPoints, Multiply, PerAmount, Steps

_KINDS: Final[dict[str, type]] = {
    "per_amount": PerAmount,
    "points": FixedPoints,
    "steps": Steps,
    "multiply": Multiply,
    "extra_percent": ExtraPercent,
    "streak": Streak,
    "first_match": FirstMatch,
    "reward": GiftReward,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


def to_canonical(program: Program) -> dict[str, Any]:
    """Give the content as plain JSON values, without the version number."""
    content: dict[str, Any] = _plain(program)
    del content["version"]
    return content


def from_canonical(content: Mapping[str, Any], *, version: int) -> Program:
    """Rebuild a program. Raises KeyError, TypeError or ValueError for content that no `to_canonical` has made."""
    program: Program = _build(Program, {**content, "version": version})
    return program


def canonical_json(program: Program) -> bytes:
    return json.dumps(to_canonical(program), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256_of(program: Program) -> str:
    """Give the SHA-256 of the canonical content in hex: the identity of a version's content."""
    return hashlib.sha256(canonical_json(program)).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 one return per kind of value
    match value:
        case Decimal():
            return str(plain(value))
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case tuple():
            return [_plain(part) for part in value]
        case _ if is_dataclass(value):
            return _plain_dataclass(value)
        case _:
            return value


def _plain_dataclass(value: Any) -> dict[str, Any]:  # noqa: ANN401 any part of the model
    content: dict[str, Any] = {"kind": _NAMES[type(value)]} if type(value) in _NAMES else {}
    for one in fields(value):
        part = getattr(value, one.name)
        if part is not None and part not in (frozenset(), ()):
            content[one.name] = _plain(part)
    return content


@cache
def _hints(owner: type) -> dict[str, Any]:
    return get_type_hints(owner)


def _build(wanted: Any, content: Any) -> Any:  # noqa: ANN401, PLR0911 one return per kind of type
    """Make a value of the wanted type, as a field of the model declares it, from JSON values."""
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        return _build(_member_of_union(wanted, content), content)
    if origin is tuple:
        return tuple(_build(get_args(wanted)[0], part) for part in content)
    if origin is frozenset:
        return frozenset(content)
    if is_dataclass(wanted):
        make = cast("type", wanted)
        hints = _hints(make)
        return make(**{name: _build(hints[name], part) for name, part in content.items() if name != "kind"})
    if wanted is date:
        return date.fromisoformat(content)
    if wanted is Decimal or (isinstance(wanted, type) and issubclass(wanted, Enum)):
        return wanted(content)
    return content


def _member_of_union(wanted: Any, content: Any) -> Any:  # noqa: ANN401 a type
    if isinstance(content, dict) and "kind" in content:
        return _KINDS[content["kind"]]
    return next(member for member in get_args(wanted) if member is not NoneType)


def category_map_json(category_map: Mapping[str, str]) -> bytes:
    """Give the one byte form of a SKU → category map."""
    return json.dumps(dict(category_map), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def category_map_ref(category_map: Mapping[str, str]) -> CategoryMapRef:
    """Name a SKU → category map by the hash of its content."""
    content = category_map_json(category_map)
    return CategoryMapRef(sha256=hashlib.sha256(content).hexdigest(), rows=len(category_map))

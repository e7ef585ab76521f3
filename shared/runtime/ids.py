"""Identifiers: a prefix that says what it is, and a ULID, so that ids of one kind sort by time."""

from collections.abc import Callable
from typing import NewType

from ulid import ULID

MemberId = NewType("MemberId", str)
RewardId = NewType("RewardId", str)
RedemptionId = NewType("RedemptionId", str)

IdSource = Callable[[str], str]
"""Makes a new id from a prefix."""


def new_id(prefix: str) -> str:
    """`new_id("mem")` gives `mem_01J…`: the prefix and 26 characters of Crockford's base 32."""
    return f"{prefix}_{ULID()}"

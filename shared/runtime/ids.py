"""Identifiers: a prefix that says what it is, and a ULID, so that ids of one kind sort by time."""

import re
from base64 import b32encode
from collections.abc import Callable
from typing import Final, NewType

from ulid import ULID

MemberId = NewType("MemberId", str)

ID_CHARACTERS: Final = 26
_TO_CROCKFORD: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")

_CHARACTERS: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")

IdSource = Callable[[str], str]
"""Makes a new id from a prefix."""


def new_id(prefix: str) -> str:
    """`new_id("mem")` gives `mem_01J…`: the prefix and 26 characters of Crockford's base 32."""
    return f"{prefix}_{ULID()}"


def id_of_digest(prefix: str, digest: bytes) -> str:
    """Give the id that a digest of at least 17 bytes stands for: the prefix, 26 characters of Crockford's base 32."""
    return f"{prefix}_{b32encode(digest)[:ID_CHARACTERS].translate(_TO_CROCKFORD).decode()}"


def is_id(prefix: str, text: str) -> bool:
    """Say whether a text could be an id with that prefix."""
    return text.startswith(f"{prefix}_") and bool(_CHARACTERS.fullmatch(text, len(prefix) + 1))

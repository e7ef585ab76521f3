"""An entry's public id is its business key, made opaque: it leads to the entry with one read and no index."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from shared.errors import EntryNotFoundError
from shared.keys import Key

PREFIX: Final = "ent_"


def entry_id(key: Key) -> str:
    written = urlsafe_b64encode("\n".join(key).encode()).decode().rstrip("=")
    return f"{PREFIX}{written}"


def key_of_entry(identifier: str) -> Key:
    """Read an entry's id. Raises EntryNotFoundError for anything that `entry_id` would not have made."""
    written = identifier.removeprefix(PREFIX)
    try:
        pk, sk = urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode().split("\n")
    except ValueError as error:
        raise EntryNotFoundError from error
    key = Key(pk, sk)
    if entry_id(key) != identifier or not (pk and sk):
        raise EntryNotFoundError
    return key

"""Settings of a function, read from its environment once, when it is built. Names stand in `shared.names`."""

import os
from dataclasses import dataclass

from shared import names


class SettingMissingError(RuntimeError):
    """A function was deployed without a variable that it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    accounts: str
    ledger: str
    members: str


def setting(name: str) -> str:
    """Give the value of an environment variable. Raises SettingMissingError where it is absent or empty."""
    value = os.environ.get(name, "")
    if not value:
        raise SettingMissingError(name)
    return value


def optional_setting(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def tables() -> Tables:
    return Tables(
        accounts=setting(names.ACCOUNTS_TABLE),
        ledger=setting(names.LEDGER_TABLE),
        members=setting(names.MEMBERS_TABLE),
    )

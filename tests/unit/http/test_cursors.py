"""Cursors. A4: tampered, another member's, another route's or expired ones are refused."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import BadCursorError
from shared.http.cursors import Cursors

NOW = datetime(2026, 12, 16, 2, 21, tzinfo=UTC)
LAST_KEY = {"m": {"S": "mem_1"}, "t": {"S": "2026-12-16T02:21:00.000Z"}, "pk": {"S": "SALE#1"}, "sk": {"S": "SALE"}}
BOUND: dict[str, Any] = {"route": "GET /v1/me/entries", "principal": "iss|sub", "filters": {"kind": "earned"}}
SEED = 20261216


def cursors(now: datetime = NOW, key: bytes = b"k" * 32) -> Cursors:
    return Cursors(key=key, clock=lambda: now)


def test_leads_back_to_the_key_it_was_made_of() -> None:
    sealed = cursors().seal(LAST_KEY, **BOUND)
    assert cursors().open(sealed, **BOUND) == LAST_KEY


def test_there_is_none_after_the_last_page_nor_before_the_first() -> None:
    assert cursors().seal(None, **BOUND) is None
    assert cursors().open(None, **BOUND) is None


@pytest.mark.parametrize(
    "other",
    [
        {"route": "GET /v1/me/redemptions"},
        {"principal": "iss|other"},
        {"filters": {"kind": "redeemed"}},
        {"filters": {}},
    ],
)
def test_a4_serves_nobody_and_nothing_else(other: dict[str, Any]) -> None:
    sealed = cursors().seal(LAST_KEY, **BOUND)
    with pytest.raises(BadCursorError):
        cursors().open(sealed, **{**BOUND, **other})


def test_a4_lasts_a_day() -> None:
    sealed = cursors().seal(LAST_KEY, **BOUND)
    assert cursors(NOW + timedelta(hours=24)).open(sealed, **BOUND) == LAST_KEY
    with pytest.raises(BadCursorError):
        cursors(NOW + timedelta(hours=24, seconds=1)).open(sealed, **BOUND)


def test_a4_no_changed_cursor_is_taken() -> None:
    sealed = cursors().seal(LAST_KEY, **BOUND)
    assert sealed
    dice = random.Random(SEED)  # noqa: S311 changes of a cursor, not a secret
    for _ in range(1000):
        place = dice.randrange(len(sealed))
        changed = sealed[:place] + chr(dice.randrange(33, 127)) + sealed[place + 1 :]
        if changed != sealed:
            with pytest.raises(BadCursorError):
                cursors().open(changed, **BOUND)


@pytest.mark.parametrize("cursor", ["", "x", "=", "积分", "A" * 5000, "AAAA", "\x00", "a b"])
def test_a4_nonsense_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursorError):
        cursors().open(cursor, **BOUND)


def test_a4_another_key_seals_otherwise() -> None:
    with pytest.raises(BadCursorError):
        cursors(key=b"o" * 32).open(cursors().seal(LAST_KEY, **BOUND), **BOUND)

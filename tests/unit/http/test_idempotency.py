"""Ids from keys. I9: the key is scoped to who asks and what for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import IdempotencyKeyMissingError
from shared.http.fields import RequestModel
from shared.http.idempotency import derived_id, idempotency_key, request_digest, scoped_digest

ROUTE = "POST /v1/me/redemptions"


@pytest.mark.parametrize("key", ["12345678", "k" * 128, "a1b2-c3d4~!\"#$%&'()*+,/:;<=>?@[]^_`{|}"])
def test_takes_eight_to_128_visible_characters(key: str) -> None:
    assert idempotency_key({"idempotency-key": key}) == key


@pytest.mark.parametrize("key", ["1234567", "k" * 129, "with blank", "Schlüssel", "null\x00byte", ""])
def test_refuses_any_other_key(key: str) -> None:
    with pytest.raises(IdempotencyKeyMissingError):
        idempotency_key({"idempotency-key": key})


def test_the_same_key_gives_the_same_id_for_ever() -> None:
    assert derived_id("rdm", "iss|sub", ROUTE, "key-0001") == "rdm_3WYT9YRWN3F1TNWMXMJRT2VX94"


def test_i9_another_principal_route_or_key_gives_another_id() -> None:
    ids = {
        derived_id("rdm", principal, route, key)
        for principal in ("iss|a", "iss|b", "other|a")
        for route in (ROUTE, "POST /v1/me/check-ins")
        for key in ("key-0001", "key-0002")
    }
    assert len(ids) == 12


@given(parts=st.lists(st.text(max_size=5), min_size=3, max_size=3), shift=st.integers(1, 3))
def test_i9_parts_cannot_be_moved_from_one_to_the_next(parts: list[str], shift: int) -> None:
    a, b, c = parts
    moved = (a + b[:shift], b[shift:], c)
    if moved != (a, b, c):
        assert scoped_digest(*moved) != scoped_digest(a, b, c)


def test_an_id_is_a_prefix_and_26_characters_of_base_32() -> None:
    assert re.fullmatch(r"rdm_[0-9A-HJKMNP-TV-Z]{26}", derived_id("rdm", "p", ROUTE, "key-0001"))


class Today(RequestModel):
    reward_id: str
    quantity: int = 1


class NextYear(RequestModel):
    """The same request, with fields that were added since."""

    quantity: int = 1
    gift_wrap: bool = False
    note: str | None = None
    reward_id: str


def test_equal_content_has_an_equal_digest_whatever_its_order() -> None:
    assert request_digest(Today(reward_id="积", quantity=2)) == request_digest(NextYear(quantity=2, reward_id="积"))
    assert request_digest(Today(reward_id="a")) != request_digest(Today(reward_id="b"))
    assert request_digest(Today(reward_id="a"), id="1") != request_digest(Today(reward_id="a"), id="2")


def test_i6_a_field_that_is_added_later_changes_nothing_for_who_asked_before() -> None:
    assert request_digest(Today(reward_id="a")) == request_digest(NextYear(reward_id="a"))
    assert request_digest(NextYear(reward_id="a", gift_wrap=True)) != request_digest(NextYear(reward_id="a"))

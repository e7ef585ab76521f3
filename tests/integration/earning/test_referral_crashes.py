"""A process dies at any call of enrolling a friend, of the first order, of its return; told again, all is right (K1).

Two members' points move in each: they move together or not at all.
"""

from collections.abc import Callable

import pytest

from tests.builders import Till, a_sale, a_void
from tests.integration.earning.club import AGREED, EXTRA, INVITE, JOIN, Club, a_phone, open_club
from tests.observed import Killed, conflicts, killed

MOST_CALLS = 9
END = {"joins": (150, 150), "first order": (200, 160), "return": (50, 50), "proves a phone": (50, 50)}


def joins(club: Club, number: int) -> Callable[[], None]:
    """Let a member be there who invites, and give how the friend joins."""
    club.joins(f"lin-{number}", 1000 + number)
    body = AGREED | {"referral_code": club.code(f"lin-{number}")}
    phone = a_phone(2000 + number)

    def act() -> None:
        answer = club.tell(club.members, "POST /v1/me", f"mei-{number}", body, phone=phone)
        assert answer["statusCode"] in {200, 201}, answer

    return act


def first_order(club: Club, number: int) -> Callable[[], None]:
    joins(club, number)()
    mei = club.id_of(f"mei-{number}")
    return lambda: _ok(club.till.sell(a_sale(10_00, receipt_id=f"R-{number}"), mei).result)


def returned(club: Club, number: int) -> Callable[[], None]:
    first_order(club, number)()
    return lambda: _ok(club.till.take_back(a_void(receipt_id=f"R-{number}")).result)


def proves(club: Club, number: int) -> Callable[[], None]:
    club.joins(f"lin-{number}", 1000 + number)
    club.tell(club.members, "POST /v1/me", f"mei-{number}", AGREED)
    phone = a_phone(2000 + number)

    def act() -> None:
        answer = club.tell(club.members, "PATCH /v1/me", f"mei-{number}", {"phone": phone}, phone=phone)
        assert answer["statusCode"] == 200, answer

    return act


def _ok(result: str) -> None:
    assert result in {"applied", "duplicate"}


STEPS = {"joins": joins, "first order": first_order, "return": returned, "proves a phone": proves}


@pytest.mark.parametrize("answer_lost", [False, True], ids=["never sent", "answer lost"])
@pytest.mark.parametrize("step", STEPS)
def test_k1_killed_at_any_call_and_told_again_both_members_are_right(
    bare_till: Till, step: str, *, answer_lost: bool
) -> None:
    club = open_club(bare_till, JOIN, INVITE, EXTRA)
    died = 0
    for call in range(1, MOST_CALLS + 1):
        act = STEPS[step](club, call)
        try:
            with killed(bare_till.ledger.client, call=call, answer_lost=answer_lost):
                act()
        except Killed:
            died += 1
        act()
        both = (club.till.available(club.id_of(f"{name}-{call}")) for name in ("lin", "mei"))
        assert tuple(both) == END[step], call
    assert died >= 3
    assert club.audit() == []


def test_c6_a_fifth_of_conflicts_changes_nothing(bare_till: Till) -> None:
    club = open_club(bare_till, JOIN, INVITE, EXTRA)
    with conflicts(bare_till.ledger.client, share=0.2) as met:
        for number in range(20):
            returned(club, number)()
    assert met
    both = [club.till.available(club.id_of(f"{name}-{number}")) for name in ("lin", "mei") for number in range(20)]
    assert set(both) == {50}
    assert club.audit() == []

"""A fifth of all transactions meets a conflict while friends are invited, buy and bring all back: nothing moves (C6).

Two members' points move in each: they move together or not at all.
"""

from tests.builders import Till, a_sale, a_void
from tests.integration.earning.club import EXTRA, INVITE, JOIN, Club, open_club
from tests.observed import conflicts


def buys_and_brings_back(club: Club, number: int) -> None:
    """Let a member join who invites, the friend, the friend's first order, and its return."""
    club.joins(f"lin-{number}", 1000 + number)
    club.joins(f"mei-{number}", 2000 + number, club.code(f"lin-{number}"))
    club.till.sell(a_sale(10_00, receipt_id=f"R-{number}"), club.id_of(f"mei-{number}"))
    club.till.take_back(a_void(receipt_id=f"R-{number}"))


def test_c6_a_fifth_of_conflicts_changes_nothing(bare_till: Till) -> None:
    club = open_club(bare_till, JOIN, INVITE, EXTRA)
    with conflicts(bare_till.ledger.client, share=0.2) as met:
        for number in range(20):
            buys_and_brings_back(club, number)
    assert met
    both = [club.till.available(club.id_of(f"{name}-{number}")) for name in ("lin", "mei") for number in range(20)]
    assert set(both) == {50}
    assert club.audit() == []

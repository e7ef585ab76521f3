"""`jifen members set-tier`: by hand, with a reason, an author and a last day (F20)."""

from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from cli.connection import Connection
from cli.members import app
from shared.ledger.account import TierState
from shared.ledger.entries import EntryKind
from shared.ledger.posting import as_of
from shared.runtime.clock import utc_now
from tests.builders import Till, a_ladder, a_program, a_refund, a_sale, per_yuan, publish
from tests.deeds import deeds_on, told


class Desk:
    def __init__(self, till: Till, engine_url: str) -> None:
        self.till = till
        self.member = till.a_member()
        self.today = till.clock().astimezone(till.earning.rules.at(till.clock()).zone).date()
        self._connection = Connection(
            tables=till.ledger.tables,
            subscriptions_secret="",
            keys_secret="",
            api_url="",
            endpoint_url=engine_url,
            region="us-east-1",
        )

    def set(self, tier: str, days: int | None = 90, member: str = "") -> Result:
        until = [] if days is None else ["--until", (self.today + timedelta(days=days)).isoformat()]
        arguments = ["set-tier", member or self.member, tier, "--reason", "complaint 17", "--by", "manager-2", *until]
        return CliRunner().invoke(app, arguments, obj=self._connection)

    @property
    def tier(self) -> TierState:
        return self.till.account(self.member).tier


@pytest.fixture
def desk(bare_till: Till, engine_url: str) -> Desk:
    bare_till.clock.now = utc_now()
    publish(bare_till.ledger, a_program(per_yuan(), tiers=a_ladder(revoke_within_days=30)))
    return Desk(bare_till, engine_url)


def test_the_entry_says_why_and_who(desk: Desk) -> None:
    answer = desk.set("gold")

    assert answer.exit_code == 0
    assert desk.tier == TierState(tier_id="gold", since=desk.today, valid_until=desk.today + timedelta(days=90))
    (entry,) = desk.till.entries(desk.member)
    assert (entry.kind, entry.label, entry.movement.points) == (EntryKind.TIER_SET, "金卡会员", 0)
    assert (entry.details["why"], entry.details["by"]) == ("complaint 17", "manager-2")
    assert desk.till.audit(desk.member) == []


def test_t25_the_trail_says_who_did_it(desk: Desk) -> None:
    desk.set("gold")
    (entry,) = desk.till.entries(desk.member)
    (deed,) = deeds_on(entry.posted_at.date(), desk.till.ledger)
    assert told([deed]) == [("tier.set", "manager-2", desk.member)]
    assert deed.about in entry.key.pk


def test_after_its_last_day_it_is_reviewed_like_any_other(desk: Desk) -> None:
    desk.set("gold")
    later = desk.till.clock() + timedelta(days=92)
    rules = desk.till.earning.rules.at(later)
    assert as_of(desk.till.account(desk.member), later, rules).tier.tier_id == "silver"


def test_no_refund_takes_it_away(desk: Desk) -> None:
    desk.till.sell(a_sale(10_000, receipt_id="A", occurred_at=desk.till.clock()), desk.member)
    desk.set("gold")
    desk.till.clock.now = utc_now()
    desk.till.take_back(a_refund(10_000, receipt_id="A", occurred_at=desk.till.clock()))
    assert desk.tier.tier_id == "gold"


def test_down_to_the_lowest_without_an_end(desk: Desk) -> None:
    desk.set("gold")
    assert desk.set("normal", days=None).exit_code == 0
    assert desk.tier == TierState(tier_id="normal")


@pytest.mark.parametrize(
    ("tier", "days", "code"),
    [
        ("platinum", 90, "unknown-tier"),
        ("gold", None, "wrong-day"),
        ("gold", -1, "wrong-day"),
        ("normal", 9, "wrong-day"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(desk: Desk, tier: str, days: int | None, code: str) -> None:
    answer = desk.set(tier, days)
    assert answer.exit_code == 1
    assert code in answer.stderr
    assert desk.till.entries(desk.member) == []


def test_an_unknown_member_is_refused(desk: Desk) -> None:
    assert "member-not-found" in desk.set("gold", member="mem_01JF0000000000000000000000").stderr

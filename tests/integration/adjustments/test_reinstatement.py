"""Expired points come back: within a window, once, approved by somebody else (F22)."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.connection import Connection
from cli.members import app
from shared.adjustments.reinstate_points import Reinstatement, reinstatable, reinstate_points
from shared.errors import EntryNotFoundError, InvalidFieldError
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.entry_ids import entry_id
from shared.ledger.once import Answered
from shared.ledger.posting import begin
from shared.program.calendar import day_begins_at
from shared.program.expiry import Reinstate
from shared.runtime.clock import utc_now
from tests.builders import ZONE, Till, a_program, a_refund, a_sale, months, publish
from tests.deeds import deeds_on, told

SOLD, LAST_DAY, LAST_CHANCE = date(2026, 1, 5), date(2026, 2, 5), date(2026, 4, 6)
POLICY = months(1, reinstate=Reinstate(within_days=60, valid_days=30))


class Desk:
    """A member who bought for 100 points that lapse on 5 February, and the two who may give them back."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.at(SOLD)
        self.member = till.a_member(points=100)

    def at(self, day: date) -> None:
        self.till.clock.now = day_begins_at(day, ZONE)

    def touch(self) -> None:
        """Do what the sweep does to an account."""
        now = self.till.clock()
        posting = begin(self.till.account(self.member), now, self.till.earning.rules.at(now))
        if posting.entries:
            self.till.ledger.commit(posting, self.till.patience(), guards={})

    def expire(self, on: date = LAST_DAY + timedelta(days=1)) -> Entry:
        self.at(on)
        self.touch()
        return next(entry for entry in self.till.entries(self.member) if entry.kind is EntryKind.EXPIRED)

    def reinstate(self, expired: Entry, **others: Any) -> Answered:
        wanted = Reinstatement(expired=expired.key, reason="ill for weeks", author="clerk-1", approver="manager-2")
        till = self.till
        rules, patience = till.earning.rules, till.patience()
        return reinstate_points(replace(wanted, **others), rules, till.ledger, patience, clock=till.clock)


@pytest.fixture
def desk(bare_till: Till) -> Desk:
    publish(bare_till.ledger, a_program(expire=POLICY))
    return Desk(bare_till)


def test_they_come_back_for_so_many_days_with_reason_author_and_approver(desk: Desk) -> None:
    expired = desk.expire()
    desk.at(LAST_CHANCE)

    entry, replayed = desk.reinstate(expired)

    assert (entry.movement.lots, entry.movement.points, replayed) == ({"260506+": 100}, 100, False)
    assert (entry.details["why"], entry.details["by"], entry.details["ok"]) == ("ill for weeks", "clerk-1", "manager-2")
    assert desk.till.available(desk.member) == 100
    assert desk.till.audit(desk.member) == []


def test_they_lapse_again_at_the_end_of_their_last_day(desk: Desk) -> None:
    desk.reinstate(desk.expire())
    desk.at(date(2026, 3, 8))
    desk.touch()
    assert desk.till.available(desk.member) == 100
    desk.at(date(2026, 3, 9))
    desk.touch()
    assert desk.till.available(desk.member) == 0
    assert desk.till.audit(desk.member) == []


def test_whoever_asks_again_gets_the_first_answer(desk: Desk) -> None:
    expired = desk.expire()
    first = desk.reinstate(expired).entry
    again = desk.reinstate(expired, reason="another", author="clerk-3")
    assert (again.entry, again.replayed) == (first, True)
    assert desk.till.available(desk.member) == 100


def test_twenty_at_once_give_them_back_once(desk: Desk) -> None:
    expired = desk.expire()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: desk.reinstate(expired), range(20)))
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 19
    assert desk.till.available(desk.member) == 100
    assert desk.till.audit(desk.member) == []
    deeds = deeds_on(desk.till.clock().date(), desk.till.ledger)
    assert told(deeds) == [("points.reinstated", "clerk-1", desk.member)]


def test_they_pay_the_debt_first(desk: Desk) -> None:
    expired = desk.expire()
    desk.till.sell(a_sale(100_000, receipt_id="A", occurred_at=desk.till.clock()), desk.member)
    desk.at(date(2026, 4, 1))
    desk.touch()
    desk.till.take_back(a_refund(70_000, receipt_id="A", occurred_at=desk.till.clock()))
    assert desk.till.balance(desk.member) == (-70, 0, 0, 70)
    desk.reinstate(expired)
    assert desk.till.balance(desk.member) == (30, 0, 0, 0)


@pytest.mark.parametrize(
    ("on", "others", "code"),
    [
        (LAST_CHANCE + timedelta(days=1), {}, "too-late"),
        (LAST_CHANCE, {"approver": "clerk-1"}, "approver-is-author"),
    ],
)
def test_what_is_refused_changes_nothing(desk: Desk, on: date, others: dict[str, str], code: str) -> None:
    expired = desk.expire()
    desk.at(on)
    before = desk.till.everything()
    with pytest.raises(InvalidFieldError) as refused:
        desk.reinstate(expired, **others)
    assert [error["code"] for error in refused.value.fields["errors"]] == [code]
    assert desk.till.everything() == before


def test_a_program_that_does_not_say_so_gives_nothing_back(desk: Desk) -> None:
    expired = desk.expire()
    publish(desk.till.ledger, a_program(expire=POLICY), a_program(expire=months(1), version=2))
    desk.till.clock.forward(hours=1)
    with pytest.raises(InvalidFieldError):
        desk.reinstate(expired)


def test_what_never_expired_cannot_come_back(desk: Desk) -> None:
    (earned,) = desk.till.entries(desk.member)
    with pytest.raises(EntryNotFoundError):
        desk.reinstate(earned)


def test_the_list_names_what_can_come_back_and_nothing_else(desk: Desk) -> None:
    expired = desk.expire()
    till = desk.till
    listed = list(reinstatable(desk.member, till.earning.rules.moment(till.clock()), till.ledger))
    assert [(one.entry, one.points) for one in listed] == [(expired, 100)]
    desk.reinstate(expired)
    assert list(reinstatable(desk.member, till.earning.rules.moment(till.clock()), till.ledger)) == []


class TestCommand:
    @pytest.fixture
    def desk(self, bare_till: Till) -> Desk:
        publish(bare_till.ledger, a_program(expire=POLICY))
        desk = Desk(bare_till)
        bare_till.clock.now = utc_now() - timedelta(days=40)
        desk.member = bare_till.a_member(points=70)
        bare_till.clock.now = utc_now()
        desk.touch()
        return desk

    def run(self, desk: Desk, engine_url: str, *arguments: str) -> Result:
        connection = Connection(
            tables=desk.till.ledger.tables,
            subscriptions_secret="",
            keys_secret="",
            api_url="",
            endpoint_url=engine_url,
            region="us-east-1",
        )
        return CliRunner().invoke(app, list(arguments), obj=connection)

    def test_a_clerk_lists_and_gives_back(self, desk: Desk, engine_url: str) -> None:
        listed = self.run(desk, engine_url, "expired", desk.member)
        (entry,) = re.findall(r"ent_[\w-]+", listed.stdout)
        asked = ("reinstate", entry, "--reason", "ill", "--by", "clerk-1", "--approved-by", "manager-2")

        given = self.run(desk, engine_url, *asked)
        again = self.run(desk, engine_url, *asked)

        assert (given.exit_code, again.exit_code) == (0, 0)
        assert "70 points given back, usable through" in given.stdout
        assert "70 points given back already, on" in again.stdout
        assert "nothing can be given back" in self.run(desk, engine_url, "expired", desk.member).stdout

    def test_nobody_approves_their_own(self, desk: Desk, engine_url: str) -> None:
        entry = next(one for one in desk.till.entries(desk.member) if one.kind is EntryKind.EXPIRED)
        asked = ("reinstate", entry_id(entry.key), "--reason", "ill", "--by", "a", "--approved-by", "a")
        answer = self.run(desk, engine_url, *asked)
        assert (answer.exit_code, "approver-is-author" in answer.stderr) == (1, True)

"""Rules that look beyond one sale: birthdays, numbers of orders, totals, limits, the cap of a day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shared.earning.outcomes import Outcome
from shared.program.model import Safety
from shared.program.rules import EarnRule, FixedPoints, Multiply, RuleLimit, Totals, When
from tests.builders import BIRTHDAYS, NOW, Till, a_program, a_refund, a_sale, a_void, per_yuan, publish

FIVE_VISITS = EarnRule(id="five", name="当月第5次送50", give=FixedPoints(points=50), when=When(order_number_in_month=5))
FIRST_DOUBLE = EarnRule(id="first", name="首单双倍", give=Multiply(factor=Decimal(2)), when=When(order_number=1))
CROSS_STORE = EarnRule(
    id="cross",
    name="两店满300送100",
    give=FixedPoints(points=100),
    when=When(totals=Totals(within_days=30, distinct_stores=2, amount_minor=30_000)),
    limit=RuleLimit(per_member=1, every="month"),
)
DAY = timedelta(days=1)


def sell(till: Till, member: str, number: int, yuan: int = 10, *, store: str = "SH001", at: datetime = NOW) -> Outcome:
    sale = a_sale(yuan * 100, receipt_id=f"T-{number}", store_id=store, occurred_at=at)
    return till.sell(sale, member, claim_window=None)


def give_back(till: Till, number: int, *, store: str = "SH001") -> Outcome:
    return till.take_back(a_void(receipt_id=f"T-{number}", store_id=store))


@pytest.fixture
def born() -> Iterator[dict[str, date]]:
    yield BIRTHDAYS
    BIRTHDAYS.clear()


def test_s1_04_the_first_order_earns_double_and_the_second_does_not(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), FIRST_DOUBLE))
    member = bare_till.a_member()
    assert sell(bare_till, member, 1, 58).points == 116
    second = sell(bare_till, member, 2, 58)
    assert second.points == 58
    assert [one.reason() for one in second.not_applied] == ["这是第2单"]


def test_who_gives_the_first_order_back_has_it_still_to_come(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), FIRST_DOUBLE))
    member = bare_till.a_member()
    sell(bare_till, member, 1, 58)
    assert give_back(bare_till, 1).points == -116
    assert sell(bare_till, member, 2, 58).points == 116
    assert bare_till.audit(member) == []


def test_s1_07_the_fifth_order_of_a_month_earns_fifty_once(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), FIVE_VISITS))
    member = bare_till.a_member()
    assert [sell(bare_till, member, number).points for number in range(1, 7)] == [10, 10, 10, 10, 60, 10]
    assert bare_till.audit(member) == []


@pytest.mark.parametrize("given_back", [1, 5])
def test_s1_07_returning_one_of_the_five_takes_the_fifty_back(given_back: int, bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), FIVE_VISITS))
    member = bare_till.a_member()
    for number in range(1, 6):
        sell(bare_till, member, number)
    give_back(bare_till, given_back)
    assert bare_till.available(member) == 40
    assert bare_till.audit(member) == []
    assert sell(bare_till, member, 6).points == 60
    assert bare_till.available(member) == 100


def test_s1_07_all_returned_in_any_order_leaves_nothing(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), FIVE_VISITS))
    member = bare_till.a_member()
    for number in range(1, 8):
        sell(bare_till, member, number)
    for number in (6, 2, 7, 5, 1, 4, 3):
        give_back(bare_till, number)
    assert bare_till.balance(member) == (0, 0, 0, 0)
    assert set(bare_till.account(member).counters.values()) <= {0}
    assert bare_till.audit(member) == []


def test_returning_a_sixth_order_leaves_the_fifty(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), FIVE_VISITS))
    member = bare_till.a_member()
    for number in range(1, 7):
        sell(bare_till, member, number)
    give_back(bare_till, 2)
    assert bare_till.available(member) == 100


def test_a_new_month_counts_anew(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), FIVE_VISITS))
    member = bare_till.a_member()
    for number in range(1, 5):
        sell(bare_till, member, number)
    bare_till.clock.forward(days=31)
    assert sell(bare_till, member, 5, at=NOW + 31 * DAY).points == 10


def test_what_undid_a_bonus_says_so(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), FIVE_VISITS))
    member = bare_till.a_member()
    for number in range(1, 6):
        sell(bare_till, member, number)
    give_back(bare_till, 1)
    undone = bare_till.entries(member)[-1]
    assert (undone.kind, undone.label, undone.movement.points) == ("bonus_reversed", "当月第5次送50", -50)
    assert undone.key == ("SALE#SH001#T-5", "BONUS#five")


def test_s2_19_spending_in_two_stores_earns_a_bonus_once_a_month(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), CROSS_STORE))
    member = bare_till.a_member()
    assert sell(bare_till, member, 1, 290).points == 290
    assert sell(bare_till, member, 2, 100).points == 100, "one store only"
    assert sell(bare_till, member, 3, 10, store="SH002").points == 110
    last = sell(bare_till, member, 4, 10, store="SH002")
    assert last.points == 10
    assert [one.reason() for one in last.not_applied] == ["已达次数上限（1次）"]
    assert bare_till.audit(member) == []


def test_s2_19_a_return_that_breaks_the_total_takes_the_bonus_back(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), CROSS_STORE))
    member = bare_till.a_member()
    sell(bare_till, member, 1, 295)
    sell(bare_till, member, 2, 10, store="SH002")
    kept = bare_till.take_back(a_refund(500, receipt_id="T-1"))
    assert (kept.points, bare_till.available(member)) == (-5, 400), "300 yuan are left"
    bare_till.take_back(a_refund(100, receipt_id="T-1", refund_id="R-2"))
    assert bare_till.available(member) == 299
    assert sell(bare_till, member, 3, 1).points == 101, "reached again"
    assert bare_till.audit(member) == []


def test_s2_19_what_was_spent_before_the_window_does_not_count(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), CROSS_STORE))
    member = bare_till.a_member()
    sell(bare_till, member, 1, 295)
    bare_till.clock.forward(days=31)
    assert sell(bare_till, member, 2, 10, store="SH002", at=NOW + 30 * DAY).points == 10
    assert sell(bare_till, member, 3, 10, store="SH002", at=NOW + 29 * DAY).points == 110


def test_a_limited_rule_gives_so_often_and_again_after_a_return(bare_till: Till) -> None:
    rule = EarnRule(
        id="thrice",
        name="每天两次",
        give=Multiply(factor=Decimal(2)),
        when=When(min_amount_minor=500),
        limit=RuleLimit(per_member=2, every="day"),
    )
    publish(bare_till.ledger, a_program(per_yuan(), rule))
    member = bare_till.a_member()
    assert [sell(bare_till, member, number).points for number in range(1, 4)] == [20, 20, 10]
    assert give_back(bare_till, 1).points == -20
    assert sell(bare_till, member, 4).points == 20
    bare_till.clock.forward(days=1)
    assert sell(bare_till, member, 5, at=NOW + DAY).points == 20
    assert bare_till.audit(member) == []


def test_the_cap_of_a_day_trims_and_says_so(bare_till: Till) -> None:
    capped = replace(a_program(per_yuan()), safety=Safety(per_member_per_day_max_points=100))
    publish(bare_till.ledger, capped)
    member = bare_till.a_member()
    assert sell(bare_till, member, 1, 80).points == 80
    trimmed = sell(bare_till, member, 2, 80)
    assert trimmed.points == 20
    assert [line["text"] for line in trimmed.to_json("zh")["explain"]][-1] == "每人每天最多 100 分"
    assert sell(bare_till, member, 3, 80).points == 0
    assert give_back(bare_till, 1).points == -80
    assert sell(bare_till, member, 4, 90).points == 80
    assert bare_till.take_back(a_refund(7_000, receipt_id="T-2")).points == -10, (
        "10 yuan are left of 80, and of 20 points"
    )
    assert bare_till.audit(member) == []


@pytest.mark.parametrize(
    ("within", "birthday", "points"),
    [
        ("day", date(1990, NOW.month, 16), 200),
        ("day", date(1990, NOW.month, 17), 100),
        ("week", date(1990, NOW.month, 14), 200),
        ("week", date(1990, NOW.month, 13), 100),
        ("month", date(1990, NOW.month, 1), 200),
        ("month", date(1990, 1, 16), 100),
        ("day", None, 100),
    ],
)
def test_s2_15_a_birthday_doubles(
    within: str, birthday: date | None, points: int, bare_till: Till, born: dict[str, date]
) -> None:
    assert (NOW.day, NOW.weekday()) == (16, 2), "a Wednesday"
    rule = EarnRule(id="birthday", name="生日双倍", give=Multiply(factor=Decimal(2)), when=When(birthday=within))  # type: ignore[arg-type]
    publish(bare_till.ledger, a_program(per_yuan(), rule))
    member = bare_till.a_member()
    if birthday:
        born[member] = birthday
    assert sell(bare_till, member, 1, 100).points == points
    give_back(bare_till, 1)
    assert bare_till.available(member) == 0


def test_a_sale_before_the_first_version_is_ignored_and_not_tried_for_ever(bare_till: Till) -> None:
    publish(bare_till.ledger, (NOW, a_program(per_yuan())))
    member = bare_till.a_member()
    outcome = sell(bare_till, member, 1, at=NOW - timedelta(seconds=1))
    assert (outcome.result, outcome.reason) == ("ignored", "before-the-program")


def test_the_cap_of_a_day_holds_over_midnight_where_days_begin_later(bare_till: Till) -> None:
    program = a_program(per_yuan(), safety=Safety(per_member_per_day_max_points=100), day_starts_at="04:00")
    publish(bare_till.ledger, program)
    member = bare_till.a_member()
    evening, night, morning = (
        datetime(2026, 12, 15, hour, tzinfo=UTC)
        for hour in (14, 18, 20)  # 22:00, 02:00 and 04:00 in Shanghai
    )
    assert sell(bare_till, member, 1, 70, at=evening).points == 70
    assert sell(bare_till, member, 2, 70, at=night).points == 30
    assert sell(bare_till, member, 3, 70, at=morning).points == 70
    assert give_back(bare_till, 1).points == -70
    assert bare_till.audit(member) == []

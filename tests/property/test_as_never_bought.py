"""What all comes back leaves a member as if nothing had been bought, with every kind of rule on. L7, E3, E4.

Sales of a month are told to the real use cases, and then returned: by lines, by amounts, by voids, mixed, in any order,
some of it twice, some before its sale, while stores move from zone to zone. In the end the account is, byte for byte
but for its version and time, the one of a twin who bought nothing in that month: counters, limits, lots, tier. Budgets
have all of theirs back.

JIFEN_TEST_PROFILE=full tells 12 stories; quick tells 3.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

import pytest

from shared.earning.events import ReturnEvent
from shared.earning.sale import RefundPart, ReturnedLine, Sale, SaleLine
from shared.ledger.items import account_item
from shared.ledger.posting import as_of
from shared.ledger.store import Ledger
from shared.program.store import write_chain
from shared.program.stores import Chain, Store
from tests.builders import BIRTHDAYS, Till, a_refund, a_sale, a_void, publish, shanghai
from tests.profile import FULL
from tests.property.every_kind import STORES, a_program_of_every_kind, a_sale_of_any_kind

STORIES: Final = 12 if FULL else 3
SALES: Final = 8
ZONES: Final = ("Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Pacific/Kiritimati", None)
BUYER: Final = "mem_buyer"
TWIN: Final = "mem_twin"
BEGINNING: Final = shanghai("2026-12-02 09:00")
END: Final = shanghai("2026-12-29 12:00")


@pytest.fixture
def born() -> Iterator[None]:
    """Let the month have a birthday."""
    BIRTHDAYS.update({BUYER: date(1990, 12, 8), TWIN: date(1990, 12, 8)})
    yield
    BIRTHDAYS.clear()


def returns_of(sale: Sale, chance: random.Random) -> list[ReturnEvent]:
    """Take a sale apart, by lines first, then by amounts or by a void."""
    parts: list[RefundPart] = []
    left = {line.line_id: line for line in sale.lines if line.net_minor and chance.random() < 0.5}
    for line in left.values():
        parts += _split_line(line, chance)
    rest = int(sum(line.net_minor for line in sale.lines if line.line_id not in left))
    amounts = _split(rest, chance.randrange(1, 4), chance) if rest else []
    if chance.random() < 0.5:
        amounts = amounts[:-1]
    parts += [RefundPart(amount_minor=amount) for amount in amounts]
    place: dict[str, Any] = {"receipt_id": sale.receipt_id, "store_id": sale.store_id}
    told = [
        replace(a_refund(1, refund_id=f"{sale.receipt_id}-{at}", **place), part=part) for at, part in enumerate(parts)
    ]
    chance.shuffle(told)
    emptied = sum(amounts) == rest and any(line.net_minor for line in sale.lines)
    return told if emptied else [*told, a_void(**place)]


def _split_line(line: SaleLine, chance: random.Random) -> list[RefundPart]:
    nets = _split(int(line.net_minor), int(line.quantity), chance)
    each = line.quantity / len(nets)
    lines = (ReturnedLine(line_id=line.line_id, quantity=each, net_minor=Fraction(net)) for net in nets)
    return [RefundPart(lines=(one,)) for one in lines]


def _split(total: int, most: int, chance: random.Random) -> list[int]:
    """Split an amount into some parts above zero."""
    cuts = sorted(chance.sample(range(1, total), min(most - 1, total - 1)))
    return [after - before for before, after in zip([0, *cuts], [*cuts, total], strict=True)]


def story(chance: random.Random) -> list[Sale | ReturnEvent]:
    """Tell the sales of a week, then the returns; some returns come before their sale, some twice."""
    sales = [
        a_sale_of_any_kind(chance, number, BEGINNING + timedelta(hours=20 * number + chance.randrange(20)))
        for number in range(SALES)
    ]
    early = [sale for sale in sales if chance.random() < 0.15]
    returns = {sale.receipt_id: returns_of(sale, chance) for sale in sales}
    told: list[Sale | ReturnEvent] = []
    for sale in sales:
        if sale in early:
            several = chance.randrange(1, 1 + len(returns[sale.receipt_id]))
            told += returns[sale.receipt_id][:several]
            del returns[sale.receipt_id][:several]
        told.append(sale)
    told += _merged(list(returns.values()), chance)
    return [event for one in told for event in [one] * chance.choice((1, 1, 1, 2))]


def _merged(queues: list[list[ReturnEvent]], chance: random.Random) -> Iterator[ReturnEvent]:
    """Interleave the returns of several sales, each in its order."""
    while queues := [queue for queue in queues if queue]:
        yield chance.choice(queues).pop(0)


def stripped(till: Till, member: str) -> dict[str, Any]:
    """Give a member's account as it stands at the end, as it is stored, without what only counts or dates it."""
    account = as_of(till.account(member), END, till.earning.rules.at(END))
    return {name: value for name, value in account_item(account).items() if name not in {"id", "v", "a"}}


def before(till: Till, members: Sequence[str]) -> None:
    """Let members have bought something the month before, which stays."""
    till.clock.now = shanghai("2026-11-03 10:00")
    for member in members:
        till.a_member(member_id=member)
        for number in range(2):
            sale = a_sale(4_000, receipt_id=f"{member}-{number}", occurred_at=till.clock(), tenders={"cash": 4_000})
            till.sell(sale, member)


def move_stores(ledger: Ledger, chance: random.Random) -> None:
    """Let stores live by other clocks from now on; what they sold keeps the clock by which it was sold."""
    stores = tuple(Store(id=one, name=one, zone=chance.choice(ZONES)) for one in STORES)
    write_chain(Chain(stores=stores), client=ledger.client, table=ledger.tables.ledger)


@pytest.mark.parametrize("seed", range(STORIES))
def test_l7_what_all_comes_back_in_any_order_was_never_bought(ledger: Ledger, born: None, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 a story, no secret
    program = a_program_of_every_kind(chance)
    assert program.tiers is not None
    publish(ledger, replace(program, tiers=replace(program.tiers, revoke_within_days=31)))
    till = Till(ledger=ledger)
    before(till, (BUYER, TWIN))
    spent_before = budgets(till)
    till.clock.now = BEGINNING
    for event in story(chance):
        if chance.random() < 0.2:
            move_stores(ledger, chance)
        till.clock.now = max(till.clock.now + timedelta(minutes=40), event.occurred_at)
        till.tell(event, BUYER)
    assert till.clock.now < END
    assert stripped(till, BUYER) == stripped(till, TWIN)
    assert budgets(till) == spent_before
    assert till.audit(BUYER, TWIN) == []


def budgets(till: Till) -> int:
    return sum(item["used"] for item in till.everything().values() if item.get("pk", "").startswith("BUDGET#"))

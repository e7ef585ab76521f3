"""Builders with defaults: programs, sales, refunds, members, and a till that hands them to the ledger.

The defaults are one point for ten yuan, at once, kept for ever, nobody's tier: 100.00 is worth 10.
"""

import itertools
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from shared.earning.assembly import Earning
from shared.earning.budgets import Budgets
from shared.earning.events import CLAIM_WINDOW, VOID_ID, MemberReference, ReturnEvent, SaleEvent
from shared.earning.outcomes import Outcome
from shared.earning.record_return import record_return
from shared.earning.record_sale import record_sale
from shared.earning.sale import RefundPart, ReturnedLine, Sale, SaleLine, Tender
from shared.errors import MemberNotFoundError
from shared.ledger.account import Account, TierState, new_account
from shared.ledger.audit import differences
from shared.ledger.entries import Entry
from shared.ledger.items import entry_of, entry_summary_of
from shared.ledger.store import Ledger
from shared.names import ENTRIES_BY_MEMBER
from shared.program.canonical import sha256_of
from shared.program.expiry import ExpirePolicy, ExpiryMode
from shared.program.items import timeline_item, version_item
from shared.program.model import AlreadySpent, Level, PointsPolicy, Program, Tiers
from shared.program.rules import EarnRule, PerAmount
from shared.program.store import Programs
from shared.program.timeline import Schedule, Timeline, VersionRef
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.gifts import Gifts
from shared.runtime.attributes import decode, encode
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience
from shared.runtime.transactions import commit
from shared.tiers.audit import tier_differences

ZONE: Final = "Asia/Shanghai"
STORE: Final = "SH001"
NOW: Final = datetime(2026, 12, 16, 2, 21, 3, 120000, tzinfo=UTC)
LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
NORMAL, SILVER, GOLD = "normal", "silver", "gold"

_numbers = itertools.count(1)


def shanghai(text: str) -> datetime:
    """Read `2026-06-03 10:00` on the clock of Shanghai."""
    return datetime.fromisoformat(text + "+08:00").astimezone(UTC)


# Programs


def per_yuan(points: int = 1, yuan: int = 1) -> EarnRule:
    return EarnRule(id="base", name="消费积分", give=PerAmount(points=points, per_amount_minor=yuan * 100))


def a_ladder(*, measure: Any = "points_earned", silver: int = 2_000, gold: int = 10_000, **others: Any) -> Tiers:
    levels = (
        Level(id=NORMAL, name="普通会员", reach=0),
        Level(id=SILVER, name="银卡会员", reach=silver, keep=silver // 2, multiply=Decimal("1.2")),
        Level(id=GOLD, name="金卡会员", reach=gold, keep=gold * 4 // 5, multiply=Decimal("1.5")),
    )
    return Tiers(measure=measure, period=others.pop("period", "rolling"), levels=levels, **others)


def months(number: int, **others: Any) -> ExpirePolicy:
    return ExpirePolicy(mode=ExpiryMode.MONTHS_AFTER_EARNING, months=number, **others)


def days(number: int) -> ExpirePolicy:
    return ExpirePolicy(mode=ExpiryMode.DAYS_AFTER_EARNING, days=number)


def a_program(
    *rules: EarnRule,
    version: int = 1,
    pending_days: int = 0,
    expire: ExpirePolicy | None = None,
    if_already_spent: AlreadySpent = AlreadySpent.ALLOW_NEGATIVE,
    zone: str = ZONE,
    **others: Any,
) -> Program:
    """Build a program: one point for ten yuan (R1) unless rules are given."""
    points = PointsPolicy(
        available_after_days=pending_days,
        if_already_spent=if_already_spent,
        expire=expire or ExpirePolicy(mode=ExpiryMode.NEVER),
    )
    return Program(
        version=version,
        name="门店会员积分",
        zone=zone,
        currency=others.pop("currency", "CNY"),
        earn=rules or (per_yuan(1, 10),),
        points=points,
        **others,
    )


# What a till tells


def a_line(net_minor: int, line_id: str = "1", *, sku: str = "6901234567892", **others: Any) -> SaleLine:
    quantity = Fraction(others.pop("quantity", 1))
    return SaleLine(line_id=line_id, sku=sku, quantity=quantity, net_minor=Fraction(net_minor), **others)


def a_sale(
    *amounts_minor: int,
    receipt_id: str = "T-1001",
    store_id: str = STORE,
    occurred_at: datetime = NOW,
    lines: Sequence[SaleLine] = (),
    tenders: Mapping[str, int] | None = None,
    currency: str = "CNY",
) -> Sale:
    """Build a sale of 100.00, or of lines of some amounts, numbered from 1."""
    lines = tuple(lines) or tuple(a_line(net, str(at)) for at, net in enumerate(amounts_minor or (10_000,), start=1))
    return Sale(
        store_id=store_id,
        receipt_id=receipt_id,
        occurred_at=occurred_at,
        currency=currency,
        lines=lines,
        tenders=tuple(Tender(type=kind, amount_minor=amount) for kind, amount in (tenders or {}).items()),
        total_minor=int(sum(line.net_minor for line in lines)),
    )


def a_refund(
    amount_minor: int | None = None,
    *,
    lines: Mapping[str, int] | None = None,
    refund_id: str = "R-1",
    receipt_id: str = "T-1001",
    store_id: str = STORE,
    occurred_at: datetime = NOW,
    quantity: int = 1,
    reason: str = "",
) -> ReturnEvent:
    """Build a refund by amount, or of lines by id and amount."""
    returned = tuple(
        ReturnedLine(line_id=line_id, quantity=Fraction(quantity), net_minor=Fraction(net))
        for line_id, net in (lines or {}).items()
    )
    return ReturnEvent(
        store_id=store_id,
        receipt_id=receipt_id,
        return_id=refund_id,
        occurred_at=occurred_at,
        part=RefundPart(lines=returned, amount_minor=amount_minor),
        reason=reason,
    )


def a_void(*, receipt_id: str = "T-1001", store_id: str = STORE, occurred_at: datetime = NOW) -> ReturnEvent:
    return ReturnEvent(
        store_id=store_id, receipt_id=receipt_id, return_id=VOID_ID, occurred_at=occurred_at, part=None, reason=""
    )


# Accounts


def an_account(member_id: str = "mem_A", *, at: datetime = NOW, tier: str = NORMAL, **fields: Any) -> Account:
    """Build an account in memory, with any fields as they are to stand."""
    account = new_account(member_id, at=at, enrolled_on=date(2026, 1, 1), tier_id=tier)
    return replace(account, **fields)


# A till, a ledger, and a clock that is set by hand


BIRTHDAYS: dict[str, date] = {}
"""Who was born when, for containers that know no members; a test that adds somebody takes them out again."""


@dataclass(slots=True)
class HandClock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def patience(seconds: float = 30) -> Patience:
    """Give a test's patience: the bound is real, the pauses are a tenth of what they would be."""
    until = time.monotonic() + seconds
    return Patience(
        remaining_ms=lambda: int((until - time.monotonic()) * 1000), sleep=lambda pause: time.sleep(pause / 10)
    )


def publish(ledger: Ledger, *versions: Program | tuple[datetime, Program]) -> None:
    """Put versions of a program in force: each from its instant, or since long ago."""
    refs = []
    for number, version in enumerate(versions, start=1):
        effective, program = version if isinstance(version, tuple) else (LONG_AGO, version)
        schedule = Schedule(effective=effective)
        ref = VersionRef(number=number, sha256=sha256_of(program), published_at=effective, schedule=schedule)
        refs.append(ref)
        _put(ledger, version_item(program, ref))
    _put(ledger, timeline_item(Timeline(refs=tuple(refs), revision=len(refs))))


def _put(ledger: Ledger, item: Mapping[str, Any]) -> None:
    ledger.client.put_item(TableName=ledger.tables.ledger, Item=encode(item))


@dataclass(slots=True, kw_only=True)
class Till:
    """Hands sales and returns to the use cases as the webhook does, and looks at what came of them."""

    ledger: Ledger
    clock: HandClock = field(default_factory=HandClock)
    patience: Callable[[], Patience] = patience
    earning: Earning = field(init=False)

    def __post_init__(self) -> None:
        self.earning = container(self.ledger, self.clock)

    def a_member(self, *, points: int = 0, tier: TierState | str = NORMAL, member_id: str = "") -> str:
        """Open an account; its points come from a sale in another store, as every point has an entry."""
        member_id = member_id or f"mem_{next(_numbers):026d}"
        tier = tier if isinstance(tier, TierState) else TierState(tier_id=tier)
        account = replace(
            new_account(member_id, at=self.clock(), enrolled_on=date(2026, 1, 1), tier_id=tier.tier_id), tier=tier
        )
        commit(self.ledger.client, [self.ledger.opening(account)], patience())
        if points:
            receipt_id = f"start-{next(_numbers)}"
            sale = a_sale(points * 1_000, store_id="SH000", receipt_id=receipt_id, occurred_at=self.clock())
            outcome = self.sell(sale, member_id)
            assert outcome.points + outcome.points_pending == points, "the program of this test is another"
        return member_id

    def sell(self, sale: Sale, member_id: str | None, *, claim_window: timedelta | None = CLAIM_WINDOW) -> Outcome:
        member = MemberReference(kind="member_id", value=member_id) if member_id else None
        return record_sale(
            SaleEvent(sale=sale, member=member), self.earning, self.patience(), claim_window=claim_window
        )

    def take_back(self, event: ReturnEvent) -> Outcome:
        return record_return(event, self.earning, self.patience())

    def tell(self, event: Sale | ReturnEvent, member_id: str | None) -> Outcome:
        return self.sell(event, member_id) if isinstance(event, Sale) else self.take_back(event)

    def account(self, member_id: str) -> Account:
        return self.ledger.account(member_id)

    def balance(self, member_id: str) -> tuple[int, int, int, int]:
        available, pending, held, debt = self.account(member_id).balance
        return available, pending, held, debt

    def available(self, member_id: str) -> int:
        return self.account(member_id).balance.available

    def entries(self, member_id: str) -> list[Entry]:
        """Read a member's entries in their order."""
        items: list[Any] = []
        pages = self.ledger.client.get_paginator("query").paginate(
            TableName=self.ledger.tables.ledger,
            IndexName=ENTRIES_BY_MEMBER,
            KeyConditionExpression="m = :member",
            ExpressionAttributeValues={":member": {"S": member_id}},
        )
        for page in pages:
            items += [self.ledger.item(entry_summary_of(decode(item)).key) for item in page["Items"]]
        return [entry_of(item) for item in items]

    def points(self, member_id: str) -> list[int]:
        return [entry.movement.points + entry.movement.points_pending for entry in self.entries(member_id)]

    def audit(self, *member_ids: str) -> list[str]:
        found: list[str] = []
        for member_id in member_ids:
            account, entries = self.account(member_id), self.entries(member_id)
            found += differences(account, entries)
            found += tier_differences(account, entries, self.earning.programs)
        return found

    def everything(self) -> dict[tuple[str, ...], Any]:
        """Read all items of the accounts and the ledger, by key."""
        items: dict[tuple[str, ...], Any] = {}
        for table, key in ((self.ledger.tables.accounts, ("id",)), (self.ledger.tables.ledger, ("pk", "sk"))):
            for page in self.ledger.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
                for item in map(decode, page["Items"]):
                    items[table, *(item[name] for name in key)] = item
        return items


def container(ledger: Ledger, clock: Clock) -> Earning:
    """Build what one function's container works with; its caches are its own."""

    def find_member(reference: MemberReference) -> str:
        if reference.kind != "member_id":
            raise MemberNotFoundError
        return reference.value

    programs = Programs(client=ledger.client, table=ledger.tables.ledger, clock=clock)
    return Earning(
        ledger=ledger,
        programs=programs,
        find_member=find_member,
        find_birthday=BIRTHDAYS.get,
        budgets=Budgets(ledger=ledger, pick=random.choice),
        clock=clock,
        give_reward=Gifts(catalogues=Catalogues(client=ledger.client, table=ledger.tables.ledger, clock=clock)).give,
    )

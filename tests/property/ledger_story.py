"""One random story, told to the real ledger on the engine through its use cases, and to the model."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.earning.events import ReturnEvent
from shared.earning.outcomes import Outcome
from shared.earning.sale import Sale
from shared.errors import InsufficientPointsError, RefundExceedsSaleError, SaleConflictError
from shared.ledger.entries import Entry
from shared.ledger.items import entry_of, entry_summary_of
from shared.ledger.posting import as_of, begin
from shared.ledger.store import Ledger
from shared.names import ENTRIES_BY_MEMBER
from shared.program.model import AlreadySpent
from shared.redemption.cancel_redemption import Cancellation, cancel_redemption
from shared.redemption.catalogue import Catalogue, Content
from shared.redemption.catalogue_items import catalogue_item
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.redeem_reward import Order, Redeeming, redeem_reward
from shared.redemption.rewards import Reward
from shared.redemption.stock import Stock
from shared.runtime.attributes import Item, decode, encode
from tests.builders import LONG_AGO, HandClock, Till, a_line, a_refund, a_sale, a_void, patience, publish
from tests.ledger_model import Line, Model, Receipt
from tests.property.marketers import EXPIRY, ZONES, Choice
from tests.property.sameness import same, same_months

START: Final = datetime(2026, 12, 16, 2, 21, 3, 120000, tzinfo=ZoneInfo("UTC"))
POINT: Final = Reward(id="point", name="一分", points=1)
LINES = st.lists(
    st.builds(
        Line,
        net=st.one_of(st.integers(0, 300), st.integers(0, 30_000)),
        quantity=st.integers(1, 3),
        category=st.sampled_from(["零食", "家居", "烟草"]),
        gift_card=st.sampled_from([False] * 9 + [True]),
    ),
    min_size=1,
    max_size=3,
)
JUMPS = st.one_of(
    st.integers(-6, 48).map(lambda hours: timedelta(hours=hours)),
    st.integers(1, 20).map(lambda days: timedelta(days=days)),
    st.integers(1, 14).map(lambda months: timedelta(days=30.4 * months)),
)
PICKS = st.integers(0, 10**6)


PARKED: Final = str({"result": "parked"})


class LedgerStory(RuleBasedStateMachine):
    """One story. Everything is told twice: to the ledger through its use cases, and to the model."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        super().__init__()
        self.ledger = ledger
        self.store = f"S{number}"
        self.clock = HandClock(START)
        self.members: list[str] = []
        self.touched: set[str] = set()
        self.sales: dict[str, tuple[Sale, str | None]] = {}
        self.parked: dict[str, list[tuple[ReturnEvent, dict[str, Any]]]] = {}
        self.told: list[tuple[Sale | ReturnEvent, str | None, str]] = []
        self.returns = 0
        self.spent: dict[str, tuple[str, int]] = {}
        self.undone: set[str] = set()
        self.known: dict[str, list[Item]] = {}

    @initialize(
        zone=st.sampled_from(ZONES),
        pending_days=st.sampled_from([0, 0, 3, 14]),
        expiry=st.sampled_from(sorted(EXPIRY)),
        policy=st.sampled_from(AlreadySpent),
        grace_days=st.sampled_from([0, 30]),
        revoke_days=st.sampled_from([0, 30]),
        members=st.integers(1, 3),
    )
    def open(self, members: int, **chosen: Any) -> None:
        choice = Choice(**chosen)
        publish(self.ledger, choice.program())
        self._offer()
        self.till = Till(ledger=self.ledger, clock=self.clock)
        self.redeeming = Redeeming(
            ledger=self.ledger,
            catalogues=Catalogues(client=self.ledger.client, table=self.ledger.tables.ledger, clock=self.clock),
            stock=Stock(ledger=self.ledger, pick=lambda shards: shards[0]),
            rules_at=self.till.earning.rules.at,
            clock=self.clock,
        )
        self.model = Model(rules=choice.rules())
        for _ in range(members):
            member = self.till.a_member()
            self.members.append(member)
            self.model.open(member, self.clock())
            self.known[member] = []

    # Tills

    @rule(
        lines=LINES,
        who=PICKS,
        age_hours=st.one_of(st.just(0), st.integers(0, 29 * 24)),
        unpaid=st.sampled_from([0, 0, 0, 1, 3]),
        first_parked=st.booleans(),
    )
    def sell(self, lines: list[Line], who: int, age_hours: int, unpaid: int, *, first_parked: bool) -> None:
        """Sell something: fresh or late, partly paid with what does not earn, now and then to nobody."""
        waiting = [receipt_id for receipt_id in self.parked if receipt_id not in self.sales]
        receipt_id = waiting[0] if waiting and first_parked else f"{self.store}-{len(self.sales)}"
        member = self.members[who % len(self.members)] if who % 8 else None
        numbered = {str(at): line for at, line in enumerate(lines, start=1)}
        total = sum(line.net for line in lines)
        voucher = total * unpaid // 4
        sale = a_sale(
            lines=[
                a_line(line.net, line_id, quantity=line.quantity, category=line.category, gift_card=line.gift_card)
                for line_id, line in numbered.items()
            ],
            tenders={"cash": total - voucher, "voucher": voucher} if unpaid else {"wechat_pay": total},
            receipt_id=receipt_id,
            store_id=self.store,
            occurred_at=self.clock() - timedelta(hours=age_hours),
        )
        counted = (Fraction(total - voucher, total) if total else Fraction(0)) if unpaid else Fraction(1)
        receipt = Receipt(lines=numbered, counted=counted, member=member, occurred=sale.occurred_at)
        outcome = self._tell(sale, member)
        self.sales[receipt_id] = (sale, member)
        self.model.sell(receipt_id, receipt, self.clock())
        for _event, part in self.parked.pop(receipt_id, []):
            if not self.model.give_back(receipt_id, self.clock(), **part):
                self.model.overruled(receipt_id, self.clock())
        if member is None:
            assert outcome.result == "ignored"
        else:
            assert (outcome.result, outcome.points + outcome.points_pending) == ("applied", receipt.earned)

    @precondition(lambda self: self.sales)
    @rule(which=PICKS, line=PICKS, share=st.integers(0, 5), by=st.sampled_from(["line", "amount", "rest", "void"]))
    def give_back(self, which: int, line: int, share: int, by: str) -> None:
        """Give something back: a part or all of a line, an amount, exactly the rest, or everything."""
        receipt_id = sorted(self.sales)[which % len(self.sales)]
        receipt = self.model.receipts[receipt_id]
        left = self.model.left(receipt)
        line_id = sorted(left)[line % len(left)]
        part: dict[str, Any]
        if by == "void":
            part = {"void": True}
        elif by == "line":
            part = {"lines": {line_id: receipt.lines[line_id].net * share // 4}}
        else:
            rest = int(sum(left.values()))
            part = {"amount": rest if by == "rest" else rest * share // 4}
        event = self._event(receipt_id, part)
        taken = receipt.taken
        known = receipt.voided and by == "void"
        accepted = known or self.model.give_back(receipt_id, self.clock(), **part)
        if not accepted:
            with pytest.raises(RefundExceedsSaleError):
                self.till.take_back(event)
            return
        outcome = self._tell(event, receipt.member)
        assert 0 <= receipt.taken <= receipt.earned, "L7"
        assert not (receipt.voided and receipt.member) or receipt.taken == receipt.earned, "L7"
        if receipt.member is None:
            assert outcome.result == "ignored"
        elif known:
            assert outcome.result == "duplicate"
        else:
            assert outcome.result == "applied"
            written_off = self._entry(outcome).details.get("wo", 0)
            assert -outcome.points - outcome.points_pending + written_off == receipt.taken - taken

    @rule(amount=st.integers(0, 20_000), again=st.booleans(), void=st.sampled_from([False, False, True]))
    def give_back_before_the_sale(self, amount: int, *, again: bool, void: bool) -> None:
        waiting = sorted(self.parked)
        receipt_id = waiting[-1] if waiting and again else f"{self.store}-early-{self.returns}"
        part: dict[str, Any] = {"void": True} if void else {"amount": amount}
        if void and any("void" in other for _, other in self.parked.get(receipt_id, [])):
            return
        event = self._event(receipt_id, part)
        assert self._tell(event, None).result == "parked"
        self.parked.setdefault(receipt_id, []).append((event, part))

    @precondition(lambda self: self.told)
    @rule(which=PICKS)
    def tell_again(self, which: int) -> None:
        """Redeliver anything that was told: nothing moves, and the answer is the first one."""
        event, member, answer = self.told[which % len(self.told)]
        outcome = self.till.tell(event, member)
        again = _answer(outcome)
        assert outcome.result in {"duplicate", "ignored", "parked"}
        if answer != PARKED:
            assert again == answer

    @precondition(lambda self: self.sales)
    @rule(which=PICKS)
    def tell_a_receipt_with_other_content(self, which: int) -> None:
        sale, member = self.sales[sorted(self.sales)[which % len(self.sales)]]
        other = a_sale(
            lines=[*sale.lines, a_line(1, "another")],
            receipt_id=sale.receipt_id,
            store_id=sale.store_id,
            occurred_at=sale.occurred_at,
        )
        with pytest.raises(SaleConflictError):
            self.till.sell(other, member, claim_window=None)

    # Members

    @rule(who=PICKS, share=st.integers(1, 5))
    def redeem(self, who: int, share: int) -> None:
        """Spend a quarter to all of what there is, or more than that."""
        member = self.members[who % len(self.members)]
        standing = self.model.standing(member, self.clock())
        points = max(1, sum(standing.lots.values()) * share // 4)
        redemption = f"rdm_{self.store[1:]:0>18}{len(self.spent):08d}"
        order = Order(redemption_id=redemption, digest="d", member_id=member, reward_id="point", quantity=points)
        self.touched.add(member)
        if not self.model.spend(member, redemption, points, self.clock()):
            with pytest.raises(InsufficientPointsError):
                redeem_reward(order, self.redeeming, patience())
            self.spent[redemption] = (member, 0)
            return
        redeemed = redeem_reward(order, self.redeeming, patience())
        assert (redeemed.redemption.points, redeemed.replayed) == (points, False)
        assert redeem_reward(order, self.redeeming, patience()).replayed
        self.spent[redemption] = (member, points)

    @precondition(lambda self: any(points for _, points in self.spent.values()))
    @rule(which=PICKS)
    def cancel(self, which: int) -> None:
        done = sorted(redemption for redemption, (_, points) in self.spent.items() if points)
        redemption = done[which % len(done)]
        member, _ = self.spent[redemption]
        self.touched.add(member)
        cancellation = Cancellation(redemption_id=redemption, member_id=member, digest="c")
        cancelled = cancel_redemption(cancellation, self.redeeming, patience())
        assert cancelled.replayed == (redemption in self.undone)
        if not cancelled.replayed:
            self.undone.add(redemption)
            self.model.undo(member, redemption, self.clock())

    # Time

    @rule(by=JUMPS)
    def let_time_pass(self, by: timedelta) -> None:
        self.clock.now += by
        self.touched.update(self.members)

    @rule(who=PICKS, times=st.integers(1, 2))
    def sweep(self, who: int, times: int) -> None:
        """Touch a member as a sweep does, once or twice: what was due is written, and nothing changes by it."""
        member = self.members[who % len(self.members)]
        for _ in range(times):
            posting = begin(self.ledger.account(member), self.clock(), self.till.earning.rules.at(self.clock()))
            if posting.entries:
                self.ledger.commit(posting, patience(), guards={})
                self.model.touch(member, self.clock())
        self.touched.add(member)

    # What must hold

    @invariant()
    def the_account_is_what_the_model_says(self) -> None:
        """L1, L3, L4, L8: lots, pending points, debt and tier, as they stand now."""
        for member in sorted(self.touched):
            account = as_of(self.ledger.account(member), self.clock(), self.till.earning.rules.at(self.clock()))
            expected = self.model.standing(member, self.clock())
            same(account, expected)
            same_months(account, expected)
            self._entries_only_grow(member)
        self.touched.clear()

    def teardown(self) -> None:
        """L1, L3, L5, L6: the audit of every member, from full entries."""
        for member in self.members:
            items = self._items(member)
            entries = [entry_of(item) for item in items]
            assert self.till.audit(member) == []
            assert sum(entry.movement.points for entry in entries) == self.till.available(member)

    def _entries_only_grow(self, member: str) -> None:
        """L5: what the member's history told before, it tells still."""
        told = [item for page in self._index_pages(member) for item in page]
        assert told[: len(self.known[member])] == self.known[member]
        self.known[member] = told

    def _index_pages(self, member: str) -> list[list[Item]]:
        pages = self.ledger.client.get_paginator("query").paginate(
            TableName=self.ledger.tables.ledger,
            IndexName=ENTRIES_BY_MEMBER,
            KeyConditionExpression="m = :member",
            ExpressionAttributeValues={":member": {"S": member}},
        )
        return [[decode(item) for item in page["Items"]] for page in pages]

    def _items(self, member: str) -> list[Item]:
        summaries = [entry_summary_of(item) for page in self._index_pages(member) for item in page]
        items = [self.ledger.item(summary.key) for summary in summaries]
        return [item for item in items if item]

    def _entry(self, outcome: Outcome) -> Entry:
        assert outcome.key is not None
        item = self.ledger.item(outcome.key)
        assert item is not None
        return entry_of(item)

    def _event(self, receipt_id: str, part: dict[str, Any]) -> ReturnEvent:
        self.returns += 1
        at = self.clock()
        if "void" in part:
            return a_void(receipt_id=receipt_id, store_id=self.store, occurred_at=at)
        return a_refund(
            part.get("amount"),
            lines=part.get("lines"),
            refund_id=f"R-{self.returns}",
            receipt_id=receipt_id,
            store_id=self.store,
            occurred_at=at,
        )

    def _tell(self, event: Sale | ReturnEvent, member: str | None) -> Outcome:
        outcome = self.till.tell(event, member)
        note(f"{event.receipt_id}: {outcome.result} {outcome.points}+{outcome.points_pending} {outcome.balance}")
        self.told.append((event, member, _answer(outcome)))
        if member:
            self.touched.add(member)
        return outcome

    def _offer(self) -> None:
        catalogue = Catalogue(
            revision=1, contents=(Content(effective=LONG_AGO, currency="CNY", rewards={"point": POINT}),)
        )
        item = encode(catalogue_item(catalogue))
        self.ledger.client.put_item(TableName=self.ledger.tables.ledger, Item=item)


def _answer(outcome: Outcome) -> str:
    answer = dict(outcome.to_json("zh"))
    return str(answer | {"result": {"applied": "duplicate"}.get(answer["result"], answer["result"])})

"""A receipt as the ledger knows it: the sale, what came back of it, and what may still come. Pure.

RCPT-1 The items of a receipt are one collection: the sale, then its returns by number. A number is taken once, and
       whoever takes it has read all lower ones: so a return is recorded once and two returns cannot overlook each
       other, whether or not the sale has a member.
RCPT-2 What returns take back is earned - worth of what is left, less what was taken before; never below zero.
       It depends on the set of returns, not on their order; once all is returned it is exactly what was earned.
       Bonuses that hang on other sales are undone on their own (`shared.earning.history`), and then left out here.
RCPT-3 After a void nothing is left: a return that arrives then is recorded and takes nothing.
RCPT-4 Returns whose sale has not arrived wait in the sale's own place (`parked`); the sale can only be put there by
       taking them along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shared import keys
from shared.earning.events import VOID_ID, ReturnEvent
from shared.earning.sale import Facts, RefundPart, Sale, after_refunds
from shared.earning.sale_items import digest, facts_of, part_content, part_details, part_of, sale_of
from shared.ledger.items import instant, write_instant
from shared.runtime.attributes import Item

PARKED: Final = "parked"
GUEST: Final = "guest"
GUEST_RETURN: Final = "guest_return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A return as recorded: `taken` points were taken back or written off for it."""

    return_id: str
    number: int
    digest: bytes
    part: RefundPart | None
    taken: int
    item: Item

    @property
    def is_void(self) -> bool:
        return self.return_id == VOID_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a member's sale gave: to whom, and by which rules."""

    member_id: str
    program_version: int
    facts: Facts
    earned: int
    undoable: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`grant` is None for a guest's sale."""

    sale: Sale
    digest: bytes
    grant: Grant | None
    item: Item
    returns: tuple[Return, ...] = ()
    undone: tuple[Item, ...] = ()

    @property
    def claimed(self) -> Mapping[str, str] | None:
        """Say by whom (`by`) it was claimed, and why (`why`) it had been recorded without a member; None: never."""
        claimed: Mapping[str, str] | None = self.item["de"].get("cl")
        return claimed

    @property
    def voided(self) -> bool:
        return any(one.is_void for one in self.returns)

    @property
    def stands(self) -> bool:
        """Say whether this counts as an order: until nothing is left of it; what cost nothing, until it is voided."""
        return not self.voided and (costs_nothing(self.sale) or not costs_nothing(self.left_before()))

    @property
    def taken(self) -> int:
        return sum(one.taken for one in self.returns)

    def grant_now(self, *, before: str | None = None) -> Grant | None:
        """Give what the sale gave without the bonuses that were undone, all or those before an entry of its member.

        A bonus that was undone is barred, so that the calculation does not give it again.
        """
        undone = [item for item in self.undone if before is None or item["t"] < before]
        if self.grant is None or not undone:
            return self.grant
        rules = {item["sk"].removeprefix(keys.BONUS_PREFIX) for item in undone}
        return replace(
            self.grant,
            facts=replace(self.grant.facts, barred=self.grant.facts.barred | rules),
            earned=self.grant.earned - sum(item["de"]["tk"] for item in undone),
            undoable={rule: points for rule, points in self.grant.undoable.items() if rule not in rules},
        )

    def find(self, return_id: str) -> Return | None:
        return next((one for one in self.returns if one.return_id == return_id), None)

    def left(self, event: ReturnEvent) -> Sale:
        """Give what is left of the sale once this return has happened too. Raises RefundExceedsSaleError."""
        if self.voided or event.part is None:
            return nothing_of(self.sale)
        parts = [one.part for one in self.returns if one.part is not None]
        return after_refunds(self.sale, [*parts, event.part])

    def left_before(self) -> Sale:
        """Give what is left of the sale now."""
        if self.voided:
            return nothing_of(self.sale)
        return after_refunds(self.sale, [one.part for one in self.returns if one.part is not None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """Returns that wait for their sale, in the order in which they came."""

    revision: int
    events: tuple[ReturnEvent, ...] = ()

    def find(self, return_id: str) -> ReturnEvent | None:
        return next((event for event in self.events if event.return_id == return_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What stands at a receipt's key: the receipt, or parked returns, or nothing."""

    receipt: Receipt | None = None
    parked: Parked = field(default_factory=lambda: Parked(revision=0))


def costs_nothing(sale: Sale) -> bool:
    return all(line.net_minor == 0 for line in sale.lines)


def nothing_of(sale: Sale) -> Sale:
    return after_refunds(sale, [RefundPart(amount_minor=int(sum(line.net_minor for line in sale.lines)))])


def return_digest(event: ReturnEvent) -> bytes:
    part = part_content(event.part) if event.part else {}
    return digest(event.store_id, event.receipt_id, event.return_id, part)


def read_collection(items: Sequence[Item]) -> Collection:
    """Read the items of a receipt's partition, in key order: BONUS#… and RETURN#… come before SALE."""
    sale_item = next((item for item in items if item["sk"] == keys.SALE), None)
    if sale_item is None:
        return Collection()
    if sale_item["k"] == PARKED:
        return Collection(parked=read_parked(sale_item))
    returns = tuple(return_of(item) for item in items if item["sk"].startswith(keys.RETURN_PREFIX))
    undone = tuple(item for item in items if item["sk"].startswith(keys.BONUS_PREFIX))
    return Collection(receipt=replace(receipt_of(sale_item, returns), undone=undone))


def receipt_of(item: Item, returns: tuple[Return, ...] = ()) -> Receipt:
    _, store_id, receipt_id = item["pk"].split("#")
    details = item["de"]
    sale = sale_of(details, store_id=store_id, receipt_id=receipt_id, occurred_at=instant(item["o"]))
    return Receipt(sale=sale, digest=details["g"], grant=_grant_of(item), item=item, returns=returns)


def _grant_of(item: Item) -> Grant | None:
    if "m" not in item:
        return None
    details = item["de"]
    return Grant(
        member_id=item["m"],
        program_version=details["v"],
        facts=facts_of(details["f"]),
        earned=item.get("p", 0) + item.get("pp", 0),
        undoable=details.get("bo", {}),
    )


def return_of(item: Item) -> Return:
    details = item["de"]
    return Return(
        return_id=details["id"],
        number=int(item["sk"].removeprefix(keys.RETURN_PREFIX)),
        digest=details["g"],
        part=None if details["id"] == VOID_ID or details.get("ex") else part_of(details),
        taken=details.get("tk", 0),
        item=item,
    )


def parked_item(store_id: str, receipt_id: str, parked: Parked) -> Item:
    return {
        **keys.sale(store_id, receipt_id)._asdict(),
        "k": PARKED,
        "rev": parked.revision,
        "events": [
            {
                "id": event.return_id,
                "o": write_instant(event.occurred_at),
                "why": event.reason,
                **(part_details(event.part) if event.part else {}),
            }
            for event in parked.events
        ],
    }


def parked_lines_bytes(item: Item) -> int:
    """Say how many bytes the lines of parked returns take."""
    return sum(len(event.get("ln", b"")) for event in item["events"])


def read_parked(item: Item) -> Parked:
    _, store_id, receipt_id = item["pk"].split("#")
    return Parked(
        revision=item["rev"],
        events=tuple(_parked_event(store_id, receipt_id, event) for event in item["events"]),
    )


def _parked_event(store_id: str, receipt_id: str, event: Item) -> ReturnEvent:
    return ReturnEvent(
        store_id=store_id,
        receipt_id=receipt_id,
        return_id=event["id"],
        occurred_at=instant(event["o"]),
        part=None if event["id"] == VOID_ID else part_of(event),
        reason=event["why"],
    )

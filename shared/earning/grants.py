"""What a sale adds to a posting, and what a return takes from it. Pure.

The points go to the lots, or while the return window is open to the pending lots, that the program says for the day
of the sale, however late it arrives: the same for ever, so that a return knows them too. Everything that a return
needs to be exact is kept with the sale's entry.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from shared import keys
from shared.earning import history
from shared.earning.basis import eligible_minor
from shared.earning.calculate import Award, calculate
from shared.earning.events import ReturnEvent
from shared.earning.held import budgets_held, counters_held, in_excess, lots_held
from shared.earning.history import Buyer, Numbered, Undoable
from shared.earning.receipts import Grant, Receipt, costs_nothing, return_digest, return_of
from shared.earning.sale import Facts, Sale
from shared.earning.sale_items import facts_details, part_details, sale_details
from shared.earning.shares import Share, lots_of
from shared.earning.spending import Taken, binding, parts_of
from shared.errors import InvalidFieldError, RefundExceedsSaleError
from shared.keys import Key
from shared.ledger.account import Account, Movement, Qualifying, add_days
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_item
from shared.ledger.lots import Lots, add, lot_of, moved_to_later, pending_lot_of, take_soonest, write_day
from shared.ledger.movements import Clawback, claw_back, credit, credit_pending
from shared.ledger.posting import Posting
from shared.ledger.retention import oldest_month
from shared.program.calendar import business_date, valid_through
from shared.program.expiry import ExpiryMode
from shared.program.model import Program
from shared.program.rules import EarnRule
from shared.runtime.attributes import Item
from shared.tiers.counting import counted_of
from shared.tiers.ladder import reached

LARGEST_POINTS = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A posting with one more event, its entry, and the calculation; `emptied`: now nothing is left of the sale."""

    posting: Posting
    entry: Entry
    award: Award
    emptied: bool = False


class UndoneMeanwhileError(Exception):
    """A return of another sale took a bonus back after the receipt was read: read it again."""


class Budgeted(NamedTuple):
    """What a sale takes of budgets, as much as the rooms of its facts allow; and its award, if it is known."""

    taken: Taken
    award: Award | None


def grant(
    posting: Posting,
    sale: Sale,
    facts: Facts,
    program: Program,
    *,
    content: bytes,
    budget: Budgeted | None = None,
    noted: Item | None = None,
) -> Posted:
    """Add a sale to a posting. Raises InvalidFieldError for points beyond what JSON can carry exactly.

    `content` is the digest of the sale as the till told it, before categories were filled in; `budget` what it takes
    of budgets, and the award if these facts were calculated with already; `noted` more that the entry keeps.
    """
    if sale.currency != program.currency:
        raise InvalidFieldError(
            errors=[{"pointer": "/data/currency", "code": "unknown-currency", "detail": program.currency}]
        )
    award = (budget and budget.award) or calculate(sale, facts, program)
    account = posting.account
    if award.points + account.spendable + account.balance.pending + account.held > LARGEST_POINTS:
        raise InvalidFieldError(errors=[{"pointer": "/data/total", "code": "too-large", "detail": "2^53 points"}])
    taken = parts_of(budget.taken, award.spent) if budget else {}
    details: Item = {
        **sale_details(sale),
        "g": content,
        "v": program.version,
        "f": facts_details(facts, binding(facts.rooms, award.budget_lines)),
        **({"bu": taken} if taken else {}),
        **({"bo": dict(award.undoable)} if award.undoable else {}),
        **(noted or {}),
    }
    key = keys.sale(sale.store_id, sale.receipt_id)
    added = posting.add(
        EntryKind.EARNED,
        key,
        _earning(posting, sale, award, facts, program),
        occurred_at=sale.occurred_at,
        store_id=sale.store_id,
        details=details,
    )
    return _posted(added, key, award)


def _earning(posting: Posting, sale: Sale, award: Award, facts: Facts, program: Program) -> Movement:
    account = posting.account
    sold_on = business_date(sale.occurred_at, program.business_zone)
    counted = _counted(posting, sold_on, Qualifying(award.points, int(award.eligible_minor), 1))
    activation = _activation(sold_on, program)
    lots = lots_of(award.shares, activation, program)
    gained = credit_pending(activation, lots) if activation > posting.today else credit(account, lots)
    if program.points.expire.mode is ExpiryMode.EXTEND_ON_ACTIVITY:
        latest = lot_of(valid_through(activation, program.points.expire))
        gained = replace(gained, lots=add(gained.lots, moved_to_later(account.lots, latest)))
    tier = None
    if program.tiers:
        so_far = counted_of(account, posting.fresh, posting.rules.days, posting.today, more=counted)
        tier = reached(account.tier, so_far, program.tiers, sold_on, posting.today)
    counters = history.counted_for_sale(sale, award, program, posting.today)
    if facts.referred_by:
        counters[history.REFERRED] = -1
    return replace(gained, qualifying=counted, counters=counters, tier=tier)


def _activation(sold_on: date, program: Program) -> date:
    return sold_on + timedelta(days=program.points.available_after_days)


def _counted(posting: Posting, sold_on: date, counted: Qualifying) -> dict[str, Qualifying]:
    """Count for the day of the sale, unless it is so long ago that no tier depends on it any more."""
    day = write_day(sold_on)
    return {day: counted} if any(counted) and day[:4] >= oldest_month(posting.today) else {}


def take_back(
    posting: Posting, receipt: Receipt, event: ReturnEvent, numbered: Numbered, *, exceeding: bool = False
) -> Posted:
    """Add a return to a posting, and what it undoes of other sales. The receipt must have a member.

    A return that exceeds the sale takes nothing: only one that was parked, and so accepted, can come to that; of any
    other, RefundExceedsSaleError is raised. Raises UndoneMeanwhileError where the account knows of a bonus that was
    undone and the receipt does not.
    """
    given = receipt.grant_now() or granted(receipt)
    program = numbered(given.program_version)
    held = counters_held(receipt)
    if history.was_undone(held, posting.account, posting.today):
        raise UndoneMeanwhileError
    left_before = receipt.left_before()
    left = left_before if exceeding else receipt.left(event)
    award = calculate(left, given.facts, program)
    sold_on = business_date(receipt.sale.occurred_at, program.business_zone)
    had = given.earned - receipt.taken
    points = min(award.points, had)
    clawback = _claw_back(posting.account, receipt, award, program, had - points)
    stands = receipt.stands and event.part is not None and (exceeding or _stands(left, receipt.sale))
    emptied = receipt.stands and not stands
    spent = int(award.eligible_minor) - int(eligible_minor(left_before, program))
    counted = Qualifying(points - had, spent, -1 if emptied else 0)
    buyer = Buyer(account=posting.account, today=posting.today)
    counters = history.counted_for_return(receipt.sale, award, program, buyer, held=held, points=points, stands=stands)
    details: Item = {
        **return_details(event),
        "tk": had - points,
        "t": posting.account.tier.tier_id,
        **({"bu": back} if (back := given_back(receipt, award)) else {}),
        **({"wo": clawback.written_off} if clawback.written_off else {}),
        **({"ex": True} if exceeding else {}),
    }
    key = return_key(receipt)
    movement = replace(clawback.movement, qualifying=_counted(posting, sold_on, counted), counters=counters)
    fresh = add_days(posting.fresh, movement.qualifying)
    tier = posting.rules.undone(posting.account.moved(movement), fresh, posting.today)
    added = posting.add(
        EntryKind.REVERSED,
        key,
        replace(movement, tier=tier),
        occurred_at=event.occurred_at,
        store_id=event.store_id,
        details=details,
    )
    return replace(_posted(_undo_bonuses(added, event, numbered), key, award), emptied=emptied)


def given_back(receipt: Receipt, deserved: Award) -> dict[str, dict[str, int]]:
    """Say what a return gives back to budgets, to the shards that the sale took it from: thousandths of points."""
    back: dict[str, dict[str, int]] = {}
    for rule_id, shards in budgets_held(receipt).items():
        due = sum(shards.values()) - deserved.spent.get(rule_id, 0)
        parts = {shard: part for shard, part in take_soonest(shards, due).items() if part}
        if parts:
            back[rule_id] = parts
    return back


def _undo_bonuses(posting: Posting, event: ReturnEvent, numbered: Numbered) -> Posting:
    """Take back the bonuses for a number of orders, or for totals, that a return leaves unreached."""
    for bonus in history.no_longer_reached(posting.account, numbered):
        program = numbered(bonus.program_version)
        rule = next(rule for rule in program.earn if rule.id == bonus.rule_id)
        activation = _activation(bonus.day, program)
        clawback = claw_back(
            posting.account,
            _lots_of_bonus(bonus, rule, activation, posting.account, program),
            activates_on=activation,
            policy=program.points.if_already_spent.value,
        )
        counters = history.freed_by(bonus, program, posting.account)
        counted = {write_day(bonus.day): Qualifying(-bonus.points, 0, 0)}
        movement = replace(clawback.movement, qualifying=counted, counters=counters)
        tier = posting.rules.undone(posting.account.moved(movement), add_days(posting.fresh, counted), posting.today)
        posting = posting.add(
            EntryKind.BONUS_REVERSED,
            keys.bonus_undone(bonus.store_id, bonus.receipt_id, bonus.rule_id),
            replace(movement, tier=tier),
            occurred_at=event.occurred_at,
            store_id=event.store_id,
            label=rule.name,
            details={"tk": bonus.points, **({"wo": clawback.written_off} if clawback.written_off else {})},
        )
    return posting


def _lots_of_bonus(bonus: Undoable, rule: EarnRule, activation: date, account: Account, program: Program) -> Lots:
    """Say which lots a bonus is taken back from: its own, and what a cap had put into the other points of its sale."""
    (own,) = lots_of([Share(rule.expire, bonus.points)], activation, program)
    (others,) = lots_of([Share(None, bonus.points)], activation, program)
    there = account.lots.get(own, 0) + account.pending.get(pending_lot_of(activation, own), 0)
    return add({own: min(there, bonus.points)}, {others: max(0, bonus.points - there)})


def undone_in(posted: Posted) -> list[Key]:
    """Name the entries of a posting that undo bonuses of sales."""
    return [entry.key for entry in posted.posting.entries if entry.kind is EntryKind.BONUS_REVERSED]


def _claw_back(account: Account, receipt: Receipt, deserved: Award, program: Program, due: int) -> Clawback:
    """Take what is due from the lots in which the sale holds more than it deserves."""
    given = granted(receipt)
    activation = _activation(business_date(receipt.sale.occurred_at, program.business_zone), program)
    shares: tuple[Share, ...] = (Share(None, given.earned),)
    if any(rule.expire for rule in program.earn):
        shares = calculate(receipt.sale, given.facts, program).shares
    held = lots_held(receipt, lots_of(shares, activation, program))
    lots = in_excess(held, lots_of(deserved.shares, activation, program), due)
    return claw_back(account, lots, activates_on=activation, policy=program.points.if_already_spent.value)


def exceeds(receipt: Receipt, event: ReturnEvent) -> bool:
    """Tell whether a return asks for more than is left of the sale."""
    try:
        receipt.left(event)
    except RefundExceedsSaleError:
        return True
    return False


def granted(receipt: Receipt) -> Grant:
    if receipt.grant is None:
        raise ValueError("a guest's sale gave nothing")
    return receipt.grant


def return_key(receipt: Receipt) -> Key:
    return keys.sale_return(receipt.sale.store_id, receipt.sale.receipt_id, len(receipt.returns) + 1)


def return_details(event: ReturnEvent) -> Item:
    return {
        "id": event.return_id,
        "g": return_digest(event),
        **(part_details(event.part) if event.part else {}),
        **({"why": event.reason} if event.reason else {}),
    }


def with_return(receipt: Receipt, posted: Posted) -> Receipt:
    """Give the receipt as it is once a return has been added, for the next return of the same posting."""
    undone = tuple(
        entry_item(entry)
        for entry in posted.posting.entries[posted.posting.entries.index(posted.entry) :]
        if entry.kind is EntryKind.BONUS_REVERSED and entry.key.pk == posted.entry.key.pk
    )
    returns = (*receipt.returns, return_of(entry_item(posted.entry)))
    return replace(receipt, returns=returns, undone=(*receipt.undone, *undone))


def _stands(left: Sale, sale: Sale) -> bool:
    return costs_nothing(sale) or not costs_nothing(left)


def _posted(posting: Posting, key: Key, award: Award) -> Posted:
    entry = posting.entry_at(key)
    return Posted(posting=posting, entry=entry, award=award)

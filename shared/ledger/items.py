"""Accounts and entries as items, and back. Attribute names are short: an item is paid for by the kilobyte.

| account | | entry | |
|---|---|---|---|
| id | member | pk, sk | business key |
| v | version | m, t | member; posted instant, `#`, version, `.`, position: the index's key |
| a | as of | k | kind |
| l, n | lots, pending lots | p, pp | points, pending points (differences) |
| h, d | held, debt | b | balance after: available, pending, held, debt |
| q | month → points, minor units, visits | s, o, x | store, occurred at, label |
| c | counters | mv | movement: l n h d c as in the account, t = tier, f = frozen |
| t | tier, since, valid until, tier before | q | day → points, minor units, visits |
| x, y | first day on which a sweep finds lots, the tier due | de | details of its kind |
| e | enrolled on | | |
| f | frozen | tc | tier that it changes to, for the stream's filters |
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.keys import Key
from shared.ledger.account import Account, Balance, Movement, Qualifying, TierState
from shared.ledger.entries import Entry, EntryKind, EntrySummary
from shared.ledger.lots import last_day_of, lot_of, read_day
from shared.names import TIER_CHANGED_ATTRIBUTE
from shared.runtime.attributes import Item


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def write_instant(at: datetime) -> str:
    """Write an instant with milliseconds, in UTC; such texts sort as their instants do."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_kept(at: datetime) -> datetime:
    """Give an instant as it is read again: whoever is answered twice gets the same milliseconds."""
    return instant(write_instant(at))


def account_item(account: Account) -> Item:
    item: Item = {
        "id": account.member_id,
        "v": account.version,
        "a": write_instant(account.as_of),
        "e": lot_of(account.enrolled_on),
        "t": _write_tier(account.tier),
        **_written_amounts(account),
        **_written_qualifying(account.qualifying),
        **_written_due(account),
    }
    if account.frozen:
        item["f"] = True
    return item


def account_of(item: Item) -> Account:
    return Account(
        member_id=item["id"],
        version=item["v"],
        as_of=instant(item["a"]),
        enrolled_on=read_day(item["e"]),
        tier=_tier(item["t"]),
        lots=item.get("l", {}),
        pending=item.get("n", {}),
        held=item.get("h", 0),
        debt=item.get("d", 0),
        qualifying=_qualifying(item),
        counters=item.get("c", {}),
        frozen=item.get("f", False),
    )


def entry_item(entry: Entry) -> Item:
    item: Item = {
        "pk": entry.key.pk,
        "sk": entry.key.sk,
        "m": entry.member_id,
        "t": f"{write_instant(entry.posted_at)}#{entry.account_version:07d}.{entry.position:02d}",
        "k": entry.kind.value,
        "b": list(entry.balance),
        "o": write_instant(entry.occurred_at),
        "mv": _movement_item(entry.movement),
        **_written_qualifying(entry.movement.qualifying),
    }
    if entry.movement.points:
        item["p"] = entry.movement.points
    if entry.movement.points_pending:
        item["pp"] = entry.movement.points_pending
    if entry.store_id:
        item["s"] = entry.store_id
    if entry.label:
        item["x"] = entry.label
    if entry.details:
        item["de"] = dict(entry.details)
    if entry.movement.tier:
        item[TIER_CHANGED_ATTRIBUTE] = entry.movement.tier.tier_id
    return item


def entry_of(item: Item) -> Entry:
    posted_at, account_version, position = _read_posted(item["t"])
    return Entry(
        key=Key(item["pk"], item["sk"]),
        kind=EntryKind(item["k"]),
        member_id=item["m"],
        posted_at=posted_at,
        account_version=account_version,
        position=position,
        occurred_at=instant(item["o"]),
        movement=_movement(item["mv"], _qualifying(item)),
        balance=Balance(*item["b"]),
        store_id=item.get("s"),
        label=item.get("x", ""),
        details=item.get("de", {}),
    )


def entry_summary_of(item: Item) -> EntrySummary:
    """Read what the index `entries_by_member` holds of an entry."""
    posted_at, account_version, position = _read_posted(item["t"])
    return EntrySummary(
        key=Key(item["pk"], item["sk"]),
        kind=EntryKind(item["k"]),
        member_id=item["m"],
        posted_at=posted_at,
        account_version=account_version,
        position=position,
        points=item.get("p", 0),
        points_pending=item.get("pp", 0),
        balance=Balance(*item["b"]),
        store_id=item.get("s"),
        occurred_at=instant(item["o"]),
        label=item.get("x", ""),
    )


def _read_posted(text: str) -> tuple[datetime, int, int]:
    posted, _, place = text.partition("#")
    version, _, position = place.partition(".")
    return instant(posted), int(version), int(position)


def _movement_item(movement: Movement) -> Item:
    item = _written_amounts(movement)
    if movement.tier:
        item["t"] = _write_tier(movement.tier)
    if movement.frozen is not None:
        item["f"] = movement.frozen
    return item


def _movement(item: Item, qualifying: Mapping[str, Qualifying]) -> Movement:
    return Movement(
        lots=item.get("l", {}),
        pending=item.get("n", {}),
        held=item.get("h", 0),
        debt=item.get("d", 0),
        qualifying=qualifying,
        counters=item.get("c", {}),
        tier=_tier(item["t"]) if "t" in item else None,
        frozen=item.get("f"),
    )


def _written_amounts(source: Account | Movement) -> Item:
    amounts: Mapping[str, Any] = {
        "l": dict(source.lots),
        "n": dict(source.pending),
        "h": source.held,
        "d": source.debt,
        "c": dict(source.counters),
    }
    return {name: amount for name, amount in amounts.items() if amount}


def _written_qualifying(qualifying: Mapping[str, Qualifying]) -> Item:
    return {"q": {span: list(counted) for span, counted in qualifying.items()}} if qualifying else {}


def _qualifying(item: Item) -> Mapping[str, Qualifying]:
    return {span: Qualifying(*counted) for span, counted in item.get("q", {}).items()}


def _written_due(account: Account) -> Item:
    """Say from which day on a sweep has something to do, so that a scan can filter by it (`shared.sweeps`)."""
    days = [lot_of(day + timedelta(days=1)) for day in map(last_day_of, account.lots) if day]
    days += [pending_lot.partition(">")[0] for pending_lot in account.pending]
    due: Item = {"x": min(days)} if days else {}
    if account.tier.valid_until:
        due["y"] = lot_of(account.tier.valid_until + timedelta(days=1))
    return due


def _write_tier(tier: TierState) -> list[Any]:
    if tier.since is None or tier.valid_until is None:
        return [tier.tier_id]
    written = [tier.tier_id, lot_of(tier.since), lot_of(tier.valid_until)]
    return [*written, _write_tier(tier.before)] if tier.before else written


def _tier(written: list[Any]) -> TierState:
    tier_id, *rest = written
    if not rest:
        return TierState(tier_id=tier_id)
    since, valid_until, *before = rest
    return TierState(
        tier_id=tier_id,
        since=last_day_of(since),
        valid_until=last_day_of(valid_until),
        before=_tier(before[0]) if before else None,
    )

"""Entries made into what members see. An entry explains itself: what a sale earned is calculated again when asked."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from functions.queries.dependencies import Dependencies
from functions.queries.entry_schemas import EntryDetailView, EntryView, LinksView, LotView, SourceView
from functions.queries.entry_texts import half_value_text, text_of
from shared import keys
from shared.adjustments.adjustment_store import Adjustments
from shared.earning.explain_text import to_json
from shared.earning.explanations import explain_return, explain_sale
from shared.earning.receipts import read_collection
from shared.earning.record_action import explain_action
from shared.errors import EntryNotFoundError
from shared.http.languages import Language, without_region
from shared.http.views import BalanceView
from shared.keys import Key
from shared.ledger.account import Movement
from shared.ledger.entries import Entry, EntryKind, EntrySummary
from shared.ledger.entry_ids import entry_id, key_of_entry
from shared.ledger.items import entry_of
from shared.ledger.lots import last_day_of, read_pending_lot
from shared.ledger.sources import source_of
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.runtime.attributes import Item

LONGEST_ID: Final = 1024
"""Longer than any entry's id, short enough to fit a key of DynamoDB."""


def entry_view(summary: EntrySummary, language: Language) -> EntryView:
    return EntryView(**_line(summary, language))


def entry_detail(identifier: str, member_id: str, built: Dependencies, language: Language) -> EntryDetailView:
    """Read and explain one entry. Raises EntryNotFoundError for a missing and another's one alike."""
    if len(identifier) > LONGEST_ID:
        raise EntryNotFoundError
    key = key_of_entry(identifier)
    items = _read(key, built.ledger)
    item = next((item for item in items if item["sk"] == key.sk), None)
    if item is None or item.get("m") != member_id or "mv" not in item:
        raise EntryNotFoundError
    entry = entry_of(item)
    explained = (
        _adjustment_note(entry, built)
        if entry.kind is EntryKind.ADJUSTED
        else _explanation(entry, items, built.programs, language)
    )
    return EntryDetailView(
        **_line(entry.summary, language), lots=_lots(entry.movement), links=_links(key, items), **explained
    )


def _read(key: Key, ledger: Ledger) -> Sequence[Item]:
    """Read an entry, and for one of a receipt or redemption what else there is of it. One call."""
    if _is_of_sale(key) or _is_of_redemption(key):
        return ledger.collection(key.pk)
    item = ledger.item(key, consistent=False)
    return [item] if item else []


def _line(summary: EntrySummary, language: Language) -> dict[str, Any]:
    return {
        "id": entry_id(summary.key),
        "kind": summary.kind,
        "points": summary.points,
        "points_pending": summary.points_pending,
        "balance_after": BalanceView.of(summary.balance),
        "at": summary.posted_at,
        "occurred_at": summary.occurred_at,
        "store_id": summary.store_id,
        "text": text_of(summary.kind, summary.label, language),
        "source": _source(summary.key),
    }


def _source(key: Key) -> SourceView | None:
    source = source_of(key)
    shown = _is_of_sale(key) or _is_of_redemption(key) or key.sk == keys.DECIDED
    return SourceView(**source._asdict()) if source and shown else None


def _adjustment_note(entry: Entry, built: Dependencies) -> Mapping[str, list[dict[str, Any]]]:
    """Give what staff wrote for the member about an adjustment; it stands with the member and not in the ledger."""
    adjustments = Adjustments(ledger=built.ledger)
    note = adjustments.notes(entry.member_id, entry.key.pk.rpartition("#")[2]).customer
    return {"explain": [{"kind": "note", "text": note}] if note else [], "not_applied": []}


def _is_of_sale(key: Key) -> bool:
    """Say whether a key, of which anybody may have made an id, leads into a receipt's partition."""
    is_one = key.sk == keys.SALE or key.sk.startswith((keys.RETURN_PREFIX, keys.BONUS_PREFIX))
    return is_one and key.pk.startswith(keys.SALE_PREFIX)


def _is_of_redemption(key: Key) -> bool:
    return key.sk in {keys.REDEEMED, keys.OUTCOME} and key.pk.startswith(keys.REDEMPTION_PREFIX)


def _lots(movement: Movement) -> list[LotView]:
    usable = [
        LotView(points=points, valid_through=last_day_of(lot), available_on=None)
        for lot, points in sorted(movement.lots.items())
    ]
    pending = [
        LotView(points=points, valid_through=last_day_of(lot), available_on=day)
        for (day, lot), points in sorted((read_pending_lot(name), points) for name, points in movement.pending.items())
    ]
    return usable + pending


def _links(key: Key, items: Sequence[Item]) -> LinksView:
    ids = {item["sk"]: entry_id(Key(item["pk"], item["sk"])) for item in items if "mv" in item}
    if _is_of_redemption(key):
        return LinksView(
            redemption=key.pk.rpartition("#")[2], redeemed=ids.get(keys.REDEEMED), returned=ids.get(keys.OUTCOME)
        )
    returns = tuple(identifier for sk, identifier in sorted(ids.items()) if sk.startswith(keys.RETURN_PREFIX))
    return LinksView(sale=ids.get(keys.SALE), returns=returns)


def _explanation(
    entry: Entry, items: Sequence[Item], programs: Programs, language: Language
) -> Mapping[str, list[dict[str, Any]]]:
    """Calculate again what a sale earned, or for a return, what was left of it. Raises NoProgramError.

    A redemption explains itself where some of its points paid half.
    """
    if "pr" in entry.details:
        text = half_value_text(entry.details["pr"], -entry.movement.points, language)
        return {"explain": [{"kind": "half-value", "text": text}], "not_applied": []}
    if entry.kind in {EntryKind.ACTED, EntryKind.REFERRED}:
        return to_json(explain_action(entry, programs), (), without_region(language))
    receipt = read_collection(items).receipt if _is_of_sale(entry.key) else None
    if receipt is None or entry.key.sk.startswith(keys.BONUS_PREFIX):
        return to_json((), ())
    if entry.key.sk == keys.SALE:
        award = explain_sale(receipt, programs)
    else:
        one = next(one for one in receipt.returns if keys.RETURN_PREFIX + f"{one.number:04d}" == entry.key.sk)
        award = explain_return(receipt, one, programs)
    return to_json(award.explain, award.not_applied, without_region(language))

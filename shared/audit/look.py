"""Look at one member: account and entries, read and checked by themselves.

A member may move while being looked at, and the index that leads to the entries is a moment behind them. So what
seems wrong is looked at again for as long as that can be the reason, before it is said.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.audit.check import Findings, check_members
from shared.keys import Key
from shared.ledger.batch_reads import read_items
from shared.ledger.items import write_instant
from shared.ledger.store import Ledger
from shared.names import ENTRIES_BY_MEMBER
from shared.program.store import Programs
from shared.runtime.attributes import Item, encode
from shared.runtime.clock import Clock, utc_now
from shared.runtime.patience import Patience

LOOKS: Final = 5
INDEX_LAGS_FOR: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What members are looked at with."""

    ledger: Ledger
    programs: Programs
    clock: Clock = utc_now


def look(member_id: str, looking: Looking, patience: Patience) -> Findings:
    """Check a member by what stands now; what is found does not come of looking. Raises BusyError. AP-72."""
    for failures in range(LOOKS):
        account = looking.ledger.account_item(member_id)
        items = items_of_member(member_id, looking.ledger, patience, consistent=True)
        findings = check_members([account] if account else [], items, looking.programs)
        stands = account == looking.ledger.account_item(member_id) and not _moved_just_now(account, looking.clock)
        if stands or not findings.differences:
            break
        patience.pause(failures)
    return findings


def items_of_member(member_id: str, ledger: Ledger, patience: Patience, *, consistent: bool) -> list[Item]:
    """Read all items of the ledger that concern a member: their keys by the index, then the items. AP-72."""
    pages = ledger.client.get_paginator("query").paginate(
        TableName=ledger.tables.ledger,
        IndexName=ENTRIES_BY_MEMBER,
        KeyConditionExpression="m = :member",
        ExpressionAttributeValues=encode({":member": member_id}),
        ProjectionExpression="pk, sk",
    )
    wanted = [Key(found["pk"]["S"], found["sk"]["S"]) for page in pages for found in page["Items"]]
    return list(read_items(ledger, wanted, patience, consistent=consistent).values())


def _moved_just_now(account: Item | None, clock: Clock) -> bool:
    now = clock()
    as_of = str(account.get("a", "")) if account else ""
    return write_instant(now - INDEX_LAGS_FOR) < as_of < write_instant(now + INDEX_LAGS_FOR)

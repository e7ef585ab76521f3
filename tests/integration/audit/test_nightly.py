"""The audit of a night, as its function does it: who moved is looked at, what differs is told, nothing is written."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from functions.auditor.dependencies import workers_of
from functions.auditor.records import take_batch
from shared.keys import Key
from shared.runtime import telemetry
from shared.runtime.patience import Patience
from shared.sweeps.pace import Pace
from shared.sweeps.store import Accounts
from shared.sweeps.tasks import Kind, Run, plan, written
from shared.sweeps.work import Sweeping
from tests.builders import a_sale
from tests.integration.audit.shop import RECEIPT, Shop
from tests.observed import interrupted, observed

PERSONAL = ("SH001", "R-1")


def audited(
    shop: Shop, capsys: pytest.CaptureFixture[str], *, kind: Kind = Kind.AUDIT, at: datetime | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run an audit of one segment; give the line of its task, and those before it."""
    ledger = shop.till.ledger
    built = Sweeping(
        accounts=Accounts(client=ledger.client, table=ledger.tables.accounts, page_accounts=1_000),
        ledger=ledger,
        workers=workers_of(shop.looking),
        pace=Pace(1_000_000),
        send=lambda tasks: None if tasks == [] else pytest.fail("something is left"),
    )
    (task,) = plan(Run(kind=kind, at=at or shop.till.clock()), 1)
    telemetry.forget()
    capsys.readouterr()
    patience = Patience(remaining_ms=lambda: 60_000, sleep=lambda _: None)
    assert take_batch([{"messageId": "1", "body": written(task)}], built, patience) == {"batchItemFailures": []}
    *before, last = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    return last, before


def test_nothing_is_told_where_all_is_well_and_nothing_is_written(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.till.everything()
    with observed(shop.till.ledger.client) as traffic:
        done, told = audited(shop, capsys)
    assert (done["AccountsAudited"], done["LedgerMismatch"], told) == (1, 0, [])
    assert set(traffic.calls) <= {"Scan", "Query", "GetItem", "BatchGetItem"}
    assert shop.till.everything() == before


def test_l1_l6_each_corruption_of_a_member_is_told_by_id_alone(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    for corrupt in CORRUPTIONS:
        corrupt(shop)
        done, told = audited(shop, capsys)
        assert done["LedgerMismatch"] == len(told) > 0
        assert {(line["member_id"], line["level"]) for line in told} == {(shop.member, "ERROR")}
        assert all(line["code"].startswith("INV-") for line in told)
        assert not any(text in json.dumps(told) for text in PERSONAL)


CORRUPTIONS: list[Callable[[Shop], None]] = [
    lambda shop: shop.change_account("SET l = :l", l={"~": 400}),
    lambda shop: shop.delete(Key(RECEIPT.pk, "RETURN#0001")),
    lambda shop: shop.change_account("REMOVE a SET h = :h", h=0),
]


def test_who_has_not_moved_since_the_last_night_is_looked_at_by_a_full_audit_alone(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.change_account("SET d = :d", d=3)
    shop.till.clock.forward(hours=27)
    looked_at = {kind: audited(shop, capsys, kind=kind)[0] for kind in (Kind.AUDIT, Kind.FULL_AUDIT)}
    assert [line["AccountsAudited"] for line in looked_at.values()] == [0, 1]
    assert looked_at[Kind.FULL_AUDIT]["LedgerMismatch"] > 0


@pytest.mark.parametrize("call", range(2, 8))
def test_who_moves_meanwhile_is_not_called_wrong(shop: Shop, capsys: pytest.CaptureFixture[str], call: int) -> None:
    """Before every call of the first look, and of the second, which the index makes necessary."""
    client, other = shop.till.ledger.client, shop.other_till()
    with (
        lagging_index(client, queries=1),
        interrupted(client, call=call, by=lambda: other.sell(a_sale(receipt_id="R-9"), shop.member)),
    ):
        done, told = audited(shop, capsys)
    assert (done["LedgerMismatch"], told) == (0, [])
    assert "R-9" in str(shop.till.entries(shop.member)[-1].key)


def test_an_index_that_is_a_moment_behind_is_waited_for(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    with lagging_index(shop.till.ledger.client, queries=3):
        done, told = audited(shop, capsys)
    assert (done["LedgerMismatch"], told) == (0, [])


@contextmanager
def lagging_index(client: Any, *, queries: int) -> Iterator[None]:
    """Keep the newest entry out of the answers of some queries."""
    left = iter(range(queries))

    def forget(parsed: dict[str, Any], **_others: Any) -> None:
        if next(left, None) is not None:
            del parsed["Items"][-1]

    event = "after-call.dynamodb.Query"
    client.meta.events.register(event, forget)
    try:
        yield
    finally:
        client.meta.events.unregister(event, forget)


def test_an_audited_member_costs_half_a_unit_an_entry_and_what_the_index_holds(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(25):
        shop.till.sell(a_sale(receipt_id=f"S-{number}"), shop.member)
    with observed(shop.till.ledger.client) as traffic:
        audited(shop, capsys)
    assert traffic.calls == ["Scan", "Query", "BatchGetItem"]
    scan = 0.5
    index_of_thirty_entries = 1.0
    assert traffic.read_units == scan + index_of_thirty_entries + 30 * 0.5

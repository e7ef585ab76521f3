"""What roles may do in the ledger. L5, INV-4, S8.

Exactly this holds of every role of every stage: it may read; it may put items; it may update items only in partitions
that hold no entry; it may delete nothing, write no batches and speak no PartiQL. A policy cannot ask for a condition
expression, so that a put does not replace an entry is the code's to hold: every put of an entry is conditional
(`shared/runtime/transactions.py`), and the tests of the ledger show that a second one is refused.
"""

import itertools
from datetime import date
from typing import Final

from shared import keys, names
from tests.infra.deployed import Deployed, many

READS: Final = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"}
STREAM: Final = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
# One key of every kind of entry, and of what else must stay as it was written.
KEPT: Final = (
    keys.sale("SH001", "R-1"),
    keys.sale_return("SH001", "R-1", 1),
    keys.redemption("rdm_1"),
    keys.outcome("rdm_1"),
    keys.activated("mem_1", "261231", "1"),
    keys.extended("mem_1", "261231", "1"),
    keys.reviewed("mem_1", "261231", "1"),
    keys.expired("mem_1", "261231", "1"),
    keys.frozen("mem_1", 1),
    keys.unfrozen("mem_1", 2),
    keys.tier_setting("tsr_1"),
    keys.adjustment_requested("adj_1"),
    keys.adjustment_decided("adj_1"),
    keys.trail(date(2026, 1, 1), "2026-01-01T00:00:00", "tier.set", "tsr_1"),
    keys.program_version(1),
    keys.TIMELINE,
    keys.CATALOGUE,
)
MAY_CHANGE: Final = (
    keys.stock("mug", 0).pk,
    keys.message("mem_1", due_on=date(2026, 1, 1), kind="expiry", subject="x", offset_days=1, channel="app").pk,
    keys.sms_count("2601").pk,
)


def test_l5_inv_4_a_role_reads_puts_or_updates_in_the_ledger_and_does_nothing_else(every: Deployed) -> None:
    actions = {action for _, one in every.ledger_statements() for action in many(one["Action"])}
    assert actions == {*READS, *STREAM, "dynamodb:PutItem", "dynamodb:UpdateItem"}


def test_l5_inv_4_no_statement_of_dynamodb_reaches_a_table_by_a_wildcard(every: Deployed) -> None:
    for _, statement in every.statements():
        if any(action.startswith("dynamodb:") for action in many(statement["Action"])):
            wide = "*" in many(statement["Resource"])
            assert {action for action in many(statement["Action"]) if wide and action.startswith("dynamodb:")} <= {
                "dynamodb:ListStreams"
            }


def test_l5_inv_4_updates_are_allowed_by_the_partition_and_never_without_one(every: Deployed) -> None:
    updates = [one for _, one in every.ledger_statements() if "dynamodb:UpdateItem" in many(one["Action"])]
    assert updates
    for statement in updates:
        assert many(statement["Action"]) == ["dynamodb:UpdateItem"]
        assert set(statement["Condition"]) == {"ForAllValues:StringLike", "Null"}
        assert statement["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}


def test_l5_inv_4_a_partition_that_may_be_updated_holds_no_entry(every: Deployed) -> None:
    allowed = set(
        itertools.chain.from_iterable(
            one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            for _, one in every.ledger_statements()
            if "dynamodb:UpdateItem" in many(one["Action"])
        )
    )
    assert allowed == {"STOCK#*", "BUDGET#*", "MESSAGES#*", "SMSCOUNT#*"}
    prefixes = tuple(pattern.removesuffix("*") for pattern in allowed)
    assert [key.pk for key in KEPT if key.pk.startswith(prefixes)] == []
    assert [pk for pk in MAY_CHANGE if not pk.startswith(prefixes)] == []


def test_s8_who_only_makes_notices_messages_welcomes_and_the_trail_puts_nothing_else_into_the_ledger(
    every: Deployed,
) -> None:
    puts = {
        name.split("RoleDefaultPolicy")[0]: one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for name, one in every.ledger_statements()
        if "dynamodb:PutItem" in many(one["Action"])
        and name.startswith(("Publisher", "Messenger", "Members", "Queries", "Desk", "Catalog"))
    }
    assert puts == {
        "Publisher": [f"{names.STOCK_LOW_PREFIX}*"],
        "Messenger": [f"{names.MESSAGES_PREFIX}*"],
        "Members": [f"{names.ACTION_PREFIX}*", f"{names.REFERRAL_PREFIX}*", f"{names.MEMBER_PREFIX}*"],
        "Queries": [f"{names.TRAIL_PREFIX}*"],
        "Catalog": [f"{names.CATALOGUE_PARTITION}*", f"{names.TRAIL_PREFIX}*"],
        "Desk": [
            f"{prefix}*"
            for prefix in (
                names.ADJUSTMENT_PREFIX,
                names.TIER_SETTING_PREFIX,
                names.MEMBER_PREFIX,
                names.TRAIL_PREFIX,
            )
        ],
    }


def test_s8_only_these_functions_put_into_the_ledger_at_all(every: Deployed) -> None:
    writers = {
        name.split("RoleDefaultPolicy")[0]
        for name, one in every.ledger_statements()
        if "dynamodb:PutItem" in many(one["Action"])
    }
    assert writers == {
        "Webhooks",
        "Activities",
        "Catalog",
        "Desk",
        "Members",
        "Queries",
        "Redemptions",
        "Publisher",
        "Messenger",
        "SweepWorker",
    }

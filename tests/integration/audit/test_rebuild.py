"""K6, L6: tables of two instants, as a restore leaves them. Everything that differs is named and rebuilt."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from cli.connection import Connection
from cli.ops import app
from cli.rebuild import done, planned_for
from shared.audit.check import is_entry
from shared.audit.rebuild_account import Rebuilding
from shared.keys import Key
from shared.ledger.items import account_of, entry_of
from shared.ledger.rebuild import Beginning, rebuilt
from shared.ledger.rules import Rules
from shared.ledger.store import Ledger
from shared.members.profile import Profile
from shared.members.store import profile_item
from shared.messages.store import Recipients
from shared.program.zones import zone_named
from shared.runtime.attributes import decode, encode
from shared.runtime.ids import MemberId
from shared.runtime.settings import Tables
from tests.builders import ZONE, Till, a_ladder, a_program, a_refund, a_sale, publish, shanghai
from tests.deeds import deeds_on
from tests.engine import create_tables
from tests.integration.audit.shop import RECEIPT, Shop

ENROLLED_AT: Final = shanghai("2026-01-01 12:00")


def ops(till: Till, engine_url: str, *arguments: str) -> Result:
    connection = Connection(
        tables=till.ledger.tables,
        subscriptions_secret="",
        keys_secret="",
        api_url="",
        endpoint_url=engine_url,
        region="us-east-1",
    )
    return CliRunner().invoke(app, list(arguments), obj=connection, env={"COLUMNS": "400"})


def items_of(client: Any, table: str) -> dict[str, Any]:
    items = [decode(item) for item in client.scan(TableName=table, ConsistentRead=True)["Items"]]
    return {str(item.get("id") or (item["pk"], item["sk"])): item for item in items}


def copied(client: Any, source: str, target: str) -> None:
    for item in items_of(client, source).values():
        client.put_item(TableName=target, Item=encode(item))


class Chain:
    """A chain of members at two instants: the tables as they stand, and copies of accounts and ledger from before."""

    def __init__(self, till: Till, engine: Any) -> None:
        self.till, self.engine = till, engine
        self.old = create_tables(engine, f"-old-{till.ledger.tables.ledger}")
        self.crowd = [self.enrolled() for _ in range(4)]
        for member_id in self.crowd:
            till.sell(a_sale(10_000, receipt_id=f"first-{member_id}"), member_id)
        for name in ("accounts", "ledger"):
            copied(engine, getattr(till.ledger.tables, name), getattr(self.old, name))
        self.crowd.append(self.enrolled())
        self.tell(till)

    def enrolled(self) -> str:
        member_id = self.till.a_member()
        profile = Profile(member_id=MemberId(member_id), enrolled_at=ENROLLED_AT)
        self.engine.put_item(TableName=self.till.ledger.tables.members, Item=encode(profile_item(profile)))
        return member_id

    def tell(self, till: Till) -> None:
        """Tell what happened since, as the tills do: to all but the fourth."""
        first, second, third, _, late = self.crowd
        till.sell(a_sale(20_000, receipt_id="later-1"), first)
        till.take_back(a_refund(4_000, receipt_id=f"first-{second}"))
        till.sell(a_sale(30_000, receipt_id="later-3"), third)
        till.take_back(a_refund(30_000, receipt_id="later-3"))
        till.sell(a_sale(40_000, receipt_id="later-5"), late)

    def with_tables(self, **tables: str) -> Till:
        """Give a till over some of the copies in the place of the tables."""
        now = self.till.ledger.tables
        mixed = {"accounts": now.accounts, "ledger": now.ledger, "members": now.members, **tables}
        return Till(ledger=Ledger(client=self.till.ledger.client, tables=Tables(**mixed)), clock=self.till.clock)

    @property
    def moved(self) -> list[str]:
        return [member_id for at, member_id in enumerate(self.crowd) if at != 3]


@pytest.fixture
def chain(bare_till: Till, engine: Any) -> Chain:
    publish(bare_till.ledger, a_program(tiers=a_ladder()))
    return Chain(bare_till, engine)


def named(output: str, crowd: Iterable[str]) -> list[str]:
    return [member_id for member_id in crowd if member_id in output]


def test_k6_accounts_that_miss_the_newest_are_rebuilt_bit_for_bit(chain: Chain, engine_url: str) -> None:
    restored = chain.with_tables(accounts=chain.old.accounts)

    answer = ops(restored, engine_url, "rebuild", "--all", "--yes", "--by", "ops-1")

    assert answer.exit_code == 0, answer.output
    assert named(answer.output, chain.crowd) == chain.moved
    assert "4 rebuilt, 0 still differ" in answer.output
    assert items_of(chain.engine, chain.old.accounts) == items_of(chain.engine, chain.till.ledger.tables.accounts)
    deeds = deeds_on(datetime.now(UTC).date(), restored.ledger)
    assert sorted((deed.what.value, deed.who, deed.about) for deed in deeds) == [
        ("account.rebuilt", "ops-1", member_id) for member_id in sorted(chain.moved)
    ]


def test_k6_a_ledger_that_misses_the_newest_is_followed_and_the_tills_tell_it_again(
    chain: Chain, engine_url: str
) -> None:
    before = items_of(chain.engine, chain.till.ledger.tables.accounts)
    restored = chain.with_tables(ledger=chain.old.ledger)

    answer = ops(restored, engine_url, "rebuild", "--all", "--yes")

    assert answer.exit_code == 0, answer.output
    assert named(answer.output, chain.crowd) == chain.moved
    assert [restored.available(member_id) for member_id in chain.crowd] == [10, 10, 10, 10, 0]
    assert ops(restored, engine_url, "rebuild", "--all").output.endswith("0 rebuilt, 0 still differ\n")
    chain.tell(restored)
    assert items_of(chain.engine, restored.ledger.tables.accounts) == before
    assert restored.audit(*chain.crowd) == []


def test_k6_members_that_miss_the_newest_are_named(chain: Chain, engine_url: str) -> None:
    late = chain.crowd[-1]
    assert ops(chain.till, engine_url, "compare").exit_code == 0
    key = {"pk": f"MEMBER#{late}", "sk": "PROFILE"}
    chain.engine.delete_item(TableName=chain.till.ledger.tables.members, Key=encode(key))
    answer = ops(chain.till, engine_url, "compare")
    assert (answer.exit_code, named(answer.output, chain.crowd)) == (1, [late])


def test_who_has_neither_entries_nor_an_account_gets_the_account_of_enrolment(chain: Chain, engine_url: str) -> None:
    member_id = chain.enrolled()
    key = {"id": member_id}
    chain.engine.delete_item(TableName=chain.till.ledger.tables.accounts, Key=encode(key))
    assert ops(chain.till, engine_url, "rebuild", "--member", member_id, "--yes").exit_code == 0
    account = chain.till.account(member_id)
    assert (account.version, account.as_of, account.enrolled_on, account.lots) == (0, ENROLLED_AT, date(2026, 1, 1), {})


def test_who_moves_between_looking_and_writing_is_looked_at_anew(shop: Shop) -> None:
    shop.change_account("SET q = :q", q={"2612": [999, 999, 9]})
    profiles = Recipients(client=shop.till.ledger.client, table=shop.till.ledger.tables.members)
    rebuilding = Rebuilding(looking=shop.looking, profiles=profiles, rules=shop.till.earning.rules)
    ((plan,), stuck) = planned_for([shop.member], rebuilding)
    shop.till.sell(a_sale(receipt_id="R-9"), shop.member)
    assert done(plan, rebuilding, "ops-1")
    assert stuck == 0
    assert shop.audit().differences == []
    assert shop.till.account(shop.member).version > plan.account.version


def test_entries_that_do_not_add_up_are_not_followed(shop: Shop, engine_url: str) -> None:
    shop.delete(Key(RECEIPT.pk, "RETURN#0001"))
    before = shop.till.ledger.account_item(shop.member)
    answer = ops(shop.till, engine_url, "rebuild", "--member", shop.member, "--yes")
    assert answer.exit_code == 1
    assert "cannot be rebuilt: no entry made version 2" in answer.output
    assert shop.till.ledger.account_item(shop.member) == before


def test_l6_the_ledger_rebuilds_the_account_from_zero(shop: Shop) -> None:
    entries = [
        entry_of(item) for item in shop.till.everything().values() if is_entry(item) and item["m"] == shop.member
    ]
    stands = shop.till.ledger.account_item(shop.member)
    assert stands
    account = account_of(stands)
    beginning = Beginning(at=account.as_of, enrolled_on=account.enrolled_on, tier_id=account.tier.tier_id)
    assert rebuilt(shop.member, None, reversed(entries), beginning, Rules(zone=zone_named(ZONE))) == account

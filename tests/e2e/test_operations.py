"""What operators do with the deployed stage: visit it, have it audited, rebuild an account. S8, L6, K6."""

from datetime import UTC, datetime

from rich.console import Console

from cli.connection import Connection
from cli.rebuild import done, planned_for, rebuilding_of
from cli.smoke import Target, steps_of, taken
from cli.sweeps import AUDITING, Counts, machine_of
from shared.runtime.attributes import encode
from shared.sweeps.tasks import Kind
from tests.e2e.shop import Shop, an_ordinary_day


def audited(connection: Connection) -> Counts:
    machine, started = machine_of(connection, AUDITING), datetime.now(UTC)
    planned = machine.start(Kind.AUDIT, started)
    machine.wait(seconds=120)
    return machine.counts(planned["run"], started, least_tasks=planned["segments"])


def test_a_visit_finds_nothing_wrong(shop: Shop, connection: Connection) -> None:
    console = Console(record=True, quiet=True)
    target = Target(shop.api, "till-sh001", connection.signing_secret("till-sh001"))
    assert [step.name for step in steps_of(target) if not taken(step, console)] == []


def test_the_deployed_audit_finds_a_changed_account_and_it_is_rebuilt(shop: Shop, connection: Connection) -> None:
    wang = shop.enrolled()
    shop.sell(wang, paid=100_000, at=an_ordinary_day())
    right, before = shop.available(wang), audited(connection)
    connection.dynamodb.update_item(
        TableName=connection.tables.accounts,
        Key=encode({"id": wang.member_id}),
        UpdateExpression="SET l = :more",
        ExpressionAttributeValues=encode({":more": {"~": 1_000_000}}),
    )
    assert (before.done, before.left) == (0, 0)
    assert audited(connection).done > 0

    rebuilding = rebuilding_of(connection)
    ((plan,), _) = planned_for([wang.member_id], rebuilding)
    assert done(plan, rebuilding, "ops-1")

    assert shop.available(wang) == right
    assert audited(connection).done == 0

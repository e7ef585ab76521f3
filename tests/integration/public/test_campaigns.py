"""`GET /v1/campaigns`: occurrences of campaigns at a store, over the versions that follow each other."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.public.dependencies import Dependencies
from shared.program.rules import EarnRule, Hours, Multiply, When
from shared.program.store import Draft, publish, read_timeline, write_chain
from shared.program.stores import Chain, Store
from shared.program.timeline import Schedule, Timeline
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables
from tests.builders import a_program, per_yuan
from tests.http_events import answered
from tests.integration.public.test_public import NOW, Get, built, get, put_in_force

__all__ = ["built", "get"]

WEDNESDAY = EarnRule(
    id="wed",
    name="周三双倍",
    give=Multiply(factor=Decimal(2)),
    when=When(days=frozenset({2}), hours=Hours(start=8 * 60, end=22 * 60)),
)
TODAY = (NOW + timedelta(hours=8)).date()
WEDNESDAYS = [day for day in (TODAY + timedelta(days=at) for at in range(1, 29)) if day.weekday() == 2]
SPAN = {"from": (TODAY + timedelta(days=1)).isoformat(), "to": (TODAY + timedelta(days=28)).isoformat()}


@pytest.fixture
def double(engine: Any, tables: Tables) -> None:
    put_in_force(engine, tables, a_program(per_yuan(), WEDNESDAY), datetime(2020, 1, 1, tzinfo=UTC), Timeline())


def asked(get: Get, **query: str) -> list[dict[str, Any]]:
    answer = get("GET /v1/campaigns", query=query)
    assert answer["statusCode"] == 200, answer
    body = answered(answer)
    items: list[dict[str, Any]] = body["items"]
    return items


def at(day: date, hour: int) -> str:
    return f"{datetime(day.year, day.month, day.day, hour, tzinfo=UTC):%Y-%m-%dT%H:%M:%S}Z"


@pytest.mark.usefixtures("double")
def test_every_occurrence_is_told_with_its_rule_in_words(get: Get) -> None:
    items = asked(get, **SPAN)
    assert [(item["begins"], item["ends"]) for item in items] == [(at(day, 0), at(day, 14)) for day in WEDNESDAYS]
    assert items[0]["text"]["zh"] == "周三，08:00-22:00：积分 ×2。"
    assert (items[0]["rule_id"], items[0]["version"]) == ("wed", 1)


@pytest.mark.usefixtures("double")
def test_unless_asked_otherwise_the_next_thirty_days(get: Get) -> None:
    assert 4 <= len(asked(get)) <= 5


@pytest.mark.usefixtures("double")
def test_a_store_has_its_own_clock(get: Get, engine: Any, tables: Tables) -> None:
    write_chain(Chain(stores=(Store(id="NY", name="New York", zone="UTC"),)), client=engine, table=tables.ledger)
    items = asked(get, store_id="NY", **SPAN)
    assert items[0]["begins"] == at(WEDNESDAYS[0], 8)


@pytest.mark.usefixtures("double")
def test_the_version_that_takes_over_takes_the_campaign_with_it(
    get: Get, built: Dependencies, engine: Any, tables: Tables
) -> None:
    pilot, everywhere = (datetime.combine(day, datetime.min.time(), UTC) for day in (WEDNESDAYS[1], WEDNESDAYS[2]))
    third = replace(WEDNESDAY, give=Multiply(factor=Decimal(3)))
    publish(
        Draft(
            program=a_program(per_yuan(), third),
            category_map={},
            schedule=Schedule(effective=pilot, pilot_stores=frozenset({"SH001"}), all_stores_from=everywhere),
        ),
        base=read_timeline(client=engine, table=tables.ledger).timeline,
        client=engine,
        table=tables.ledger,
        patience=patience_of_seconds(5),
    )
    built.programs._timeline = None
    versions = {store: [item["version"] for item in asked(get, store_id=store, **SPAN)] for store in ("SH001", "SH002")}
    assert versions == {"SH001": [1, 2, 2, 2], "SH002": [1, 1, 2, 2]}


@pytest.mark.usefixtures("double")
def test_a_planned_version_that_another_one_has_replaced_cuts_no_campaign_in_two(
    get: Get, built: Dependencies, engine: Any, tables: Tables
) -> None:
    dropped = datetime.fromisoformat(at(WEDNESDAYS[1], 4))
    planned_for_later = a_program(per_yuan(), replace(WEDNESDAY, give=Multiply(factor=Decimal(3))))
    put_in_force(engine, tables, planned_for_later, dropped, read_timeline(client=engine, table=tables.ledger).timeline)
    put_in_force(
        engine,
        tables,
        a_program(per_yuan(), WEDNESDAY),
        dropped - timedelta(days=1),
        read_timeline(client=engine, table=tables.ledger).timeline,
    )
    built.programs._timeline = None
    items = asked(get, **SPAN)
    assert [(item["begins"], item["ends"]) for item in items] == [(at(day, 0), at(day, 14)) for day in WEDNESDAYS]


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize(
    "query", [{"from": "2026-02-02", "to": "2026-02-01"}, {"from": "2026-01-01", "to": "2026-12-31"}]
)
def test_a_span_is_a_quarter_at_most(get: Get, query: dict[str, str]) -> None:
    answer = get("GET /v1/campaigns", query=query)
    body = answered(answer)
    assert (answer["statusCode"], body["code"], body["errors"][0]["pointer"]) == (422, "validation-failed", "query:to")

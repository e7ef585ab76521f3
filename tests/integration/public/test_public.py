"""What everybody may know, on the engine. A7: health, version, unknown paths."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.public.dependencies import Dependencies, Document
from functions.public.routes import routes
from shared.http.api import build_api
from shared.program.limits import Every, Limit
from shared.program.model import Notice, Program
from shared.program.store import Draft, Programs, publish, write_chain
from shared.program.stores import Chain, Store
from shared.program.timeline import Schedule, Timeline
from shared.redemption.catalogue import published
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.rewards import Reward
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables
from shared.runtime.transactions import commit
from tests.builders import a_ladder, per_yuan
from tests.http_events import LambdaContext, answered, http_event

Get = Callable[..., dict[str, Any]]
NOW = datetime.now(UTC)
"""The engine's own clock decides what may be published, so these tests live in the present."""


def put_in_force(engine: Any, tables: Tables, program: Program, effective: datetime, base: Timeline) -> None:
    draft = Draft(program=program, category_map={}, schedule=Schedule(effective=effective))
    publish(draft, base=base, client=engine, table=tables.ledger, patience=patience_of_seconds(5))


def a_program(**fields: Any) -> Program:
    return Program(
        version=0,
        name="门店会员积分",
        zone="Asia/Shanghai",
        currency="CNY",
        earn=(per_yuan(1, 10),),
        tiers=a_ladder(),
        **fields,
    )


@pytest.fixture
def built(engine: Any, tables: Tables) -> Dependencies:
    return Dependencies(
        programs=Programs(client=engine, table=tables.ledger, clock=lambda: NOW),
        catalogues=Catalogues(client=engine, table=tables.ledger, clock=lambda: NOW),
        document=Document(),
        clock=lambda: NOW,
    )


@pytest.fixture
def get(built: Dependencies) -> Get:
    api = build_api([routes], built=built, member_client_id="", elsewhere=built.document.methods_by_path)
    return lambda route, **details: api.resolve(http_event(route, **details), LambdaContext())


@pytest.fixture
def in_force(engine: Any, tables: Tables) -> None:
    put_in_force(engine, tables, a_program(), datetime(2020, 1, 1, tzinfo=UTC), Timeline())


class TestProgram:
    def test_is_unavailable_before_the_first_publication(self, get: Get) -> None:
        answer = get("GET /v1/program")
        assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "1")

    @pytest.mark.usefixtures("in_force")
    def test_says_the_rules_in_force(self, get: Get) -> None:
        answer = get("GET /v1/program")
        program = answered(answer)
        assert answer["headers"]["Cache-Control"] == "public, max-age=60"
        assert (program["version"], program["effective"], program["next"]) == (1, "2020-01-01T00:00:00Z", None)
        assert program["rules"][0]["text"]["en"] == "1 point for every ¥10.00 spent."
        assert [level["multiply"] for level in program["tiers"]["levels"]] == ["1", "1.2", "1.5"]

    @pytest.mark.usefixtures("in_force")
    def test_s2_22_announces_the_next_version(self, built: Dependencies, engine: Any, tables: Tables) -> None:
        effective = (NOW + timedelta(days=8)).replace(microsecond=0)
        notice = Notice(days_before=7, text="12月8日起双倍积分")
        base = built.programs.timeline(NOW)
        put_in_force(engine, tables, a_program(notice=notice), effective, base)
        fresh = replace(built, programs=Programs(client=engine, table=tables.ledger, clock=lambda: NOW))
        api = build_api([routes], built=fresh, member_client_id="")
        answer = api.resolve(http_event("GET /v1/program"), LambdaContext())
        assert answered(answer)["next"] == {
            "version": 2,
            "effective": effective.isoformat().replace("+00:00", "Z"),
            "notice": "12月8日起双倍积分",
        }


class TestRewards:
    def test_there_are_none_before_the_first_publication(self, get: Get) -> None:
        assert answered(get("GET /v1/rewards")) == {"items": [], "next_cursor": None}

    def test_shows_what_is_listed_and_not_hidden(self, get: Get, built: Dependencies, engine: Any) -> None:
        rewards = [
            Reward(id="mug", name="马克杯", points=300, cash_minor=1000, limit=Limit(per_member=1, every=Every.MONTH)),
            Reward(id="secret", name="x", points=1, hidden=True),
            Reward(id="old", name="x", points=1, listed=False),
        ]
        before = built.catalogues.read().catalogue
        after = published(before, rewards, currency="CNY", now=NOW)
        commit(engine, [built.catalogues.replacing(before, after)], patience_of_seconds(5))
        (reward,) = answered(get("GET /v1/rewards"))["items"]
        assert reward == {
            "id": "mug",
            "name": "马克杯",
            "type": "product",
            "category": "",
            "points": 300,
            "cash": {"amount": 1000, "currency": "CNY"},
            "tiers": [],
            "limit": {"per_member": 1, "every": "month"},
            "review": False,
        }


@pytest.mark.usefixtures("in_force")
def test_lists_the_stores(get: Get, engine: Any, tables: Tables) -> None:
    stores = (Store(id="SH002", name="浦东店"), Store(id="SH001", name="徐汇店", zone="Asia/Urumqi", city="上海"))
    write_chain(Chain(stores=stores), client=engine, table=tables.ledger)
    assert answered(get("GET /v1/stores"))["items"] == [
        {"id": "SH001", "name": "徐汇店", "city": "上海", "timezone": "Asia/Urumqi"},
        {"id": "SH002", "name": "浦东店", "city": None, "timezone": "Asia/Shanghai"},
    ]


class TestTheApiItself:
    def test_a7_health_says_the_version(self, get: Get) -> None:
        answer = get("GET /v1/health")
        assert answered(answer) == {"status": "ok", "version": "0.1.0"}
        assert answer["headers"]["Cache-Control"] == "no-store"

    def test_a7_serves_the_document(self, get: Get, built: Dependencies) -> None:
        answer = get("GET /v1/openapi.json")
        assert answer["body"] == built.document.text
        again = get("GET /v1/openapi.json", headers={"if-none-match": answer["headers"]["ETag"]})
        assert again["statusCode"] == 304

    def test_a1_an_unknown_path_is_404_and_a_known_one_405(self, get: Get) -> None:
        assert get("GET /nothing")["statusCode"] == 404
        other = get("DELETE /v1/me")
        assert (other["statusCode"], other["headers"]["Allow"]) == (405, "GET, PATCH, POST")
        assert get("GET /v1/webhooks/x")["headers"]["Allow"] == "POST"

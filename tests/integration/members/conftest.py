"""The members function on the engine, with a program in force and a clock that the test sets."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.members.dependencies import Dependencies
from functions.members.routes import routes
from shared.http.api import Api, build_api
from shared.ledger.store import Ledger
from shared.members.profile import Policy
from shared.members.store import Members
from shared.program.model import Level, Program, Tiers
from shared.program.rules import EarnRule, PerAmount
from shared.program.store import Draft, publish
from shared.program.timeline import Schedule, Timeline
from shared.runtime.ids import new_id
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables
from tests.builders import container
from tests.http_events import MEMBER_CLIENT, LambdaContext, http_event

NOW = datetime(2026, 12, 16, 2, 21, tzinfo=UTC)
PROGRAM = Program(
    version=1,
    name="门店会员积分",
    zone="Asia/Shanghai",
    currency="CNY",
    earn=(EarnRule(id="base", name="每消费10元积1分", give=PerAmount(points=1, per_amount_minor=1000)),),
    tiers=Tiers(
        measure="points_earned",
        period="rolling",
        levels=(
            Level(id="normal", name="普通会员", reach=0),
            Level(id="gold", name="金卡会员", reach=10_000, keep=8_000, multiply=Decimal("1.5")),
        ),
    ),
)

Send = Callable[..., dict[str, Any]]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def members(engine: Any, tables: Tables) -> Members:
    return Members(client=engine, tables=tables, key=b"k" * 32)


@pytest.fixture
def built(engine: Any, tables: Tables, ledger: Ledger, members: Members, clock: Clock) -> Dependencies:
    draft = Draft(program=PROGRAM, category_map={}, schedule=Schedule(effective=datetime(2020, 1, 1, tzinfo=UTC)))
    publish(draft, base=Timeline(), client=engine, table=tables.ledger, patience=patience_of_seconds(5))
    return Dependencies(
        members=members,
        earning=container(ledger, clock),
        required_consents=(Policy(policy="privacy", version="1"),),
        clock=clock,
        new_id=new_id,
    )


@pytest.fixture
def api(built: Dependencies) -> Api:
    return build_api([routes], built=built, member_client_id=MEMBER_CLIENT)


@pytest.fixture
def send(api: Api) -> Send:
    """Send a request: `send("POST /v1/me", claims=…, body=…)` gives the answer of the handler."""

    def sending(route: str, **details: Any) -> dict[str, Any]:
        return api.resolve(http_event(route, **details), LambdaContext())

    return sending


def everything_in(engine: Any, table: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = engine.scan(TableName=table)["Items"]
    return items

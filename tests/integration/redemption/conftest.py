"""The redemptions and queries functions on the engine, with a program in force and enrolled members."""

from collections.abc import Callable
from typing import Any

import pytest

import functions.queries.dependencies as of_queries
import functions.redemptions.dependencies as of_redemptions
from functions.queries import entry_routes, quote_routes, reward_routes, staff_history, staff_routes, tier_routes
from functions.redemptions.benefit_routes import routes as benefit_routes
from functions.redemptions.routes import routes as redemption_routes
from functions.redemptions.staff_routes import routes as decision_routes
from infra.routes import ROUTES
from shared.http.api import build_api
from shared.http.cursors import Cursors
from shared.ledger.store import Ledger
from shared.members.store import Members
from shared.program.store import Programs
from shared.redemption.stock_counts import StockCounts
from shared.tiers.claim_benefit import Claiming
from shared.tiers.time_rules import TimeRules
from tests.builders import a_ladder, a_program, publish
from tests.http_events import MEMBER_CLIENT, LambdaContext, answered, http_event
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World

Invoke = Callable[[dict[str, Any]], dict[str, Any]]
Send = Callable[..., dict[str, Any]]
Get = Callable[..., Any]
QUERIES = (
    entry_routes.routes,
    tier_routes.routes,
    reward_routes.routes,
    quote_routes.routes,
    staff_routes.routes,
    staff_history.routes,
)
FUNCTIONS = {route.key: route.function for route in ROUTES}


@pytest.fixture
def world(ledger: Ledger) -> World:
    return World(ledger)


@pytest.fixture
def people(world: World) -> People:
    members = Members(client=world.ledger.client, tables=world.ledger.tables, key=b"k" * 32)
    return People(world, members)


@pytest.fixture
def queries(world: World, people: People) -> of_queries.Dependencies:
    publish(world.ledger, a_program(tiers=a_ladder()))
    client, table = world.ledger.client, world.ledger.tables.ledger
    return of_queries.Dependencies(
        members=people.members,
        ledger=world.ledger,
        programs=Programs(client=client, table=table, clock=world.clock),
        catalogues=world.redeeming.catalogues,
        counts=StockCounts(stock=world.redeeming.stock),
        cursors=Cursors(key=b"c" * 32, clock=world.clock),
        clock=world.clock,
    )


@pytest.fixture
def invoke(world: World, people: People, queries: of_queries.Dependencies) -> Invoke:
    """Send an event to the function that API Gateway would choose."""

    def sending(event: dict[str, Any]) -> dict[str, Any]:
        if FUNCTIONS[event["routeKey"]] == "redemptions":
            rules = TimeRules(programs=queries.programs, ledger=world.ledger)
            claiming = Claiming(
                ledger=world.ledger, rules=rules, find_birthday=people.members.birthday, clock=world.clock
            )
            built = of_redemptions.Dependencies(
                members=people.members, redeeming=world.redeeming, claiming=claiming, cursors=queries.cursors
            )
            routes = [redemption_routes, benefit_routes, decision_routes]
            api = build_api(routes, built=built, member_client_id=MEMBER_CLIENT)
        else:
            api = build_api(QUERIES, built=queries, member_client_id=MEMBER_CLIENT)
        return api.resolve(event, LambdaContext())

    return sending


@pytest.fixture
def send(invoke: Invoke) -> Send:
    """Send a request: `send("POST /v1/me/redemptions", claims=…, body=…)`."""

    def sending(route: str, **details: Any) -> dict[str, Any]:
        return invoke(http_event(route, **details))

    return sending


@pytest.fixture
def get(send: Send) -> Get:
    """Ask the queries function: `get(ENTRIES, claims)` gives the body, checking that it is 200."""

    def asking(route: str, claims: dict[str, str] | None, *, status: int = 200, id: str = "", **details: Any) -> Any:  # noqa: A002
        path = route.split(" ")[1].replace("{id}", id)
        answer = send(route, path=path, claims=claims, **details)
        assert answer["statusCode"] == status, answer["body"]
        assert answer["headers"]["Cache-Control"] == "no-store"
        return answered(answer)

    return asking

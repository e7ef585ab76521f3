"""The redemptions and queries functions on the engine, with a program in force and enrolled members."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.redemptions.dependencies import Dependencies
from functions.redemptions.routes import routes
from shared.http.api import build_api
from shared.ledger.store import Ledger
from shared.members.store import Members
from tests.http_events import MEMBER_CLIENT, LambdaContext, http_event
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World

Send = Callable[..., dict[str, Any]]


@pytest.fixture
def world(ledger: Ledger) -> World:
    return World(ledger)


@pytest.fixture
def people(world: World) -> People:
    members = Members(client=world.ledger.client, tables=world.ledger.tables, key=b"k" * 32)
    return People(world, members)


@pytest.fixture
def send(world: World, people: People) -> Send:
    """Send a request to the redemptions function: `send("POST /v1/me/redemptions", claims=…, body=…)`."""

    def sending(route: str, **details: Any) -> dict[str, Any]:
        built = Dependencies(members=people.members, redeeming=world.redeeming)
        api = build_api([routes], built=built, member_client_id=MEMBER_CLIENT)
        return api.resolve(http_event(route, **details), LambdaContext())

    return sending

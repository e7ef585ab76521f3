"""The members and public functions on the engine, as one API that takes any event."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import functions.members.dependencies as of_members
import functions.members.routes
import functions.public.dependencies as of_public
import functions.public.routes
from shared.http.api import Api, build_api
from shared.ledger.store import Ledger
from shared.members.profile import Policy
from shared.members.store import Members
from shared.program.model import Program
from shared.program.store import Draft, Programs, publish
from shared.program.timeline import Schedule, Timeline
from shared.redemption.catalogue_store import Catalogues
from shared.runtime.clock import utc_now
from shared.runtime.ids import new_id
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables
from tests.builders import a_ladder, container, per_yuan
from tests.http_events import MEMBER_CLIENT, LambdaContext

Invoke = Callable[[dict[str, Any]], dict[str, Any]]

PROGRAM = Program(
    version=0,
    name="门店会员积分",
    zone="Asia/Shanghai",
    currency="CNY",
    earn=(per_yuan(1, 10),),
    tiers=a_ladder(),
)


@pytest.fixture
def apis(engine: Any, tables: Tables, ledger: Ledger) -> dict[str, Api]:
    """Both functions by name, with a program in force."""
    draft = Draft(program=PROGRAM, category_map={}, schedule=Schedule(effective=datetime(2020, 1, 1, tzinfo=UTC)))
    publish(draft, base=Timeline(), client=engine, table=tables.ledger, patience=patience_of_seconds(5))
    programs = Programs(client=engine, table=tables.ledger, clock=utc_now)
    members = of_members.Dependencies(
        members=Members(client=engine, tables=tables, key=b"k" * 32),
        earning=container(ledger, utc_now),
        required_consents=(Policy(policy="privacy", version="1"),),
        clock=utc_now,
        new_id=new_id,
    )
    public = of_public.Dependencies(
        programs=programs,
        catalogues=Catalogues(client=engine, table=tables.ledger, clock=utc_now),
        document=of_public.Document(),
        clock=utc_now,
    )
    return {
        "members": build_api([functions.members.routes.routes], built=members, member_client_id=MEMBER_CLIENT),
        "public": build_api(
            [functions.public.routes.routes],
            built=public,
            member_client_id="",
            elsewhere=public.document.methods_by_path,
        ),
    }


@pytest.fixture
def invoke(apis: dict[str, Api]) -> Invoke:
    """Send an event to the function that API Gateway would choose."""

    def sending(event: dict[str, Any]) -> dict[str, Any]:
        keys = {route.key for route in apis["members"].routes}
        name = "members" if event["routeKey"] in keys else "public"
        return apis[name].resolve(event, LambdaContext())

    return sending

"""A back office: the desk function on the engine, its people, and a member of whom they do something."""

import itertools
from dataclasses import dataclass
from typing import Any, Final

from functions.desk import adjustment_routes, member_routes, trail_routes
from functions.desk.dependencies import Dependencies
from shared.http.api import build_api
from shared.http.cursors import Cursors
from shared.ledger.entries import Entry
from shared.ledger.store import Ledger
from shared.members.store import Members
from shared.program.store import Programs, write_chain
from shared.program.stores import Chain, Store
from shared.runtime.clock import Clock
from tests.builders import Till
from tests.deeds import deeds_on, told
from tests.http_events import MEMBER_CLIENT, LambdaContext, PerThread, answered, http_event, staff_claims
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World

ROUTES: Final = (adjustment_routes.routes, member_routes.routes, trail_routes.routes)
CLERK, MANAGER = staff_claims("staff:adjust", subject="li"), staff_claims("staff:approve", subject="zhou")
_keys = itertools.count(1)


def desk_api(ledger: Ledger, clock: Clock) -> PerThread:
    """Build the function as its handler does, one for each thread."""
    built = Dependencies(
        members=Members(client=ledger.client, tables=ledger.tables, key=b"k" * 32),
        ledger=ledger,
        programs=Programs(client=ledger.client, table=ledger.tables.ledger, clock=clock),
        cursors=Cursors(key=b"c" * 32, clock=clock),
        clock=clock,
    )
    return PerThread(lambda: build_api(ROUTES, built=built, member_client_id=MEMBER_CLIENT))


def code_of(answer: dict[str, Any]) -> tuple[int, str]:
    return answer["statusCode"], answered(answer)["code"]


def a_key() -> str:
    return f"key-{next(_keys):08d}"


@dataclass
class Office:
    """`member` is a customer; `people` makes further ones, whose tokens may be those of staff."""

    till: Till
    people: People
    api: PerThread
    member: str

    def call(self, route: str, claims: dict[str, str] | None, *, key: str = "", **details: Any) -> dict[str, Any]:
        """Call a route by its whole path, as `POST /v1/admin/members/mem_…/freeze`."""
        headers = {"idempotency-key": key or a_key()}
        return self.api.resolve(http_event(route, claims=claims, headers=headers, **details), LambdaContext())

    def entries(self) -> list[Entry]:
        return self.till.entries(self.member)

    def told(self) -> list[tuple[str, str, str]]:
        """Say what the trail tells of today, oldest first."""
        return told(deeds_on(self.till.clock().date(), self.till.ledger))[::-1]

    def audit(self) -> list[str]:
        return self.till.audit(self.member)

    def asks(self, points: object, claims: dict[str, str] | None = CLERK, **body: Any) -> dict[str, Any]:
        """Ask for an adjustment; `member` and `key` may be others than usual."""
        member, key = body.pop("member", self.member), body.pop("key", "")
        asked: dict[str, Any] = {
            "points": points,
            "reason_code": "goodwill",
            "store_id": "SH001",
            "internal_note": "called twice",
        }
        return self.call(f"POST /v1/admin/members/{member}/adjustments", claims, key=key, body=asked | body)

    def waiting(self, points: int, **body: Any) -> str:
        """Ask for what somebody else has to approve; give its id."""
        answer = self.asks(points, CLERK, **body)
        assert answer["statusCode"] == 202, answer["body"]
        return str(answered(answer)["id"])

    def decides(
        self, verb: str, adjustment: str, claims: dict[str, str] | None = MANAGER, reason: str = "no proof"
    ) -> dict[str, Any]:
        body = {"reason": reason} if verb == "reject" else None
        return self.call(f"POST /v1/admin/adjustments/{adjustment}/{verb}", claims, body=body)

    def waiting_list(self, claims: dict[str, str] = MANAGER) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = answered(self.call("GET /v1/admin/adjustments", claims))["items"]
        return items

    def listed(self, claims: dict[str, str] = MANAGER) -> list[str]:
        return [one["adjustment"]["id"] for one in self.waiting_list(claims)]

    @property
    def points(self) -> int:
        return self.till.available(self.member)


def open_office(till: Till) -> Office:
    """Open an office for a member; the program is published by the test."""
    stores = (Store(id="SH001", name="上海人民广场店"), Store(id="BJ001", name="北京国贸店", adjustment_limit=100))
    write_chain(Chain(stores=stores), client=till.ledger.client, table=till.ledger.tables.ledger)
    members = Members(client=till.ledger.client, tables=till.ledger.tables, key=b"k" * 32)
    people = People(World(till.ledger), members)
    return Office(till, people, desk_api(till.ledger, till.clock), till.a_member())

"""A club of members who invite friends: the members' and the activities' functions on one ledger, and a till."""

from dataclasses import dataclass
from typing import Any

import functions.activities.routes
import functions.members.routes
from functions.members.dependencies import Dependencies as OfMembers
from shared.audit.check import check_members, check_program
from shared.earning.audit import budget_differences, is_budget
from shared.http.api import build_api
from shared.members.profile import Policy
from shared.members.store import Members
from shared.program.actions import ActionRule
from shared.program.model import Program
from shared.program.rules import FixedPoints
from shared.runtime.ids import new_id
from tests.activities import activities_of
from tests.builders import Till, a_ladder, a_program, container, per_yuan, publish
from tests.http_events import MEMBER_CLIENT, LambdaContext, PerThread, answered, http_event, member_claims

AGREED = {"consents": [{"policy": "privacy", "version": "1"}]}
JOIN = ActionRule(id="join", name="注册送50分", on="enroll", give=FixedPoints(points=50))
INVITE = ActionRule(
    id="invite", name="邀请好友注册双方各100分", on="referral_enrolled", give=FixedPoints(points=100), to="both"
)
EXTRA = ActionRule(
    id="extra", name="好友首单后邀请人再得50分", on="referral_first_order", give=FixedPoints(points=50), to="referrer"
)


@dataclass
class Club:
    """The members' and the activities' functions, and a till of the same ledger."""

    till: Till
    members: PerThread
    activities: PerThread

    def tell(
        self, api: PerThread, route: str, name: str, body: Any = None, *, phone: str | None = None
    ) -> dict[str, Any]:
        claims = member_claims(name, phone=phone)
        return api.resolve(http_event(route, claims=claims, body=body), LambdaContext())

    def code(self, name: str) -> str:
        told = answered(self.tell(self.activities, "GET /v1/me/referral", name))
        return str(told["code"])

    def joins(self, name: str, number: int, code: str | None = None) -> str:
        """Enrol with a proven phone; give the member's id."""
        body = AGREED | ({"referral_code": code} if code else {})
        answer = self.tell(self.members, "POST /v1/me", name, body, phone=a_phone(number))
        assert answer["statusCode"] == 201, answer
        return str(answered(answer)["id"])

    def id_of(self, name: str) -> str:
        return str(answered(self.tell(self.members, "GET /v1/me", name))["id"])

    def invited(self) -> tuple[str, str]:
        """Let Lin invite Mei; give both ids."""
        lin = self.joins("lin", 1)
        return lin, self.joins("mei", 2, self.code("lin"))

    def audit(self) -> list[str]:
        """Check every invariant over all that is stored."""
        ledger, programs = self.till.ledger, self.till.earning.programs
        everything = self.till.everything()
        accounts = [item for key, item in everything.items() if key[0] == ledger.tables.accounts]
        items = [item for key, item in everything.items() if key[0] == ledger.tables.ledger]
        findings = check_members(accounts, items, programs)
        spent = budget_differences([item for item in items if is_budget(item)], findings.spent)
        return [*findings.differences, *check_program(findings), *spent]


def a_phone(number: int) -> str:
    return f"+86138{number:08d}"


def open_club(till: Till, *rules: ActionRule, **program: Any) -> Club:
    publish(till.ledger, with_rules(*rules, **program))
    return club_of(till)


def with_rules(*rules: ActionRule, **program: Any) -> Program:
    return a_program(per_yuan(), tiers=a_ladder(), actions=rules, **program)


def club_of(till: Till) -> Club:
    ledger = till.ledger
    members = Members(client=ledger.client, tables=ledger.tables, key=b"k" * 32)
    earning = container(ledger, till.clock)
    of_members = OfMembers(
        members=members,
        earning=earning,
        required_consents=(Policy(policy="privacy", version="1"),),
        clock=till.clock,
        new_id=new_id,
    )
    of_activities = activities_of(members, earning)
    return Club(
        till,
        PerThread(
            lambda: build_api([functions.members.routes.routes], built=of_members, member_client_id=MEMBER_CLIENT)
        ),
        PerThread(
            lambda: build_api([functions.activities.routes.routes], built=of_activities, member_client_id=MEMBER_CLIENT)
        ),
    )

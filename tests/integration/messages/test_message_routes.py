"""Settings and messages over HTTP: who may ask, what is refused, whose is whose. S1, A4, P3."""

from collections.abc import Callable
from typing import Any

import pytest

import functions.members.dependencies as of_members
import functions.queries.dependencies as of_queries
from functions.members import message_routes as settings_routes
from functions.queries import message_routes
from shared import keys
from shared.http.api import build_api
from shared.http.cursors import Cursors
from shared.members.references import Reference, digest_of
from shared.members.store import Members
from shared.messages.message import Kind
from shared.redemption.stock_counts import StockCounts
from shared.runtime.attributes import encode
from shared.runtime.ids import new_id
from tests.builders import a_program, container, publish
from tests.http_events import ISSUER, MEMBER_CLIENT, LambdaContext, answered, http_event, member_claims, staff_claims
from tests.integration.messages.people import EVERY_CHANNEL, PRIVACY, Messenger, Shop, reminding_policy

Ask = Callable[..., Any]
READ, CHANGE, LIST = "GET /v1/me/message-settings", "PUT /v1/me/message-settings", "GET /v1/me/messages"
USUAL = {
    "enabled": True,
    "language": "zh-CN",
    "zone": None,
    "quiet_hours": {"start": "21:00", "end": "09:00"},
    "channels": {"points_expiring": None, "tier_changed": None, "tier_warning": None},
    "in_use": {
        "points_expiring": ["app", "email"],
        "tier_changed": ["app", "email"],
        "tier_warning": ["app", "email"],
    },
}


@pytest.fixture
def ask(shop: Shop) -> Ask:
    """Send a request to the function that API Gateway would choose, and give the body of its answer."""
    publish(shop.ledger, a_program(expire=reminding_policy(*EVERY_CHANNEL)))
    members = Members(client=shop.ledger.client, tables=shop.ledger.tables, key=b"k" * 32)
    built = of_members.Dependencies(
        members=members,
        earning=container(shop.ledger, shop.clock),
        required_consents=(PRIVACY,),
        clock=shop.clock,
        new_id=new_id,
    )
    queries = of_queries.Dependencies(
        members=members,
        ledger=shop.ledger,
        programs=shop.programs,
        catalogues=shop.reminding.catalogues,
        counts=StockCounts(stock=shop.reminding.counts.stock),
        cursors=Cursors(key=b"c" * 32, clock=shop.clock),
        clock=shop.clock,
    )
    settings_api = build_api([settings_routes.routes], built=built, member_client_id=MEMBER_CLIENT)
    messages_api = build_api([message_routes.routes], built=queries, member_client_id=MEMBER_CLIENT)

    def asking(route: str, claims: dict[str, str] | None, *, status: int = 200, **details: Any) -> Any:
        api = messages_api if route == LIST else settings_api
        answer = api.resolve(http_event(route, claims=claims, **details), LambdaContext())
        assert answer["statusCode"] == status, answer["body"]
        assert answer["headers"]["Cache-Control"] == "no-store"
        return answered(answer)

    return asking


@pytest.fixture
def ann(shop: Shop) -> dict[str, str]:
    return enrolled(shop, "ann")


def enrolled(shop: Shop, subject: str, member_id: str = "") -> dict[str, str]:
    """Let a token lead to a member; give its claims."""
    reference = keys.reference(digest_of(Reference("subject", f"{ISSUER}|{subject}"), b"k" * 32))
    item = {**reference._asdict(), "m": member_id or shop.member(), "k": "subject"}
    shop.ledger.client.put_item(TableName=shop.ledger.tables.members, Item=encode(item))
    return member_claims(subject)


class TestWhoMayAsk:
    @pytest.mark.parametrize("route", [READ, CHANGE, LIST])
    @pytest.mark.parametrize(("claims", "status"), [(None, 401), (staff_claims("staff:read"), 403)])
    def test_s1_only_members(self, ask: Ask, route: str, claims: dict[str, str] | None, status: int) -> None:
        ask(route, claims, status=status, body={} if route == CHANGE else None)

    @pytest.mark.parametrize("route", [READ, CHANGE, LIST])
    def test_a_stranger_is_no_member(self, ask: Ask, route: str) -> None:
        problem = ask(route, member_claims("nobody"), status=404, body={} if route == CHANGE else None)
        assert problem["code"] == "member-not-found"


class TestSettings:
    def test_who_has_never_chosen_has_the_usual_ones(self, ask: Ask, ann: dict[str, str]) -> None:
        assert ask(READ, ann) == USUAL

    def test_what_is_chosen_is_what_is_read(self, ask: Ask, ann: dict[str, str]) -> None:
        chosen = {
            "enabled": True,
            "language": "en",
            "zone": "America/New_York",
            "quiet_hours": {"start": "00:30", "end": "07:15"},
            "channels": {"points_expiring": ["sms", "app"], "tier_changed": [], "tier_warning": None},
        }
        in_use = {"points_expiring": ["app", "sms"], "tier_changed": [], "tier_warning": ["app", "email"]}

        assert ask(CHANGE, ann, body=chosen) == chosen | {"in_use": in_use}
        assert ask(READ, ann) == chosen | {"in_use": in_use}

    def test_what_is_not_given_is_as_if_never_chosen(self, ask: Ask, ann: dict[str, str]) -> None:
        ask(CHANGE, ann, body={"language": "en", "quiet_hours": None})

        assert ask(CHANGE, ann, body={}) == USUAL

    def test_p3_one_call_switches_everything_off(self, ask: Ask, ann: dict[str, str]) -> None:
        in_use = ask(CHANGE, ann, body={"enabled": False})["in_use"]

        assert in_use == {"points_expiring": [], "tier_changed": [], "tier_warning": []}

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"zone": "Asia/Atlantis"}, "/zone"),
            ({"zone": "../../etc/passwd"}, "/zone"),
            ({"zone": "/usr/share/zoneinfo/UTC"}, "/zone"),
            ({"language": "fr"}, "/language"),
            ({"quiet_hours": {"start": "09:00", "end": "09:00"}}, "/quiet_hours"),
            ({"quiet_hours": {"start": "24:00", "end": "09:00"}}, "/quiet_hours/start"),
            ({"quiet_hours": {"start": "21:00"}}, "/quiet_hours/end"),
            ({"channels": {"points_expiring": ["pigeon"]}}, "/channels/points_expiring/0"),
            ({"channels": {"birthday": ["app"]}}, "/channels/birthday"),
            ({"enabled": "no"}, "/enabled"),
            ({"phone": "13812345678"}, "/phone"),
        ],
    )
    def test_what_cannot_be_is_refused(self, ask: Ask, ann: dict[str, str], body: Any, pointer: str) -> None:
        problem = ask(CHANGE, ann, body=body, status=422)

        assert [error["pointer"] for error in problem["errors"]] == [pointer]
        assert ask(READ, ann) == USUAL

    def test_settings_count_for_the_next_message(self, ask: Ask, shop: Shop) -> None:
        member = shop.member()
        ask(CHANGE, enrolled(shop, "ann", member), body={"channels": {"points_expiring": ["email"]}})
        shop.buy(member, 300)
        shop.at("2026-12-31 12:00")
        shop.remind(member)

        assert [channel for *_about, channel in shop.summary(member)] == ["email"]


class TestMessages:
    def test_nobody_has_told_a_new_member_anything(self, ask: Ask, ann: dict[str, str]) -> None:
        assert ask(LIST, ann) == {"items": [], "next_cursor": None}

    def test_what_was_told_newest_first(self, ask: Ask, shop: Shop, messenger: Messenger) -> None:
        member = shop.member()
        ann = enrolled(shop, "ann", member)
        shop.buy(member, 300)
        for day in ("2026-12-02", "2026-12-25"):
            shop.at(f"{day} 12:00")
            shop.remind(member)
            messenger.run()
        shop.at("2026-12-31 03:00")
        shop.remind(member)
        messenger.run()

        listed = ask(LIST, ann, headers={"accept-language": "en"})["items"]

        assert [(one["due_on"], one["channel"], one["status"], one["sent_at"]) for one in listed] == [
            ("2026-12-31", "email", "waiting", None),
            ("2026-12-31", "app", "waiting", None),
            ("2026-12-25", "email", "sent", "2026-12-25T04:00:00Z"),
            ("2026-12-25", "app", "sent", "2026-12-25T04:00:00Z"),
            ("2026-12-02", "email", "sent", "2026-12-02T04:00:00Z"),
            ("2026-12-02", "app", "sent", "2026-12-02T04:00:00Z"),
        ]
        assert listed[0]["kind"] == Kind.POINTS_EXPIRING
        assert listed[0]["language"] == "zh-CN"
        assert listed[0]["text"] == "300 of your points can be used through 2027-01-01."
        assert listed[0]["reason"] is None

    def test_a4_pages_hold_everything_once(self, ask: Ask, shop: Shop) -> None:
        member = shop.member()
        ann = enrolled(shop, "ann", member)
        shop.buy(member, 300)
        for day in ("2026-12-02", "2026-12-25", "2026-12-31"):
            shop.at(f"{day} 12:00")
            shop.remind(member)

        seen: list[str] = []
        cursor = None
        while True:
            page = ask(LIST, ann, query={"limit": "4", **({"cursor": cursor} if cursor else {})})
            seen += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break

        assert len(seen) == len(set(seen)) == 6
        assert set(seen) == {message.message_id for message in shop.told(member)}

    def test_anothers_cursor_and_messages_are_not_mine(self, ask: Ask, shop: Shop) -> None:
        member = shop.member()
        ann, bob = enrolled(shop, "ann", member), enrolled(shop, "bob")
        shop.buy(member, 300)
        shop.at("2026-12-31 12:00")
        shop.remind(member)
        cursor = ask(LIST, ann, query={"limit": "1"})["next_cursor"]

        assert ask(LIST, bob)["items"] == []
        assert ask(LIST, bob, query={"cursor": cursor}, status=400)["code"] == "bad-cursor"

"""GET and PATCH /v1/me. P3 and P7: one call and at most one read unit; S1; P3 of privacy: consents."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from functions.members.dependencies import Dependencies
from shared.keys import Key
from shared.ledger.account import Movement, TierState
from shared.ledger.entries import EntryKind
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from shared.members.change_profile import ProfileChange, change_profile
from shared.program.zones import zone_named
from shared.runtime.ids import MemberId
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.members.conftest import NOW, Clock, Send, everything_in

AGREED = {"consents": [{"policy": "privacy", "version": "1"}]}
PHONE, NEW_PHONE = "+8613812345678", "+8613900005678"


@pytest.fixture
def enrolled(send: Send) -> dict[str, Any]:
    body = {"name": "王小明", **AGREED}
    return dict(answered(send("POST /v1/me", claims=member_claims(phone=PHONE), body=body)))


def give(built: Dependencies, member_id: str, movement: Movement, at: datetime = NOW) -> None:
    """Move points by an entry, as a feature would."""
    posting = begin(built.earning.ledger.account(member_id), at, Rules(zone=zone_named("Asia/Shanghai")))
    key = Key(f"TEST#{posting.account.version}", "TEST")
    built.earning.ledger.commit(posting.add(EntryKind.EARNED, key, movement), patience_of_seconds(5), guards={})


class TestReading:
    @pytest.mark.parametrize(("claims", "status"), [(None, 401), (staff_claims("staff:read"), 403)])
    def test_s1_only_a_member_has_a_page(self, send: Send, claims: dict[str, str] | None, status: int) -> None:
        assert send("GET /v1/me", claims=claims)["statusCode"] == status

    @pytest.mark.usefixtures("enrolled")
    def test_s1_who_has_not_enrolled_is_not_found(self, send: Send) -> None:
        answer = send("GET /v1/me", claims=member_claims("somebody-else"))
        assert (answer["statusCode"], answered(answer)["code"]) == (404, "member-not-found")

    def test_shows_tier_balance_and_the_next_three_lots(
        self, send: Send, built: Dependencies, enrolled: dict[str, Any]
    ) -> None:
        lots = {"270131": 10, "261231": 5, "270228": 20, "270331": 40, "~": 100}
        tier = TierState(tier_id="gold", since=date(2026, 12, 16), valid_until=date(2027, 12, 16))
        give(built, enrolled["id"], Movement(lots=lots, pending={"261223>271231": 7}, held=3, tier=tier))
        page = answered(send("GET /v1/me", claims=member_claims()))
        assert page["tier"] == {"id": "gold", "name": "金卡会员", "valid_until": "2027-12-16"}
        assert page["balance"] == {"available": 175, "pending": 7, "held": 3, "debt": 0}
        assert page["expiring"] == [
            {"points": 5, "valid_through": "2026-12-31", "half_value": False},
            {"points": 10, "valid_through": "2027-01-31", "half_value": False},
            {"points": 20, "valid_through": "2027-02-28", "half_value": False},
        ]

    def test_e9_an_expired_point_is_not_shown_though_no_sweep_has_run(
        self, send: Send, built: Dependencies, enrolled: dict[str, Any], clock: Clock
    ) -> None:
        give(built, enrolled["id"], Movement(lots={"261216": 50, "~": 1}))
        clock.now = datetime.fromisoformat("2026-12-16T15:59:59.999Z")
        assert answered(send("GET /v1/me", claims=member_claims()))["balance"]["available"] == 51
        clock.now = datetime.fromisoformat("2026-12-16T16:00:00Z")
        assert answered(send("GET /v1/me", claims=member_claims()))["balance"]["available"] == 1

    def test_points_become_usable_on_their_day(
        self, send: Send, built: Dependencies, enrolled: dict[str, Any], clock: Clock
    ) -> None:
        give(built, enrolled["id"], Movement(pending={"261217>271231": 7}))
        clock.advance(timedelta(hours=14))
        assert answered(send("GET /v1/me", claims=member_claims()))["balance"] == {
            "available": 7,
            "pending": 0,
            "held": 0,
            "debt": 0,
        }

    @pytest.mark.usefixtures("enrolled")
    def test_p3_p7_a_warm_page_is_one_call_of_one_read_unit(self, send: Send, engine: Any) -> None:
        send("GET /v1/me", claims=member_claims())
        calls: list[str] = []
        units: list[float] = []

        def before(model: Any, params: Any, **_: Any) -> None:
            calls.append(model.name)

        def ask(params: dict[str, Any], **_: Any) -> None:
            params["ReturnConsumedCapacity"] = "TOTAL"

        def after(parsed: dict[str, Any], **_: Any) -> None:
            units.extend(table["CapacityUnits"] for table in parsed["ConsumedCapacity"])

        events = engine.meta.events
        events.register("provide-client-params.dynamodb.BatchGetItem", ask, unique_id="ask")
        events.register("before-call.dynamodb", before, unique_id="before")
        events.register("after-call.dynamodb.BatchGetItem", after, unique_id="after")
        try:
            send("GET /v1/me", claims=member_claims())
        finally:
            events.unregister("provide-client-params.dynamodb.BatchGetItem", unique_id="ask")
            events.unregister("before-call.dynamodb", unique_id="before")
            events.unregister("after-call.dynamodb.BatchGetItem", unique_id="after")
        assert calls == ["BatchGetItem"]
        assert sum(units) == 1.0

    @pytest.mark.usefixtures("enrolled")
    def test_what_dynamodb_left_out_is_asked_for_again(self, send: Send, engine: Any) -> None:
        left_out: list[dict[str, Any]] = []

        def leave_out(parsed: dict[str, Any], **_: Any) -> None:
            if not left_out:
                left_out.append(parsed["Responses"])
                table, items = parsed["Responses"].popitem()
                key = {name: items[0][name] for name in ("pk", "sk", "id") if name in items[0]}
                if "pk" in key:
                    key.pop("id", None)
                parsed["UnprocessedKeys"] = {table: {"Keys": [key]}}

        engine.meta.events.register("after-call.dynamodb.BatchGetItem", leave_out, unique_id="leave-out")
        try:
            answer = send("GET /v1/me", claims=member_claims())
        finally:
            engine.meta.events.unregister("after-call.dynamodb.BatchGetItem", unique_id="leave-out")
        assert answer["statusCode"] == 200
        assert len(left_out) == 1


class TestChanging:
    def test_changes_what_is_given_and_nothing_else(self, send: Send, enrolled: dict[str, Any]) -> None:
        answer = send("PATCH /v1/me", claims=member_claims(), body={"name": "王大明"})
        assert answer["statusCode"] == 200
        assert answered(answer) == {**enrolled, "name": "王大明"}
        assert answered(send("GET /v1/me", claims=member_claims())) == {**enrolled, "name": "王大明"}

    def test_a_new_proven_phone_takes_the_place_of_the_old_one(
        self, send: Send, engine: Any, tables: Tables, enrolled: dict[str, Any]
    ) -> None:
        changed = send("PATCH /v1/me", claims=member_claims(phone=NEW_PHONE), body={"phone": "13900005678"})
        assert answered(changed)["phone_masked"] == "139****5678"
        till = staff_claims("pos:write")
        old = send("POST /v1/members/lookup", claims=till, body={"phone": PHONE})
        new = send("POST /v1/members/lookup", claims=till, body={"phone": NEW_PHONE})
        assert (old["statusCode"], answered(new)["member_id"]) == (404, enrolled["id"])
        kinds = [item["k"]["S"] for item in everything_in(engine, tables.members) if item["sk"]["S"] == "REF"]
        assert sorted(kinds) == ["phone", "subject"]

    def test_a_typed_phone_takes_no_place_of_a_proven_one(self, send: Send, enrolled: dict[str, Any]) -> None:
        refused = send("PATCH /v1/me", claims=member_claims(phone=PHONE), body={"phone": "13900005678"})
        (error,) = answered(refused)["errors"]
        assert (refused["statusCode"], error["pointer"], error["code"]) == (422, "/phone", "not_provable")
        found = send("POST /v1/members/lookup", claims=staff_claims("pos:write"), body={"phone": PHONE})
        assert answered(found)["member_id"] == enrolled["id"]

    def test_another_members_phone_is_refused_and_nothing_changes(self, send: Send, enrolled: dict[str, Any]) -> None:
        send("POST /v1/me", claims=member_claims("b", phone=NEW_PHONE), body=AGREED)
        body = {"name": "changed", "phone": NEW_PHONE}
        answer = send("PATCH /v1/me", claims=member_claims(phone=NEW_PHONE), body=body)
        assert (answer["statusCode"], answered(answer)["code"]) == (409, "reference-taken")
        assert answered(send("GET /v1/me", claims=member_claims())) == enrolled

    @pytest.mark.usefixtures("enrolled")
    def test_a_birthday_is_set_once(self, send: Send) -> None:
        days = ["1990-05-17", "1990-05-17", "1990-05-18"]
        answers = [send("PATCH /v1/me", claims=member_claims(), body={"birthday": day}) for day in days]
        assert [answer["statusCode"] for answer in answers] == [200, 200, 422]
        assert answered(answers[2])["errors"][0] == {
            "pointer": "/birthday",
            "code": "set_once",
            "detail": "只能填写一次",
        }

    @pytest.mark.usefixtures("enrolled")
    def test_p3_a_consent_is_withdrawn_in_one_call_and_its_history_kept(
        self, send: Send, engine: Any, tables: Tables, clock: Clock
    ) -> None:
        send("PATCH /v1/me", claims=member_claims(), body={"consents": [{"policy": "news", "version": "3"}]})
        clock.advance(timedelta(days=1))
        send("PATCH /v1/me", claims=member_claims(), body={"consents": [{"policy": "news", "given": False}]})
        (profile,) = [item for item in everything_in(engine, tables.members) if item["sk"]["S"] == "PROFILE"]
        history = [[part for value in event["L"] for part in value.values()] for event in profile["c"]["L"]]
        assert history[1:] == [
            ["news", "3", True, "2026-12-16T02:21:00.000Z"],
            ["news", "3", False, "2026-12-17T02:21:00.000Z"],
        ]

    @pytest.mark.usefixtures("enrolled")
    def test_giving_names_the_version(self, send: Send) -> None:
        answer = send("PATCH /v1/me", claims=member_claims(), body={"consents": [{"policy": "news"}]})
        assert answered(answer)["errors"][0]["pointer"] == "/consents/0"

    def test_a_change_that_came_in_between_is_not_lost(
        self, built: Dependencies, engine: Any, enrolled: dict[str, Any]
    ) -> None:
        """Between this change's read and its write another device changes the name; both changes stand."""
        member_id = MemberId(enrolled["id"])
        came_between: list[bool] = []

        def change(**fields: Any) -> None:
            patience = patience_of_seconds(5)
            given = ProfileChange(**fields)
            change_profile(built.members, built.welcome(patience), member_id, given, at=NOW, patience=patience)

        def interfere(**_: Any) -> None:
            if not came_between:
                came_between.append(True)
                change(name="王大明")

        event = "before-call.dynamodb.TransactWriteItems"
        engine.meta.events.register(event, interfere, unique_id="interfere")
        try:
            change(birthday=date(1990, 5, 17))
        finally:
            engine.meta.events.unregister(event, unique_id="interfere")
        profile, _ = built.members.overview(member_id, patience_of_seconds(5), consistent=True)
        assert (profile.name, profile.birthday, profile.revision) == ("王大明", date(1990, 5, 17), 2)

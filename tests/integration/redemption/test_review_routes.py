"""The staff's routes about redemptions, and the tills' hand-over. S1, S2, A4, F16, E8."""

from typing import Any

import pytest

from functions.queries.dependencies import Dependencies
from shared import keys
from shared.runtime.attributes import encode
from tests.builders import a_program, publish
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.redemption.conftest import Get, Send
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World, a_reward

LIST, MINE = "GET /v1/admin/redemptions", "GET /v1/me/redemptions"
APPROVE, REJECT, CANCEL, FULFIL = (
    f"POST /v1/admin/redemptions/{{id}}/{verb}" for verb in ("approve", "reject", "cancel", "fulfil")
)
AT_THE_TILL = "POST /v1/redemptions/{id}/fulfil"
READER, BOSS = staff_claims("staff:read"), staff_claims("staff:approve", subject="boss")
TILL = staff_claims("pos:redeem", subject="till-1", stores="SH001")
WHY = {"reason": "not-eligible"}
KEY = {"idempotency-key": "k-0000001"}
NOBODY = "rdm_00000000000000000000000000"


def act(send: Send, route: str, redemption: str, claims: Any, status: int = 200, **details: Any) -> Any:
    path = route.split(" ")[1].replace("{id}", redemption)
    answer = send(route, path=path, claims=claims, headers=details.pop("headers", KEY), **details)
    assert answer["statusCode"] == status, answer["body"]
    return answered(answer)


@pytest.fixture
def ann(world: World, people: People, queries: Dependencies) -> dict[str, str]:
    """Give the claims of a member with points; staff may give 30 days of grace."""
    publish(world.ledger, a_program(cancel_grace_days=30))
    world.offer(a_reward("camera", points=100, review=True), a_reward(points=100))
    return people.join("ann", 1000)


def redeemed(
    world: World, people: People, claims: dict[str, str], *stores: str | None, of: str = "camera"
) -> list[str]:
    found = []
    for store in stores:
        world.now = world.now.replace(minute=world.now.minute + 1)
        found.append(world.redeem(people.id_of(claims), of, store_id=store).redemption.id)
    return found


class TestWhoMay:
    @pytest.mark.parametrize("route", [LIST, APPROVE, REJECT, CANCEL, FULFIL, AT_THE_TILL])
    @pytest.mark.parametrize(
        ("claims", "status"),
        [(None, 401), (member_claims(), 403), (staff_claims("pos:write", "staff:adjust", "staff:pii"), 403)],
    )
    def test_s1_each_route_has_its_scope(
        self, send: Send, route: str, claims: dict[str, str] | None, status: int
    ) -> None:
        act(send, route, NOBODY, claims, status, body=WHY)

    @pytest.mark.parametrize("route", [APPROVE, REJECT, CANCEL, FULFIL])
    def test_s1_who_reads_decides_nothing_and_a_till_only_hands_over(self, send: Send, route: str) -> None:
        for claims in (READER, TILL):
            act(send, route, NOBODY, claims, 403, body=WHY)

    def test_s1_nothing_and_another_stores_are_the_same_404(
        self, send: Send, world: World, people: People, ann: dict[str, str]
    ) -> None:
        (redemption,) = redeemed(world, people, ann, "SH001")
        elsewhere = staff_claims("staff:approve", "pos:redeem", stores="SH002")
        for route, body in ((APPROVE, None), (REJECT, WHY), (CANCEL, WHY), (FULFIL, {}), (AT_THE_TILL, {})):
            told = [act(send, route, one, elsewhere, 404, body=body) for one in (redemption, NOBODY, "x" * 3000)]
            assert {(one["code"], one["detail"]) for one in told} == {("not-found", told[0]["detail"])}

    def test_s2_nobody_approves_for_themselves(
        self, send: Send, world: World, people: People, ann: dict[str, str]
    ) -> None:
        (redemption,) = redeemed(world, people, ann, "SH001")
        both = {**ann, "scope": "openid jifen/staff:approve"}
        assert act(send, APPROVE, redemption, both, 403)["code"] == "self-approval"


class TestTheWay:
    def test_f16_requested_approved_handed_over(self, send: Send, get: Get, ann: dict[str, str]) -> None:
        body = {"reward_id": "camera", "store_id": "SH001"}
        asked = send("POST /v1/me/redemptions", claims=ann, headers=KEY, body=body)
        assert (asked["statusCode"], answered(asked)["status"]) == (201, "requested")
        redemption = answered(asked)["id"]
        assert get(LIST, READER)["items"][0]["id"] == redemption

        too_early = {"idempotency-key": "k-0000003"}
        refused = act(send, AT_THE_TILL, redemption, TILL, 409, body={}, headers=too_early)
        assert refused["code"] == "approval-required"
        approved = [act(send, APPROVE, redemption, BOSS) for _ in range(2)]
        handed_over = [act(send, AT_THE_TILL, redemption, TILL, body={"store_id": "SH001"}) for _ in range(2)]

        assert approved[0] == approved[1]
        assert approved[0]["approval"] == {
            "at": "2026-03-15T04:00:00Z",
            "by": "boss",
            "reason": None,
            "store_id": None,
        }
        assert handed_over[0] == handed_over[1]
        assert (handed_over[0]["status"], handed_over[0]["outcome"]["by"], handed_over[0]["outcome"]["store_id"]) == (
            "fulfilled",
            "till-1",
            "SH001",
        )
        other_key = {"idempotency-key": "k-0000002"}
        assert act(send, AT_THE_TILL, redemption, TILL, 409, body={}, headers=other_key)["code"] == "already-used"
        assert get(LIST, READER)["items"] == []
        (mine,) = get(MINE, ann)["items"]
        assert (mine["status"], mine["decided_at"], mine["reason"]) == ("fulfilled", "2026-03-15T04:00:00Z", None)

    def test_f16_rejected_the_member_sees_why_and_has_the_points(
        self, send: Send, get: Get, world: World, people: People, ann: dict[str, str]
    ) -> None:
        (redemption,) = redeemed(world, people, ann, "SH001")
        rejected = [act(send, REJECT, redemption, BOSS, body=WHY) for _ in range(2)]
        assert rejected[0] == rejected[1]
        assert rejected[0]["outcome"]["reason"] == "not-eligible"
        (mine,) = get(MINE, ann)["items"]
        assert (mine["status"], mine["reason"]) == ("rejected", "not-eligible")
        assert world.available(people.id_of(ann)) == 1000
        assert world.audit() == []

    def test_a_till_names_a_store_of_its_own(
        self, send: Send, world: World, people: People, ann: dict[str, str]
    ) -> None:
        (redemption,) = redeemed(world, people, ann, None, of="tableware")
        assert act(send, AT_THE_TILL, redemption, TILL, 403, body={"store_id": "SH002"})["code"] == "store-not-allowed"
        assert act(send, AT_THE_TILL, redemption, TILL, 400, body={}, headers={})["code"] == "idempotency-key-missing"
        act(send, AT_THE_TILL, redemption, TILL, body={"store_id": "SH001"})


class TestGrace:
    @pytest.mark.usefixtures("ann")
    @pytest.mark.parametrize(("asked", "given"), [({}, 30), ({"grace_days": 7}, 7), ({"grace_days": 0}, 0)])
    def test_e8_grace_is_the_programs_or_less(
        self, send: Send, world: World, people: People, asked: dict[str, int], given: int
    ) -> None:
        ben = people.join("ben", {"260320": 100})
        (redemption,) = redeemed(world, people, ben, "SH001", of="tableware")
        world.now = world.now.replace(day=25)

        act(send, CANCEL, redemption, BOSS, body={**WHY, **asked})

        lots = {7: {"260401": 100}, 30: {"260424": 100}, 0: {}}[given]
        assert world.account(people.id_of(ben)).lots == lots
        assert world.audit() == []

    def test_e8_without_a_word_in_the_program_there_is_none(
        self, send: Send, world: World, people: People, queries: Dependencies
    ) -> None:
        world.offer(a_reward(points=100))
        ben = people.join("ben", {"260320": 100})
        (redemption,) = redeemed(world, people, ben, "SH001", of="tableware")
        world.now = world.now.replace(day=25)
        assert queries.moment().program.cancel_grace_days is None
        assert act(send, CANCEL, redemption, BOSS, 422, body={**WHY, "grace_days": 1})["code"] == "validation-failed"
        act(send, CANCEL, redemption, BOSS, body=WHY)
        assert world.available(people.id_of(ben)) == 0

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({**WHY, "grace_days": 31}, "/grace_days"),
            ({**WHY, "grace_days": -1}, "/grace_days"),
            ({"reason": "Frau Wang rief an"}, "/reason"),
            ({}, "/reason"),
            ({**WHY, "points": 5}, "/points"),
        ],
    )
    def test_a5_refuses_what_cannot_be(
        self, send: Send, world: World, people: People, ann: dict[str, str], body: Any, pointer: str
    ) -> None:
        (redemption,) = redeemed(world, people, ann, "SH001")
        told = act(send, CANCEL, redemption, BOSS, 422, body=body)
        assert [one["pointer"] for one in told["errors"]] == [pointer]


class TestList:
    def test_lists_what_waits_newest_first_by_status_and_store(
        self, send: Send, get: Get, world: World, people: People, ann: dict[str, str]
    ) -> None:
        first, second, third = redeemed(world, people, ann, "SH001", "SH002", None)
        redeemed(world, people, ann, "SH001", of="tableware")
        act(send, APPROVE, second, BOSS)

        def listed(claims: dict[str, str] = READER, **query: str) -> list[str]:
            return [one["id"] for one in get(LIST, claims, query=query)["items"]]

        assert listed() == [third, second, first]
        assert listed(status="requested") == [third, first]
        assert listed(status="approved") == [second]
        assert listed(store_id="SH001") == [first]
        assert listed(staff_claims("staff:read", stores="SH001")) == [third, first]
        assert listed(staff_claims("staff:read", stores="SH001"), store_id="SH002") == []
        get(LIST, READER, query={"status": "fulfilled"}, status=422)

    def test_a4_pages_have_no_gap_and_serve_their_own_query(
        self, get: Get, world: World, people: People, ann: dict[str, str]
    ) -> None:
        stores = ("SH001", "SH002") * 3
        wanted = redeemed(world, people, ann, *stores)[::-2][:3]
        seen: list[str] = []
        query = {"store_id": "SH002", "limit": "1"}
        while True:
            page = get(LIST, READER, query=query)
            seen += [one["id"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert seen == wanted
        assert get(LIST, READER, query={**query, "store_id": "SH001"}, status=400)["code"] == "bad-cursor"
        get(LIST, staff_claims("staff:read", subject="other"), query=query, status=400)

    def test_what_was_decided_a_moment_ago_may_be_missing_and_harms_nothing(
        self, get: Get, world: World, people: People, ann: dict[str, str]
    ) -> None:
        """The list is a hint; a redemption that is gone from the ledger's point of view is not shown."""
        (redemption,) = redeemed(world, people, ann, "SH001")
        stray = {**keys.request("2026-03-15T04:09:00.000Z", NOBODY)._asdict(), "st": "requested", "m": "mem_1"}
        world.ledger.client.put_item(TableName=world.ledger.tables.members, Item=encode(stray))
        assert [one["id"] for one in get(LIST, READER)["items"]] == [redemption]

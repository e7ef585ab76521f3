"""POST /v1/benefits/claims and what is left of them: S0-10, S0-12, C7."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.errors import LimitReachedError
from shared.ledger.store import Ledger
from shared.members.profile import Profile
from shared.members.store import profile_item
from shared.program.model import Benefit, Tiers
from shared.runtime.attributes import encode
from shared.runtime.ids import MemberId
from shared.tiers.claim_benefit import Claim, Claiming, claim_benefit
from shared.tiers.time_rules import TimeRules
from tests.builders import Till, a_ladder, a_program, patience, publish, shanghai
from tests.engine import dynamodb_client
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.redemption.conftest import Send
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World

CLAIMS = "POST /v1/benefits/claims"
PARKING = Benefit(name="免费停车", id="parking", times=1, every="month")
TRAVEL = Benefit(name="旅游套餐", id="travel", times=1, every="year")
CAKE = Benefit(name="生日蛋糕", id="cake", times=1, every="year", birthday="day")
GIFT = Benefit(name="生日月礼", id="gift", times=1, every="year", birthday="month")
LANE = Benefit(name="专属通道")


def ladder() -> Tiers:
    """Give a ladder on which silver parks once a month, and gold travels once a year."""
    normal, silver, gold = a_ladder().levels
    levels = (normal, replace(silver, benefits=(PARKING,)), replace(gold, benefits=(LANE, TRAVEL)))
    return replace(a_ladder(), levels=levels)


@pytest.fixture
def send(send: Send, world: World) -> Send:
    publish(world.ledger, a_program(tiers=ladder()))
    return send


def claim(send: Send, member_id: str, benefit: str, key: str, store: str = "SH001") -> dict[str, Any]:
    body = {"member_id": member_id, "benefit_id": benefit, "store_id": store}
    claims = staff_claims("pos:redeem", stores="SH001")
    return send(CLAIMS, claims=claims, body=body, headers={"idempotency-key": f"key-{key:0>8}"})


@pytest.mark.parametrize(
    ("tier", "benefit", "last", "first"),
    [
        ("silver", "parking", "2026-03-31 23:59", "2026-04-01 00:00"),
        ("gold", "travel", "2026-12-31 23:59", "2027-01-01 00:00"),
    ],
)
def test_s0_10_s0_12_once_in_a_period_and_again_when_the_next_begins(
    send: Send, people: People, world: World, tier: str, benefit: str, last: str, first: str
) -> None:
    """S0-10, S0-12: parking once a month, travel once a year; again on the first, at midnight of the program's zone."""
    member = people.id_of(people.join("ann", tier=tier))
    assert claim(send, member, benefit, "1")["statusCode"] == 201

    world.now = shanghai(last)
    refused = claim(send, member, benefit, "2")
    world.now = shanghai(first)
    again = claim(send, member, benefit, "3")

    assert (refused["statusCode"], answered(refused)["code"], answered(refused)["available"]) == (
        409,
        "limit-reached",
        0,
    )
    assert again["statusCode"] == 201
    assert world.audit() == []


def test_i6_the_same_key_answers_the_same_and_counts_once(send: Send, people: People) -> None:
    member = people.id_of(people.join("ann", tier="silver"))
    first, second = (claim(send, member, "parking", "1") for _ in range(2))
    assert (first["statusCode"], second["statusCode"]) == (201, 201)
    assert first["body"] == second["body"]
    assert second["headers"]["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("tier", "benefit", "status", "code"),
    [
        ("normal", "parking", 409, "tier-required"),
        ("gold", "parking", 409, "tier-required"),
        ("silver", "yacht", 404, "not-found"),
    ],
)
def test_only_the_benefits_of_the_tier(
    send: Send, people: People, tier: str, benefit: str, status: int, code: str
) -> None:
    answer = claim(send, people.id_of(people.join("ann", tier=tier)), benefit, "1")
    assert (answer["statusCode"], answered(answer)["code"]) == (status, code)


def test_a_till_claims_for_its_own_stores_only(send: Send, people: People) -> None:
    member = people.id_of(people.join("ann", tier="silver"))
    answer = claim(send, member, "parking", "1", store="SH002")
    assert (answer["statusCode"], answered(answer)["code"]) == (403, "store-not-allowed")


@pytest.mark.parametrize(("claims", "status"), [(None, 401), (member_claims(), 403), (staff_claims("pos:write"), 403)])
def test_s1_only_tills_claim(send: Send, claims: dict[str, str] | None, status: int) -> None:
    body = {"member_id": "mem_01JF0000000000000000000000", "benefit_id": "parking", "store_id": "SH001"}
    answer = send(CLAIMS, claims=claims, body=body, headers={"idempotency-key": "key-00000001"})
    assert answer["statusCode"] == status


def test_the_member_sees_what_is_left(send: Send, people: People) -> None:
    ann = people.join("ann", tier="silver")
    before = answered(send("GET /v1/me/tier", claims=ann))["benefits"]
    claim(send, people.id_of(ann), "parking", "1")
    after = answered(send("GET /v1/me/tier", claims=ann))["benefits"]
    quota = {"times": 1, "every": "month", "left": 1}
    assert before == [{"id": "parking", "name": "免费停车", **quota, "birthday": None, "is_open": True}]
    assert [one["left"] for one in after] == [0]


def test_c7_fifty_claims_at_once_are_one(till: Till, world: World, engine_url: str) -> None:
    publish(till.ledger, a_program(tiers=ladder()))
    member = world.member(tier="silver")

    def once(number: int) -> bool:
        ledger = Ledger(client=dynamodb_client(engine_url), tables=till.ledger.tables)
        rules = TimeRules(programs=till.earning.programs, ledger=ledger)
        wanted = Claim(
            claim_id=f"clm_{number:026d}", digest="d", member_id=member, benefit_id="parking", store_id="SH001"
        )
        try:
            claim_benefit(
                wanted,
                Claiming(ledger=ledger, rules=rules, find_birthday=lambda _: None, clock=world.clock),
                patience(),
            )
        except LimitReachedError:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(once, range(50))) == 1
    assert world.audit() == []


class TestBirthday:
    @pytest.fixture
    def send(self, send: Send, world: World) -> Send:
        normal, *higher = ladder().levels
        levels = (normal, *(replace(level, benefits=(CAKE, GIFT)) for level in higher))
        publish(world.ledger, a_program(tiers=replace(a_ladder(), levels=levels)))
        return send

    def born(self, people: People, birthday: date | None, *, tier: str = "silver") -> str:
        member_id = people.id_of(people.join("ann", tier=tier))
        profile = Profile(member_id=MemberId(member_id), enrolled_at=people.world.now, revision=1, birthday=birthday)
        item = encode(profile_item(profile))
        people.world.ledger.client.put_item(TableName=people.members.tables.members, Item=item)
        return member_id

    @pytest.mark.parametrize(
        ("at", "benefit", "status"),
        [
            ("2026-05-19 23:59", "cake", 409),
            ("2026-05-20 00:00", "cake", 201),
            ("2026-05-20 23:59", "cake", 201),
            ("2026-05-21 00:00", "cake", 409),
            ("2026-04-30 23:59", "gift", 409),
            ("2026-05-01 00:00", "gift", 201),
            ("2026-05-31 23:59", "gift", 201),
            ("2026-06-01 00:00", "gift", 409),
        ],
    )
    def test_it_is_open_on_the_day_or_in_the_month_of_the_program_s_zone(
        self, send: Send, people: People, world: World, at: str, benefit: str, status: int
    ) -> None:
        member = self.born(people, date(1990, 5, 20))
        world.now = shanghai(at)
        answer = claim(send, member, benefit, "1")
        assert answer["statusCode"] == status
        if status == 409:
            assert answered(answer)["code"] == "birthday-only"

    @pytest.mark.parametrize(
        ("at", "status"), [("2026-05-19 23:59:59", 409), ("2026-05-20 00:00:00", 201), ("2026-05-21 00:00:00", 409)]
    )
    def test_s0_09_ten_percent_off_for_a_normal_member_on_the_birthday_alone(
        self, send: Send, people: People, world: World, at: str, status: int
    ) -> None:
        """The till claims it, and takes 10.00 off 100.00 where that is granted."""
        off = Benefit(name="生日9折", id="birthday-90", times=1, every="day", birthday="day")
        levels = tuple(replace(level, benefits=(off,)) for level in a_ladder().levels)
        publish(world.ledger, a_program(tiers=replace(a_ladder(), levels=levels)))
        member = self.born(people, date(1990, 5, 20), tier="normal")
        world.now = shanghai(at)
        assert claim(send, member, "birthday-90", "1")["statusCode"] == status

    def test_once_a_year(self, send: Send, people: People, world: World) -> None:
        member = self.born(people, date(1992, 2, 29))
        for number, (at, status) in enumerate(
            [("2027-02-28 10:00", 201), ("2027-02-28 11:00", 409), ("2028-02-28 10:00", 409), ("2028-02-29 10:00", 201)]
        ):
            world.now = shanghai(at)
            assert claim(send, member, "cake", str(number))["statusCode"] == status, at

    def test_who_has_told_no_birthday_has_none(self, send: Send, people: People) -> None:
        answer = claim(send, self.born(people, None), "cake", "1")
        assert answered(answer)["code"] == "birthday-only"

    def test_the_member_sees_whether_it_is_open(self, send: Send, people: People, world: World) -> None:
        self.born(people, date(1990, 3, 20))
        world.now = shanghai("2026-03-15 12:00")
        benefits = answered(send("GET /v1/me/tier", path="/v1/me/tier", claims=member_claims("ann")))["benefits"]
        assert [(one["id"], one["birthday"], one["is_open"], one["left"]) for one in benefits] == [
            ("cake", "day", False, 1),
            ("gift", "month", True, 1),
        ]

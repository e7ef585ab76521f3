"""`POST /v1/me/check-ins` and `GET /v1/me/tasks` as the app calls them; P4: what a check-in costs."""

from collections.abc import Callable
from typing import Any

import pytest

from cli import figures
from functions.activities.routes import routes
from shared.http.api import build_api
from shared.ledger.store import Ledger
from shared.members.store import Members
from shared.program.actions import ActionRule, Streak
from shared.program.rules import FixedPoints, RuleLimit
from tests.activities import activities_of
from tests.builders import HandClock, a_ladder, a_program, container, per_yuan, publish
from tests.http_events import MEMBER_CLIENT, LambdaContext, answered, http_event, member_claims
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World
from tests.observed import observed

CHECK_IN, TASKS = "POST /v1/me/check-ins", "GET /v1/me/tasks"
Call = Callable[..., dict[str, Any]]
RULES = (
    ActionRule(id="check-in", name="签到", on="check_in", give=Streak(points=(5, 8, 10))),
    ActionRule(
        id="share", name="分享", on="share", give=FixedPoints(points=50), limit=RuleLimit(per_member=1, every="week")
    ),
)


@pytest.fixture
def people(ledger: Ledger) -> People:
    publish(ledger, a_program(per_yuan(), tiers=a_ladder(), actions=RULES))
    return People(World(ledger), Members(client=ledger.client, tables=ledger.tables, key=b"k" * 32))


@pytest.fixture
def clock(people: People) -> HandClock:
    return HandClock(now=people.world.clock())


@pytest.fixture
def call(people: People, clock: HandClock) -> Call:
    members = people.members
    built = activities_of(members, container(people.world.ledger, clock))
    api = build_api([routes], built=built, member_client_id=MEMBER_CLIENT)
    return lambda route, **details: api.resolve(http_event(route, **details), LambdaContext())


def test_the_second_check_in_of_a_day_is_answered_as_the_first(call: Call, people: People) -> None:
    claims = people.join("lin")
    first, second = call(CHECK_IN, claims=claims), call(CHECK_IN, claims=claims)
    assert (first["statusCode"], second["statusCode"]) == (201, 200)
    assert answered(first) == answered(second)
    told = answered(first)
    assert (told["streak_day"], told["points"], told["next_day_points"]) == (1, 5, 8)


def test_tasks_say_what_can_be_earned_and_how_often(call: Call, people: People) -> None:
    claims = people.join("lin")
    call(CHECK_IN, claims=claims)
    items = answered(call(TASKS, claims=claims))["items"]
    assert [(one["id"], one["points"], one["left"], one["every"], one["done_today"]) for one in items] == [
        ("check-in", 8, None, None, True),
        ("share", 50, 1, "week", False),
    ]
    assert items[1]["text"] == "分享：得 50 分，每人每周最多 1 次。"
    english = answered(call(TASKS, claims=claims, headers={"accept-language": "en"}))["items"]
    assert english[1]["text"] == "50 points (once a week) for sharing."


def test_tasks_of_the_next_day_are_open_again(call: Call, people: People, clock: HandClock) -> None:
    claims = people.join("lin")
    call(CHECK_IN, claims=claims)
    clock.forward(days=1)
    (check_in, _) = answered(call(TASKS, claims=claims))["items"]
    assert (check_in["points"], check_in["done_today"]) == (8, False)


def test_without_a_rule_on_check_ins_there_is_nothing_to_do(call: Call, people: People) -> None:
    claims = people.join("lin")
    publish(people.world.ledger, a_program(per_yuan(), tiers=a_ladder()))
    answer = call(CHECK_IN, claims=claims)
    assert (answer["statusCode"], answered(answer)["code"]) == (404, "not-found")
    assert answered(call(TASKS, claims=claims))["items"] == []


def test_s1_nobody_else_checks_in(call: Call) -> None:
    for route in (CHECK_IN, TASKS):
        assert call(route)["statusCode"] == 401
        assert call(route, claims=member_claims("stranger"))["statusCode"] == 404


def test_p4_a_check_in_costs_at_most_five_write_units(people: People, call: Call, clock: HandClock) -> None:
    claims = people.join("lin")
    call(CHECK_IN, claims=claims)
    clock.forward(days=1)
    with observed(people.world.ledger.client) as traffic:
        call(CHECK_IN, claims=claims)
    assert traffic.write_units <= figures.CHECK_IN.write_units
    with observed(people.world.ledger.client) as traffic:
        call(CHECK_IN, claims=claims)
    assert traffic.write_units == 0, "a second tap writes nothing"

"""Points for what members do besides buying: once-only keys, evidence, limits, streaks, budgets."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.earning.acting import Action
from shared.earning.audit import budget_differences, is_budget, spent_of_budgets
from shared.earning.outcomes import Outcome
from shared.earning.record_action import NoCheckInError, check_in, record_action
from shared.errors import RewardNotAvailableError
from shared.ledger.account import new_account
from shared.program.actions import ActionRule, Choice, Evidence, FirstMatch, GiftReward, Streak
from shared.program.model import Program, Safety
from shared.program.rules import Budget, FixedPoints, RuleLimit
from shared.redemption.catalogue import Catalogue, Content
from shared.redemption.catalogue_items import catalogue_item
from shared.redemption.rewards import Reward, obstacles
from shared.runtime.attributes import encode
from tests.builders import LONG_AGO, NOW, Till, a_ladder, a_program, per_yuan, publish, shanghai

LADDER = (5, 8, 10, 12, 15, 18, 20)


def a_rule(on: str, points: int = 10, **fields: Any) -> ActionRule:
    return ActionRule(
        **{"id": on.replace(":", "-"), "name": on, "on": on, "give": FixedPoints(points=points), **fields}
    )


def with_actions(*rules: ActionRule, **fields: Any) -> Program:
    return a_program(per_yuan(), tiers=a_ladder(), actions=rules, **fields)


CHECK_IN = ActionRule(id="check-in", name="签到", on="check_in", give=Streak(points=LADDER))


def did(till: Till, member: str, action: str, event: str = "e-1", *, subject: str = "", **facts: Any) -> Outcome:
    known: Mapping[str, Any] = facts
    done = Action(
        member_id=member, action=action, event_id=event, occurred_at=till.clock(), subject=subject, facts=known
    )
    return record_action(done, till.earning, till.patience())


def checked_in(till: Till, member: str) -> tuple[int, int, int]:
    """Check in; give the day of the streak, its points and tomorrow's."""
    done = check_in(member, till.earning, till.patience())
    return done.entry.details["st"], done.entry.movement.points, done.next_day_points


def test_s0_03_following_earns_ten_once(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(a_rule("follow", limit=RuleLimit(per_member=1))))
    member = bare_till.a_member()
    assert did(bare_till, member, "follow").points == 10
    assert did(bare_till, member, "follow").result == "duplicate"
    assert did(bare_till, member, "follow", "e-2").result == "ignored"
    assert bare_till.available(member) == 10
    assert bare_till.audit(member) == []


def test_s0_04_s1_12_twenty_likes_earn_fifty_and_nothing_more(bare_till: Till) -> None:
    share = a_rule("share", 50, evidence=Evidence(min_likes=20), limit=RuleLimit(per_member=1, every="week"))
    publish(bare_till.ledger, with_actions(share))
    member = bare_till.a_member()
    told = [did(bare_till, member, "share", f"e-{likes}", likes=likes) for likes in (19, 20, 21)]
    assert [(one.result, one.points) for one in told] == [("ignored", 0), ("applied", 50), ("ignored", 0)]
    bare_till.clock.forward(days=7)
    assert did(bare_till, member, "share", "e-99", likes=25).points == 50


def test_s2_08_a_review_with_a_photo_earns_once_per_order(bare_till: Till) -> None:
    review = a_rule("review", 50, evidence=Evidence(has_photo=True), once_per_subject=True)
    publish(bare_till.ledger, with_actions(review))
    member = bare_till.a_member()
    assert did(bare_till, member, "review", "e-1", subject="order-1", photo=False).result == "ignored"
    assert did(bare_till, member, "review", "e-2", subject="order-1", photo=True).points == 50
    assert did(bare_till, member, "review", "e-3", subject="order-1", photo=True).result == "duplicate"
    assert did(bare_till, member, "review", "e-4", subject="order-2", photo=True).points == 50
    assert bare_till.available(member) == 100


def test_the_first_choice_that_fits_counts(bare_till: Till) -> None:
    choices = (Choice(points=100, when=Evidence(min_chars=50, has_photo=True)), Choice(points=50))
    publish(bare_till.ledger, with_actions(a_rule("review", give=FirstMatch(choices=choices))))
    member = bare_till.a_member()
    assert did(bare_till, member, "review", "e-1", chars=50, photo=True).points == 100
    assert did(bare_till, member, "review", "e-2", chars=49, photo=True).points == 50


@pytest.mark.parametrize(("told", "points"), [(True, 30), (False, 0), ("true", 0), (1, 0), (None, 0)])
def test_events_of_the_chain_have_conditions_of_their_own(told: Any, points: int, bare_till: Till) -> None:
    riddle = a_rule("custom:riddle", 30, evidence=Evidence(equals={"correct": True}))
    publish(bare_till.ledger, with_actions(riddle))
    assert did(bare_till, bare_till.a_member(), "custom:riddle", correct=told).points == points


def test_s2_06_a_night_shop_counts_a_check_in_before_its_hour_for_the_day_before(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(CHECK_IN, day_starts_at="04:00"))
    member = bare_till.a_member()
    bare_till.clock.now = shanghai("2026-12-20 23:00:00")
    assert checked_in(bare_till, member) == (1, 5, 8)
    bare_till.clock.now = shanghai("2026-12-21 03:59:59")
    assert checked_in(bare_till, member) == (1, 5, 8)
    bare_till.clock.now = shanghai("2026-12-21 04:00:00")
    assert checked_in(bare_till, member) == (2, 8, 10)
    assert bare_till.available(member) == 13
    assert bare_till.audit(member) == []


def test_an_action_without_a_rule_is_ignored(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions())
    outcome = did(bare_till, bare_till.a_member(), "survey")
    assert (outcome.result, outcome.reason) == ("ignored", "no-rule")


def test_s2_03_seven_days_come_to_88_and_the_eighth_begins_anew(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(CHECK_IN))
    member = bare_till.a_member()
    points = []
    for day in range(1, 9):
        streak, got, _ = checked_in(bare_till, member)
        assert streak == day
        points.append(got)
        bare_till.clock.forward(days=1)
    assert (points[:7], sum(points[:7]), points[7]) == (list(LADDER), 88, 5)
    assert bare_till.audit(member) == []


def test_s2_03_a_missed_day_begins_anew(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(CHECK_IN))
    member = bare_till.a_member()
    for _ in range(3):
        checked_in(bare_till, member)
        bare_till.clock.forward(days=1)
    bare_till.clock.forward(days=1)
    assert checked_in(bare_till, member) == (1, 5, 8)


def test_after_the_last_day_a_ladder_may_stay(bare_till: Till) -> None:
    stay = a_rule("check_in", give=Streak(points=(1, 2), after_last="stay"))
    publish(bare_till.ledger, with_actions(stay))
    member = bare_till.a_member()
    got = []
    for _ in range(4):
        got.append(checked_in(bare_till, member)[1])
        bare_till.clock.forward(days=1)
    assert got == [1, 2, 2, 2]


PACK = Reward(id="gift-pack-month", name="月度签到礼包", points=0, hidden=True)


def test_s2_05_the_thirtieth_day_gives_a_gift_pack_once(bare_till: Till) -> None:
    gift = ActionRule(
        id="gift",
        name="连续签到30天礼包",
        on="check_in",
        give=GiftReward(reward_id=PACK.id, name=PACK.name),
        evidence=Evidence(streak_days=30),
    )
    publish(bare_till.ledger, with_actions(a_rule("check_in", 1), gift))
    offer(bare_till, PACK)
    member = bare_till.a_member()
    for _ in range(32):
        assert [checked_in(bare_till, member)[1] for _ in range(2)] == [1, 1]
        bare_till.clock.forward(days=1)
    got = [entry for entry in bare_till.entries(member) if entry.kind == "redeemed"]
    assert [(entry.label, entry.movement.points, entry.details["r"]) for entry in got] == [("月度签到礼包", 0, PACK.id)]
    assert bare_till.available(member) == 32
    assert bare_till.audit(member) == []


def test_a_gift_that_is_not_published_keeps_nobody_from_checking_in(bare_till: Till) -> None:
    gift = ActionRule(id="gift", name="礼包", on="check_in", give=GiftReward(reward_id=PACK.id, name=PACK.name))
    publish(bare_till.ledger, with_actions(a_rule("check_in", 1), gift))
    member = bare_till.a_member()
    assert checked_in(bare_till, member)[1] == 1
    assert [entry.kind for entry in bare_till.entries(member)] == ["acted"]


def test_two_rules_that_give_one_gift_give_it_once(bare_till: Till) -> None:
    gifts = [
        ActionRule(id=id_, name="礼包", on="check_in", give=GiftReward(reward_id=PACK.id, name=PACK.name))
        for id_ in ("for-all", "for-the-day")
    ]
    publish(bare_till.ledger, with_actions(a_rule("check_in", 1), *gifts))
    offer(bare_till, PACK)
    member = bare_till.a_member()
    assert checked_in(bare_till, member)[1] == 1
    assert [entry.kind for entry in bare_till.entries(member)] == ["acted", "redeemed"]
    assert bare_till.audit(member) == []


def test_a_gift_cannot_be_asked_for() -> None:
    account = new_account("mem_1", at=NOW, enrolled_on=NOW.date(), tier_id="normal")
    (obstacle,) = obstacles(PACK, 1, account, NOW.date())
    assert isinstance(obstacle, RewardNotAvailableError)


def offer(till: Till, reward: Reward) -> None:
    content = Content(effective=LONG_AGO, currency="CNY", rewards={reward.id: reward})
    item = catalogue_item(Catalogue(contents=(content,), revision=1))
    till.ledger.client.put_item(TableName=till.ledger.tables.ledger, Item=encode(item))


def test_s2_06_two_taps_at_once_are_one_and_midnight_makes_two_days(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(CHECK_IN))
    member = bare_till.a_member()
    bare_till.clock.now = shanghai("2026-12-16 23:59:59")
    assert checked_in(bare_till, member) == checked_in(bare_till, member) == (1, 5, 8)
    bare_till.clock.now = shanghai("2026-12-17 00:00:01")
    assert checked_in(bare_till, member) == (2, 8, 10)
    assert bare_till.points(member) == [5, 8]


def test_s2_06_midnight_within_a_check_in_makes_no_third_day(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(CHECK_IN))
    member = bare_till.a_member()
    instants = iter([shanghai("2026-12-16 23:59:59"), *[shanghai("2026-12-17 00:00:00")] * 9])
    earning = replace(bare_till.earning, clock=lambda: next(instants))
    done = check_in(member, earning, bare_till.patience())
    bare_till.clock.now = shanghai("2026-12-17 08:00:00")
    assert checked_in(bare_till, member) == (1, 5, 8)
    assert (done.entry.key.pk.endswith("E-261217"), bare_till.points(member)) == (True, [5])


def test_c7_fifty_parallel_taps_are_one_check_in(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(CHECK_IN))
    member = bare_till.a_member()
    tills = [Till(ledger=bare_till.ledger, clock=bare_till.clock) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda at: checked_in(tills[at % 4], member), range(50)))
    assert set(done) == {(1, 5, 8)}
    assert bare_till.points(member) == [5]


def test_t9_the_day_of_a_check_in_is_the_servers(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(CHECK_IN))
    member = bare_till.a_member()
    bare_till.clock.now = datetime(2026, 12, 16, 16, 0, tzinfo=UTC)
    done = check_in(member, bare_till.earning, bare_till.patience())
    assert done.entry.key.pk.endswith("E-261217"), "midnight in Shanghai"


def test_where_no_rule_is_on_check_ins_there_are_none(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions())
    with pytest.raises(NoCheckInError):
        checked_in(bare_till, bare_till.a_member())


def test_points_for_actions_do_not_raise_a_tier(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(a_rule("survey", 5_000)))
    member = bare_till.a_member()
    did(bare_till, member, "survey")
    assert (bare_till.available(member), bare_till.account(member).tier.tier_id) == (5_000, "normal")


def test_the_cap_of_a_day_holds_for_purchases_and_actions_together(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(a_rule("survey", 60), safety=Safety(per_member_per_day_max_points=100)))
    member = bare_till.a_member()
    assert [did(bare_till, member, "survey", f"e-{at}").points for at in range(3)] == [60, 40, 0]
    assert bare_till.audit(member) == []


def test_a_budget_for_actions_is_a_hard_stop(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(a_rule("custom:quiz", 30, budget=Budget(points_total=100))))
    members = [bare_till.a_member() for _ in range(8)]
    tills = [Till(ledger=bare_till.ledger, clock=bare_till.clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        points = list(pool.map(lambda at: did(tills[at % 4], members[at], "custom:quiz").points, range(8)))
    assert sum(points) == 100
    items = [item for item in bare_till.everything().values() if "pk" in item]
    assert budget_differences(filter(is_budget, items), spent_of_budgets(items)) == []


@pytest.mark.parametrize(
    ("by", "reason"), [({"minutes": 6}, "dated-in-the-future"), ({"days": -31}, "outside-the-claim-window")]
)
def test_an_action_of_another_time_is_ignored(by: dict[str, int], reason: str, bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(a_rule("survey")))
    member = bare_till.a_member()
    at = bare_till.clock() + timedelta(**by)
    outcome = record_action(
        Action(member_id=member, action="survey", event_id="e", occurred_at=at), bare_till.earning, bare_till.patience()
    )
    assert (outcome.result, outcome.reason) == ("ignored", reason)


def test_s2_04_a_ladder_from_5_to_15_is_paid_as_it_is_written(bare_till: Till) -> None:
    ladder = (5, 6, 8, 10, 11, 13, 15)
    publish(bare_till.ledger, with_actions(replace(CHECK_IN, give=Streak(points=ladder))))
    member = bare_till.a_member()
    paid = []
    for _ in ladder:
        paid.append(checked_in(bare_till, member)[1])
        bare_till.clock.forward(days=1)
    assert tuple(paid) == ladder


def test_s3_07_a_check_in_in_the_mini_program_pays_five_a_day_once(bare_till: Till) -> None:
    publish(bare_till.ledger, with_actions(replace(CHECK_IN, give=Streak(points=(5,)))))
    member = bare_till.a_member()
    for _ in range(3):
        assert [checked_in(bare_till, member)[1] for _ in range(2)] == [5, 5]
        bare_till.clock.forward(days=1)
    assert bare_till.points(member) == [5, 5, 5]


def test_s3_20_a_crowd_checks_in_at_once_and_each_client_retries(bare_till: Till) -> None:
    """A hundred members; the bench `check-ins` does the same with a hundred thousand."""
    publish(bare_till.ledger, with_actions(replace(CHECK_IN, give=Streak(points=(5,)))))
    members = [bare_till.a_member() for _ in range(100)]
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda member: checked_in(bare_till, member), [*members, *members]))
    assert len(told) == 200
    assert [bare_till.points(member) for member in members] == [[5]] * 100

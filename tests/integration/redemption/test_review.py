"""Redemptions that the staff approves first: requested, approved, handed over, or back. F16, E8, S2."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from shared import keys
from shared.errors import (
    AlreadyApprovedError,
    AlreadyCancelledError,
    AlreadyUsedError,
    ApprovalRequiredError,
    JifenError,
    RedemptionNotFoundError,
    SelfApprovalError,
)
from shared.ledger.entries import EntryKind
from shared.redemption.decide_redemption import find_fate
from shared.redemption.redemptions import Status
from shared.trail.actor import Actor
from tests.deeds import deeds_on, told
from tests.integration.redemption.world import Calls, World, a_reward, redemption_id
from tests.observed import Killed, killed

CAMERA = a_reward("camera", points=500, stock=10, review=True)


def status(world: World, redemption: str) -> str:
    return find_fate(redemption, world.ledger).status.value


@pytest.fixture
def member(world: World) -> str:
    """Give a member with points for one camera, which is offered."""
    world.offer(CAMERA, a_reward())
    return world.member(500)


@pytest.fixture
def requested(world: World, member: str) -> str:
    return world.redeem(member, "camera", store_id="SH001").redemption.id


class TestTheWay:
    def test_points_and_pieces_are_taken_at_once(self, world: World, member: str, requested: str) -> None:
        assert status(world, requested) == "requested"
        assert (world.available(member), world.left(CAMERA)) == (0, 9)
        assert world.waiting() == [(requested, "requested")]
        assert world.audit() == []

    def test_approved_then_handed_over(self, world: World, member: str, requested: str) -> None:
        approved = world.approve(requested)
        assert (status(world, requested), world.waiting()) == ("approved", [(requested, "approved")])
        world.now += timedelta(hours=1)
        handed_over = world.hand_over(requested)

        assert (status(world, requested), world.waiting()) == ("fulfilled", [])
        assert (approved.replayed, handed_over.replayed) == (False, False)
        assert approved.fate.approval is not None
        assert handed_over.fate.outcome is not None
        assert (approved.fate.approval.by, handed_over.fate.outcome.store_id) == ("manager", "SH001")
        assert told(deeds_on(world.now.date(), world.ledger)) == [
            ("redemption.fulfilled", "manager", member),
            ("redemption.approved", "manager", member),
        ]
        assert (world.available(member), world.left(CAMERA), world.audit()) == (0, 9, [])

    def test_rejected_points_pieces_and_limit_are_back(self, world: World, member: str, requested: str) -> None:
        rejected = world.undo(requested, rejected=True)

        assert (rejected.fate.status, status(world, requested)) == (Status.REJECTED, "rejected")
        assert (world.available(member), world.left(CAMERA), world.waiting()) == (500, 10, [])
        assert rejected.returned.details["why"] == "out-of-stock"
        (deed,) = deeds_on(world.now.date(), world.ledger)
        assert (deed.what.value, deed.about, deed.why, deed.store_id) == (
            "redemption.rejected",
            requested,
            "out-of-stock",
            "SH001",
        )
        assert world.audit() == []

    def test_e8_what_lapsed_meanwhile_comes_back_with_grace(self, world: World) -> None:
        world.offer(a_reward("camera", points=150, review=True))
        member = world.member({"260320": 100, "261231": 100})
        redemption = world.redeem(member, "camera").redemption.id
        world.now += timedelta(days=10)

        world.undo(redemption, rejected=True, grace_days=30)

        assert world.account(member).lots == {"260424": 100, "261231": 100}
        assert world.audit() == []

    def test_its_member_cancels_until_it_is_approved(self, world: World, member: str, requested: str) -> None:
        world.cancel(member, requested)
        assert (status(world, requested), world.available(member), world.waiting()) == ("cancelled", 500, [])
        assert deeds_on(world.now.date(), world.ledger) == []

    def test_the_store_cancels_even_what_is_approved(self, world: World, member: str, requested: str) -> None:
        world.approve(requested)
        world.undo(requested)
        assert (status(world, requested), world.available(member), world.waiting()) == ("cancelled", 500, [])
        assert world.audit() == []

    def test_the_store_cancels_and_hands_over_what_needs_no_approval(self, world: World, member: str) -> None:
        world.earn(member, {"271231": 500})
        first, second = (world.redeem(member).redemption.id for _ in range(2))
        world.undo(first)
        world.hand_over(second, recorded=False)
        assert [status(world, one) for one in (first, second)] == ["cancelled", "fulfilled"]
        assert told(deeds_on(world.now.date(), world.ledger)) == [("redemption.cancelled", "manager", member)]


class TestAgain:
    def test_the_same_decision_again_is_answered_as_the_first_time(self, world: World, requested: str) -> None:
        first, second = world.approve(requested), world.approve(requested, Actor(by="another"))
        assert (second.replayed, second.fate) == (True, first.fate)
        handed_over, again = world.hand_over(requested), world.hand_over(requested)
        assert (again.replayed, again.fate) == (True, handed_over.fate)
        assert world.approve(requested).fate.status is Status.FULFILLED
        assert len(deeds_on(world.now.date(), world.ledger)) == 2

    @pytest.mark.parametrize("rejected", [True, False])
    def test_undone_again_is_answered_as_the_first_time(self, world: World, requested: str, rejected: bool) -> None:  # noqa: FBT001
        first = world.undo(requested, rejected=rejected)
        again = world.undo(requested, rejected=rejected, actor=Actor(by="another"))
        assert (again.replayed, again.fate) == (True, first.fate)
        assert len(deeds_on(world.now.date(), world.ledger)) == 1


CASES: list[tuple[list[str], str, type[JifenError]]] = [
    ([], "hand over", ApprovalRequiredError),
    (["approve"], "reject", AlreadyApprovedError),
    (["approve"], "cancel as member", AlreadyApprovedError),
    (["reject"], "approve", AlreadyCancelledError),
    (["reject"], "cancel", AlreadyCancelledError),
    (["reject"], "hand over", AlreadyCancelledError),
    (["cancel"], "reject", AlreadyCancelledError),
    (["cancel as member"], "approve", AlreadyCancelledError),
    (["cancel as member"], "reject", AlreadyCancelledError),
    (["approve", "cancel"], "approve", AlreadyCancelledError),
    (["approve", "cancel"], "hand over", AlreadyCancelledError),
    (["approve", "hand over"], "cancel", AlreadyUsedError),
    (["approve", "hand over"], "cancel as member", AlreadyUsedError),
    (["approve", "hand over"], "hand over elsewhere", AlreadyUsedError),
]


def acts(world: World, member: str, redemption: str) -> dict[str, Callable[[], object]]:
    return {
        "approve": lambda: world.approve(redemption),
        "reject": lambda: world.undo(redemption, rejected=True),
        "cancel": lambda: world.undo(redemption),
        "cancel as member": lambda: world.cancel(member, redemption),
        "hand over": lambda: world.hand_over(redemption),
        "hand over elsewhere": lambda: world.hand_over(redemption, digest="h2", recorded=False),
    }


class TestRefusals:
    @pytest.mark.parametrize(("before", "then", "refusal"), CASES)
    def test_f16_what_excludes_what(
        self, world: World, member: str, requested: str, before: list[str], then: str, refusal: type[JifenError]
    ) -> None:
        act = acts(world, member, requested)
        for one in before:
            act[one]()
        stands = world.items(), world.account(member)

        with pytest.raises(refusal):
            act[then]()

        left = [item for item in world.items() if item.get("k") != "refused"]
        assert (left, world.account(member)) == stands
        assert world.audit() == []

    @pytest.mark.parametrize("then", ["approve", "reject"])
    def test_what_needs_no_approval_is_neither_approved_nor_rejected(
        self, world: World, member: str, then: str
    ) -> None:
        with pytest.raises(AlreadyApprovedError):
            acts(world, member, world.redeem(member).redemption.id)[then]()

    @pytest.mark.parametrize("then", ["approve", "reject", "cancel"])
    def test_s1_s2_another_stores_is_not_there_and_ones_own_is_not_for_oneself(
        self, world: World, member: str, requested: str, then: str
    ) -> None:
        elsewhere = Actor(by="zhou", stores=frozenset({"SH002"}))
        oneself = Actor(by="zhou", member_id=member)
        for actor, refusal in ((elsewhere, RedemptionNotFoundError), (oneself, SelfApprovalError)):
            world.manager = actor
            with pytest.raises(refusal):
                acts(world, member, requested)[then]()
        world.manager = Actor(by="zhou", stores=frozenset({"SH001"}))
        acts(world, member, requested)[then]()

    def test_what_was_never_redeemed_is_not_there(self, world: World, member: str) -> None:
        for identifier in (redemption_id("never"), "rdm_", "x" * 5000):
            for act in acts(world, member, identifier).values():
                with pytest.raises(RedemptionNotFoundError):
                    act()


class TestRaces:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("approve", "cancel as member"),
            ("approve", "reject"),
            ("cancel", "hand over"),
            ("hand over", "hand over elsewhere"),
            ("cancel", "cancel as member"),
        ],
    )
    def test_f16_exactly_one_of_two_at_once_happens(self, world: World, one: str, other: str) -> None:
        rounds = 8
        world.offer(a_reward("camera", points=1, stock=100, review=True))
        member = world.member(rounds)
        results: Counter[str] = Counter()
        for _ in range(rounds):
            redemption = world.redeem(member, "camera").redemption.id
            if "hand over" in one + other:
                world.approve(redemption)
            act, barrier = acts(world, member, redemption), Barrier(2)

            def at_once(name: str, act: dict[str, Callable[[], object]] = act, barrier: Barrier = barrier) -> bool:
                barrier.wait()
                try:
                    act[name]()
                except JifenError:
                    return False
                return True

            with ThreadPoolExecutor(2) as pool:
                won = list(pool.map(at_once, (one, other)))
            assert sorted(won) == [False, True]
            results[one if won[0] else other] += 1
        assert sum(results.values()) == rounds
        assert world.audit() == []

    @pytest.mark.parametrize("answer_lost", [False, True])
    @pytest.mark.parametrize("name", ["approve", "reject", "hand over"])
    def test_k1_who_dies_at_any_call_is_finished_by_the_same_request(
        self,
        world: World,
        member: str,
        requested: str,
        name: str,
        answer_lost: bool,  # noqa: FBT001
    ) -> None:
        if name == "hand over":
            world.approve(requested)
        act = acts(world, member, requested)[name]
        for call in range(1, 4):
            with killed(world.ledger.client, call=call, answer_lost=answer_lost):
                try:
                    act()
                except Killed:
                    continue
        act()
        expected = {"approve": "approved", "reject": "rejected", "hand over": "fulfilled"}[name]
        assert status(world, requested) == expected
        assert len(deeds_on(world.now.date(), world.ledger)) == (2 if name == "hand over" else 1)
        assert world.audit() == []


class TestCost:
    def test_p2_the_list_costs_who_needs_an_approval_two_units_and_nobody_else(self, world: World) -> None:
        rewards = [a_reward("mug", points=1, shards=1), a_reward("camera", points=1, shards=1, review=True)]
        world.offer(*rewards)
        member = world.member(500)
        world.redeem(member, "mug")
        units = []
        for reward in rewards:
            with Calls(world.ledger.client).counting() as calls:
                world.redeem(member, reward.id)
            units.append((calls.operations, calls.write_units))
        assert units == [(["GetItem", "TransactWriteItems"], 7), (["GetItem", "TransactWriteItems"], 9)]

    def test_an_approval_takes_two_calls(self, world: World, requested: str) -> None:
        with Calls(world.ledger.client).counting() as calls:
            world.approve(requested)
        # The approval, the check that there is no fate, the list, the trail.
        assert (calls.operations, calls.write_units) == (["Query", "TransactWriteItems"], 8)


def test_a_returned_entry_of_the_store_says_who_and_why(world: World, requested: str) -> None:
    world.undo(requested, rejected=True)
    item = world.ledger.item(keys.outcome(requested))
    assert item is not None
    assert (item["k"], item["de"]["by"], item["de"]["why"], item["de"]["rj"]) == (
        EntryKind.RETURNED,
        "manager",
        "out-of-stock",
        True,
    )

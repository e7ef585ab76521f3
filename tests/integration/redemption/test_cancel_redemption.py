"""Undoing a redemption on the real engine: lots, stock and limit come back, once."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import AlreadyCancelledError, AlreadyUsedError, LimitReachedError, RedemptionNotFoundError
from shared.ledger.entries import EntryKind
from shared.program.limits import Every
from tests.integration.redemption.world import Calls, World, a_reward, once, redemption_id

JANUARY_15 = datetime(2026, 1, 15, 4, 0, tzinfo=UTC)
FEBRUARY_10 = datetime(2026, 2, 10, 4, 0, tzinfo=UTC)


class TestLots:
    def test_l8_puts_the_points_back_to_their_own_lots(self, world: World) -> None:
        tableware = a_reward(points=150)
        world.offer(tableware)
        member = world.member({"260430": 100, "271231": 100})
        redeemed = world.redeem(member).redemption

        world.cancel(member, redeemed.id)

        assert world.account(member).lots == {"260430": 100, "271231": 100}
        assert world.left(tableware) == 10
        assert world.audit() == []

    def test_e8_what_has_lapsed_meanwhile_lapses_in_the_same_transaction(self, world: World) -> None:
        world.now = JANUARY_15
        world.offer(a_reward(points=150))
        member = world.member({"260131": 100, "261231": 100})
        redeemed = world.redeem(member).redemption
        assert world.account(member).lots == {"261231": 50}
        world.now = FEBRUARY_10

        world.cancel(member, redeemed.id)

        *_, returned, lapsed = world.entries(member)
        assert (returned.kind, returned.movement.lots) == (EntryKind.RETURNED, {"260131": 100, "261231": 50})
        assert (lapsed.kind, lapsed.movement.lots) == (EntryKind.EXPIRED, {"260131": -100})
        assert returned.account_version == lapsed.account_version
        assert world.account(member).lots == {"261231": 100}
        assert world.available(member) == 100
        assert world.audit() == []

    def test_e8_a_merchant_who_cancels_may_grant_30_days_of_grace(self, world: World) -> None:
        world.now = JANUARY_15
        world.offer(a_reward(points=150))
        member = world.member({"260131": 100, "261231": 100})
        redeemed = world.redeem(member).redemption
        world.now = FEBRUARY_10

        returned = world.cancel(member, redeemed.id, grace_days=30).returned

        assert world.account(member).lots == {"260312": 100, "261231": 100}
        assert returned.details["gr"] == 30
        assert world.audit() == []

    def test_t16_grace_never_lengthens_a_lot_that_lives(self, world: World) -> None:
        world.offer(a_reward(points=100))
        member = world.member({"260320": 100})
        redeemed = world.redeem(member).redemption

        world.cancel(member, redeemed.id, grace_days=30)

        assert world.account(member).lots == {"260320": 100}


class TestLimit:
    def test_gives_the_limit_back_while_its_period_is_open(self, world: World) -> None:
        world.offer(a_reward(points=10, limit=once(Every.MONTH)))
        member = world.member(500)
        redeemed = world.redeem(member).redemption

        world.cancel(member, redeemed.id)

        assert world.redeem(member).redemption.points == 10
        with pytest.raises(LimitReachedError):
            world.redeem(member)

    def test_a_period_that_is_over_gives_nothing_to_the_next_one(self, world: World) -> None:
        world.offer(a_reward(points=10, limit=once(Every.MONTH)))
        member = world.member(500)
        redeemed = world.redeem(member).redemption
        world.now += timedelta(days=30)
        world.redeem(member)

        world.cancel(member, redeemed.id)

        with pytest.raises(LimitReachedError):
            world.redeem(member)
        assert world.audit() == []


class TestFate:
    def test_the_same_key_again_is_answered_as_the_first_time(self, world: World) -> None:
        tableware = a_reward()
        world.offer(tableware)
        member = world.member(500)
        redeemed = world.redeem(member).redemption
        first = world.cancel(member, redeemed.id)

        second = world.cancel(member, redeemed.id)

        assert (first.replayed, second.replayed) == (False, True)
        assert second.fate == first.fate
        assert (world.available(member), world.left(tableware)) == (500, 10)

    def test_another_key_is_told_that_it_is_cancelled(self, world: World) -> None:
        world.offer(a_reward())
        member = world.member(500)
        redeemed = world.redeem(member).redemption
        world.cancel(member, redeemed.id)

        with pytest.raises(AlreadyCancelledError):
            world.cancel(member, redeemed.id, digest="c2")

        assert world.available(member) == 500

    def test_what_was_handed_over_cannot_be_cancelled(self, world: World) -> None:
        world.offer(a_reward())
        member = world.member(500)
        redeemed = world.redeem(member).redemption
        world.hand_over(redeemed.id)

        with pytest.raises(AlreadyUsedError):
            world.cancel(member, redeemed.id)

        assert world.available(member) == 0

    def test_another_members_redemption_is_not_there(self, world: World) -> None:
        world.offer(a_reward())
        redeemed = world.redeem(world.member(500)).redemption

        with pytest.raises(RedemptionNotFoundError):
            world.cancel(world.member(500), redeemed.id)

    @pytest.mark.parametrize("identifier", [redemption_id("never"), "rdm_", "x" * 5000, "rdm_../CATALOGUE"])
    def test_what_was_never_redeemed_is_not_there(self, world: World, identifier: str) -> None:
        with pytest.raises(RedemptionNotFoundError):
            world.cancel(world.member(500), identifier)

    def test_a_refused_redemption_is_not_there(self, world: World) -> None:
        world.offer(a_reward(stock=0))
        member = world.member(500)
        with pytest.raises(Exception, match="out-of-stock"):
            world.redeem(member, key="k1")

        with pytest.raises(RedemptionNotFoundError):
            world.cancel(member, redemption_id("k1"))

    def test_the_redemption_replays_although_it_is_cancelled(self, world: World) -> None:
        tableware = a_reward()
        world.offer(tableware)
        member = world.member(500)
        first = world.redeem(member, key="k1")
        world.cancel(member, first.redemption.id)

        again = world.redeem(member, key="k1")

        assert again.replayed
        assert again.redemption == first.redemption
        assert (world.available(member), world.left(tableware)) == (500, 10)

    def test_p7_costs_three_calls(self, world: World) -> None:
        world.offer(a_reward())
        member = world.member(500)
        redeemed = world.redeem(member).redemption

        with Calls(world.ledger.client).counting() as calls:
            world.cancel(member, redeemed.id)

        assert calls.operations == ["Query", "GetItem", "TransactWriteItems"]
        assert calls.write_units == 7

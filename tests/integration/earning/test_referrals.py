"""Inviting friends, end to end through the handlers: codes, both sides, the first order, and its return."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.keys import Key
from shared.ledger.entries import EntryKind
from shared.ledger.movements import debit
from shared.ledger.posting import begin
from shared.ledger.store import Ledger
from shared.program.actions import ActionRule, Evidence
from shared.program.model import AlreadySpent, UpgradeTask
from shared.program.rules import Budget, DateRange, FixedPoints, RuleLimit, When
from tests.builders import SILVER, Till, a_ladder, a_program, a_refund, a_sale, a_void, per_yuan, publish
from tests.http_events import answered
from tests.integration.earning.club import AGREED, EXTRA, INVITE, JOIN, Club, a_phone, club_of, open_club
from tests.observed import interrupted, observed

NOTHING = (0, 0, 0, 0)


@pytest.fixture
def club(bare_till: Till) -> Club:
    return open_club(bare_till, JOIN, INVITE, EXTRA)


class TestJoining:
    def test_s2_07_a_new_member_gets_fifty_once(self, club: Club) -> None:
        lin = club.joins("lin", 1)
        again = club.tell(club.members, "POST /v1/me", "lin", AGREED, phone=a_phone(1))
        assert (again["statusCode"], answered(again)["balance"]["available"]) == (200, 50)
        assert club.till.points(lin) == [50]
        assert club.audit() == []

    def test_t8_without_a_proven_phone_it_waits_for_one(self, club: Club) -> None:
        enrolled = answered(club.tell(club.members, "POST /v1/me", "lin", AGREED))
        assert enrolled["balance"]["available"] == 0
        change = {"phone": a_phone(1)}
        assert answered(club.tell(club.members, "PATCH /v1/me", "lin", change))["balance"]["available"] == 0
        proven = club.tell(club.members, "PATCH /v1/me", "lin", change, phone=a_phone(1))
        assert answered(proven)["balance"]["available"] == 50
        club.tell(club.members, "PATCH /v1/me", "lin", {"phone": a_phone(2)}, phone=a_phone(2))
        assert club.till.points(enrolled["id"]) == [50]
        assert club.audit() == []

    def test_t7_t8_one_phone_does_not_join_twice_whatever_its_member_types(self, club: Club) -> None:
        lin, code = club.joins("lin", 1), club.code("lin")
        club.joins("mei", 2, code)
        club.tell(club.members, "PATCH /v1/me", "mei", {"phone": a_phone(3)}, phone=a_phone(2))
        again = club.tell(club.members, "POST /v1/me", "mei-2", AGREED | {"referral_code": code}, phone=a_phone(2))
        assert (again["statusCode"], answered(again)["code"]) == (409, "reference-taken")
        assert club.till.points(lin) == [50, 100]
        assert club.audit() == []

    def test_the_budget_of_the_gift_stops_it(self, bare_till: Till) -> None:
        join = ActionRule(
            id="join", name="注册", on="enroll", give=FixedPoints(points=50), budget=Budget(points_total=120)
        )
        club = open_club(bare_till, join)
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda number: club.joins(f"m{number}", number), range(8)))
        assert sorted(club.till.available(one) for one in ids) == [0, 0, 0, 0, 0, 20, 50, 50]
        assert club.audit() == []


class TestTheCode:
    @pytest.mark.parametrize("call", range(1, 5))
    def test_c7_asked_for_the_first_time_on_two_phones_at_once_it_is_one(self, club: Club, call: int) -> None:
        club.joins("lin", 1)
        other, codes = club_of(club.till), list[str]()
        with interrupted(club.till.ledger.client, call=call, by=lambda: codes.append(other.code("lin"))):
            codes.append(club.code("lin"))
        assert codes == [club.code("lin")] * 2
        assert len(codes[0].replace("-", "")) == 16


class TestInviting:
    def test_s3_08_both_get_a_hundred_and_the_referrer_fifty_after_the_first_order(self, club: Club) -> None:
        lin, mei = club.invited()
        assert (club.till.available(lin), club.till.available(mei)) == (150, 150)
        club.till.sell(a_sale(10_00, receipt_id="first"), mei)
        assert (club.till.available(lin), club.till.available(mei)) == (200, 160)
        club.till.sell(a_sale(10_00, receipt_id="second"), mei)
        assert (club.till.available(lin), club.till.available(mei)) == (200, 170)
        assert club.audit() == []

    def test_s2_09_a_campaign_doubles_what_inviting_gives(self, bare_till: Till) -> None:
        day = date(2026, 12, 16)
        double = ActionRule(
            id="invite-double",
            name="邀请双倍周",
            on="referral_enrolled",
            give=FixedPoints(points=100),
            to="both",
            when=When(dates=(DateRange(first=day, last=day),)),
        )
        club = open_club(bare_till, INVITE, double)
        lin, mei = club.invited()
        assert (club.till.available(lin), club.till.available(mei)) == (200, 200)
        club.till.clock.forward(days=1)
        club.joins("hua", 3, club.code("lin"))
        assert club.till.available(lin) == 300

    def test_s2_10_the_coffee_shop_gives_both_twenty_and_takes_both_back(self, bare_till: Till) -> None:
        consumes = ActionRule(
            id="first", name="好友首单", on="referral_first_order", give=FixedPoints(points=20), to="both"
        )
        club = open_club(bare_till, consumes)
        lin, mei = club.invited()
        club.till.sell(a_sale(5_00), mei)
        assert (club.till.available(lin), club.till.available(mei)) == (20, 25)
        club.till.take_back(a_void())
        assert (club.till.available(lin), club.till.available(mei)) == (0, 0)
        assert club.audit() == []

    def test_a_first_order_below_the_least_amount_is_the_first_all_the_same(self, bare_till: Till) -> None:
        extra = ActionRule(
            id="extra",
            name="首单满50",
            on="referral_first_order",
            give=FixedPoints(points=20),
            to="referrer",
            evidence=Evidence(min_amount_minor=50_00),
        )
        club = open_club(bare_till, extra)
        lin, mei = club.invited()
        club.till.sell(a_sale(49_99, receipt_id="one"), mei)
        club.till.sell(a_sale(60_00, receipt_id="two"), mei)
        hua = club.joins("hua", 3, club.code("lin"))
        club.till.sell(a_sale(50_00, receipt_id="three"), hua)
        assert club.till.points(lin) == [0, 0, 20]

    def test_what_the_first_order_gives_waits_as_long_as_the_order_may_come_back(self, bare_till: Till) -> None:
        club = open_club(bare_till, INVITE, EXTRA, pending_days=7)
        lin, mei = club.invited()
        club.till.sell(a_sale(10_00), mei)
        assert club.till.balance(lin) == (100, 50, 0, 0)
        club.till.take_back(a_void())
        assert club.till.balance(lin) == (0, 0, 0, 0)
        assert club.audit() == []

    def test_the_limit_of_the_referrer_is_not_the_friends(self, bare_till: Till) -> None:
        invite = replace(INVITE, limit=RuleLimit(per_member=2, every="month"))
        club = open_club(bare_till, invite)
        lin = club.joins("lin", 1)
        code = club.code("lin")
        friends = [club.joins(f"f{number}", number, code) for number in range(2, 6)]
        assert club.till.available(lin) == 200
        assert [club.till.available(one) for one in friends] == [100] * 4
        assert answered(club.tell(club.activities, "GET /v1/me/referral", "lin"))["friends"] == 4

    def test_ten_friends_at_once_are_all_counted(self, club: Club) -> None:
        lin = club.joins("lin", 1)
        code = club.code("lin")
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda number: club.joins(f"f{number}", number, code), range(2, 12)))
        assert club.till.available(lin) == 50 + 10 * 100
        assert club.audit() == []

    def test_what_is_left_of_a_budget_goes_to_the_friend_first(self, bare_till: Till) -> None:
        invite = replace(INVITE, budget=Budget(points_total=130))
        club = open_club(bare_till, invite)
        lin, mei = club.invited()
        assert (club.till.available(lin), club.till.available(mei)) == (30, 100)
        assert club.audit() == []


class TestTierTasks:
    def test_s3_18_the_third_valid_friend_brings_the_tier(self, bare_till: Till) -> None:
        """One whose first order came back does not count, nor one who had joined before."""
        task = UpgradeTask(name="邀请3位好友升银卡", times=3, tier_id=SILVER)
        publish(
            bare_till.ledger,
            a_program(per_yuan(), tiers=replace(a_ladder(), upgrade_tasks=(task,)), actions=(INVITE,)),
        )
        club = club_of(bare_till)
        lin = club.joins("lin", 1)
        code = club.code("lin")
        first, _ = club.joins("f2", 2, code), club.joins("f3", 3, code)
        club.till.sell(a_sale(10_00), first)
        club.till.take_back(a_void())
        club.tell(club.members, "POST /v1/me", "f3", AGREED | {"referral_code": code}, phone=a_phone(3))
        club.joins("f4", 4, code)
        assert club.till.account(lin).tier.tier_id == "normal"
        club.joins("f5", 5, code)
        tier = club.till.account(lin).tier
        assert (tier.tier_id, tier.valid_until) == (SILVER, date(2027, 12, 16))
        assert club.audit() == []


class TestFigures:
    def test_only_the_first_order_of_a_friend_costs_more(self, club: Club) -> None:
        _, mei = club.invited()
        club.till.sell(a_sale(10_00, receipt_id="warm"), club.till.a_member())
        costs = []
        for receipt in ("first", "second"):
            with observed(club.till.ledger.client) as traffic:
                club.till.sell(a_sale(10_00, receipt_id=receipt), mei)
            costs.append((len(traffic.calls), traffic.write_units))
        assert costs == [(4, 10), (2, 5)]

    def test_enrolling_is_one_transaction_whoever_it_moves(self, club: Club) -> None:
        club.joins("warm", 9)
        code = club.code("warm")
        for number, by, units in ((1, None, 11), (2, code, 19)):
            with observed(club.till.ledger.client) as traffic:
                club.joins(f"m{number}", number, by)
            assert traffic.calls.count("TransactWriteItems") == 1
            assert traffic.write_units == units


class TestReturns:
    @pytest.mark.parametrize("by_refunds", [True, False])
    def test_e15_e_the_friends_first_order_comes_back_and_all_rewards_with_it(
        self, club: Club, *, by_refunds: bool
    ) -> None:
        lin, mei = club.invited()
        club.till.sell(a_sale(10_00), mei)
        if by_refunds:
            club.till.take_back(a_refund(4_00, refund_id="R-1"))
            assert club.till.available(lin) == 200, "something of the order is left"
            club.till.take_back(a_refund(6_00, refund_id="R-2"))
        else:
            club.till.take_back(a_void())
        assert (club.till.available(lin), club.till.available(mei)) == (50, 50)
        assert answered(club.tell(club.activities, "GET /v1/me/referral", "lin"))["friends"] == 0
        club.till.sell(a_sale(10_00, receipt_id="later"), mei)
        assert (club.till.available(lin), club.till.available(mei)) == (50, 60), "a referral counts once"
        assert club.audit() == []

    @pytest.mark.parametrize(
        ("policy", "balance"),
        [(AlreadySpent.ALLOW_NEGATIVE, (-50, 0, 0, 50)), (AlreadySpent.WITHIN_BALANCE, NOTHING)],
    )
    def test_e15_e_what_is_spent_follows_the_debt_policy(
        self, bare_till: Till, policy: AlreadySpent, balance: tuple[int, int, int, int]
    ) -> None:
        club = open_club(bare_till, INVITE, EXTRA, if_already_spent=policy)
        lin, mei = club.invited()
        club.till.sell(a_sale(10_00), mei)
        spend(club.till, lin, 50)
        assert club.till.available(lin) == 100
        club.till.take_back(a_void())
        assert club.till.balance(lin) == balance

    def test_a_second_order_that_comes_back_changes_nothing(self, club: Club) -> None:
        lin, mei = club.invited()
        for receipt in ("one", "two"):
            club.till.sell(a_sale(10_00, receipt_id=receipt), mei)
        club.till.take_back(a_void(receipt_id="two"))
        assert (club.till.available(lin), club.till.available(mei)) == (200, 160)

    def test_a_first_order_whose_void_came_first_gives_nothing_and_undoes_the_invitation(self, club: Club) -> None:
        lin, mei = club.invited()
        assert club.till.take_back(a_void()).result == "parked"
        club.till.sell(a_sale(10_00), mei)
        assert (club.till.available(lin), club.till.available(mei)) == (50, 50)
        assert club.audit() == []

    @pytest.mark.parametrize("void_first", [True, False])
    def test_i5_what_a_frozen_referrer_got_is_taken_back_in_any_order(self, club: Club, *, void_first: bool) -> None:
        lin, mei = club.invited()
        freeze(club.till.ledger, lin)
        if void_first:
            club.till.take_back(a_void())
        club.till.sell(a_sale(10_00), mei)
        if not void_first:
            club.till.take_back(a_void())
        assert (club.till.available(lin), club.till.available(mei)) == (50, 50)

    def test_a_return_frees_the_budget_and_the_limit_of_the_referrer(self, bare_till: Till) -> None:
        invite = replace(INVITE, limit=RuleLimit(per_member=1, every="month"), budget=Budget(points_total=200))
        club = open_club(bare_till, invite)
        lin, mei = club.invited()
        club.till.sell(a_sale(10_00), mei)
        club.till.take_back(a_void())
        hua = club.joins("hua", 3, club.code("lin"))
        assert (club.till.available(lin), club.till.available(hua)) == (100, 100)
        assert club.audit() == []


class TestCodes:
    def test_it_is_the_same_for_ever_and_read_as_people_type_it(self, club: Club) -> None:
        club.joins("lin", 1)
        code = club.code("lin")
        assert code == club.code("lin")
        assert len(code.replace("-", "")) == 16
        mei = club.joins("mei", 2, code.lower().replace("-", " ").replace("0", "o").replace("1", "l"))
        assert club.till.available(mei) == 150

    @pytest.mark.parametrize(
        ("phone", "code", "problem"),
        [(2, "0000-0000-0000-0000", "没有这个邀请码"), (2, "%%%", "没有这个邀请码"), (None, None, "手机号已验证")],
    )
    def test_l12_a_code_that_does_not_count_is_told_and_nobody_is_enrolled(
        self, club: Club, phone: int | None, code: str | None, problem: str
    ) -> None:
        club.joins("lin", 1)
        body = AGREED | {"referral_code": code or club.code("lin")}
        number = a_phone(phone) if phone else None
        answer = club.tell(club.members, "POST /v1/me", "mei", body, phone=number)
        assert (answer["statusCode"], answered(answer)["code"]) == (422, "validation-failed")
        assert answered(answer)["errors"][0]["pointer"] == "/referral_code"
        assert club.tell(club.members, "GET /v1/me", "mei")["statusCode"] == 404
        assert problem in answered(answer)["errors"][0]["detail"]

    def test_l12_a_member_is_referred_once_and_never_afterwards(self, club: Club) -> None:
        """Nobody can invite themselves, or be invited by who they invited: a code counts at enrolment alone."""
        lin, mei = club.invited()
        for name, code in (("lin", club.code("mei")), ("lin", club.code("lin")), ("mei", "0000")):
            body: Mapping[str, Any] = AGREED | {"referral_code": code}
            number = a_phone(1 if name == "lin" else 2)
            assert club.tell(club.members, "POST /v1/me", name, body, phone=number)["statusCode"] == 200
        assert (club.till.available(lin), club.till.available(mei)) == (150, 150)

    def test_t7_a_frozen_referrer_gets_nothing_and_the_friend_all(self, club: Club) -> None:
        lin = club.joins("lin", 1)
        code = club.code("lin")
        freeze(club.till.ledger, lin)
        mei = club.joins("mei", 2, code)
        club.till.sell(a_sale(10_00), mei)
        assert (club.till.available(lin), club.till.available(mei)) == (50, 160)

    def test_it_says_what_inviting_gives(self, club: Club) -> None:
        club.joins("lin", 1)
        told = answered(club.tell(club.activities, "GET /v1/me/referral", "lin"))
        assert [(task["id"], task["text"]) for task in told["tasks"]] == [
            ("invite", "邀请好友注册：双方各得 100 分。"),
            ("extra", "受邀好友的首单：邀请人得 50 分。"),
        ]


def spend(till: Till, member_id: str, points: int) -> None:
    posting = begin(till.account(member_id), till.clock(), till.earning.rules.at(till.clock()))
    movement = debit(posting.account, points, halved_through=None)
    till.ledger.commit(posting.add(EntryKind.REDEEMED, Key("TEST#1", "SPENT"), movement), till.patience(), guards={})


def freeze(ledger: Ledger, member_id: str) -> None:
    ledger.client.update_item(
        TableName=ledger.tables.accounts,
        Key={"id": {"S": member_id}},
        UpdateExpression="SET f = :true",
        ExpressionAttributeValues={":true": {"BOOL": True}},
    )

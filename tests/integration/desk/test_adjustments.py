"""Points given and taken by hand: within a limit at once, above it by two people, and never for oneself (S2, T11)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from shared.ledger.entries import EntryKind
from tests.builders import a_refund, a_sale
from tests.http_events import answered, staff_claims
from tests.integration.desk.office import CLERK, Office, code_of
from tests.observed import observed

BOTH = staff_claims("staff:adjust", "staff:approve", subject="li")


class TestWithinTheLimit:
    def test_points_are_there_at_once_with_reason_and_author(self, office: Office) -> None:
        answer = office.asks(300, customer_note="抱歉让您久等")

        told = answered(answer)
        assert (answer["statusCode"], told["status"], told["requested_by"], told["decided_by"]) == (
            201,
            "applied",
            "li",
            None,
        )
        (entry,) = office.entries()
        assert (entry.kind, entry.movement.lots, entry.store_id) == (EntryKind.ADJUSTED, {"271216": 300}, "SH001")
        assert (entry.details, entry.label) == ({"why": "goodwill", "by": "li"}, "goodwill")
        assert told["id"] in entry.key.pk
        assert office.told() == [("adjustment.applied", "li", office.member)]
        assert office.audit() == []

    def test_the_limit_itself_is_within_and_one_point_more_is_not(self, office: Office) -> None:
        assert office.asks(1_000)["statusCode"] == 201
        assert office.asks(-1_000)["statusCode"] == 201
        assert office.asks(1_001)["statusCode"] == 202

    def test_a_store_may_have_a_limit_of_its_own(self, office: Office) -> None:
        assert office.asks(101, CLERK, store_id="BJ001")["statusCode"] == 202
        assert office.asks(100, CLERK, store_id="BJ001")["statusCode"] == 201

    def test_points_count_for_no_tier_and_live_as_long_as_they_are_given(self, office: Office) -> None:
        office.asks(900, valid_through="2027-01-31")
        account = office.till.account(office.member)
        assert (account.lots, account.qualifying, account.tier.tier_id) == ({"270131": 900}, {}, "normal")

    def test_points_pay_a_debt_first(self, office: Office) -> None:
        office.till.sell(a_sale(10_000, occurred_at=office.till.clock()), office.member)
        office.asks(-100)
        office.till.take_back(a_refund(10_000, occurred_at=office.till.clock()))
        assert office.till.balance(office.member) == (-100, 0, 0, 100)
        office.asks(150)
        assert office.till.balance(office.member) == (50, 0, 0, 0)
        assert office.audit() == []

    def test_nothing_is_taken_that_is_not_there_and_that_answer_holds_for_its_key(self, office: Office) -> None:
        office.asks(50)
        refused = office.asks(-51, key="key-of-a-debit")
        assert code_of(refused) == (409, "insufficient-points")
        office.asks(50)
        again = office.asks(-51, key="key-of-a-debit")
        assert answered(again) == answered(refused)
        assert office.points == 100
        assert office.asks(-51)["statusCode"] == 201
        assert office.points == 49

    def test_what_an_adjustment_and_an_approval_cost(self, office: Office) -> None:
        adjustment = office.waiting(2_000)
        with observed(office.till.ledger.client) as within:
            office.asks(300)
        with observed(office.till.ledger.client) as approval:
            office.decides("approve", adjustment)
        assert (within.calls, within.write_units) == (["GetItem", "GetItem", "TransactWriteItems"], 13)
        assert (approval.calls, approval.write_units) == (["GetItem", "Query", "GetItem", "TransactWriteItems"], 9)
        assert (within.read_units, approval.read_units) == (2, 3)


class TestAboveTheLimit:
    def test_s2_it_waits_until_somebody_else_approves_and_the_entry_names_both(self, office: Office) -> None:
        adjustment = office.waiting(2_000, customer_note="生日快乐")
        assert (office.points, office.entries(), office.listed()) == (0, [], [adjustment])
        office.till.clock.forward(hours=1)

        approved = answered(office.decides("approve", adjustment))

        assert (approved["status"], approved["requested_by"], approved["decided_by"]) == ("applied", "li", "zhou")
        assert (office.points, office.listed()) == (2_000, [])
        (entry,) = office.entries()
        assert entry.details == {"why": "goodwill", "by": "li", "ok": "zhou"}
        assert office.told() == [
            ("adjustment.requested", "li", office.member),
            ("adjustment.approved", "zhou", office.member),
        ]
        assert office.audit() == []

    def test_s2_nobody_approves_or_rejects_what_they_asked_for(self, office: Office) -> None:
        adjustment = answered(office.asks(2_000, BOTH))["id"]
        for verb in ("approve", "reject"):
            assert code_of(office.decides(verb, adjustment, BOTH)) == (403, "self-approval")
        assert (office.points, office.listed()) == (0, [adjustment])

    def test_s2_nobody_asks_for_their_own_membership(self, office: Office) -> None:
        own = office.people.id_of(office.people.join("li"))
        for points in (10, 2_000):
            assert code_of(office.asks(points, CLERK, member=own)) == (403, "self-approval")
        assert office.listed() == []

    def test_s2_nobody_decides_on_their_own_membership(self, office: Office) -> None:
        own = office.people.id_of(office.people.join("zhou"))
        adjustment = office.waiting(2_000, member=own)
        for verb in ("approve", "reject"):
            assert code_of(office.decides(verb, adjustment)) == (403, "self-approval")
        assert office.till.available(own) == 0

    def test_a_rejected_one_moves_nothing_for_ever_and_its_author_reads_why(self, office: Office) -> None:
        adjustment = office.waiting(2_000)
        rejected = office.decides("reject", adjustment, reason="没有小票")
        assert (rejected["statusCode"], answered(rejected)["status"]) == (200, "rejected")
        assert office.decides("reject", adjustment, reason="other")["body"] == rejected["body"]
        late = office.decides("approve", adjustment)
        assert (*code_of(late), answered(late)["decision"]) == (409, "adjustment-decided", "rejected")
        assert (office.points, office.listed()) == (0, [])
        told = answered(office.call(f"GET /v1/admin/adjustments/{adjustment}", CLERK))
        assert told["notes"] == {
            "customer_note": None,
            "internal_note": "called twice",
            "rejection_reason": "没有小票",
        }
        assert told["adjustment"] == answered(rejected)

    def test_an_approved_one_cannot_be_rejected_and_is_answered_again_as_it_was(self, office: Office) -> None:
        adjustment = office.waiting(2_000)
        approved = office.decides("approve", adjustment)
        other = staff_claims("staff:approve", subject="wang")
        assert office.decides("approve", adjustment, other)["body"] == approved["body"]
        assert code_of(office.decides("reject", adjustment, other)) == (409, "adjustment-decided")
        assert office.points == 2_000

    def test_points_that_are_gone_by_then_are_not_taken_and_it_still_waits(self, office: Office) -> None:
        office.asks(1_000)
        office.asks(500)
        adjustment = office.waiting(-1_500)
        office.asks(-10)
        assert code_of(office.decides("approve", adjustment)) == (409, "insufficient-points")
        assert office.listed() == [adjustment]
        office.asks(10)
        assert answered(office.decides("approve", adjustment))["status"] == "applied"
        assert office.points == 0

    def test_a_last_day_that_is_over_by_then_is_refused(self, office: Office) -> None:
        adjustment = office.waiting(2_000, valid_through="2026-12-20")
        office.till.clock.forward(days=10)
        refused = office.decides("approve", adjustment)
        assert (refused["statusCode"], answered(refused)["errors"][0]["pointer"]) == (422, "/valid_through")
        assert office.decides("reject", adjustment)["statusCode"] == 200

    def test_the_first_asked_for_is_listed_first(self, office: Office) -> None:
        first = office.waiting(1_001)
        office.till.clock.forward(seconds=1)
        second = office.waiting(1_002)
        assert office.listed() == [first, second]

    def test_what_is_below_zero_from_the_start_does_not_wait(self, office: Office) -> None:
        assert code_of(office.asks(-2_000)) == (409, "insufficient-points")
        assert office.listed() == []


class TestRaces:
    def test_s2_of_two_approvers_at_once_one_wins_and_both_are_told_who(self, office: Office) -> None:
        adjustment = office.waiting(2_000)
        approvers = [staff_claims("staff:approve", subject=f"boss-{number}") for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda claims: office.decides("approve", adjustment, claims), approvers))
        assert {answer["statusCode"] for answer in answers} == {200}
        assert len({answer["body"] for answer in answers}) == 1
        assert (office.points, len(office.entries()), len(office.told())) == (2_000, 1, 2)
        assert office.audit() == []

    def test_s2_of_approval_and_rejection_at_once_one_stands_and_the_other_is_told(self, office: Office) -> None:
        adjustments = [office.waiting(1_001, store_id="SH001") for _ in range(4)]
        deeds = [(verb, one) for one in adjustments for verb in ("approve", "reject")]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda deed: office.decides(*deed), deeds))
        by_adjustment = [sorted(one["statusCode"] for one in answers[at : at + 2]) for at in range(0, 8, 2)]
        assert by_adjustment == [[200, 409]] * 4
        applied = sum(answered(answer)["status"] == "applied" for answer in answers)
        assert (office.points, len(office.entries()), office.listed()) == (1_001 * applied, applied, [])
        assert office.audit() == []

    def test_s2_ten_requests_at_once_do_not_exceed_what_one_person_may_do_on_a_day(self, office: Office) -> None:
        members = [office.till.a_member() for _ in range(10)]
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda member: office.asks(1_000, CLERK, member=member), members))
        assert sorted(answer["statusCode"] for answer in answers) == [201] * 5 + [409] * 5
        refused = answered(next(answer for answer in answers if answer["statusCode"] == 409))
        assert (refused["code"], refused["limit"], refused["required"]) == ("daily-cap-reached", 5_000, 1_000)
        assert sum(office.till.available(member) for member in members) == 5_000
        assert office.till.audit(*members) == []

    def test_i1_ten_times_the_same_request_at_once_is_one(self, office: Office) -> None:
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: office.asks(300, CLERK, key="key-of-a-credit"), range(10)))
        assert {answer["statusCode"] for answer in answers} == {201}
        assert len({answer["body"] for answer in answers}) == 1
        assert (office.points, len(office.told())) == (300, 1)


class TestTheDay:
    def test_s2_what_waits_counts_and_what_is_taken_counts_like_what_is_given(self, office: Office) -> None:
        office.asks(1_000)
        office.asks(-1_000)
        office.waiting(3_000)
        assert code_of(office.asks(1)) == (409, "daily-cap-reached")
        assert office.asks(1, staff_claims("staff:adjust", subject="wang"))["statusCode"] == 201

    def test_more_than_a_day_allows_is_never_asked_for(self, office: Office) -> None:
        assert code_of(office.asks(5_001)) == (409, "daily-cap-reached")
        assert (office.listed(), office.told()) == ([], [])

    def test_the_next_day_of_the_chain_begins_anew(self, office: Office) -> None:
        office.waiting(5_000)
        office.till.clock.now = datetime(2026, 12, 16, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
        assert code_of(office.asks(1)) == (409, "daily-cap-reached")
        office.till.clock.forward(minutes=1)
        assert office.asks(1)["statusCode"] == 201


class TestTheKey:
    @pytest.mark.parametrize("points", [300, 2_000])
    def test_i6_it_is_answered_as_the_first_time_whatever_became_of_it(self, office: Office, points: int) -> None:
        office.till.clock.forward(microseconds=77)
        first = office.asks(points, key="key-of-a-credit")
        office.decides("approve", answered(first)["id"])
        office.till.clock.forward(days=400)
        again = office.asks(points, key="key-of-a-credit")
        assert (again["statusCode"], again["body"]) == (first["statusCode"], first["body"])
        assert again["headers"]["Idempotency-Replayed"] == "true"
        assert (office.points, len(office.entries())) == (points, 1)

    @pytest.mark.parametrize(
        "other", [{"internal_note": "other"}, {"reason_code": "correction"}, {"member": "another"}]
    )
    def test_i7_another_request_with_the_same_key_is_refused(self, office: Office, other: dict[str, str]) -> None:
        office.asks(300, CLERK, key="key-of-a-credit")
        changed = {"member": office.till.a_member()} if "member" in other else other
        assert code_of(office.asks(300, CLERK, key="key-of-a-credit", **changed)) == (422, "idempotency-key-reused")
        assert office.points == 300

    def test_i9_the_same_key_of_another_person_is_another_request(self, office: Office) -> None:
        for subject in ("li", "wang"):
            office.asks(300, staff_claims("staff:adjust", subject=subject), key="key-of-a-credit")
        assert office.points == 600

    def test_i10_without_a_key_nothing_is_done(self, office: Office) -> None:
        assert code_of(office.asks(300, CLERK, key="short")) == (400, "idempotency-key-missing")

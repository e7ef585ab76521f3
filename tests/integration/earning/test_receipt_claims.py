"""Points that are missing: a guest's receipt becomes a member's, once, as if the till had known the member. S0-19."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from shared import keys
from shared.audit.scan import Reach, audit
from shared.earning.claim_receipt import Claim, claim_receipt
from shared.earning.claim_tries import MOST_TRIES, ClaimTries
from shared.earning.events import ReturnEvent
from shared.earning.outcomes import Outcome
from shared.earning.sale import Sale
from shared.errors import (
    JifenError,
    NotClaimableError,
    RateLimitedError,
    ReceiptNotFoundError,
    SelfApprovalError,
)
from shared.ledger.entries import EntryKind
from shared.program.rules import EarnRule, FixedPoints, When
from shared.trail.actor import Actor
from shared.trail.deeds import What
from shared.trail.store import Trail
from tests.builders import NOW, STORE, Till, a_program, a_refund, a_sale, a_void, per_yuan, publish
from tests.containers import Containers
from tests.engine import dynamodb_client
from tests.observed import Killed, interrupted, killed, observed

SALE = a_sale(21_900)
FULL_BONUS = EarnRule(id="100+10", name="满100加10", give=FixedPoints(points=10), when=When(min_amount_minor=10_000))


def claim(till: Till, member: str, *, total: int = 21_900, staff: Actor | None = None) -> Outcome:
    asked = Claim(member_id=member, store_id=STORE, receipt_id="T-1001", total_minor=total, staff=staff)
    tries = ClaimTries(client=till.ledger.client, table=till.ledger.tables.members)
    return claim_receipt(asked, till.earning, tries, till.patience())


def checked(till: Till, engine_url: str) -> list[str]:
    reach = Reach(connect=partial(dynamodb_client, engine_url), tables=till.ledger.tables)
    return audit(reach, processes=1, progress=lambda *_: None).differences


@pytest.fixture
def till(bare_till: Till) -> Till:
    publish(bare_till.ledger, a_program(per_yuan(1, 10), FULL_BONUS))
    return bare_till


def test_a_receipt_without_a_member_is_credited_once_and_says_by_whom_s0_19(till: Till) -> None:
    member = till.a_member()
    till.sell(SALE, None)
    first, second = claim(till, member), claim(till, member)
    assert (first.result, first.points, second.result, second.points) == ("applied", 31, "duplicate", 31)
    assert first.key == second.key == keys.sale(STORE, "T-1001")
    assert till.available(member) == 31
    (entry,) = till.entries(member)
    assert (entry.kind, entry.details["cl"]) == (EntryKind.EARNED, {"by": member, "why": "guest"})
    assert till.audit(member) == []


def test_it_comes_to_what_it_would_have_had_the_till_known_the_member(till: Till, engine_url: str) -> None:
    """E4a in three parts: before the claim, with it, after it; whoever was known from the beginning has the same."""
    story: list[Sale | ReturnEvent] = [SALE, a_refund(11_950, refund_id="R-1"), a_refund(4_000, refund_id="R-2")]
    known, later = till.a_member(), till.a_member()
    for event in story[:2]:
        till.tell(event, None)
    claim(till, later)
    till.tell(story[2], None)
    after = till.balance(later), [one for one in till.points(later) if one]
    last = till.take_back(a_void())
    assert (after, last.points, till.balance(later)) == (((5, 0, 0, 0), [31, -22, -4]), -5, (0, 0, 0, 0))

    for event in story:
        till.tell(replace(event, receipt_id="T-2002"), known)
    assert (till.balance(known), [one for one in till.points(known) if one]) == after
    assert checked(till, engine_url) == []


def test_a_voided_receipt_is_claimed_for_nothing(till: Till, engine_url: str) -> None:
    member = till.a_member()
    till.sell(SALE, None)
    till.take_back(a_void())
    claim(till, member)
    assert (till.balance(member), till.points(member)) == ((0, 0, 0, 0), [31, -31])
    assert checked(till, engine_url) == []


@pytest.mark.parametrize("total", [21_899, 21_901, 0])
def test_another_total_finds_no_receipt(total: int, till: Till) -> None:
    member = till.a_member()
    till.sell(SALE, None)
    with pytest.raises(ReceiptNotFoundError):
        claim(till, member, total=total)
    assert till.available(member) == 0


def test_another_members_receipt_looks_like_none(till: Till) -> None:
    owner, other = till.a_member(), till.a_member()
    till.sell(SALE, owner)
    with pytest.raises(ReceiptNotFoundError):
        claim(till, other)
    assert claim(till, owner).result == "duplicate"


def test_returns_that_wait_for_their_sale_are_no_receipt(till: Till) -> None:
    till.take_back(a_refund(1_000))
    with pytest.raises(ReceiptNotFoundError):
        claim(till, till.a_member())


def test_the_till_is_answered_as_before(till: Till) -> None:
    member = till.a_member()
    told = till.sell(SALE, None), till.take_back(a_refund(1_000))
    claim(till, member)
    assert till.sell(SALE, None) == told[0]
    assert till.sell(SALE, member).result == "duplicate"
    assert till.take_back(a_refund(1_000)).result == "duplicate"
    assert till.available(member) == 30


def test_a_member_tries_ten_times_a_day(till: Till) -> None:
    member = till.a_member()
    till.sell(SALE, None)
    for guess in range(MOST_TRIES):
        with pytest.raises(ReceiptNotFoundError):
            claim(till, member, total=guess)
    with pytest.raises(RateLimitedError) as limited:
        claim(till, member)
    assert limited.value.fields == {"limit": 10, "retry_after": 77_937}
    till.clock.forward(days=1)
    assert claim(till, member).points == 31


def test_the_first_two_tries_of_a_day_at_once_are_two_tries(till: Till) -> None:
    """Both find none of today; whoever begins the day second counts on."""
    tries = ClaimTries(client=till.ledger.client, table=till.ledger.tables.members)
    with interrupted(till.ledger.client, call=2, by=lambda: tries.count("mem_A", NOW, till.patience())):
        tries.count("mem_A", NOW, till.patience())
    for _ in range(MOST_TRIES - 2):
        tries.count("mem_A", NOW, till.patience())
    with pytest.raises(RateLimitedError):
        tries.count("mem_A", NOW, till.patience())


def test_an_old_receipt_is_claimed_no_more(till: Till) -> None:
    till.sell(a_sale(21_900, occurred_at=NOW - timedelta(days=30, seconds=1)), None, claim_window=None)
    with pytest.raises(NotClaimableError) as refused:
        claim(till, till.a_member())
    assert refused.value.fields == {"reason": "outside-the-claim-window"}


def test_a_receipt_of_before_the_program_gives_nothing(bare_till: Till) -> None:
    bare_till.sell(SALE, None)
    publish(bare_till.ledger, (NOW + timedelta(hours=1), a_program(per_yuan(1, 10))))
    member = bare_till.a_member()
    bare_till.clock.forward(hours=2)
    with pytest.raises(NotClaimableError) as refused:
        claim(bare_till, member)
    assert refused.value.fields == {"reason": "before-the-program"}


class TestByStaff:
    def test_the_author_stands_in_the_entry_and_on_the_trail(self, till: Till) -> None:
        member = till.a_member()
        till.sell(SALE, None)
        claim(till, member, staff=Actor(by="clerk-7", member_id=None))
        (entry,) = till.entries(member)
        assert entry.details["cl"]["by"] == "clerk-7"
        (deed,) = (
            Trail(client=till.ledger.client, table=till.ledger.tables.ledger)
            .page(till.clock().date(), lambda _: True, limit=20)
            .deeds
        )
        assert (deed.what, deed.who, deed.member_id, deed.about) == (
            What.RECEIPT_CLAIMED,
            "clerk-7",
            member,
            "SH001/T-1001",
        )

    def test_nobody_credits_themselves(self, till: Till) -> None:
        member = till.a_member()
        till.sell(SALE, None)
        with pytest.raises(SelfApprovalError):
            claim(till, member, staff=Actor(by="clerk-7", member_id=member))
        assert till.available(member) == 0


class TestRaces:
    def test_of_fifty_members_one_gets_it(self, till: Till, containers: Containers) -> None:
        members = [till.a_member() for _ in range(50)]
        till.sell(SALE, None)

        def one(work: tuple[Till, str]) -> str:
            try:
                return claim(*work).result
            except JifenError as refused:
                return refused.code

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(one, zip(containers(till, 10) * 5, members, strict=True)))
        assert sorted(answers) == ["applied", *["receipt-not-found"] * 49]
        assert sum(till.available(member) for member in members) == 31

    @pytest.mark.parametrize("call", [1, 2, 3, 4])
    def test_a_return_that_comes_meanwhile_is_never_overlooked(
        self, call: int, till: Till, containers: Containers, engine_url: str
    ) -> None:
        member = till.a_member()
        till.sell(SALE, None)
        (other,) = containers(till, 1)
        with interrupted(till.ledger.client, call=call, by=lambda: other.take_back(a_refund(21_900))):
            claim(till, member)
        assert till.balance(member) == (0, 0, 0, 0)
        assert checked(till, engine_url) == []

    @pytest.mark.parametrize("call", [1, 2])
    def test_a_claim_that_comes_while_goods_come_back_is_never_overlooked(
        self, call: int, till: Till, containers: Containers, engine_url: str
    ) -> None:
        member = till.a_member()
        till.sell(SALE, None)
        (other,) = containers(till, 1)
        with interrupted(till.ledger.client, call=call, by=lambda: claim(other, member)):
            till.take_back(a_refund(21_900))
        assert till.balance(member) == (0, 0, 0, 0)
        assert checked(till, engine_url) == []


@pytest.mark.parametrize("answer_lost", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3, 4, 5])
def test_whoever_dies_at_any_call_and_asks_again_is_credited_once_k1(
    call: int, *, answer_lost: bool, till: Till, engine_url: str
) -> None:
    member = till.a_member()
    till.sell(SALE, None)
    till.take_back(a_refund(1_000))
    with pytest.raises(Killed), killed(till.ledger.client, call=call, answer_lost=answer_lost):
        claim(till, member)
    assert claim(till, member).points == 31
    assert till.balance(member) == (30, 0, 0, 0)
    assert checked(till, engine_url) == []


def test_what_a_claim_costs_once_the_program_is_known(till: Till) -> None:
    member = till.a_member(points=1)
    till.sell(SALE, None)
    with observed(till.ledger.client) as traffic:
        claim(till, member)
    assert traffic.calls == ["Query", "UpdateItem", "PutItem", "Query", "GetItem", "TransactWriteItems"]


def test_the_return_of_a_guest_costs_two_units_more_for_the_check(till: Till) -> None:
    till.sell(SALE, None)
    with observed(till.ledger.client) as traffic:
        till.take_back(a_refund(1_000))
    assert (traffic.calls, traffic.write_units) == (["Query", "TransactWriteItems"], 4)

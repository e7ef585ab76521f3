"""POST /v1/sales/quote: what a sale would give, to a till that asks before it is paid for. P7, S1, W12, W13, A3."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.program.rules import Budget, EarnRule, FixedPoints, Multiply, When
from tests.builders import LONG_AGO, a_ladder, a_program, per_yuan, publish
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.redemption.conftest import Send
from tests.integration.redemption.people import People
from tests.integration.redemption.world import NOON, World, a_reward, once
from tests.observed import observed

ROUTE = "POST /v1/sales/quote"
TILL = staff_claims("pos:write", stores="SH001")


def a_sale(member: dict[str, str] | None = None, net: int = 10_000, **changes: Any) -> dict[str, Any]:
    return {
        "store_id": "SH001",
        "receipt_id": "R-1",
        "occurred_at": NOON.isoformat(),
        **({"member": member} if member else {}),
        "currency": "CNY",
        "lines": [{"line_id": "1", "sku": "S-1", "quantity": "1", "net": net}],
        "total": net,
        **changes,
    }


def ask(send: Send, sale: Any, *, status: int = 200, claims: dict[str, str] | None = TILL, language: str = "en") -> Any:
    answer = send(ROUTE, claims=claims, body=sale, headers={"accept-language": language})
    assert answer["statusCode"] == status, answer["body"]
    return answered(answer)


class TestWhoMayAsk:
    def test_s1_only_tills_and_only_for_their_own_stores(self, send: Send) -> None:
        ask(send, a_sale(), claims=None, status=401)
        for claims in (member_claims(), staff_claims("staff:read")):
            assert ask(send, a_sale(), claims=claims, status=403)["code"] == "scope-missing"
        foreign = ask(send, a_sale(store_id="SH002"), status=403)
        assert (foreign["code"], foreign["store_id"]) == ("store-not-allowed", "SH002")
        for scope in ("pos:write", "pos:redeem"):
            assert ask(send, a_sale(), claims=staff_claims(scope, stores="SH001"))["points"] == 10
        assert ask(send, a_sale(store_id="SH002"), claims=staff_claims("pos:write"))["points"] == 10


class TestQuote:
    def test_a_member_is_told_points_tier_balance_and_what_could_be_had_now(
        self, send: Send, world: World, people: People
    ) -> None:
        world.offer(
            a_reward("mug", points=300, name="马克杯"),
            a_reward("car", points=9_000),
            a_reward("gold-only", points=1, tiers=frozenset({"gold"})),
            a_reward("gone", points=1, stock=0),
            a_reward("once", points=2, limit=once(), stock=None),
        )
        member = people.enrol(phone="+8613812345678", lots=400)
        told = ask(send, a_sale({"phone": "138 1234 5678"}, 1_700_000))
        assert (told["points"], told["points_pending"], told["tier_after"]) == (1_700, 0, "normal")
        assert told["balance"] == {"available": 400, "pending": 0, "held": 0, "debt": 0}
        assert told["redeem_options"] == [
            {"id": "mug", "name": "马克杯", "points": 300},
            {"id": "once", "name": "精致餐具", "points": 2},
        ]
        assert told["explain"][0]["text"].startswith("purchase")
        assert ask(send, a_sale({"member_id": member}, 2_000_000))["tier_after"] == "silver"

    def test_a_guest_is_told_what_somebody_who_has_just_enrolled_would_get(self, send: Send, world: World) -> None:
        first = EarnRule(id="first", name="首单双倍", give=Multiply(factor=Decimal(2)), when=When(order_number=1))
        born = EarnRule(id="born", name="生日送50", give=FixedPoints(points=50), when=When(birthday="day"))
        world.offer(a_reward(points=1))
        publish(world.ledger, a_program(per_yuan(), first, born, pending_days=7, tiers=a_ladder()))
        told = ask(send, a_sale(), language="zh-CN")
        assert (told["points"], told["points_pending"], told["tier_after"]) == (0, 200, "normal")
        assert told["balance"] == {"available": 0, "pending": 0, "held": 0, "debt": 0}
        assert told["redeem_options"] == []
        assert [one["text"] for one in told["not_applied"]] == ["今天不是生日"]

    def test_p7_budgets_are_read_and_nothing_is_written(self, send: Send, world: World, people: People) -> None:
        double = EarnRule(id="double", name="双倍", give=Multiply(factor=Decimal(2)), budget=Budget(points_total=15))
        publish(world.ledger, a_program(per_yuan(1, 10), double, tiers=a_ladder()))
        world.offer(a_reward(points=1, stock=None))
        member = people.enrol()
        ask(send, a_sale({"member_id": member}))
        before = world.items()
        with observed(world.ledger.client) as traffic:
            told = [ask(send, a_sale({"member_id": member}, net)) for net in (10_000, 20_000)]
        assert [one["points"] for one in told] == [20, 35], "5 of the 40 are beyond the budget"
        assert (traffic.write_units, traffic.calls) == (0, ["GetItem", "BatchGetItem"] * 2)
        assert traffic.read_units <= 2 * (1 + 16)
        assert world.items() == before

    def test_w13_a_receipt_of_a_thousand_lines_is_quoted_and_a_megabyte_is_refused(self, send: Send) -> None:
        lines = [{"line_id": str(at), "sku": f"69{at:011d}", "name": "名" * 100, "net": 100} for at in range(1_000)]
        assert ask(send, a_sale(lines=lines, total=100_000))["points"] == 100
        longer = [{**line, "name": "名" * 200, "tags": ["签" * 64, "签" * 63]} for line in lines]
        assert ask(send, a_sale(lines=longer, total=100_000), status=413)["code"] == "body-too-large"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"currency": "XAU"}, "/currency"),
    ({"total": 1.5}, "/total"),
    ({"lines": [{"line_id": "1", "sku": "S", "net": 1, "quantity": "1e2"}]}, "/lines/0/quantity"),
    ({"member": {"phone": "000"}}, "/member/phone"),
    ({"member": {"card": "1", "phone": "13800000000"}}, "/member"),
    ({"occurred_at": "2019-12-31T00:00:00+08:00"}, "/occurred_at"),
    ({"points": 1}, "/points"),
]


def test_w12_a3_what_cannot_be_quoted_is_pointed_at_in_its_own_body(send: Send, world: World) -> None:
    publish(world.ledger, (LONG_AGO + timedelta(days=1), a_program(tiers=a_ladder())))
    for change, pointer in WRONG:
        told = ask(send, a_sale(**change), status=422)
        assert pointer in [one["pointer"] for one in told["errors"]], change


@pytest.mark.parametrize("member", [{"member_id": "mem_" + "0" * 26}, {"card": "NOBODY1"}])
def test_a_member_who_is_none_is_said_to_be_none(send: Send, member: dict[str, str]) -> None:
    assert ask(send, a_sale(member), status=404)["code"] == "member-not-found"

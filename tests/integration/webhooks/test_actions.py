"""`action.completed`: the chain's own server tells what a member did, signed like a till."""

from typing import Any

import pytest

from shared.program.actions import ActionRule, Evidence
from shared.program.rules import FixedPoints
from tests.builders import a_ladder, a_program, container, per_yuan, publish
from tests.http_events import answered
from tests.integration.webhooks.conftest import Posting

SHARE = ActionRule(id="share", name="集赞", on="share", give=FixedPoints(points=50), evidence=Evidence(min_likes=20))


@pytest.fixture
def member(posting: Posting) -> str:
    till = posting.till
    publish(till.ledger, a_program(per_yuan(), tiers=a_ladder(), actions=(SHARE,)))
    till.earning = container(till.ledger, till.clock)
    return till.a_member()


def an_action(posting: Posting, member_id: str, **changes: Any) -> dict[str, Any]:
    data = {
        "action": "share",
        "event_id": "share-1",
        "occurred_at": posting.till.clock().isoformat(),
        "member": {"member_id": member_id},
        "facts": {"likes": 20},
        **changes,
    }
    return {"type": "action.completed", "data": data}


def test_an_action_earns_and_a_redelivery_is_answered_as_the_first(posting: Posting, member: str) -> None:
    first, second = (answered(posting.post(an_action(posting, member), delivery_id=f"msg_{at}")) for at in (1, 2))
    assert (first["result"], first["points"], first["explain"][0]["text"]) == ("applied", 50, "集赞")
    assert (second["result"], second["entry_id"], second["points"]) == ("duplicate", first["entry_id"], 50)
    assert posting.till.available(member) == 50


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"facts": {"likes": 19}}, "nothing-given"),
        ({"action": "survey"}, "no-rule"),
        ({"member": {"card": "nobody's"}}, "member-not-found"),
    ],
)
def test_what_gives_nothing_is_acknowledged_with_the_reason(
    changes: dict[str, Any], reason: str, posting: Posting, member: str
) -> None:
    told = answered(posting.post(an_action(posting, member, **changes)))
    assert (told["result"], told["reason"]) == ("ignored", reason)


@pytest.mark.parametrize(
    "changes",
    [{"action": "check_in"}, {"action": "custom:"}, {"facts": {"likes": 1.5}}, {"event_id": ""}, {"more": 1}],
)
def test_t9_w14_what_a_server_may_not_tell_earns_nothing_and_is_kept(
    changes: dict[str, Any], posting: Posting, member: str
) -> None:
    answer = posting.post(an_action(posting, member, **changes))
    told = answered(answer)
    assert (answer["statusCode"], told["result"], told["reason"]) == (202, "quarantined", "validation-failed")
    assert len(posting.objects.kept) == 1
    assert posting.till.points(member) == []


def test_a_subscription_speaks_for_its_own_stores_only(posting: Posting, member: str) -> None:
    answer = posting.post(an_action(posting, member, store_id="SH002"))
    assert (answer["statusCode"], answered(answer)["code"]) == (403, "store-not-allowed")
    assert posting.post(an_action(posting, member, store_id="SH001"))["statusCode"] == 200

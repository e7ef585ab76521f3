"""What an adjustment moves: ADJ-5 (F29)."""

from datetime import date
from typing import Any

import pytest

from shared.adjustments.adjustment import Adjustment, Reason, movement_of
from shared.errors import InsufficientPointsError, InvalidFieldError
from shared.ledger.account import Movement
from tests.builders import NOW, an_account, months

TODAY = date(2026, 12, 16)
LASTING = {"261231": 60, "~": 50}


def an_adjustment(points: int, valid_through: date | None = None) -> Adjustment:
    return Adjustment(
        id="adj_1",
        digest="",
        member_id="mem_A",
        store_id="SH001",
        points=points,
        reason=Reason.GOODWILL,
        author="li",
        requested_at=NOW,
        valid_through=valid_through,
        needs_approval=False,
    )


@pytest.mark.parametrize(
    ("points", "valid_through", "account", "moved"),
    [
        (30, None, {"lots": LASTING}, Movement(lots={"271216": 30})),
        (30, date(2027, 1, 31), {"lots": LASTING}, Movement(lots={"270131": 30})),
        (30, TODAY, {}, Movement(lots={"261216": 30})),
        (30, None, {"debt": 20}, Movement(lots={"271216": 10}, debt=-20)),
        (30, None, {"debt": 50}, Movement(debt=-30)),
        (-30, None, {"lots": LASTING}, Movement(lots={"261231": -30})),
        (-70, None, {"lots": LASTING}, Movement(lots={"261231": -60, "~": -10})),
        (-110, None, {"lots": LASTING}, Movement(lots={"261231": -60, "~": -50})),
    ],
)
def test_what_it_moves(points: int, valid_through: date | None, account: dict[str, Any], moved: Movement) -> None:
    adjustment = an_adjustment(points, valid_through)
    assert movement_of(adjustment, an_account(**account), TODAY, months(12)) == moved


@pytest.mark.parametrize("account", [{"lots": LASTING}, {"debt": 5}, {"pending": {"261223>~": 500}}, {"held": 500}])
def test_no_more_is_taken_than_is_there(account: dict[str, Any]) -> None:
    with pytest.raises(InsufficientPointsError) as refused:
        movement_of(an_adjustment(-111), an_account(**account), TODAY, months(12))
    available = an_account(**account).balance.available
    assert refused.value.fields == {"required": 111, "available": available, "missing": 111 - available}


@pytest.mark.parametrize(
    ("points", "valid_through", "code"),
    [(30, date(2026, 12, 15), "already-over"), (-30, date(2027, 1, 31), "only-for-credits")],
)
def test_a_last_day_that_does_not_fit_is_refused(points: int, valid_through: date, code: str) -> None:
    with pytest.raises(InvalidFieldError) as refused:
        movement_of(an_adjustment(points, valid_through), an_account(lots=LASTING), TODAY, months(12))
    assert refused.value.fields["errors"] == [{"pointer": "/valid_through", "code": code}]

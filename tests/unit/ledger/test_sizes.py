"""P6: what an item weighs, by the rule that DynamoDB publishes; a kilobyte is what a unit buys."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.earning.grants import grant
from shared.earning.receipts import Parked, parked_item
from shared.earning.sale import Facts, Sale, SaleLine
from shared.earning.sale_items import sale_digest
from shared.ledger.account import Account, Qualifying, TierState
from shared.ledger.items import account_item, entry_item
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from shared.program.calendar import add_months, end_of_month
from shared.program.zones import zone_named
from tests.builders import NOW, ZONE, a_line, a_program, a_refund, a_sale, an_account, months
from tests.item_size import item_bytes

MEMBER = "mem_01JFA0B1C2D3E4F5G6H7J8K9M0"
CATEGORIES = ("生鲜", "有机蔬菜", "进口零食", "家居", "未分类", "婴儿辅食")


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"id": "mem"}, 5),
        ({"名": "积分"}, 9),
        ({"v": 0}, 2),
        ({"v": 7}, 3),
        ({"v": 12}, 3),
        ({"v": 123}, 4),
        ({"v": 12_000}, 3),
        ({"v": -12}, 4),
        ({"f": True}, 2),
        ({"g": bytes(16)}, 17),
        ({"l": {}}, 4),
        ({"l": {"261231": 60}}, 4 + 1 + 6 + 2),
        ({"b": [10, 0, 0, 0]}, 4 + 4 + 2 + 1 + 1 + 1),
    ],
)
def test_an_item_weighs_what_the_published_rule_says(item: dict[str, Any], size: int) -> None:
    assert item_bytes(item) == size


def an_account_of_lots(count: int) -> Account:
    ends = [end_of_month(add_months(date(2026, 12, 1), month)) for month in range(count)]
    return replace(
        an_account(MEMBER),
        version=12_345,
        tier=TierState(tier_id="diamond", since=date(2026, 12, 10), valid_until=date(2027, 12, 10)),
        lots={f"{day:%y%m%d}": 12_345 + at for at, day in enumerate(ends)},
    )


def test_p6_an_account_with_48_lots_fits_in_a_kilobyte() -> None:
    assert item_bytes(account_item(an_account_of_lots(48))) <= 1_024


def test_p6_an_account_of_a_frequent_customer_fits_in_a_kilobyte() -> None:
    """Twelve months of lots rounded to the end of a month, a week of pending lots, fourteen months that count."""
    account = replace(
        an_account_of_lots(13),
        pending={f"2612{17 + day}>271231": 1_234 for day in range(7)},
        qualifying={f"{27 - month // 12}{12 - month % 12:02d}": Qualifying(1_234, 123_456, 31) for month in range(14)},
        counters={f"reward-{at}:261231": 1 for at in range(6)},
        held=500,
    )
    assert item_bytes(account_item(account)) <= 1_024


def lines(count: int) -> list[SaleLine]:
    """Make lines as supermarkets do: SKUs of 13 digits, amounts of all sizes, Chinese categories, some weighed."""
    return [
        a_line(
            1_099 + 7_919 * at % 15_000,
            str(at + 1),
            sku=str(6_900_000_000_000 + 123_456_789_013 * (at + 1) % 99_999_999_999),
            category=CATEGORIES[at % len(CATEGORIES)],
            tags=("当日鲜品",) if at % 4 == 0 else (),
            quantity="0.738" if at % 5 == 0 else 1 + at % 3,
        )
        for at in range(count)
    ]


def entry_bytes(sale: Sale) -> int:
    program = a_program(pending_days=7, expire=months(12))
    posting = begin(an_account(MEMBER, version=1_234, lots={"271231": 12_345}), NOW, Rules(zone=zone_named(ZONE)))
    posted = grant(posting, sale, Facts(tier_id="diamond", zone=ZONE), program, content=sale_digest(sale))
    return item_bytes(entry_item(posted.entry))


def test_p6_an_entry_of_a_sale_of_ten_lines_fits_in_a_kilobyte() -> None:
    sale = a_sale(
        receipt_id="SH001-20261216-0042", lines=lines(10), tenders={"wechat_pay": 90_000, "stored_value": 1_000}
    )
    assert entry_bytes(sale) <= 1_024


def test_p6_a_sale_of_500_lines_fits() -> None:
    assert entry_bytes(a_sale(receipt_id="SH001-20261216-0042", lines=lines(500))) <= 16 * 1_024


def test_w13_the_largest_sale_a_till_may_post_fits_in_an_item() -> None:
    """1 000 lines, ids of 64 characters that compress badly, 16 tags each."""
    many = [
        replace(
            line,
            line_id=f"{at:064x}",
            sku=f"{at * 2_654_435_761 % 2**255:064x}",
            tags=tuple(f"标签{at * tag % 997}" for tag in range(1, 17)),
        )
        for at, line in enumerate(lines(1_000))
    ]
    assert entry_bytes(a_sale(lines=many)) <= 400_000


def test_ninety_parked_returns_fit_in_their_sales_place() -> None:
    events = tuple(
        a_refund(lines={str(line): 12_345 for line in range(1, 11)}, refund_id=f"R-20261216-{at:04d}", reason="破损")
        for at in range(90)
    )
    assert item_bytes(parked_item("SH001", "SH001-20261216-0042", Parked(revision=90, events=events))) <= 40_000

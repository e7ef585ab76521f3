"""Bonuses that hang on several sales, over HTTP on the deployed stacks, and what a void undoes of them."""

from datetime import timedelta

from tests.e2e.shop import Customer, Shop, an_ordinary_day


def void(shop: Shop, entry_id: str, customer: Customer) -> None:
    """Void the sale behind an entry."""
    entry = shop.see(customer, f"/v1/me/entries/{entry_id}")
    place = {"store_id": entry["store_id"], "receipt_id": entry["source"]["id"]}
    event = {"type": "sale.voided", "data": {**place, "occurred_at": an_ordinary_day().isoformat()}}
    reply = shop.post(event)
    assert (reply.status, reply.body["result"]) == (200, "applied"), reply


def test_s1_07_the_fifth_order_of_a_month_gives_fifty_until_one_of_them_is_voided(shop: Shop) -> None:
    wang, day = shop.enrolled(), an_ordinary_day()
    sold = [shop.sell(wang, paid=2_000, at=day + timedelta(minutes=number)).body for number in range(6)]
    assert [one["points"] for one in sold] == [2, 2, 2, 2, 52, 2]
    void(shop, sold[1]["entry_id"], wang)
    assert shop.available(wang) == 5 * 2 + 50, "five are left"
    void(shop, sold[5]["entry_id"], wang)
    assert shop.available(wang) == 4 * 2
    (undone, *_) = shop.see(wang, "/v1/me/entries")["items"]
    assert (undone["kind"], undone["points"], undone["text"]) == (
        "bonus_reversed",
        -50,
        "退货后不再达标，奖励收回：当月第5次消费送50分",
    )


def test_s2_19_spending_in_two_stores_gives_a_hundred_until_a_void_breaks_the_total(shop: Shop) -> None:
    wang, day = shop.enrolled(), an_ordinary_day()
    here = shop.sell(wang, paid=20_000, at=day).body
    there = shop.sell(wang, paid=10_000, at=day + timedelta(hours=1), store="SH002").body
    assert (here["points"], there["points"]) == (20 + 10, 10 + 10 + 100)
    again = shop.sell(wang, paid=10_000, at=day + timedelta(hours=2), store="SH003").body
    assert again["points"] == 10 + 10, "once a month"
    void(shop, here["entry_id"], wang)
    assert shop.available(wang) == 20 + 20
    kinds = [one["kind"] for one in shop.see(wang, "/v1/me/entries")["items"]]
    assert kinds == ["bonus_reversed", "reversed", "earned", "earned", "earned"]

"""The publisher: from the ledger's stream to the bus, every entry, in order, at least once. Q3, Q4, K3."""

import json
import random
from typing import Any

import pytest

from functions.publisher.records import number_of
from shared.ledger.entry_ids import entry_id
from shared.runtime.patience import Patience
from tests.builders import a_refund, a_sale
from tests.integration.events.shop import Listener, Shop, in_pieces
from tests.ledger_stream import Record
from tests.observed import Killed

NO_TIME = Patience(remaining_ms=lambda: 0)


def test_an_entry_is_told_with_its_points_its_balance_and_what_it_is_about(shop: Shop) -> None:
    member = shop.till.a_member()
    shop.till.sell(a_sale(300_000, receipt_id="T-1"), member)

    assert shop.take(shop.stream.records()) == []

    (entry,) = shop.world.entries(member)
    about = {
        "kind": "earned",
        "member_id": member,
        "store_id": "SH001",
        "occurred_at": "2026-12-16T02:21:03.120Z",
        "posted_at": "2026-12-16T02:21:03.120Z",
    }
    assert shop.bus.types == ["points.earned", "tier.changed"]
    assert shop.bus.details == [
        {
            "id": entry_id(entry.key),
            **about,
            "points": 300,
            "points_pending": 0,
            "balance": {"available": 300, "pending": 0, "held": 0, "debt": 0},
            "label": "",
            "source": {"type": "sale", "id": "T-1"},
        },
        {
            "id": entry_id(entry.key).replace("ent_", "tier_"),
            "entry_id": entry_id(entry.key),
            **about,
            "tier": "silver",
            "since": "2026-12-16",
            "valid_until": "2027-12-16",
        },
    ]
    told = shop.bus.told[0]
    assert (told["Source"], told["EventBusName"], told["Time"]) == ("jifen", "jifen", entry.posted_at)


def test_q4_what_is_told_adds_up_to_the_ledger_however_the_stream_is_cut_and_repeated(shop: Shop) -> None:
    shop.a_year(shop.till.a_member(), shop.till.a_member())
    heard = Listener()

    for batch in in_pieces(shop.stream.records(), random.Random(1)):  # noqa: S311 a test repeats itself
        assert shop.take(batch) == []
    heard.hear(list(zip(shop.bus.types, shop.bus.details, strict=True)))

    balances = {member: (one["available"], one["pending"]) for member, one in shop.balances().items()}
    assert heard.balances() == balances
    assert heard.seen == shop.ids()
    assert len(shop.bus.told) > len(heard.seen)  # some of it was told twice
    kinds = {"earned", "reversed", "redeemed", "returned", "expired"}
    assert {detail["kind"] for detail in shop.bus.details} == kinds


def test_q4_a_sale_that_takes_the_place_of_parked_returns_is_told(shop: Shop) -> None:
    member = shop.till.a_member()
    shop.till.take_back(a_refund(5_000, receipt_id="T-1"))
    shop.take(shop.stream.records())
    assert shop.bus.told == []
    shop.till.sell(a_sale(20_000, receipt_id="T-1"), member)

    shop.take(shop.stream.records())

    assert sorted(shop.bus.types) == ["points.earned", "points.reversed"]
    assert {detail["id"] for detail in shop.bus.details} == shop.ids()


def test_events_are_put_in_the_order_of_the_stream_and_ten_a_call(shop: Shop) -> None:
    member = shop.till.a_member()
    for number in range(25):
        shop.till.sell(a_sale(1_000, receipt_id=f"T-{number:02d}"), member)

    shop.take(shop.stream.records())

    assert [detail["source"]["id"] for detail in shop.bus.details] == [f"T-{number:02d}" for number in range(25)]
    assert shop.bus.calls == 3


def test_sales_and_redemptions_are_counted_once_the_bus_has_taken_them(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.a_year(shop.till.a_member())
    shop.bus.refuses = lambda entry: '"D-0"' in entry["Detail"]
    capsys.readouterr()

    assert shop.take(shop.stream.records(), allowed=NO_TIME) != []

    told = json.loads(capsys.readouterr().err)
    names = ("SalesRecorded", "PointsEarned", "Refunds", "PointsTakenBack", "Redemptions", "PointsRedeemed")
    assert [told[name] for name in names] == [3, 300 + 60 + 48, 3, 300 + 24 + 6, 2, 100]
    assert told["service"] in {"jifen", "publisher"}


class TestFailing:
    @pytest.fixture
    def records(self, shop: Shop) -> list[Record]:
        """Three sales; the third lifts the member into another tier."""
        member = shop.till.a_member()
        for number in (1, 2, 300):
            shop.till.sell(a_sale(number * 1_000, receipt_id=f"T-{number}"), member)
        return [record for record in shop.stream.records() if "mv" in record["dynamodb"]["NewImage"]]

    def test_k3_what_was_committed_before_a_death_goes_out_once_the_stream_is_read_again(
        self, shop: Shop, records: list[Record]
    ) -> None:
        def die(_entry: Any) -> bool:
            raise Killed

        shop.bus.refuses = die
        with pytest.raises(Killed):
            shop.take(records)
        shop.bus.refuses = lambda _entry: False

        assert shop.take(records) == []

        assert {detail["id"] for detail in shop.bus.details} >= shop.ids()

    def test_k3_a_death_after_the_bus_took_events_tells_them_again_with_the_same_ids(
        self, shop: Shop, records: list[Record]
    ) -> None:
        shop.take(records)  # and dies before Lambda hears of it
        shop.take(records)

        ids = [detail["id"] for detail in shop.bus.details]
        assert ids[: len(ids) // 2] == ids[len(ids) // 2 :]
        heard = Listener()
        heard.hear(list(zip(shop.bus.types, shop.bus.details, strict=True)))
        assert [points for points, _ in heard.balances().values()] == [303]

    def test_an_event_that_the_bus_refuses_for_a_moment_is_put_again(self, shop: Shop, records: list[Record]) -> None:
        answers = iter([True, False, True])
        shop.bus.refuses = lambda entry: entry["DetailType"] == "tier.changed" and next(answers, False)

        assert shop.take(records) == []

        assert sorted(shop.bus.types) == ["points.earned"] * 3 + ["tier.changed"]

    def test_q3_the_first_event_that_the_bus_never_takes_is_named_by_its_record(
        self, shop: Shop, records: list[Record]
    ) -> None:
        shop.bus.refuses = lambda entry: '"T-2"' in entry["Detail"]

        assert shop.take(records, allowed=NO_TIME) == [number_of(records[1])]

    def test_q3_records_behind_one_that_fails_for_a_passing_reason_wait_for_it(
        self, shop: Shop, records: list[Record]
    ) -> None:
        fall = {"pk": {"S": "STOCK#tableware#00"}, "sk": {"S": "STOCK"}}
        images = {"OldImage": fall | {"left": {"N": "2"}}, "NewImage": fall | {"left": {"N": "1"}}}
        shop.world.offer(*shop.low_rewards())
        stuck = {"eventName": "MODIFY", "dynamodb": {"SequenceNumber": "77", **images}}

        assert shop.take([records[0], stuck, records[1]], allowed=NO_TIME) == ["77"]

        assert [detail["source"]["id"] for detail in shop.bus.details] == ["T-1"]

    def test_q3_a_record_that_cannot_even_be_put_aside_is_named(self, shop: Shop, records: list[Record]) -> None:
        poison = {**records[1], "dynamodb": {**records[1]["dynamodb"], "NewImage": {"mv": {"M": {}}}}}
        shop.aside.is_down = True

        assert shop.take([records[0], poison, records[2]]) == [number_of(records[1])]

        assert [detail["source"]["id"] for detail in shop.bus.details] == ["T-1"]

    def test_q3_t26_a_record_that_can_never_be_read_is_put_aside_by_name_and_the_others_go_out_in_order(
        self, shop: Shop, records: list[Record]
    ) -> None:
        image = {**records[1]["dynamodb"]["NewImage"], "t": {"S": "no instant"}}
        poison = {**records[1], "dynamodb": {**records[1]["dynamodb"], "NewImage": image}}

        assert shop.take([records[0], poison, records[2]]) == []

        assert [detail["source"]["id"] for detail in shop.bus.details if "source" in detail] == ["T-1", "T-300"]
        (named,) = shop.aside.bodies
        assert named == {
            "streamArn": records[1]["eventSourceARN"],
            "sequenceNumber": number_of(records[1]),
            "keys": {"pk": "SALE#SH001#T-2", "sk": "SALE"},
            "error": "ValueError",
        }

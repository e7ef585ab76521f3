"""`jifen ops rebuild --requests`: listed for the staff is what waits for it, whichever table was restored. K6, L6."""

from collections.abc import Callable

import pytest

from shared.ledger.store import Ledger, StaleReadError
from shared.redemption.rebuild_requests import list_right, mislisted
from shared.redemption.redemptions import Status
from shared.redemption.requests import Requests
from shared.runtime.attributes import Item, decode, encode
from tests.builders import Till, a_ladder, a_program, publish
from tests.deeds import deeds_on, told
from tests.integration.audit.test_rebuild import ops
from tests.integration.redemption.world import World, a_reward


class Desk:
    """A shop with redemptions in every state, and what its table of members holds of them."""

    def __init__(self, ledger: Ledger) -> None:
        publish(ledger, a_program(tiers=a_ladder()))
        self.ledger, self.requests = ledger, Requests(client=ledger.client, table=ledger.tables.members)
        till = Till(ledger=ledger)
        self.world = World(ledger, now=till.clock())
        self.world.offer(a_reward("vase", points=5, stock=None, review=True), a_reward("mug", points=5, stock=None))
        self.ids: dict[str, str] = {}
        for name in ("waiting", "approved", "handed over", "cancelled", "rejected"):
            member = till.a_member(points=100)
            self.ids[name] = self.world.redeem(member, "vase").redemption.id
            if name in {"approved", "handed over"}:
                self.world.approve(self.ids[name])
            if name == "handed over":
                self.world.hand_over(self.ids[name])
            if name == "cancelled":
                self.world.cancel(member, self.ids[name])
            if name == "rejected":
                self.world.undo(self.ids[name], rejected=True)
        self.ids["mug"] = self.world.redeem(till.a_member(points=100), "mug").redemption.id

    def listed(self) -> dict[str, Status]:
        return {redemption_id: one.status for redemption_id, one in self.requests.everything().items()}

    def wrong(self) -> list[str]:
        found = mislisted([self.ids[name] for name in self.ids if name != "mug"], self.requests, self.ledger)
        return [one.redemption_id for one in found]

    def items(self) -> list[Item]:
        pages = self.ledger.client.get_paginator("scan").paginate(TableName=self.ledger.tables.members)
        items = [decode(item) for page in pages for item in page["Items"]]
        return [item for item in items if item["pk"] == "REQUESTS"]

    def put(self, item: Item) -> None:
        self.ledger.client.put_item(TableName=self.ledger.tables.members, Item=encode(item))

    def delete(self, item: Item) -> None:
        key = {"pk": item["pk"], "sk": item["sk"]}
        self.ledger.client.delete_item(TableName=self.ledger.tables.members, Key=encode(key))

    def item(self, name: str) -> Item:
        (found,) = [item for item in self.items() if item["sk"].endswith(self.ids[name])]
        return found


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    return Desk(ledger)


def restored_before_anything(desk: Desk) -> None:
    for item in desk.items():
        desk.delete(item)


def restored_before_decisions(desk: Desk) -> None:
    """Give the list as it was before anything was approved, handed over or cancelled."""
    item = desk.item("waiting")
    desk.put({**desk.item("approved"), "st": "requested"})
    for name in ("handed over", "cancelled", "rejected"):
        desk.put({**item, "sk": item["sk"].replace(desk.ids["waiting"], desk.ids[name])})


def restored_ledger(desk: Desk) -> None:
    """List a redemption that the restored ledger has not seen."""
    item = desk.item("waiting")
    desk.put({**item, "sk": item["sk"].replace(desk.ids["waiting"], "rdm_00000000000000000000000000")})


@pytest.mark.parametrize(
    ("spoil", "count"), [(restored_before_anything, 2), (restored_before_decisions, 4), (restored_ledger, 1)]
)
def test_k6_the_list_is_named_by_the_audit_and_rebuilt(
    desk: Desk, engine_url: str, spoil: Callable[[Desk], None], count: int
) -> None:
    right, items = desk.listed(), sorted(desk.items(), key=lambda item: item["sk"])
    assert right == {desk.ids["waiting"]: Status.REQUESTED, desk.ids["approved"]: Status.APPROVED}
    assert desk.wrong() == []
    spoil(desk)
    till = Till(ledger=desk.ledger)

    answer = ops(till, engine_url, "rebuild", "--requests", "--yes", "--by", "ops-1")

    assert answer.exit_code == 0, answer.output
    assert f"{count} redemptions set right, 0 still differ" in answer.output
    assert (desk.listed(), sorted(desk.items(), key=lambda item: item["sk"])) == (right, items)
    assert ops(till, engine_url, "rebuild", "--requests").output == "0 redemptions set right, 0 still differ\n"


def test_who_did_it_stands_in_the_trail(desk: Desk) -> None:
    desk.delete(desk.item("waiting"))
    (found,) = mislisted([desk.ids["waiting"]], desk.requests, desk.ledger)
    list_right(found, desk.requests, desk.ledger, desk.world.patience, author="ops-1", at=desk.world.now)
    deeds = told(deeds_on(desk.world.now.date(), desk.ledger))
    assert [who for what, who, _ in deeds if what == "request.rebuilt"] == ["ops-1"]


@pytest.mark.parametrize("name", ["waiting", "approved"])
def test_what_is_decided_meanwhile_is_not_listed_again(desk: Desk, name: str) -> None:
    """It is taken off the list in the moment between the look and the write, together with its fate."""
    item = desk.item(name)
    desk.delete(item)
    (found,) = mislisted([desk.ids[name]], desk.requests, desk.ledger)
    desk.put(item)
    if name == "waiting":
        desk.world.undo(desk.ids[name], rejected=True)
    else:
        desk.world.hand_over(desk.ids[name])
    with pytest.raises(StaleReadError):
        list_right(found, desk.requests, desk.ledger, desk.world.patience, author="ops-1", at=desk.world.now)
    assert desk.ids[name] not in desk.listed()

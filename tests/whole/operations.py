"""Everything that the product can be asked for, one row each. What is new joins here, and is proven with the rest."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from shared import keys
from shared.earning.completion_store import Completion, Evidence
from shared.ledger.entry_ids import entry_id
from shared.names import SMS_COUNT_PREFIX
from shared.redemption.catalogue_items import reward_tag
from tests.builders import NOW
from tests.whole.requests import (
    Asked,
    Brought,
    Request,
    by_anyone,
    by_member,
    by_staff,
    by_till,
    from_queue,
    from_stream,
)
from tests.whole.stage import Scene, Stage, State
from tests.whole.story import (
    AGREED,
    CODE,
    FEW,
    GRILL,
    HUA,
    MANY,
    MEI,
    MUG,
    REPORT,
    REWARDS,
    TAKEN_BACK,
    a_phone,
    adjusts,
    made_by,
    redeems,
    refund,
    sale,
    void,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A request, and what happens before it besides what has happened so far.

    One that is `in_parts` does several things that are each whole, such as a page of members: an attempt that dies
    may have done some, and the next one does the others. One that counts `each_time` writes down when it was made,
    each time that it is; `counted` is where it only counts how often. One that `only_reads` writes nothing at all.
    """

    name: str
    ask: Request
    after: tuple[Request, ...] = ()
    in_parts: bool = False
    each_time: bool = False
    counted: str = ""
    only_reads: bool = False

    @property
    def is_keyed(self) -> bool:
        return isinstance(self.ask, Asked) and "idempotency-key" in self.ask.headers

    def scene(self, stage: Stage, so_far: State) -> Scene:
        """Put it on the stage."""
        stage.rewind(so_far)
        stage.play(self.after)
        return Scene(stage, self.ask, stage.state(), self.ask.event(stage.find), self.counted)


def operation(name: str, ask: Request, *after: Request, **others: Any) -> Operation:
    return Operation(name=name, ask=ask, after=after, **others)


def reading(name: str, ask: Request) -> Operation:
    return Operation(name=name, ask=ask, only_reads=True)


REPORTED: Final = Completion(
    member_id=MEI, task_id="report", subject="pan-26", number=1, status="waiting", submitted_at=NOW, evidence=Evidence()
).id
APPROVE: Final = by_staff("staff:approve", "POST /v1/admin/completions/{completion_id}/approve", completion_id=REPORTED)
REJECT: Final = by_staff(
    "staff:approve",
    "POST /v1/admin/completions/{completion_id}/reject",
    {"reason": "看不清"},
    completion_id=REPORTED,
)
COMPLETIONS: Final = "POST /v1/me/tasks/{task_id}/completions"
GUESTS: Final = {"store_id": "SH001", "receipt_id": "T-guest", "total": 5_000}
POT: Final = {"name": "炖锅"}
A_MUG: Final = next(reward for reward in REWARDS if reward.id == "mug")
TIER: Final = "PUT /v1/admin/members/{id}/tier"
FREEZE: Final = "POST /v1/admin/members/{id}/freeze"
UNFREEZE: Final = "POST /v1/admin/members/{id}/unfreeze"
CANCEL: Final = "POST /v1/me/redemptions/{id}/cancel"
A_YEAR_ON: Final = NOW + timedelta(days=400)


def acts(action: str, event_id: str, **others: Any) -> Request:
    named = {"action": action, "event_id": event_id, "member": {"member_id": HUA}, "occurred_at": NOW.isoformat()}
    return by_till("action.completed", named | others)


def sweep(kind: str, at: datetime, function: str = "sweep_worker") -> Brought:
    body = {"kind": kind, "at": at.isoformat(), "segment": 0, "of": 1, "page": 1}
    return from_queue(function, body, at=at)


def by_desk(route: str, body: Any, *, key: str = "", member_id: str = MEI) -> Asked:
    return by_staff("staff:approve", route, body, key=key, id=member_id)


def claim(key: str) -> Request:
    body = {"member_id": MEI, "benefit_id": "parking", "store_id": "SH001"}
    return by_staff("pos:redeem", "POST /v1/benefits/claims", body, key=key)


def by_catalog(route: str, body: Any = None, *, key: str = "", if_match: str = "", **path: str) -> Asked:
    asked = by_staff("staff:catalog", route, body, key=key, **path)
    return replace(asked, headers={**asked.headers, **({"if-match": f'"{if_match}"'} if if_match else {})})


def on_adjustment(verb: str, body: Any = None) -> Asked:
    route = f"POST /v1/admin/adjustments/{{id}}/{verb}"
    return by_staff("staff:approve", route, body, who="qian", id=made_by(MANY, "adj"))


def on_grill(verb: str, body: Any = None, *, key: str = "") -> Asked:
    route = f"POST /v1/admin/redemptions/{{id}}/{verb}"
    return by_staff("staff:approve", route, body, key=key, id=made_by(GRILL, "rdm"))


def from_bus() -> Brought:
    told = {"detail-type": "points.earned", "time": NOW.isoformat(), "detail": {"id": "evt_1", "points": 5}}
    return from_queue("webhook_sender", told)


def low_stock() -> Request:
    return from_stream("publisher", "STOCK#rare", before=lambda item: {**item, "left": item["left"] + 1})


OF_TILLS: Final = (
    operation("a sale", sale("T-9", MEI, 12_000, 3_000)),
    operation("a first order of a friend", sale("T-9", HUA, 12_000)),
    operation("a sale over parked returns", sale("T-late", MEI, 30_000)),
    operation("a first order over parked returns", sale("T-late", HUA, 30_000)),
    operation("a guest's sale", sale("T-9", None, 12_000)),
    operation("a guest's sale over parked returns", sale("T-late", None, 30_000)),
    operation("a sale by phone", sale("T-9", None, 12_000, member={"phone": a_phone(2)})),
    operation("a receipt with other content", sale("T-2", MEI, 99_900)),
    operation("a refund by amount", refund("T-2", "R-9", amount=3_000)),
    operation("a refund of a line", refund("T-1", "R-9", lines=[{"line_id": "2", "quantity": "1", "net": 30_000}])),
    operation("a refund of the rest", refund("T-2", "R-9", amount=21_000)),
    operation("a refund that is more than is left", refund("T-2", "R-9", amount=99_999)),
    operation("a void", void("T-2")),
    operation("a void of a friend's first order", void("T-1")),
    operation("a parked refund", refund("T-9", "R-9", amount=3_000)),
    operation("another parked refund", refund("T-late", "R-9", amount=100)),
    operation("a refund of a guest", refund("T-guest", "R-9", amount=1_000)),
    operation("an action", acts("follow", "E-1")),
    operation("an action that brings a gift", acts("custom:party", "E-1")),
    operation("an event that can never be used", by_till("sale.completed", {"store_id": "SH001"})),
    operation("an event of no concern", by_till("till.opened", {"store_id": "SH001"})),
)
OF_MEMBERS: Final = (
    operation("enrolling", by_member("new", "POST /v1/me", AGREED | {"name": "新"})),
    operation("enrolling with a phone", by_member("new", "POST /v1/me", AGREED, phone=a_phone(9))),
    operation(
        "enrolling as a friend",
        by_member("new", "POST /v1/me", AGREED | {"referral_code": CODE}, phone=a_phone(9)),
    ),
    operation("enrolling again", by_member("mei", "POST /v1/me", AGREED, phone=a_phone(2))),
    operation("changing a name", by_member("mei", "PATCH /v1/me", {"name": "梅二", "birthday": "1990-05-17"})),
    operation("proving another phone", by_member("mei", "PATCH /v1/me", {"phone": a_phone(8)}, phone=a_phone(8))),
    operation(
        "proving a first phone",
        by_member("new", "PATCH /v1/me", {"phone": a_phone(9)}, phone=a_phone(9)),
        by_member("new", "POST /v1/me", AGREED),
    ),
    operation(
        "withdrawing a consent",
        by_member("mei", "PATCH /v1/me", {"consents": [{"policy": "privacy", "given": False}]}),
    ),
    operation("choosing channels", by_member("mei", "PUT /v1/me/message-settings", {"language": "en"}), each_time=True),
    operation("reading a code for friends", by_member("mei", "GET /v1/me/referral")),
    operation("checking in", by_member("mei", "POST /v1/me/check-ins")),
    operation(
        "checking in again", by_member("mei", "POST /v1/me/check-ins"), by_member("mei", "POST /v1/me/check-ins")
    ),
    operation("filling in a survey", by_member("mei", COMPLETIONS, {}, key="fill-it-in", task_id="survey")),
    operation(
        "handing in a report",
        by_member("mei", COMPLETIONS, REPORT | {"subject": "pot-24"}, key="another-report", task_id="report"),
    ),
    operation(
        "claiming a receipt",
        by_member("mei", "POST /v1/me/receipt-claims", GUESTS),
        counted=keys.claim_tries(MEI).pk,
    ),
    operation(
        "claiming a receipt that there is not",
        by_member("mei", "POST /v1/me/receipt-claims", GUESTS | {"receipt_id": "T-0"}),
        counted=keys.claim_tries(MEI).pk,
    ),
    operation("redeeming", redeems("mei", "mug", key="redeem-another", quantity=2)),
    operation("redeeming from one shelf", redeems("mei", "rare", key="redeem-a-rare-one")),
    operation("redeeming what needs an approval", redeems("mei", "grill", key="redeem-another")),
    operation("redeeming a tier", redeems("mei", "gold-card", key="redeem-a-tier")),
    operation("redeeming what is gone", redeems("mei", "gone", key="redeem-what-is-gone")),
    operation("redeeming without points", redeems("mei", "mug", key="redeem-too-much", quantity=50)),
    operation("cancelling", by_member("mei", CANCEL, key="take-it-back", id=made_by(TAKEN_BACK, "rdm"))),
)
OF_STAFF: Final = (
    operation("approving", APPROVE),
    operation("rejecting", REJECT),
    operation(
        "seeing a member in full",
        by_staff("staff:read staff:pii", "GET /v1/admin/members/{id}", id=MEI),
        each_time=True,
    ),
    operation(
        "finding a member in full",
        by_staff("staff:read staff:pii", "POST /v1/admin/members/search", {"phone": a_phone(2)}),
        each_time=True,
    ),
    operation("approving a redemption", on_grill("approve")),
    operation("rejecting a redemption", on_grill("reject", {"reason": "not-eligible"})),
    operation("cancelling for the store", on_grill("cancel", {"reason": "out-of-stock"})),
    operation("handing over", on_grill("fulfil", {}, key="hand-it-over"), on_grill("approve")),
    operation("handing over too early", on_grill("fulfil", {}, key="hand-it-over")),
    operation(
        "handing over at the till",
        by_staff(
            "pos:redeem",
            "POST /v1/redemptions/{id}/fulfil",
            {"store_id": "SH001"},
            key="hand-it-over",
            id=made_by(MUG, "rdm"),
        ),
    ),
    operation("adding a reward", by_catalog("POST /v1/admin/rewards", {"id": "pot", "points": 80, "stock": 40, **POT})),
    operation(
        "changing a reward",
        by_catalog("PUT /v1/admin/rewards/{id}", {"points": 90, **POT}, if_match=reward_tag(A_MUG), id="mug"),
    ),
    operation(
        "offering more",
        by_catalog(
            "POST /v1/admin/rewards/{id}/stock", {"delta": 20, "reason": "delivery"}, key="twenty-more", id="mug"
        ),
    ),
    operation("taking off the list", by_catalog("POST /v1/admin/rewards/{id}/archive", id="mug")),
    operation("giving points", adjusts(300, key="give-points")),
    operation("taking points", adjusts(-300, key="take-points")),
    operation("asking for many points", adjusts(3_000, key="give-many-points")),
    operation("approving an adjustment", on_adjustment("approve")),
    operation("rejecting an adjustment", on_adjustment("reject", {"reason": "没有凭证"})),
    operation(
        "setting a tier",
        by_desk(TIER, {"tier_id": "gold", "valid_until": "2027-12-31", "reason": "goodwill"}, key="set-the-tier"),
    ),
    operation("freezing", by_desk(FREEZE, {"reason": "lost-device"})),
    operation("unfreezing", by_desk(UNFREEZE, {"reason": "cleared"}), by_desk(FREEZE, {"reason": "lost-device"})),
    operation(
        "crediting a receipt",
        by_staff("staff:adjust", "POST /v1/admin/members/{id}/receipt-claims", GUESTS, id=MEI),
    ),
    operation("claiming a benefit", claim("claim-parking")),
    operation(
        "claiming too often", claim("claim-parking-4"), *(claim(f"claim-parking-{number}") for number in range(3))
    ),
)
OF_THE_CHAIN: Final = (
    operation(
        "planning a sweep", Brought(function="sweep_planner", make=lambda _: {"kind": "expiry", "at": NOW.isoformat()})
    ),
    operation("sweeping what has lapsed", sweep("expiry", A_YEAR_ON), in_parts=True),
    operation("reviewing tiers", sweep("tier-review", A_YEAR_ON), in_parts=True),
    operation("reminding", sweep("reminders", NOW), in_parts=True),
    operation(
        "planning an audit", Brought(function="sweep_planner", make=lambda _: {"kind": "audit", "at": NOW.isoformat()})
    ),
    operation("telling a reminder", from_stream("messenger", "MESSAGES#"), sweep("reminders", NOW), in_parts=True),
    operation(
        "telling a reminder by text",
        from_stream("messenger", "MESSAGES#"),
        by_member("lin", "PUT /v1/me/message-settings", {"channels": {"points_expiring": ["sms"]}}),
        sweep("reminders", NOW),
        in_parts=True,
        counted=SMS_COUNT_PREFIX,
    ),
    operation("announcing a tier", from_stream("messenger", "SALE#SH001#T-1"), in_parts=True),
    operation("publishing a sale", from_stream("publisher", "SALE#SH001#T-1")),
    operation("sending an event on", from_bus(), in_parts=True),
    operation("noticing low stock", low_stock(), redeems("mei", "rare", key="redeem-a-rare-one")),
    operation(
        "telling of low stock",
        from_stream("publisher", "STOCKLOW#"),
        redeems("mei", "rare", key="redeem-a-rare-one"),
        low_stock(),
    ),
)
READING: Final = (
    reading("looking at myself", by_member("mei", "GET /v1/me")),
    reading("looking a member up", by_staff("pos:write", "POST /v1/members/lookup", {"phone": a_phone(2)})),
    reading("looking at settings", by_member("mei", "GET /v1/me/message-settings")),
    reading("looking at entries", by_member("mei", "GET /v1/me/entries")),
    reading("looking at an entry", by_member("mei", "GET /v1/me/entries/{id}", id=entry_id(keys.sale("SH001", "T-1")))),
    reading("looking at the tier", by_member("mei", "GET /v1/me/tier")),
    reading("looking at rewards", by_member("mei", "GET /v1/me/rewards")),
    reading("looking at redemptions", by_member("mei", "GET /v1/me/redemptions")),
    reading("looking at a redemption", by_member("mei", "GET /v1/me/redemptions/{id}", id=made_by(MUG, "rdm"))),
    reading("looking at messages", by_member("mei", "GET /v1/me/messages")),
    reading("looking at tasks", by_member("mei", "GET /v1/me/tasks")),
    reading("looking at completions", by_member("mei", "GET /v1/me/tasks/{task_id}/completions", task_id="report")),
    reading("looking for a member", by_staff("staff:read", "POST /v1/admin/members/search", {"name": "林一"})),
    reading("looking at a member", by_staff("staff:read", "GET /v1/admin/members/{id}", id=MEI)),
    *(
        reading(f"looking at a member's {what}", by_staff("staff:read", f"GET /v1/admin/members/{{id}}/{what}", id=MEI))
        for what in ("entries", "redemptions", "sales")
    ),
    reading("auditing", sweep("full-audit", NOW, "auditor")),
    reading(
        "looking at what was done",
        replace(by_staff("ops", "GET /v1/admin/audit-log"), query={"day": f"{NOW:%Y-%m-%d}"}),
    ),
    reading("looking at adjustments", by_staff("staff:approve", "GET /v1/admin/adjustments")),
    reading(
        "looking at an adjustment", by_staff("staff:adjust", "GET /v1/admin/adjustments/{id}", id=made_by(FEW, "adj"))
    ),
    reading("looking at all rewards", by_staff("staff:catalog", "GET /v1/admin/rewards")),
    reading(
        "quoting a sale",
        by_staff("pos:write", "POST /v1/sales/quote", json.loads(sale("T-9", MEI, 12_000).body)["data"]),
    ),
    reading("looking at requests", by_staff("staff:read", "GET /v1/admin/redemptions")),
    reading("looking at what waits", by_staff("staff:approve", "GET /v1/admin/completions")),
    *(
        reading(path, by_anyone(f"GET /v1/{path}"))
        for path in ("program", "campaigns", "rewards", "stores", "health", "openapi.json")
    ),
)
OPERATIONS: Final = (*OF_TILLS, *OF_MEMBERS, *OF_STAFF, *OF_THE_CHAIN, *READING)

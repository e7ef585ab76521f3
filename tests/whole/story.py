"""A small chain as it stands when a request comes: who is a member, what was bought, redeemed and handed in so far."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from shared.http.idempotency import derived_id
from shared.ledger.store import Ledger
from shared.members.references import referral_code
from shared.program.actions import ActionRule, Evidence, GiftReward, Streak
from shared.program.expiry import Reminder
from shared.program.items import chain_item
from shared.program.model import Benefit, Program, Tiers
from shared.program.rules import Budget, EarnRule, FixedPoints, RuleLimit
from shared.program.stores import Chain, Store
from shared.redemption.catalogue import Catalogue, Content
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.rewards import Reward
from shared.redemption.shards import changes
from shared.redemption.stock import Stock
from shared.runtime import aws
from shared.runtime.attributes import encode
from shared.runtime.secrets import Keys
from shared.runtime.transactions import commit
from tests.builders import LONG_AGO, NOW, a_ladder, a_program, months, patience, per_yuan, publish
from tests.http_events import ISSUER
from tests.whole.requests import Asked, Request, by_member, by_staff, by_till
from tests.whole.stage import ROOT_KEY, SO_FAR, Stage, id_of

YESTERDAY: Final = NOW - timedelta(days=1)
LAST_YEAR: Final = NOW - timedelta(days=340)
LIN, MEI, HUA = (id_of("mem", SO_FAR, number) for number in range(3))
CODE: Final = referral_code(LIN, Keys(ROOT_KEY.encode()).key_for("codes"))
AGREED: Final = {"consents": [{"policy": "privacy", "version": "1"}]}
REPORT: Final = {"subject": "pan-26", "text": "用了一个月，煮面很快，清洗也方便，锅盖的把手有点烫，要拿毛巾。"}


def a_phone(number: int) -> str:
    return f"+86138{number:08d}"


def the_program() -> Program:
    return a_program(
        per_yuan(),
        EarnRule(
            id="carnival",
            name="嘉年华加20分",
            give=FixedPoints(points=20),
            budget=Budget(points_total=16_000),
        ),
        expire=months(12, remind=Reminder(days_before=(30, 7, 1), channels=("app", "sms"))),
        tiers=the_tiers(),
        actions=(
            ActionRule(id="join", name="注册送50分", on="enroll", give=FixedPoints(points=50)),
            ActionRule(id="invite", name="邀请有礼", on="referral_enrolled", give=FixedPoints(points=100), to="both"),
            ActionRule(
                id="extra", name="好友首单", on="referral_first_order", give=FixedPoints(points=50), to="referrer"
            ),
            ActionRule(id="check-in", name="签到", on="check_in", give=Streak(points=(5, 8, 12))),
            ActionRule(
                id="report",
                name="使用报告",
                on="custom:report",
                give=FixedPoints(points=100),
                evidence=Evidence(min_chars=20),
                once_per_subject=True,
                confirmed_by="staff",
            ),
            ActionRule(
                id="survey",
                name="问卷",
                on="survey",
                give=FixedPoints(points=20),
                limit=RuleLimit(per_member=1, every="day"),
                confirmed_by="member",
            ),
            ActionRule(id="follow", name="关注", on="follow", give=FixedPoints(points=10)),
            ActionRule(id="party", name="派对礼", on="custom:party", give=GiftReward(reward_id="pack", name="礼包")),
        ),
    )


def the_tiers() -> Tiers:
    ladder = a_ladder(silver=1_000, gold=10_000)
    parking = Benefit(id="parking", name="免费停车", times=3, every="month")
    return replace(ladder, levels=tuple(replace(level, benefits=(parking,)) for level in ladder.levels))


REWARDS: Final = (
    Reward(id="mug", name="马克杯", points=100, stock=64),
    Reward(id="rare", name="限量餐具", points=200, stock=3, shards=1, low_stock=5),
    Reward(id="gone", name="已兑完", points=100, stock=0, shards=1),
    Reward(id="grill", name="电烤炉", points=150, stock=20, shards=2, review=True),
    Reward(id="gold-card", name="金卡", points=300, type="tier_upgrade", to_tier="gold"),
    Reward(id="pack", name="新人礼包", points=0, hidden=True),
)


def sale(receipt_id: str, member_id: str | None, *amounts: int, **others: Any) -> Asked:
    """Let a till tell of a sale in SH001; amounts in fen."""
    lines = [
        {"line_id": str(number), "sku": f"S-{number}", "quantity": "1", "net": net}
        for number, net in enumerate(amounts, start=1)
    ]
    at = others.pop("at", NOW)
    member = {"member": {"member_id": member_id}} if member_id else {}
    data = {
        "store_id": "SH001",
        "receipt_id": receipt_id,
        "occurred_at": at.isoformat(),
        **member,
        "currency": "CNY",
        "lines": lines,
        "total": sum(amounts),
        **others,
    }
    return by_till("sale.completed", data, at=at)


def refund(receipt_id: str, refund_id: str, **part: Any) -> Asked:
    """Let a till tell of a refund: `amount=…` or `lines=…`."""
    named = {"store_id": "SH001", "receipt_id": receipt_id, "refund_id": refund_id, "occurred_at": NOW.isoformat()}
    return by_till("sale.refunded", named | part)


def void(receipt_id: str) -> Asked:
    named = {"store_id": "SH001", "receipt_id": receipt_id, "occurred_at": NOW.isoformat(), "reason": "error"}
    return by_till("sale.voided", named)


def redeems(name: str, reward_id: str, *, key: str, **others: Any) -> Asked:
    return by_member(name, "POST /v1/me/redemptions", {"reward_id": reward_id, **others}, key=key)


def adjusts(points: int, *, key: str) -> Asked:
    """Let staff give or take points of Mei."""
    told = {"points": points, "reason_code": "goodwill", "store_id": "SH001", "internal_note": "排队太久"}
    return by_staff("staff:adjust", "POST /v1/admin/members/{id}/adjustments", told, key=key, id=MEI)


def made_by(request: Asked, prefix: str) -> str:
    """Give the id of what a request with a key makes."""
    claims = request.claims or {}
    identity = f"{ISSUER}|{claims['sub']}"
    return derived_id(prefix, identity, request.route.key, request.headers["idempotency-key"])


FEW: Final = adjusts(50, key="few-points")
MANY: Final = adjusts(2_000, key="many-points")
MUG: Final = redeems("mei", "mug", key="redeem-the-mug")
GRILL: Final = redeems("mei", "grill", key="redeem-the-grill")
TAKEN_BACK: Final = redeems("mei", "mug", key="redeem-and-cancel", quantity=2)
SO_FAR_REQUESTS: Final[tuple[Request, ...]] = (
    by_member("lin", "POST /v1/me", AGREED | {"name": "林一"}, phone=a_phone(1), at=LAST_YEAR),
    by_member("lin", "GET /v1/me/referral", at=LAST_YEAR),
    by_member("mei", "POST /v1/me", AGREED | {"referral_code": CODE}, phone=a_phone(2), at=YESTERDAY),
    by_member("hua", "POST /v1/me", AGREED | {"referral_code": CODE}, phone=a_phone(3), at=YESTERDAY),
    by_member("mei", "POST /v1/me/check-ins", at=YESTERDAY),
    sale("T-old", LIN, 90_000, at=LAST_YEAR),
    sale("T-1", MEI, 150_000, 30_000, at=YESTERDAY),
    sale("T-2", MEI, 21_900),
    refund("T-2", "R-1", amount=900),
    sale("T-guest", None, 5_000),
    refund("T-late", "R-1", amount=3_000),
    refund("T-late", "R-2", amount=500),
    FEW,
    MANY,
    MUG,
    GRILL,
    TAKEN_BACK,
    by_member("mei", "POST /v1/me/tasks/{task_id}/completions", REPORT, key="hand-in-the-report", task_id="report"),
)


def begin(stage: Stage) -> None:
    """Publish the program and the rewards, and let happen what has happened so far."""
    open_shops(stage, the_program())
    stage.play(SO_FAR_REQUESTS)


def open_shops(stage: Stage, program: Program, rewards: Sequence[Reward] = REWARDS) -> None:
    """Put a program, two stores and rewards with their stock in force."""
    client = aws.client("dynamodb")
    ledger = Ledger(client=client, tables=stage.tables)
    publish(ledger, program)
    chain = chain_item(Chain(stores=(Store(id="SH001", name="人民广场"), Store(id="SH002", name="静安"))))
    client.put_item(TableName=stage.tables.ledger, Item=encode(chain))
    content = Content(effective=LONG_AGO, currency="CNY", rewards={one.id: one for one in rewards})
    stock = Stock(ledger=ledger, pick=min)
    catalogues = Catalogues(client=client, table=stage.tables.ledger, clock=lambda: LAST_YEAR)
    writes = [catalogues.replacing(Catalogue(), Catalogue(revision=1, contents=(content,)))]
    for reward in rewards:
        spread = changes(dict.fromkeys(range(reward.shards), 0), reward.stock or 0, reward_id=reward.id)
        writes += [
            stock.adding(reward.id, shard, given=0, pieces=pieces, revision=1) for shard, pieces in spread.items()
        ]
    commit(client, writes, patience())

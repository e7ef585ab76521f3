"""The staff keeps the catalogue. A change is in force within a minute, stock at once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from functions.catalog.dependencies import Dependencies
from functions.catalog.schemas import (
    ChangedReward,
    NewReward,
    RewardFields,
    StaffRewardList,
    StaffRewardView,
    StockRequest,
    StockView,
)
from shared.errors import (
    BusyError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    IfMatchRequiredError,
    InvalidFieldError,
    NoProgramError,
    OutOfStockError,
    RewardExistsError,
    RewardNotFoundError,
    VersionMovedError,
)
from shared.http.call import CREATED, OK, Answer, Call
from shared.http.idempotency import request_digest
from shared.http.problems import invalid_field
from shared.http.routes import Routes
from shared.program.model import Program
from shared.redemption.change_rewards import (
    Changed,
    Shelf,
    StockChange,
    add_reward,
    archive_reward,
    change_reward,
    change_stock,
)
from shared.redemption.rewards import Reward
from shared.redemption.stock import Shard
from shared.runtime import telemetry

CHANGE_PREFIX: Final = "stk"
routes = Routes[Dependencies](tag="Staff")
_CHANGING: Final[Any] = (BusyError, DependencyUnavailableError, InvalidFieldError, NoProgramError)


@routes.get("/v1/admin/rewards", scopes=("staff:catalog", "staff:read"), errors=(BusyError, DependencyUnavailableError))
def list_all_rewards(built: Dependencies, call: Call) -> StaffRewardList:
    """List all rewards as last changed, hidden and archived ones too, with what is left of each."""
    catalogue = built.catalogues.read().catalogue
    latest, content = catalogue.latest, catalogue.contents[-1] if catalogue.contents else None
    shards = built.stock.read([one for one in latest.values() if one.stock is not None], call.patience)
    currency = content.currency if content else ""
    views = [StaffRewardView.of(reward, currency, *counted(shards.get(reward.id))) for reward in latest.values()]
    effective = content.effective if content else None
    return StaffRewardList(revision=catalogue.revision, effective=effective, items=views)


@routes.post(
    "/v1/admin/rewards", scopes=("staff:catalog",), status=CREATED, also=(OK,), errors=(*_CHANGING, RewardExistsError)
)
def add_a_reward(built: Dependencies, call: Call, request: NewReward) -> Answer[StaffRewardView]:
    """Add a reward with its stock; the same one again is answered with 200."""
    program = built.programs.chain_wide(built.clock())
    reward = _checked(request, request.reward(), program)
    changed = add_reward(reward, _shelf(built, call, program), call.patience)
    return _told(built, call, changed, status=OK if changed.before else CREATED)


@routes.put(
    "/v1/admin/rewards/<id>",
    scopes=("staff:catalog",),
    errors=(*_CHANGING, IfMatchRequiredError, RewardNotFoundError, VersionMovedError),
)
def change_a_reward(
    built: Dependencies,
    call: Call,
    request: ChangedReward,
    id: str,  # noqa: A002 the path names it
) -> Answer[StaffRewardView]:
    """Change a reward as a whole, from the state that `If-Match` names, unless it is so already."""
    base_tag = call.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    if not base_tag:
        raise IfMatchRequiredError
    program = built.programs.chain_wide(built.clock())

    def change(known: Reward) -> Reward:
        return _checked(request, replace(request.applied_to(known), listed=request.listed), program)

    return _told(built, call, change_reward(id, base_tag, change, _shelf(built, call, program), call.patience))


@routes.post("/v1/admin/rewards/<id>/archive", scopes=("staff:catalog",), errors=(*_CHANGING, RewardNotFoundError))
def archive_a_reward(built: Dependencies, call: Call, id: str) -> Answer[StaffRewardView]:  # noqa: A002 the path names it
    """Take a reward off the list: it can no longer be redeemed; redemptions can still be cancelled."""
    program = built.programs.chain_wide(built.clock())
    return _told(built, call, archive_reward(id, _shelf(built, call, program), call.patience))


@routes.post(
    "/v1/admin/rewards/<id>/stock",
    scopes=("staff:catalog",),
    idempotent=True,
    errors=(*_CHANGING, IdempotencyKeyReusedError, OutOfStockError, RewardNotFoundError),
)
def change_the_stock(
    built: Dependencies,
    call: Call,
    request: StockRequest,
    id: str,  # noqa: A002 the path names it
) -> Answer[StockView]:
    """Offer more pieces of a reward, or fewer: no more than are left can be taken back."""
    if not request.delta:
        raise invalid_field("/delta", "string_pattern_mismatch")
    change = StockChange(
        change_id=call.derived_id(CHANGE_PREFIX),
        digest=request_digest(request, reward_id=id),
        reward_id=id,
        delta=request.delta,
        reason=request.reason,
    )
    telemetry.note(reward_id=id)
    left, given, replayed = change_stock(
        change, _shelf(built, call, built.programs.chain_wide(built.clock())), call.patience
    )
    return Answer(body=StockView(reward_id=id, left=left, given=given), replayed=replayed)


def counted(shards: Mapping[int, Shard] | None) -> tuple[int | None, int | None]:
    """Add up pieces left and ever offered; nothing where there is no end of them."""
    if shards is None:
        return None, None
    return sum(one.left for one in shards.values()), sum(one.given for one in shards.values())


def _shelf(built: Dependencies, call: Call, program: Program) -> Shelf:
    by = call.principal.subject
    return Shelf(catalogues=built.catalogues, stock=built.stock, currency=program.currency, by=by)


def _checked(request: RewardFields, reward: Reward, program: Program) -> Reward:
    """Give the reward where the program knows what it names, and a gift is one. Raises InvalidFieldError."""
    levels = [level.id for level in program.tiers.levels] if program.tiers else []
    for at, tier in enumerate(request.tiers):
        if tier not in levels:
            raise invalid_field(f"/tiers/{at}", "literal_error", expected=", ".join(levels))
    if request.cash and request.cash.currency != program.currency:
        raise invalid_field("/cash/currency", "literal_error", expected=program.currency)
    if not reward.points and (not reward.hidden or reward.cash_minor or reward.stock is not None or reward.review):
        raise invalid_field("/points", "greater_than_equal", ge=1)
    if reward.review and reward.type != "product":
        raise invalid_field("/review", "literal_error", expected="false")
    return reward


def _told(built: Dependencies, call: Call, changed: Changed, *, status: int = OK) -> Answer[StaffRewardView]:
    reward = changed.reward
    telemetry.note(reward_id=reward.id)
    shards = built.stock.read([reward], call.patience) if reward.stock is not None else {}
    view = StaffRewardView.of(reward, changed.catalogue.contents[-1].currency, *counted(shards.get(reward.id)))
    return Answer(body=view, status=status, headers={"ETag": view.etag})

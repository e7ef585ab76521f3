"""What a member can redeem and what is missing, and what was redeemed."""

from functions.queries.dependencies import Dependencies
from functions.queries.reward_schemas import RedemptionPage, RedemptionView, RewardList, RewardView
from shared.errors import (
    BadCursorError,
    BusyError,
    DependencyUnavailableError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
    RedemptionNotFoundError,
)
from shared.http.call import Call
from shared.http.pages import Cursor, Limit
from shared.http.routes import Routes
from shared.ledger.posting import as_of
from shared.redemption.history import find_redemption, redemption_page
from shared.redemption.member_catalogue import choices
from shared.runtime import telemetry

routes = Routes[Dependencies](tag="Rewards")


@routes.get(
    "/v1/me/rewards",
    scopes=("member",),
    errors=(BusyError, MemberNotFoundError, DependencyUnavailableError, NoProgramError),
)
def list_rewards(built: Dependencies, call: Call) -> RewardList:
    """List the rewards, whether I can have them now, and if not, what is missing."""
    moment = built.moment()
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    content = built.catalogues.in_force(moment.now)
    left = built.counts.left(content, moment.now, call.patience)
    account = as_of(built.ledger.account(member_id), moment.now, moment.rules)
    halved_through = moment.rules.halved_through(moment.today)
    judged = choices(content.rewards, left, account, moment.today, halved_through=halved_through)
    return RewardList(items=[RewardView.of(choice, content.currency, call.language) for choice in judged])


@routes.get(
    "/v1/me/redemptions",
    scopes=("member",),
    errors=(BadCursorError, BusyError, InvalidFieldError, MemberNotFoundError, DependencyUnavailableError),
)
def list_redemptions(
    built: Dependencies,
    call: Call,
    *,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> RedemptionPage:
    """List my redemptions, newest first."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    listing = built.cursors.listing(route=call.route, principal=member_id, filters={})
    page = redemption_page(built.ledger, member_id, call.patience, limit=limit, start=listing.start(cursor))
    views = [RedemptionView.of(fate) for fate in page.items]
    return RedemptionPage(items=views, next_cursor=listing.next_cursor(page.following))


@routes.get(
    "/v1/me/redemptions/<id>",
    scopes=("member",),
    errors=(BusyError, MemberNotFoundError, RedemptionNotFoundError, DependencyUnavailableError),
)
def read_redemption(built: Dependencies, call: Call, id: str) -> RedemptionView:  # noqa: A002 the path names it
    """Read one of my redemptions."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    return RedemptionView.of(find_redemption(built.ledger, id, member_id, call.patience))

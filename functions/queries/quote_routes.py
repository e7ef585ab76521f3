"""A till asks what a sale would give, before it is paid for: the customer decides with it, and the screen shows it."""

from functions.queries.dependencies import Dependencies
from functions.queries.quote_schemas import QuoteView
from shared.earning.quote_sale import Quote, quote_sale
from shared.errors import (
    BodyTooLargeError,
    BusyError,
    DependencyUnavailableError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
    ProgramNotBegunError,
    StoreNotAllowedError,
)
from shared.http.call import Call
from shared.http.json_body import LARGEST_WEBHOOK_BYTES
from shared.http.problems import invalid_field
from shared.http.routes import Routes
from shared.http.sale_schemas import SaleData
from shared.ledger.account import Account
from shared.redemption.member_catalogue import choices
from shared.redemption.rewards import Reward
from shared.runtime import telemetry
from shared.runtime.patience import Patience

routes = Routes[Dependencies](tag="Tills")


@routes.post(
    "/v1/sales/quote",
    scopes=("pos:write", "pos:redeem"),
    limit_bytes=LARGEST_WEBHOOK_BYTES,
    errors=(
        BodyTooLargeError,
        BusyError,
        DependencyUnavailableError,
        InvalidFieldError,
        MemberNotFoundError,
        NoProgramError,
        StoreNotAllowedError,
    ),
)
def quote(built: Dependencies, call: Call, sale: SaleData) -> QuoteView:
    """Say what a sale would give if it were posted now; nothing is written.

    Without a member it is what somebody who has just enrolled would get. Limits, caps, budgets and counts are as the
    sale would find them at this moment. Whether the receipt is known already is not asked.
    """
    call.principal.require_store(sale.store_id)
    telemetry.note(store_id=sale.store_id)
    quoted = _quoted(sale, built, call.patience)
    options = _options(quoted.account, built, call.patience) if sale.member else []
    return QuoteView.of(quoted, options, call.language)


def _quoted(sale: SaleData, built: Dependencies, patience: Patience) -> Quote:
    """Quote; what is wrong is pointed at in this body, which is the data of an event. Raises as `quote_sale`."""
    try:
        return quote_sale(sale.event(), built.earning, patience)
    except ProgramNotBegunError:
        raise invalid_field("/occurred_at", "before-the-program") from None
    except InvalidFieldError as error:
        found = [{**one, "pointer": _within_data(one["pointer"])} for one in error.fields["errors"]]
        raise InvalidFieldError(errors=found) from None


def _within_data(pointer: str) -> str:
    """Give the place in a sale's data: a reference that can be none is pointed at as `/phone`."""
    return pointer.removeprefix("/data") if pointer.startswith("/data") else f"/member{pointer}"


def _options(account: Account, built: Dependencies, patience: Patience) -> list[Reward]:
    """Name the rewards that the member can have now, in the order of the catalogue."""
    moment = built.moment()
    content = built.catalogues.in_force(moment.now)
    left = built.counts.left(content, moment.now, patience)
    halved_through = moment.rules.halved_through(moment.today)
    judged = choices(content.rewards, left, account, moment.today, halved_through=halved_through)
    return [choice.reward for choice in judged if not choice.obstacles]

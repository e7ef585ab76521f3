"""Tills post what happened: sales, refunds and voids, and servers what members did; all signed."""

from typing import Final

from functions.webhooks.answers import EventAnswer
from functions.webhooks.dependencies import Dependencies
from functions.webhooks.record_event import Delivery, Posted, record_event
from shared.earning.outcomes import Outcome
from shared.errors import (
    BodyTooLargeError,
    BusyError,
    DependencyUnavailableError,
    RefundExceedsSaleError,
    SaleConflictError,
    SignatureInvalidError,
    StoreNotAllowedError,
    SubscriptionNotFoundError,
)
from shared.http.call import ACCEPTED, Answer, Call
from shared.http.languages import without_region
from shared.http.routes import Routes
from shared.http.subscriptions import Subscription
from shared.http.webhook_signature import DELIVERY_ID, verify
from shared.runtime import telemetry

_METRICS: Final[dict[str, telemetry.Metric]] = {
    "ignored": "Ignored",
    "duplicate": "Duplicates",
    "parked": "RefundsParked",
    "quarantined": "Quarantined",
}

routes = Routes[Dependencies](tag="Tills")


@routes.post(
    "/v1/webhooks/<subscription_id>",
    signed=True,
    reads=Posted,
    also=(ACCEPTED,),
    errors=(
        BodyTooLargeError,
        BusyError,
        DependencyUnavailableError,
        RefundExceedsSaleError,
        SaleConflictError,
        SignatureInvalidError,
        StoreNotAllowedError,
        SubscriptionNotFoundError,
    ),
)
def receive_event(built: Dependencies, call: Call, subscription_id: str) -> Answer[EventAnswer]:
    """Record a signed sale, refund, void or action, once however often it is delivered.

    A signed event that can never be used as it stands is acknowledged with 202 `quarantined`, and kept.
    """
    body = call.signed_body()
    subscription = built.subscriptions.authenticate(subscription_id, lambda known: _check(known, call, body, built))
    telemetry.note(subscription_id=subscription_id)
    delivery = Delivery(subscription=subscription, id=call.headers[DELIVERY_ID], body=body)
    outcome = record_event(delivery, built, call.patience)
    _tell(outcome)
    answer = EventAnswer.model_validate(outcome.to_json(without_region(call.language)))
    return Answer(body=answer, status=ACCEPTED if outcome.result in {"parked", "quarantined"} else None)


def _check(subscription: Subscription, call: Call, body: bytes, built: Dependencies) -> None:
    verify(call.headers, body, subscription.secrets, now=built.clock())


def _tell(outcome: Outcome) -> None:
    """Say what came of an event; sales and returns are counted from their entries, by the publisher."""
    telemetry.note(result=outcome.result)
    if outcome.reason:
        telemetry.note(reason=outcome.reason)
    if outcome.result != "applied":
        telemetry.count(_METRICS[outcome.result])

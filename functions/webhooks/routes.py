"""Tills post what happened: sales, refunds and voids, and servers what members did; all signed."""

from typing import Final

from pydantic import ValidationError

from functions.webhooks.answers import EventAnswer
from functions.webhooks.dependencies import Dependencies
from functions.webhooks.schemas import ActionCompleted, ActionData, SaleCompleted, SaleRefunded, SaleVoided
from shared.earning.outcomes import Outcome
from shared.earning.record_action import record_action
from shared.earning.record_return import record_return
from shared.earning.record_sale import UNKNOWN_MEMBER, record_sale
from shared.errors import (
    BodyTooLargeError,
    BusyError,
    DependencyUnavailableError,
    InvalidFieldError,
    MalformedJsonError,
    MemberFrozenError,
    MemberNotFoundError,
    NotUtf8Error,
    RefundExceedsSaleError,
    SaleConflictError,
    SignatureInvalidError,
    StoreNotAllowedError,
    SubscriptionNotFoundError,
)
from shared.http.call import Answer, Call
from shared.http.json_body import parse_json
from shared.http.problems import invalid_field, invalid_fields
from shared.http.routes import Routes
from shared.http.subscriptions import Subscription
from shared.http.webhook_signature import verify
from shared.runtime import telemetry

Posted = SaleCompleted | SaleRefunded | SaleVoided | ActionCompleted
ACCEPTED: Final = 202
UNKNOWN_TYPE: Final = "unknown-type"
_MODELS: Final[dict[str, type[SaleCompleted] | type[SaleRefunded] | type[SaleVoided] | type[ActionCompleted]]] = {
    "sale.completed": SaleCompleted,
    "sale.refunded": SaleRefunded,
    "sale.voided": SaleVoided,
    "action.completed": ActionCompleted,
}
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
        InvalidFieldError,
        MalformedJsonError,
        NotUtf8Error,
        RefundExceedsSaleError,
        SaleConflictError,
        SignatureInvalidError,
        StoreNotAllowedError,
        SubscriptionNotFoundError,
    ),
)
def receive_event(built: Dependencies, call: Call, subscription_id: str) -> Answer[EventAnswer]:
    """Record a signed sale, refund, void or action, once however often it is delivered."""
    body = call.raw_body()
    subscription = built.subscriptions.authenticate(subscription_id, lambda known: _check(known, call, body, built))
    telemetry.note(subscription_id=subscription_id)
    event = _read(body)
    outcome = (
        Outcome(result="ignored", reason=UNKNOWN_TYPE) if event is None else _record(event, subscription, built, call)
    )
    _tell(outcome)
    answer = EventAnswer.model_validate(outcome.to_json("en" if call.language == "en" else "zh"))
    return Answer(body=answer, status=ACCEPTED if outcome.result in {"parked", "quarantined"} else None)


def _check(subscription: Subscription, call: Call, body: bytes, built: Dependencies) -> None:
    verify(call.headers, body, subscription.secrets, now=built.clock())


def _read(body: bytes) -> Posted | None:
    """Read the event; None for a type of no concern. Raises MalformedJsonError, NotUtf8Error, InvalidFieldError."""
    posted = parse_json(body)
    kind = posted.get("type") if isinstance(posted, dict) else None
    if not isinstance(kind, str):
        raise invalid_field("/type", "missing")
    model = _MODELS.get(kind)
    if model is None:
        return None
    try:
        return model.model_validate(posted)
    except ValidationError as error:
        raise invalid_fields([{**found, "loc": ("body", *found["loc"])} for found in error.errors()], posted) from None


def _record(event: Posted, subscription: Subscription, built: Dependencies, call: Call) -> Outcome:
    if isinstance(event, ActionCompleted):
        return _act(event.data, subscription, built, call)
    store_id = event.data.store_id
    if not subscription.may_use(store_id):
        raise StoreNotAllowedError(store_id=store_id)
    telemetry.note(store_id=store_id)
    if isinstance(event, SaleCompleted):
        return record_sale(event.data.event(), built.earning, call.patience, claim_window=subscription.claim_window)
    return record_return(event.data.event(), built.earning, call.patience)


def _act(data: ActionData, subscription: Subscription, built: Dependencies, call: Call) -> Outcome:
    if data.store_id is not None and not subscription.may_use(data.store_id):
        raise StoreNotAllowedError(store_id=data.store_id)
    try:
        member_id = built.earning.find_member(data.member.reference())
        return record_action(data.action_of(member_id), built.earning, call.patience)
    except (MemberNotFoundError, InvalidFieldError):
        return Outcome(result="ignored", reason=UNKNOWN_MEMBER)
    except MemberFrozenError:
        return Outcome(result="ignored", reason=MemberFrozenError.code)


def _tell(outcome: Outcome) -> None:
    telemetry.note(result=outcome.result)
    if outcome.reason:
        telemetry.note(reason=outcome.reason)
    if outcome.result != "applied":
        telemetry.count(_METRICS[outcome.result])
    elif outcome.points + outcome.points_pending >= 0:
        telemetry.count("SalesRecorded")
        telemetry.count("PointsEarned", outcome.points + outcome.points_pending)
    else:
        telemetry.count("Refunds")

"""What a signed body means, and what becomes of it: recorded, ignored, or kept because it can never be used.

A till that is told of its own mistake by a 4xx repeats it, until somebody switches its subscription off, and with it
all that is right. So what is wrong with a body itself is acknowledged, kept and counted (`Quarantined`); a 4xx is
left for who is not known (401, 404), speaks for another's store (403), or is in conflict with what is recorded (409).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from functions.webhooks.dependencies import Dependencies
from functions.webhooks.schemas import ActionCompleted, ActionData, SaleCompleted, SaleRefunded, SaleVoided
from shared.earning.explain import Language
from shared.earning.outcomes import Outcome
from shared.earning.record_action import record_action
from shared.earning.record_return import record_return
from shared.earning.record_sale import UNKNOWN_MEMBER, record_sale
from shared.errors import InvalidFieldError, Malformed, MemberFrozenError, MemberNotFoundError, StoreNotAllowedError
from shared.http.json_body import parse_json
from shared.http.problems import field_problems, invalid_field, invalid_fields
from shared.http.subscriptions import Subscription
from shared.runtime import telemetry
from shared.runtime.patience import Patience

Posted = SaleCompleted | SaleRefunded | SaleVoided | ActionCompleted
UNKNOWN_TYPE: Final = "unknown-type"
_MODELS: Final[dict[str, type[SaleCompleted] | type[SaleRefunded] | type[SaleVoided] | type[ActionCompleted]]] = {
    "sale.completed": SaleCompleted,
    "sale.refunded": SaleRefunded,
    "sale.voided": SaleVoided,
    "action.completed": ActionCompleted,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A body whose signature was right: from which subscription, and under which `webhook-id`."""

    subscription: Subscription
    id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable(Outcome):
    """The outcome of what was kept: what is wrong with it, where it can be said."""

    errors: tuple[Mapping[str, Any], ...] = ()

    def to_json(self, language: Language) -> Mapping[str, Any]:
        told = field_problems(self.errors, "zh-CN" if language == "zh" else "en")
        return {"result": self.result, "reason": self.reason, "errors": told}


def record_event(delivery: Delivery, built: Dependencies, patience: Patience) -> Outcome:
    """Do what an event says, once however often it is delivered; keep what can never be done.

    Raises StoreNotAllowedError, SaleConflictError, RefundExceedsSaleError, BusyError and DependencyUnavailableError.
    """
    try:
        event = _read(delivery.body)
        if event is None:
            return Outcome(result="ignored", reason=UNKNOWN_TYPE)
        return _record(event, delivery.subscription, built, patience)
    except (Malformed, InvalidFieldError) as error:
        kept = built.quarantine.keep(
            delivery.body, error, patience, subscription_id=delivery.subscription.id, delivery_id=delivery.id
        )
        telemetry.note(kept_as=kept.key)
        return Unusable(result="quarantined", reason=error.code, errors=tuple(error.fields.get("errors", ())))


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


def _record(event: Posted, subscription: Subscription, built: Dependencies, patience: Patience) -> Outcome:
    if isinstance(event, ActionCompleted):
        return _act(event.data, subscription, built, patience)
    store_id = event.data.store_id
    if not subscription.may_use(store_id):
        raise StoreNotAllowedError(store_id=store_id)
    telemetry.note(store_id=store_id)
    if isinstance(event, SaleCompleted):
        return record_sale(event.data.event(), built.earning, patience, claim_window=subscription.claim_window)
    return record_return(event.data.event(), built.earning, patience)


def _act(data: ActionData, subscription: Subscription, built: Dependencies, patience: Patience) -> Outcome:
    if data.store_id is not None and not subscription.may_use(data.store_id):
        raise StoreNotAllowedError(store_id=data.store_id)
    try:
        member_id = built.earning.find_member(data.member.reference())
        return record_action(data.action_of(member_id), built.earning, patience)
    except (MemberNotFoundError, InvalidFieldError):
        return Outcome(result="ignored", reason=UNKNOWN_MEMBER)
    except MemberFrozenError:
        return Outcome(result="ignored", reason=MemberFrozenError.code)

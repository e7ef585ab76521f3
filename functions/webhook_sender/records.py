"""A batch of the queue: events are sent on, a message for each endpoint that wants them; those messages are POSTed.

A message that fails is hidden until its next try, named to Lambda and comes again; the others are done (Q1). An event
is sent on as a whole or comes again as a whole: an endpoint may then get it twice, by the same id, and never not at
all.
"""

import contextlib
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.webhook_sender.dependencies import Dependencies
from functions.webhook_sender.queue import Delivery, Record, read_message
from shared.http.addresses import UrlRefusedError
from shared.http.endpoints import Endpoint
from shared.http.outgoing import NoAnswerError, Verdict, Webhook, deliver
from shared.runtime import telemetry
from shared.runtime.patience import Patience


class NotDeliveredError(Exception):
    """An endpoint did not take an event; it is tried again later."""


def take_batch(records: Sequence[Record], built: Dependencies, patience: Patience) -> dict[str, Any]:
    """Take the messages of a batch, and name those that failed in the way that Lambda asks for."""
    telemetry.forget()
    failed = [record["messageId"] for record in records if not _take(record, built, patience)]
    telemetry.note(items=len(records))
    telemetry.write_line("batch taken")
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _take(record: Record, built: Dependencies, patience: Patience) -> bool:
    try:
        patience.check()
        message = read_message(record["body"])
        if isinstance(message, Delivery):
            _deliver(message, built)
        else:
            built.queue.send(message, built.endpoints.wanting(message.type))
    except Exception as error:  # noqa: BLE001 the entry point: whatever it was, the queue brings the message again
        telemetry.count("WebhooksPostponed")
        telemetry.write_line("webhook postponed", level="warning", error=error)
        with contextlib.suppress(BotoCoreError, ClientError):  # it is hidden for a while anyway
            built.queue.postpone(record)
        return False
    return True


def _deliver(delivery: Delivery, built: Dependencies) -> None:
    """POST an event, unless nobody wants it there any more. Raises NotDeliveredError."""
    endpoint = built.endpoints.find(delivery.endpoint_id)
    if endpoint is None or built.gone.has(endpoint.id):
        telemetry.count("WebhooksDropped")
        return
    verdict, status = _post(delivery.webhook, endpoint, built)
    if verdict is Verdict.DELIVERED:
        telemetry.count("WebhooksDelivered")
        return
    telemetry.note(endpoint_id=endpoint.id, delivery_id=delivery.webhook.id, status=status)
    if verdict is Verdict.REFUSED:
        raise NotDeliveredError
    built.gone.begin(endpoint.id)
    telemetry.count("EndpointsGone")
    telemetry.write_line("endpoint gone", level="error")


def _post(webhook: Webhook, endpoint: Endpoint, built: Dependencies) -> tuple[Verdict, int]:
    """Give what was answered. Raises NotDeliveredError where nothing is, or nothing was a moment ago."""
    try:
        if built.rests.has(endpoint.id):
            raise NotDeliveredError
        return deliver(webhook, endpoint, built.sending)
    except (NoAnswerError, UrlRefusedError) as error:
        built.rests.begin(endpoint.id)
        telemetry.note(endpoint_id=endpoint.id, delivery_id=webhook.id)
        raise NotDeliveredError from error

"""What the sender of webhooks is built from. It knows no table: who talks to the world has nothing to tell of it."""

import ssl
from dataclasses import dataclass

from functions.webhook_sender.pace import GONE_REST, REST, Rests
from functions.webhook_sender.queue import Queue
from shared import names
from shared.http.addresses import resolved
from shared.http.endpoints import EndpointBook
from shared.http.outgoing import Sending
from shared.runtime.aws import client
from shared.runtime.settings import optional_setting, setting
from shared.runtime.surroundings import REAL, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    endpoints: EndpointBook
    queue: Queue
    sending: Sending
    rests: Rests
    gone: Rests


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError."""
    return Dependencies(
        endpoints=EndpointBook(
            client=client("secretsmanager"), secret_id=setting(names.ENDPOINTS_SECRET), clock=around.clock
        ),
        queue=Queue(client=client("sqs"), url=setting(names.WEBHOOK_QUEUE), pick=around.pick),
        sending=Sending(
            clock=around.clock,
            resolve=resolved,
            trust=ssl.create_default_context(),
            loopback=bool(optional_setting(names.WEBHOOKS_TO_LOOPBACK)),
        ),
        rests=Rests(clock=around.clock, length=REST),
        gone=Rests(clock=around.clock, length=GONE_REST),
    )

"""What no caller waits for: streams, queues and schedules, the functions that read them, and what each may do."""

from aws_cdk import aws_sqs as sqs

from infra.constructs.function import PythonFunction
from infra.constructs.messages import MESSENGER_TIMEOUT, LaterQueue, MessageStream, MessageTopic
from infra.constructs.outgoing_webhooks import RESOLVER, SENDER_TIMEOUT, OutgoingWebhooks
from infra.constructs.publisher import PUBLISHER_TIMEOUT, PublisherStream
from infra.constructs.sweeps import PLANNER_TIMEOUT, WORKER_TIMEOUT, SweepQueues, SweepSchedules
from infra.function_factory import FunctionFactory
from infra.grants import (
    READ,
    WRITE,
    allow_index,
    allow_key,
    allow_messages,
    allow_secret,
    allow_stock_notices,
    allow_table,
    allow_texts,
    allow_topic,
)
from shared import names


class Background:
    """The streams, queues and schedules of a stage, with the functions that read them."""

    def __init__(self, factory: FunctionFactory) -> None:
        scope, data = factory.scope, factory.data
        self.publisher = _publisher(factory)
        self.topic = MessageTopic(scope, "Messages", key=data.key, read_back=factory.stage.reads_messages_back)
        self.later = LaterQueue(scope, "MessagesLater")
        self.messenger = _messenger(factory, topic=self.topic, later=self.later)
        self.outgoing = OutgoingWebhooks(scope, "OutgoingWebhooks", bus=factory.bus)
        _webhook_sender(factory, self.outgoing)
        self.sweeps = SweepQueues(scope, "SweepQueues")
        self.planner = _sweep_planner(factory, self.sweeps)
        worker, auditor = _sweep_worker(factory, self.sweeps), _auditor(factory, self.sweeps)
        self.published = PublisherStream(scope, "PublisherStream", ledger=data.ledger, function=self.publisher)
        self.messages = MessageStream(scope, "MessageStream", ledger=data.ledger, function=self.messenger)
        SweepSchedules(
            scope,
            "Sweeps",
            stage=factory.stage,
            queues=self.sweeps,
            planner=self.planner,
            worker=worker,
            auditor=auditor,
        )

    @property
    def queues(self) -> dict[str, sqs.Queue]:
        """Name the queues that functions read."""
        return {**self.sweeps.read, "MessagesLater": self.later.queue, "OutgoingWebhooks": self.outgoing.queue}

    @property
    def readers(self) -> dict[str, PythonFunction]:
        """Name the functions that read streams, by the name of what they put aside."""
        return {"PublisherStream": self.publisher, "MessageStream": self.messenger}

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """Name the queues of what could not be done."""
        return {
            **self.sweeps.dead_letters,
            "PublisherStream": self.published.failures,
            "MessageStream": self.messages.failures,
            "MessagesLater": self.later.dead_letters,
            "OutgoingWebhooks": self.outgoing.dead_letters,
        }


def _publisher(factory: FunctionFactory) -> PythonFunction:
    function = factory.build("Publisher", folder="publisher", timeout=PUBLISHER_TIMEOUT)
    allow_table(function, factory.data.ledger, *READ)
    allow_stock_notices(function, factory.data.ledger)
    factory.bus.grant_put_events_to(function)
    return function


def _webhook_sender(factory: FunctionFactory, outgoing: OutgoingWebhooks) -> None:
    # It speaks to the world, and reaches no table: one secret and one queue are all that it may use.
    function = factory.build_without_tables(
        "WebhookSender",
        folder="webhook_sender",
        environment={
            names.ENDPOINTS_SECRET: factory.data.endpoints.secret_arn,
            names.WEBHOOK_QUEUE: outgoing.queue.queue_url,
            **({names.WEBHOOKS_TO_LOOPBACK: "1"} if factory.stage.webhooks_to_loopback else {}),
            **RESOLVER,
        },
        timeout=SENDER_TIMEOUT,
    )
    allow_secret(function, factory.data.endpoints)
    allow_key(function, factory.data.key, through=("secretsmanager",))
    outgoing.feed(function)


def _messenger(factory: FunctionFactory, *, topic: MessageTopic, later: LaterQueue) -> PythonFunction:
    own = {
        names.MESSAGE_TOPIC: topic.topic.topic_arn,
        names.MESSAGES_LATER_QUEUE: later.queue.queue_url,
        names.SMS_PER_MONTH: str(factory.stage.sms_per_month),
        names.SMS_MAX_PRICE_USD: factory.stage.sms_max_price_usd,
    }
    data = factory.data
    function = factory.build("Messenger", folder="messenger", environment=own, timeout=MESSENGER_TIMEOUT)
    allow_table(function, data.accounts, "GetItem")
    allow_table(function, data.ledger, "GetItem", "Query")
    allow_messages(function, data.ledger)
    allow_index(function, data.ledger, index=names.ENTRIES_BY_MEMBER)
    allow_table(function, data.members, "Query")
    allow_topic(function, topic.topic, key=data.key)
    if factory.stage.sms_per_month:
        allow_texts(function)
    later.feed(function)
    return function


def _sweep_planner(factory: FunctionFactory, sweeps: SweepQueues) -> PythonFunction:
    # It reads no table: it sends as many tasks as the stage has segments.
    return factory.build_without_tables(
        "SweepPlanner",
        folder="sweep_planner",
        environment={
            names.SWEEP_QUEUE: sweeps.tasks.queue_url,
            names.AUDIT_QUEUE: sweeps.audits.queue_url,
            names.SWEEP_SEGMENTS: str(factory.stage.sweep_segments),
            **({names.TIME_TRAVEL: "1"} if factory.stage.time_travel else {}),
        },
        timeout=PLANNER_TIMEOUT,
    )


def _sweep_worker(factory: FunctionFactory, sweeps: SweepQueues) -> PythonFunction:
    own = {names.SWEEP_QUEUE: sweeps.tasks.queue_url, **_pace(factory)}
    data = factory.data
    function = factory.build("SweepWorker", folder="sweep_worker", environment=own, timeout=WORKER_TIMEOUT)
    allow_table(function, data.accounts, "Scan", "GetItem", *WRITE)
    allow_table(function, data.ledger, *READ, *WRITE)
    allow_index(function, data.ledger, index=names.ENTRIES_BY_MEMBER)
    allow_table(function, data.members, "Query")
    return function


def _auditor(factory: FunctionFactory, sweeps: SweepQueues) -> PythonFunction:
    own = {names.AUDIT_QUEUE: sweeps.audits.queue_url, **_pace(factory)}
    function = factory.build("Auditor", folder="auditor", environment=own, timeout=WORKER_TIMEOUT)
    allow_table(function, factory.data.accounts, "Scan", "GetItem")
    allow_table(function, factory.data.ledger, *READ)
    allow_index(function, factory.data.ledger, index=names.ENTRIES_BY_MEMBER)
    return function


def _pace(factory: FunctionFactory) -> dict[str, str]:
    return {names.SWEEP_MEMBERS_PER_SECOND: str(factory.stage.sweep_members_per_second)}

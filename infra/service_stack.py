"""What serves: functions and what each may do, the API, identity, alarms."""

from typing import Final

from aws_cdk import Annotations, CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.constructs.dashboards import Dashboards
from infra.constructs.function import API_TIMEOUT, PythonFunction
from infra.constructs.http_api import HttpApi
from infra.constructs.identity import Identity
from infra.constructs.messages import MESSENGER_TIMEOUT, LaterQueue, MessageStream, MessageTopic
from infra.constructs.outgoing_webhooks import RESOLVER, SENDER_TIMEOUT, OutgoingWebhooks
from infra.constructs.publisher import PUBLISHER_TIMEOUT, PublisherStream
from infra.constructs.sweeps import PLANNER_TIMEOUT, SCHEDULES, WORKER_TIMEOUT, SweepQueues, SweepSchedules
from infra.data_stack import DataStack
from infra.grants import (
    allow_activities,
    allow_adjustments,
    allow_budgets,
    allow_catalogue,
    allow_deeds,
    allow_index,
    allow_key,
    allow_known_callers,
    allow_messages,
    allow_quarantine,
    allow_requests,
    allow_secret,
    allow_stock_notices,
    allow_stock_updates,
    allow_table,
    allow_texts,
    allow_topic,
    allow_trail,
    allow_welcomes,
)
from infra.packaging.assets import bytecode_warning, code_asset, layer_asset
from infra.stages import Issuer, Stage
from shared import names

_READ: Final = ("GetItem", "BatchGetItem", "Query")
# Put, under a condition, and check: what a transaction that moves points is made of.
_WRITE: Final = ("PutItem", "ConditionCheckItem")


class ServiceStack(Stack):
    """The moving parts of one stage; it can be thrown away and deployed again."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, data: DataStack) -> None:
        super().__init__(scope, construct_id, description=f"Jifen {stage.name}: functions, API, alarms")
        self._stage = stage
        self._data = data
        self._bus = events.EventBus(self, "Bus", description=f"Jifen {stage.name}: what happened")
        self._code = code_asset(stage)
        self._layer = lambda_.LayerVersion(
            self,
            "Packages",
            description="Third-party packages of requirements/runtime.txt",
            code=layer_asset(stage),
            compatible_runtimes=[lambda_.Runtime(f"python{stage.python}", lambda_.RuntimeFamily.PYTHON)],
        )
        if warning := bytecode_warning(stage):
            Annotations.of(self).add_warning_v2("jifen:bytecode", warning)

        issuer = stage.issuer or self._user_pool()
        environment = self._environment(issuer)
        webhooks = self._webhooks(environment)
        members = self._members(environment)
        queries = self._queries(environment)
        redemptions = self._redemptions(environment)
        activities = self._activities(environment)
        desk = self._desk(environment)
        catalog = self._catalog(environment)
        public = self._public(environment)
        publisher = self._publisher(environment)
        topic = MessageTopic(self, "Messages", key=data.key, read_back=stage.reads_messages_back)
        later = LaterQueue(self, "MessagesLater")
        messenger = self._messenger(environment, topic=topic, later=later)
        outgoing = OutgoingWebhooks(self, "OutgoingWebhooks", bus=self._bus)
        self._webhook_sender(outgoing)
        sweeps = SweepQueues(self, "SweepQueues")
        planner = self._sweep_planner(sweeps)
        worker = self._sweep_worker(environment, sweeps)
        auditor = self._auditor(environment, sweeps)
        api = HttpApi(
            self,
            "Api",
            stage=stage,
            issuer=issuer,
            functions={
                "webhooks": webhooks,
                "members": members,
                "queries": queries,
                "redemptions": redemptions,
                "activities": activities,
                "desk": desk,
                "catalog": catalog,
                "public": public,
            },
        )
        stream = PublisherStream(self, "PublisherStream", ledger=data.ledger, function=publisher)
        messages = MessageStream(self, "MessageStream", ledger=data.ledger, function=messenger)
        SweepSchedules(self, "Sweeps", stage=stage, queues=sweeps, planner=planner, worker=worker, auditor=auditor)
        alarms = Alarms(self, "Alarms", stage=stage, key=data.key)
        functions = [child for child in self.node.find_all() if isinstance(child, PythonFunction)]
        alarms.watch_functions(functions)
        alarms.watch_sweeps(SCHEDULES, folder="sweep_planner", tasks=sweeps.read, dead_letters=sweeps.dead_letters)
        alarms.watch_api(api)
        alarms.watch_tables(data.tables)
        alarms.watch_points(folder="publisher", most_an_hour=stage.most_points_an_hour)
        alarms.watch_stream(publisher, failures=stream.failures, name="PublisherStream", page="events")
        alarms.watch_stream(messenger, failures=messages.failures, name="MessageStream", page="messages")
        alarms.watch_messages(folder="messenger", dead_letters=later.dead_letters)
        alarms.watch_events(publisher="publisher", sender="webhook_sender", dead_letters=outgoing.dead_letters)
        alarms.watch_ledger(folders=["webhooks", "members", "queries", "redemptions", "activities", "desk", "auditor"])
        alarms.watch_webhooks(folder="webhooks")
        self._outputs(api=api, issuer=issuer, alarms=alarms, planner=planner)
        sources = {**sweeps.read, "MessagesLater": later.queue, "OutgoingWebhooks": outgoing.queue}
        put_aside = {
            **sweeps.dead_letters,
            "PublisherStream": stream.failures,
            "MessageStream": messages.failures,
            "MessagesLater": later.dead_letters,
            "OutgoingWebhooks": outgoing.dead_letters,
        }
        Dashboards(
            self,
            "Dashboards",
            api=api,
            functions=functions,
            tables=data.tables,
            readers=[publisher, messenger],
            queues=sources,
            dead_letters=put_aside,
        )
        for prefix, queues in ((names.QUEUE, sources), (names.DEAD_LETTERS, put_aside)):
            for name, queue in queues.items():
                CfnOutput(self, f"{prefix}{name}", value=queue.queue_url)

    def _webhooks(self, environment: dict[str, str]) -> PythonFunction:
        own = {names.QUARANTINE_BUCKET: self._data.quarantine.bucket_name}
        function = self._function("Webhooks", folder="webhooks", environment=environment | own)
        allow_table(function, self._data.accounts, "GetItem", *_WRITE)
        allow_table(function, self._data.ledger, *_READ, *_WRITE)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        allow_budgets(function, self._data.ledger)
        allow_table(function, self._data.members, "GetItem", "ConditionCheckItem")
        allow_secret(function, self._data.subscriptions)
        allow_quarantine(function, self._data.quarantine, key=self._data.key)
        allow_secret(function, self._data.keys)
        return function

    def _members(self, environment: dict[str, str]) -> PythonFunction:
        function = self._function("Members", folder="members", environment=environment)
        allow_table(function, self._data.members, *_READ, *_WRITE, "UpdateItem", "DeleteItem")
        allow_table(function, self._data.accounts, "GetItem", "BatchGetItem", *_WRITE)
        allow_table(function, self._data.ledger, "GetItem", "BatchGetItem")
        allow_welcomes(function, self._data.ledger)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        allow_budgets(function, self._data.ledger)
        allow_secret(function, self._data.keys)
        return function

    def _queries(self, environment: dict[str, str]) -> PythonFunction:
        function = self._function("Queries", folder="queries", environment=environment)
        allow_table(function, self._data.accounts, *_READ)
        allow_table(function, self._data.ledger, *_READ)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        allow_table(function, self._data.members, *_READ)
        allow_secret(function, self._data.keys)
        allow_trail(function, self._data.ledger)
        return function

    def _redemptions(self, environment: dict[str, str]) -> PythonFunction:
        function = self._function("Redemptions", folder="redemptions", environment=environment)
        allow_table(function, self._data.accounts, "GetItem", *_WRITE)
        allow_table(function, self._data.ledger, *_READ, *_WRITE)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        allow_stock_updates(function, self._data.ledger)
        allow_table(function, self._data.members, "GetItem", "ConditionCheckItem")
        allow_requests(function, self._data.members)
        allow_secret(function, self._data.keys)
        return function

    def _activities(self, environment: dict[str, str]) -> PythonFunction:
        function = self._function("Activities", folder="activities", environment=environment)
        allow_table(function, self._data.accounts, "GetItem", *_WRITE)
        allow_table(function, self._data.ledger, *_READ, *_WRITE)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        allow_budgets(function, self._data.ledger)
        allow_table(function, self._data.members, "GetItem", "ConditionCheckItem")
        allow_activities(function, self._data.members)
        allow_secret(function, self._data.keys)
        return function

    def _desk(self, environment: dict[str, str]) -> PythonFunction:
        function = self._function("Desk", folder="desk", environment=environment)
        allow_table(function, self._data.accounts, "GetItem", "PutItem")
        allow_table(function, self._data.ledger, *_READ)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        allow_deeds(function, self._data.ledger)
        allow_adjustments(function, self._data.members)
        allow_known_callers(function, self._data.members)
        allow_secret(function, self._data.keys)
        return function

    def _catalog(self, environment: dict[str, str]) -> PythonFunction:
        function = self._function("Catalog", folder="catalog", environment=environment)
        allow_table(function, self._data.ledger, "GetItem", "BatchGetItem")
        allow_catalogue(function, self._data.ledger)
        return function

    def _public(self, environment: dict[str, str]) -> PythonFunction:
        function = self._function("Public", folder="public", environment=environment)
        allow_table(function, self._data.ledger, *_READ)
        return function

    def _publisher(self, environment: dict[str, str]) -> PythonFunction:
        function = self._function("Publisher", folder="publisher", environment=environment, timeout=PUBLISHER_TIMEOUT)
        allow_table(function, self._data.ledger, *_READ)
        allow_stock_notices(function, self._data.ledger)
        self._bus.grant_put_events_to(function)
        return function

    def _webhook_sender(self, outgoing: OutgoingWebhooks) -> None:
        # It speaks to the world, and reaches no table: one secret and one queue are all that it may use.
        function = PythonFunction(
            self,
            "WebhookSender",
            stage=self._stage,
            folder="webhook_sender",
            code=self._code,
            layer=self._layer,
            environment={
                names.ENDPOINTS_SECRET: self._data.endpoints.secret_arn,
                names.WEBHOOK_QUEUE: outgoing.queue.queue_url,
                **({names.WEBHOOKS_TO_LOOPBACK: "1"} if self._stage.webhooks_to_loopback else {}),
                **RESOLVER,
            },
            timeout=SENDER_TIMEOUT,
        )
        allow_secret(function, self._data.endpoints)
        allow_key(function, self._data.key, through=("secretsmanager",))
        outgoing.feed(function)

    def _messenger(self, environment: dict[str, str], *, topic: MessageTopic, later: LaterQueue) -> PythonFunction:
        own = {
            names.MESSAGE_TOPIC: topic.topic.topic_arn,
            names.MESSAGES_LATER_QUEUE: later.queue.queue_url,
            names.SMS_PER_MONTH: str(self._stage.sms_per_month),
            names.SMS_MAX_PRICE_USD: self._stage.sms_max_price_usd,
        }
        function = self._function(
            "Messenger", folder="messenger", environment=environment | own, timeout=MESSENGER_TIMEOUT
        )
        allow_table(function, self._data.accounts, "GetItem")
        allow_table(function, self._data.ledger, "GetItem", "Query")
        allow_messages(function, self._data.ledger)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        allow_table(function, self._data.members, "Query")
        allow_topic(function, topic.topic, key=self._data.key)
        if self._stage.sms_per_month:
            allow_texts(function)
        later.feed(function)
        if topic.taken is not None:
            CfnOutput(self, "MessagesTakenQueue", value=topic.taken.queue_url)
        return function

    def _sweep_planner(self, sweeps: SweepQueues) -> PythonFunction:
        # It reads no table: it sends as many tasks as the stage has segments.
        return PythonFunction(
            self,
            "SweepPlanner",
            stage=self._stage,
            folder="sweep_planner",
            code=self._code,
            layer=self._layer,
            environment={
                names.SWEEP_QUEUE: sweeps.tasks.queue_url,
                names.AUDIT_QUEUE: sweeps.audits.queue_url,
                names.SWEEP_SEGMENTS: str(self._stage.sweep_segments),
                **({names.TIME_TRAVEL: "1"} if self._stage.time_travel else {}),
            },
            timeout=PLANNER_TIMEOUT,
        )

    def _sweep_worker(self, environment: dict[str, str], sweeps: SweepQueues) -> PythonFunction:
        pace = {names.SWEEP_MEMBERS_PER_SECOND: str(self._stage.sweep_members_per_second)}
        function = self._function(
            "SweepWorker",
            folder="sweep_worker",
            environment={**environment, names.SWEEP_QUEUE: sweeps.tasks.queue_url, **pace},
            timeout=WORKER_TIMEOUT,
        )
        allow_table(function, self._data.accounts, "Scan", "GetItem", *_WRITE)
        allow_table(function, self._data.ledger, *_READ, *_WRITE)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        allow_table(function, self._data.members, "Query")
        return function

    def _auditor(self, environment: dict[str, str], sweeps: SweepQueues) -> PythonFunction:
        pace = {names.SWEEP_MEMBERS_PER_SECOND: str(self._stage.sweep_members_per_second)}
        function = self._function(
            "Auditor",
            folder="auditor",
            environment={**environment, names.AUDIT_QUEUE: sweeps.audits.queue_url, **pace},
            timeout=WORKER_TIMEOUT,
        )
        allow_table(function, self._data.accounts, "Scan", "GetItem")
        allow_table(function, self._data.ledger, *_READ)
        allow_index(function, self._data.ledger, index=names.ENTRIES_BY_MEMBER)
        return function

    def _function(
        self, construct_id: str, *, folder: str, environment: dict[str, str], timeout: Duration = API_TIMEOUT
    ) -> PythonFunction:
        function = PythonFunction(
            self,
            construct_id,
            stage=self._stage,
            folder=folder,
            code=self._code,
            layer=self._layer,
            environment=environment,
            timeout=timeout,
        )
        allow_key(function, self._data.key)
        return function

    def _user_pool(self) -> Issuer:
        # Its permission is Cognito's to give: it is called by the pool and calls nothing.
        token_claims = PythonFunction(self, "TokenClaims", stage=self._stage, folder="token_claims", code=self._code)
        identity = Identity(self, "Identity", stage=self._stage, token_claims=token_claims)
        CfnOutput(self, "UserPoolId", value=identity.pool.user_pool_id)
        return identity.issuer

    def _environment(self, issuer: Issuer) -> dict[str, str]:
        return {
            names.ACCOUNTS_TABLE: self._data.accounts.table_name,
            names.LEDGER_TABLE: self._data.ledger.table_name,
            names.MEMBERS_TABLE: self._data.members.table_name,
            names.SUBSCRIPTIONS_SECRET: self._data.subscriptions.secret_arn,
            names.KEYS_SECRET: self._data.keys.secret_arn,
            names.EVENT_BUS: self._bus.event_bus_name,
            names.MEMBER_CLIENT_ID: issuer.member_client_id,
            names.REQUIRED_CONSENTS: ",".join(self._stage.required_consents),
        }

    def _outputs(self, *, api: HttpApi, issuer: Issuer, alarms: Alarms, planner: PythonFunction) -> None:
        CfnOutput(self, names.SWEEP_PLANNER, value=planner.function_name)
        CfnOutput(self, "ApiId", value=api.api_id)
        CfnOutput(self, "ApiUrl", value=api.api_endpoint)
        CfnOutput(self, "EventBusName", value=self._bus.event_bus_name)
        CfnOutput(self, "IssuerUrl", value=issuer.url)
        CfnOutput(self, "MemberClientId", value=issuer.member_client_id)
        CfnOutput(self, "StaffClientId", value=issuer.staff_client_id)
        CfnOutput(self, "AlarmTopic", value=alarms.topic.topic_arn)

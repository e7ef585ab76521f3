"""What serves: the API and what works behind it, identity, alarms, dashboards."""

from aws_cdk import Annotations, CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.api_functions import api_functions
from infra.background import Background
from infra.constructs.alarms import Alarms
from infra.constructs.dashboards import Dashboards
from infra.constructs.function import PythonFunction
from infra.constructs.http_api import HttpApi
from infra.constructs.identity import Identity
from infra.constructs.sweeps import SCHEDULES
from infra.data_stack import DataStack
from infra.function_factory import FunctionFactory
from infra.packaging.assets import bytecode_warning, code_asset, layer_asset
from infra.stages import Issuer, Stage
from shared import names


class ServiceStack(Stack):
    """The moving parts of one stage; it can be thrown away and deployed again."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, data: DataStack) -> None:
        super().__init__(scope, construct_id, description=f"Jifen {stage.name}: functions, API, alarms")
        self._stage = stage
        self._data = data
        code = code_asset(stage)
        if warning := bytecode_warning(stage):
            Annotations.of(self).add_warning_v2("jifen:bytecode", warning)
        bus = events.EventBus(self, "Bus", description=f"Jifen {stage.name}: what happened")
        issuer = stage.issuer or self._user_pool(code)
        factory = FunctionFactory(
            scope=self,
            stage=stage,
            data=data,
            bus=bus,
            code=code,
            layer=self._packages(),
            environment=self._environment(issuer, bus),
        )
        api = HttpApi(self, "Api", stage=stage, issuer=issuer, functions=api_functions(factory))
        background = Background(factory)
        alarms = Alarms(self, "Alarms", stage=stage, key=data.key)
        self._watch(alarms, api, background)
        self._outputs(api=api, bus=bus, issuer=issuer, alarms=alarms, background=background)

    def _watch(self, alarms: Alarms, api: HttpApi, background: Background) -> None:
        functions = [child for child in self.node.find_all() if isinstance(child, PythonFunction)]
        publisher, messenger, sweeps = background.publisher, background.messenger, background.sweeps
        alarms.watch_functions(functions)
        alarms.watch_sweeps(SCHEDULES, folder="sweep_planner", tasks=sweeps.read, dead_letters=sweeps.dead_letters)
        alarms.watch_api(api)
        alarms.watch_tables(self._data.tables)
        alarms.watch_points(folder="publisher", most_an_hour=self._stage.most_points_an_hour)
        published, messages = background.published.failures, background.messages.failures
        alarms.watch_stream(publisher, failures=published, name="PublisherStream", page="events")
        alarms.watch_stream(messenger, failures=messages, name="MessageStream", page="messages")
        alarms.watch_messages(folder="messenger", dead_letters=background.later.dead_letters)
        outgoing = background.outgoing.dead_letters
        alarms.watch_events(publisher="publisher", sender="webhook_sender", dead_letters=outgoing)
        alarms.watch_ledger(folders=["webhooks", "members", "queries", "redemptions", "activities", "desk", "auditor"])
        alarms.watch_webhooks(folder="webhooks")
        Dashboards(
            self,
            "Dashboards",
            api=api,
            functions=functions,
            tables=self._data.tables,
            readers=[publisher, messenger],
            queues=background.queues,
            dead_letters=background.dead_letters,
        )

    def _packages(self) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            "Packages",
            description="Third-party packages of requirements/runtime.txt",
            code=layer_asset(self._stage),
            compatible_runtimes=[lambda_.Runtime(f"python{self._stage.python}", lambda_.RuntimeFamily.PYTHON)],
        )

    def _user_pool(self, code: lambda_.Code) -> Issuer:
        # Its permission is Cognito's to give: it is called by the pool and calls nothing.
        token_claims = PythonFunction(self, "TokenClaims", stage=self._stage, folder="token_claims", code=code)
        identity = Identity(self, "Identity", stage=self._stage, token_claims=token_claims)
        CfnOutput(self, "UserPoolId", value=identity.pool.user_pool_id)
        return identity.issuer

    def _environment(self, issuer: Issuer, bus: events.EventBus) -> dict[str, str]:
        return {
            names.ACCOUNTS_TABLE: self._data.accounts.table_name,
            names.LEDGER_TABLE: self._data.ledger.table_name,
            names.MEMBERS_TABLE: self._data.members.table_name,
            names.SUBSCRIPTIONS_SECRET: self._data.subscriptions.secret_arn,
            names.KEYS_SECRET: self._data.keys.secret_arn,
            names.EVENT_BUS: bus.event_bus_name,
            names.MEMBER_CLIENT_ID: issuer.member_client_id,
            names.REQUIRED_CONSENTS: ",".join(self._stage.required_consents),
        }

    def _outputs(
        self, *, api: HttpApi, bus: events.EventBus, issuer: Issuer, alarms: Alarms, background: Background
    ) -> None:
        CfnOutput(self, names.SWEEP_PLANNER, value=background.planner.function_name)
        CfnOutput(self, "ApiId", value=api.api_id)
        CfnOutput(self, "ApiUrl", value=api.api_endpoint)
        CfnOutput(self, "EventBusName", value=bus.event_bus_name)
        CfnOutput(self, "IssuerUrl", value=issuer.url)
        CfnOutput(self, "MemberClientId", value=issuer.member_client_id)
        CfnOutput(self, "StaffClientId", value=issuer.staff_client_id)
        CfnOutput(self, "AlarmTopic", value=alarms.topic.topic_arn)
        if background.topic.taken is not None:
            CfnOutput(self, "MessagesTakenQueue", value=background.topic.taken.queue_url)
        for prefix, queues in ((names.QUEUE, background.queues), (names.DEAD_LETTERS, background.dead_letters)):
            for name, queue in queues.items():
                CfnOutput(self, f"{prefix}{name}", value=queue.queue_url)
        for name, function in background.readers.items():
            CfnOutput(self, f"{names.READER}{name}", value=function.function_name)

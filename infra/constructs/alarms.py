"""What wakes somebody, and the topic that carries it.

The description of an alarm ends with the place in `docs/operations` that says what to do; a test holds both together.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.stages import Stage
from shared import names

# Kind of sweep → the metric by which its planner says that it ran (`functions/sweep_planner/start.py`).
HEARTBEATS: Final[Mapping[str, str]] = {
    "expiry": "ExpiryPlanned",
    "tier-review": "TierReviewPlanned",
    "reminders": "RemindersPlanned",
    "audit": "AuditPlanned",
}
_HOURS_BETWEEN_RUNS: Final = 26
_POSTPONED: Final = 100
_REFUSED: Final = 100

# Pages of `docs/operations`, each with a section of its alarms.
_SERVICE, _SWEEPS, _MESSAGES, _LEDGER, _QUARANTINE = "service", "sweeps", "messages", "ledger", "quarantine"
_EVENTS = "events"


class Alarms(Construct):
    """Alarms that publish to one encrypted topic. Silence means that all is well, except that of a schedule."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        # The policy that asks for TLS takes the place of the one with which a topic takes what its own account tells.
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsReachTheTopic",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        if stage.alarm_email is not None:
            self.topic.add_subscription(subscriptions.EmailSubscription(stage.alarm_email))

    def watch_functions(self, functions: Sequence[lambda_.Function]) -> None:
        for function in functions:
            name = function.node.id
            self._alarm(f"{name}Errors", function.metric_errors(), says=f"{name} raised or timed out", page=_SERVICE)
            throttles = function.metric_throttles()
            self._alarm(f"{name}Throttles", throttles, says=f"{name} was refused concurrency", page=_SERVICE)

    def watch_tables(self, tables: Mapping[str, dynamodb.ITable]) -> None:
        """Watch for tables that refuse so many writes that their repetitions keep tills waiting."""
        for name, table in tables.items():
            refused = cloudwatch.Metric(
                namespace="AWS/DynamoDB",
                metric_name="WriteThrottleEvents",
                dimensions_map={"TableName": table.table_name},
                statistic="Sum",
            )
            says = f"the table of {name} refused writes"
            self._alarm(f"{name.title()}Throttled", refused, threshold=_REFUSED, says=says, page=_SERVICE)

    def watch_points(self, *, folder: str, most_an_hour: int) -> None:
        """Watch for an hour in which tills earn their members more points than the chain thinks possible."""
        earned = _emitted("PointsEarned", folder=folder, period=Duration.hours(1))
        says = f"more than {most_an_hour} points were earned in an hour"
        self._alarm("PointsUnusual", earned, threshold=most_an_hour, says=says, page=_LEDGER)

    def watch_api(self, api: apigatewayv2.HttpApi) -> None:
        errors = api.metric_server_error(statistic="Sum")
        self._alarm("ApiServerErrors", errors, says="the API answered 5xx", page=_SERVICE)

    def watch_stream(self, function: lambda_.Function, *, failures: sqs.Queue, name: str, page: str) -> None:
        age = function.metric("IteratorAge", statistic="Maximum")
        five_minutes = Duration.minutes(5).to_milliseconds()
        late = "the stream is read more than 5 minutes late"
        self._alarm(f"{name}Age", age, threshold=five_minutes, says=late, page=page)
        depth = failures.metric_approximate_number_of_messages_visible()
        self._alarm(f"{name}Failures", depth, says="a record of the stream was put aside", page=page)

    def watch_sweeps(
        self,
        kinds: Iterable[str],
        *,
        folder: str,
        tasks: Mapping[str, sqs.Queue],
        dead_letters: Mapping[str, sqs.Queue],
    ) -> None:
        """Watch for days on which a kind of sweep is not planned, tasks that nobody takes, and those put aside."""
        for kind in kinds:
            metric = HEARTBEATS[kind]
            self._alarm(
                f"Missing{metric.removesuffix('Planned')}",
                _emitted(metric, folder=folder, period=Duration.hours(1)),
                says=f"no {kind} sweep was planned for {_HOURS_BETWEEN_RUNS} hours",
                page=_SWEEPS,
                silent_hours=_HOURS_BETWEEN_RUNS,
            )
        for name, queue in tasks.items():
            age = queue.metric_approximate_age_of_oldest_message()
            hour, says = Duration.hours(1).to_seconds(), "a task of a sweep has waited for an hour"
            self._alarm(f"{name.removesuffix('s')}Age", age, threshold=hour, says=says, page=_SWEEPS)
        for name, queue in dead_letters.items():
            depth = queue.metric_approximate_number_of_messages_visible()
            self._alarm(f"{name}Failed", depth, says="a sweep put something aside", page=_SWEEPS)

    def watch_ledger(self, *, folders: Sequence[str]) -> None:
        """Watch the metric of every function that compares an account with its entries."""
        for folder in folders:
            mismatches = _emitted("LedgerMismatch", folder=folder)
            says = "an account differs from its entries"
            self._alarm(f"LedgerMismatch{folder.title()}", mismatches, says=says, page=_LEDGER)

    def watch_messages(self, *, folder: str, dead_letters: sqs.Queue) -> None:
        """Watch what members should have been told and were not."""
        depth = dead_letters.metric_approximate_number_of_messages_visible()
        self._alarm("MessagesUndelivered", depth, says="a message was given up", page=_MESSAGES)
        for metric, says in (
            ("ExpiredWithoutReminder", "points lapsed of which a member who takes messages was not told"),
            ("SmsLimitReached", "the month's spending on text messages is used up"),
        ):
            self._alarm(metric, _emitted(metric, folder=folder), says=says, page=_MESSAGES)

    def watch_events(self, *, publisher: str, sender: str, dead_letters: sqs.Queue) -> None:
        """Watch what the other systems of the chain should have been told and were not."""
        depth = dead_letters.metric_approximate_number_of_messages_visible()
        self._alarm("WebhooksUndelivered", depth, says="a webhook was tried for a day and given up", page=_EVENTS)
        for metric, folder, says in (
            ("RecordsPutAside", publisher, "an event was not published: its record cannot be read"),
            ("EndpointsGone", sender, "an endpoint says that nobody is there any more"),
        ):
            self._alarm(metric, _emitted(metric, folder=folder), says=says, page=_EVENTS)
        postponed = _emitted("WebhooksPostponed", folder=sender, period=Duration.hours(1))
        says = "endpoints did not take events, a hundred times in an hour"
        self._alarm("WebhooksPostponed", postponed, threshold=_POSTPONED, says=says, page=_EVENTS)

    def watch_webhooks(self, *, folder: str) -> None:
        waiting = _emitted("Quarantined", folder=folder)
        self._alarm("Quarantined", waiting, says="an event of a till waits for a person", page=_QUARANTINE)
        self._alarm(
            "SignaturesRefused",
            _emitted("SignaturesRefused", folder=folder),
            threshold=20,
            says="many webhooks came with wrong signatures",
            page=_SERVICE,
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        *,
        says: str,
        page: str,
        threshold: float = 1,
        silent_hours: int | None = None,
    ) -> None:
        """Alarm at the threshold; with `silent_hours`, below it in each of so many hours, or with nothing at all."""
        compare, missing = cloudwatch.ComparisonOperator, cloudwatch.TreatMissingData
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=silent_hours or 1,
            comparison_operator=compare.LESS_THAN_THRESHOLD
            if silent_hours
            else compare.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=missing.BREACHING if silent_hours else missing.NOT_BREACHING,
            alarm_description=f"{says}: docs/operations/{page}.md#alarms",
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))


def _emitted(metric: str, *, folder: str, period: Duration | None = None) -> cloudwatch.IMetric:
    # Powertools gives every metric the dimension `service`; an alarm sees exactly one value of it.
    return cloudwatch.Metric(
        namespace=names.METRICS_NAMESPACE,
        metric_name=metric,
        dimensions_map={"service": folder},
        statistic="Sum",
        period=period,
    )

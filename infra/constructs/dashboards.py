"""Two pages to look at: what the shops do, and how the service bears it."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared import names

# Title → metric and the function that counts it (a test holds them and the code together).
BUSINESS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "Points in": (("PointsEarned", "publisher"),),
    "Points out": (
        ("PointsRedeemed", "publisher"),
        ("PointsTakenBack", "publisher"),
        ("PointsExpired", "publisher"),
    ),
    "Sales and returns": (("SalesRecorded", "publisher"), ("Refunds", "publisher"), ("RefundsParked", "webhooks")),
    "Redemptions and benefits": (("Redemptions", "publisher"), ("BenefitsClaimed", "redemptions")),
    "Members": (("MembersEnrolled", "members"), ("CheckIns", "publisher")),
    "Rewards that run low": (("RewardsLow", "publisher"),),
    "Not counted at once": (("Quarantined", "webhooks"), ("Ignored", "webhooks"), ("Duplicates", "webhooks")),
    "Told to members": (("MessagesSent", "messenger"), ("MessagesSkipped", "messenger")),
    "Every night": (("SweepDone", "sweep_worker"), ("AccountsAudited", "auditor"), ("LedgerMismatch", "auditor")),
}
_WIDTH: Final = 12


class Dashboards(Construct):
    """Paid by the month: the first three of an account cost nothing."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigatewayv2.HttpApi,
        functions: Sequence[lambda_.Function],
        tables: Mapping[str, dynamodb.ITable],
        readers: Sequence[lambda_.Function],
        queues: Mapping[str, sqs.Queue],
        dead_letters: Mapping[str, sqs.Queue],
    ) -> None:
        super().__init__(scope, construct_id)
        self._add_business()
        self._service = cloudwatch.Dashboard(self, "Service", default_interval=Duration.hours(6))
        self._show_api(api)
        self._show_functions(functions)
        self._show_tables(tables)
        self._show_streams(readers)
        self._show_queues(queues, dead_letters=dead_letters)

    def _add_business(self) -> None:
        dashboard = cloudwatch.Dashboard(self, "Business", default_interval=Duration.days(7))
        dashboard.add_widgets(*(_graph(title, [_counted(*one) for one in all_]) for title, all_ in BUSINESS.items()))

    def _show_api(self, api: apigatewayv2.HttpApi) -> None:
        latency = [api.metric_latency(statistic=statistic) for statistic in ("p50", "p99")]
        answers = [api.metric_count(), api.metric_client_error(), api.metric_server_error()]
        self._service.add_widgets(_graph("API: latency", latency), _graph("API: requests, 4xx, 5xx", answers))

    def _show_functions(self, functions: Sequence[lambda_.Function]) -> None:
        self._service.add_widgets(
            _graph("Functions: errors", [one.metric_errors(label=one.node.id) for one in functions]),
            _graph("Functions: throttles", [one.metric_throttles(label=one.node.id) for one in functions]),
            _graph("Functions: p99", [one.metric_duration(label=one.node.id, statistic="p99") for one in functions]),
        )

    def _show_tables(self, tables: Mapping[str, dynamodb.ITable]) -> None:
        for title, metrics in (
            ("Tables: units", ("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits")),
            ("Tables: throttled", ("WriteThrottleEvents", "ReadThrottleEvents")),
        ):
            self._service.add_widgets(
                _graph(title, [_of_table(name, table, metric) for name, table in tables.items() for metric in metrics])
            )
        index = [
            _of_table(names.ENTRIES_BY_MEMBER, tables["ledger"], metric, index=names.ENTRIES_BY_MEMBER)
            for metric in ("ConsumedWriteCapacityUnits", "WriteThrottleEvents")
        ]
        self._service.add_widgets(_graph("Index of the ledger", index))

    def _show_streams(self, readers: Sequence[lambda_.Function]) -> None:
        ages = [one.metric("IteratorAge", statistic="Maximum", label=one.node.id) for one in readers]
        self._service.add_widgets(_graph("Stream: age in ms", ages))

    def _show_queues(self, queues: Mapping[str, sqs.Queue], *, dead_letters: Mapping[str, sqs.Queue]) -> None:
        ages = [one.metric_approximate_age_of_oldest_message(label=name) for name, one in queues.items()]
        for title, shown in (("Queues: waiting", queues), ("Put aside", dead_letters)):
            depths = [one.metric_approximate_number_of_messages_visible(label=name) for name, one in shown.items()]
            self._service.add_widgets(_graph(title, depths))
        self._service.add_widgets(_graph("Queues: age of the oldest in s", ages))


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_WIDTH)


def _counted(metric: str, folder: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=names.METRICS_NAMESPACE,
        metric_name=metric,
        dimensions_map={"service": folder},
        statistic="Sum",
        period=Duration.hours(1),
    )


def _of_table(label: str, table: dynamodb.ITable, metric: str, *, index: str | None = None) -> cloudwatch.Metric:
    dimensions = {"TableName": table.table_name} | ({"GlobalSecondaryIndexName": index} if index else {})
    return cloudwatch.Metric(
        namespace="AWS/DynamoDB",
        metric_name=metric,
        dimensions_map=dimensions,
        statistic="Sum",
        label=f"{label} {metric}",
    )

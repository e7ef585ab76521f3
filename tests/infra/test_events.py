"""How events leave, as it is deployed: what the stream brings, who may send them on, and where they may go. S8, T20."""

import json
from collections.abc import Callable

import pytest

from functions.webhook_sender.pace import JITTER_PERCENT, PAUSES_SECONDS
from infra.constructs import outgoing_webhooks
from infra.stages import stage_named
from shared import names
from tests.infra.deployed import Deployed, Resource, many, points_at


def mapping_of(deployed: Deployed, function: str) -> Resource:
    (found,) = [
        one
        for one in deployed.of("AWS::Lambda::EventSourceMapping").values()
        if points_at(one["FunctionName"]).startswith(function)
    ]
    return found


def allowed(deployed: Deployed, role: str) -> set[tuple[str, str]]:
    """Give pairs of an action and the resource that a function's role is allowed it on."""
    pairs: set[tuple[str, str]] = set()
    for name, statement in deployed.statements():
        if name.startswith(role):
            places = [json.dumps(one) for one in many(statement["Resource"])]
            pairs |= {(action, place) for action in many(statement["Action"]) for place in places}
    return pairs


def test_the_stream_brings_entries_and_what_stock_does(every: Deployed) -> None:
    brought = [
        json.loads(one["Pattern"])["dynamodb"] for one in mapping_of(every, "Publisher")["FilterCriteria"]["Filters"]
    ]
    assert brought == [
        {"Keys": {"pk": {"S": [{"prefix": names.STOCK_PREFIX}]}}},
        {"Keys": {"pk": {"S": [{"prefix": names.STOCK_LOW_PREFIX}]}}},
        {"NewImage": {names.POSTED_ATTRIBUTE: {"S": [{"exists": True}]}}},
    ]


def test_q3_the_publisher_names_what_it_puts_aside_where_lambda_does(every: Deployed) -> None:
    _, function = every.named("AWS::Lambda::Function", "Publisher")
    failures = points_at(mapping_of(every, "Publisher")["DestinationConfig"]["OnFailure"]["Destination"])
    assert points_at(function["Environment"]["Variables"][names.PUT_ASIDE_QUEUE]) == failures
    sent = {place for action, place in allowed(every, "PublisherRole") if action == "sqs:SendMessage"}
    assert [failures in place for place in sent] == [True]


def test_the_rule_brings_every_event_and_nothing_else(every: Deployed) -> None:
    (rule,) = every.of("AWS::Events::Rule").values()
    assert rule["EventPattern"] == {"source": [names.EVENT_SOURCE]}
    assert points_at(rule["EventBusName"]).startswith("Bus")


def test_q6_the_queue_gives_up_when_the_sender_has_no_pause_left(every: Deployed) -> None:
    _, queue = every.named("AWS::SQS::Queue", "OutgoingWebhooksQueue")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == outgoing_webhooks.TRIES == len(PAUSES_SECONDS) + 1
    longest = sum(PAUSES_SECONDS) * max(JITTER_PERCENT) / 100
    assert longest < queue["MessageRetentionPeriod"]


def test_s8_t20_who_speaks_to_the_world_reaches_no_table_and_one_secret(every: Deployed) -> None:
    actions = {action for action, _ in allowed(every, "WebhookSender")}
    assert {action for action in actions if action.startswith(("dynamodb:", "events:", "sns:", "lambda:"))} == set()
    secrets = {place for action, place in allowed(every, "WebhookSender") if action.startswith("secretsmanager:")}
    assert ["Endpoints" in place for place in secrets] == [True]
    queues = {place for action, place in allowed(every, "WebhookSender") if action.startswith("sqs:")}
    assert ["OutgoingWebhooksQueue" in place for place in queues] == [True]
    _, function = every.named("AWS::Lambda::Function", "WebhookSender")
    variables = {name for name in function["Environment"]["Variables"] if name.startswith("JIFEN_")}
    assert variables - {names.WEBHOOKS_TO_LOOPBACK} == {names.STAGE, names.ENDPOINTS_SECRET, names.WEBHOOK_QUEUE}


@pytest.mark.parametrize(("stage", "loopback"), [("dev", False), ("prod", False), ("local", True)])
def test_t20_only_a_laptop_tells_itself(deployed: Callable[[str], Deployed], stage: str, loopback: bool) -> None:  # noqa: FBT001
    assert stage_named(stage).webhooks_to_loopback is loopback
    _, function = deployed(stage).named("AWS::Lambda::Function", "WebhookSender")
    assert (names.WEBHOOKS_TO_LOOPBACK in function["Environment"]["Variables"]) is loopback


def test_t20_a_name_is_looked_up_in_bounded_time(every: Deployed) -> None:
    _, function = every.named("AWS::Lambda::Function", "WebhookSender")
    assert function["Environment"]["Variables"]["RES_OPTIONS"] == "timeout:1 attempts:2"

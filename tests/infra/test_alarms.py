"""What wakes somebody is there, and reaches them."""

import dataclasses
from typing import Final

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from infra.constructs.alarms import Alarms
from infra.stages import STAGES
from tests.infra.deployed import Deployed, Resource, points_at
from tests.infra.test_nothing_is_lost import dead_letter_queues, streams

BUSINESS: Final = {
    ("LedgerMismatch", "webhooks"),
    ("LedgerMismatch", "members"),
    ("LedgerMismatch", "queries"),
    ("LedgerMismatch", "redemptions"),
    ("LedgerMismatch", "activities"),
    ("LedgerMismatch", "desk"),
    ("Quarantined", "webhooks"),
    ("SignaturesRefused", "webhooks"),
    ("ExpiredWithoutReminder", "messenger"),
    ("SmsLimitReached", "messenger"),
    ("RecordsPutAside", "publisher"),
    ("EndpointsGone", "webhook_sender"),
    ("WebhooksPostponed", "webhook_sender"),
}


def alarms(deployed: Deployed, metric: str) -> list[Resource]:
    return [one for one in deployed.of("AWS::CloudWatch::Alarm").values() if one["MetricName"] == metric]


def dimension(alarm: Resource) -> str:
    """Give the logical id, or the text, of an alarm's one dimension."""
    (one,) = alarm["Dimensions"]
    return points_at(one["Value"]) or one["Value"]["Fn::GetAtt"][0] if isinstance(one["Value"], dict) else one["Value"]


def test_every_alarm_tells_the_topic(every: Deployed) -> None:
    topic, _ = every.named("AWS::SNS::Topic", "AlarmsTopic")
    for alarm in every.of("AWS::CloudWatch::Alarm").values():
        assert [points_at(action) for action in alarm["AlarmActions"]] == [topic]


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_is_watched(every: Deployed, metric: str) -> None:
    assert {dimension(one) for one in alarms(every, metric)} == set(every.functions())


def test_q3_q5_every_queue_of_what_was_given_up_is_watched(every: Deployed) -> None:
    watched = {dimension(one) for one in alarms(every, "ApproximateNumberOfMessagesVisible")}
    assert watched == dead_letter_queues(every)


def test_q3_every_reader_of_the_stream_is_watched_for_being_late(every: Deployed) -> None:
    late = alarms(every, "IteratorAge")
    assert {dimension(one) for one in late} == {points_at(one["FunctionName"]) for one in streams(every)}
    assert {one["Threshold"] for one in late} == {5 * 60 * 1_000}


def test_the_api_and_what_must_never_happen_are_watched(every: Deployed) -> None:
    assert len(alarms(every, "5xx")) == 1
    found = {
        (one["MetricName"], dimension(one))
        for one in every.of("AWS::CloudWatch::Alarm").values()
        if one.get("Namespace") == "Jifen"
    }
    assert found >= BUSINESS


def test_an_alarm_may_be_encrypted_under_the_key_of_its_topic(every: Deployed) -> None:
    _, key = every.named("AWS::KMS::Key", "Key")
    services = [
        one["Action"]
        for one in key["KeyPolicy"]["Statement"]
        if one["Principal"].get("Service") == "cloudwatch.amazonaws.com"
    ]
    assert services == [["kms:Decrypt", "kms:GenerateDataKey"]]


def test_the_topic_takes_what_the_alarms_of_this_account_tell(every: Deployed) -> None:
    """A topic that has a policy takes from a service only what the policy allows."""
    topic, _ = every.named("AWS::SNS::Topic", "AlarmsTopic")
    (policy,) = [one for one in every.of("AWS::SNS::TopicPolicy").values() if points_at(one["Topics"][0]) == topic]
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert [(one["Principal"], one["Action"]) for one in allowed] == [
        ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish")
    ]
    assert [points_at(one["Resource"]) for one in allowed] == [topic]
    assert [one["Condition"] for one in allowed] == [{"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}]


def test_an_address_that_is_given_is_told() -> None:
    stage = dataclasses.replace(STAGES["prod"], alarm_email="ops@chain.example")
    stack = Stack(App(), "Test")
    Alarms(stack, "Alarms", stage=stage, key=kms.Key(stack, "Key"))
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::SNS::Subscription",
        {"Protocol": "email", "Endpoint": "ops@chain.example", "TopicArn": Match.any_value()},
    )

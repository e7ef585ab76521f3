"""How messages leave, as it is deployed: what the stream brings, what is encrypted, what is put aside. Q3, Q6."""

import json
from typing import Any

from infra.constructs import messages
from infra.stages import STAGES
from shared import names
from shared.ledger.entries import EntryKind
from shared.messages.message import State
from tests.infra.deployed import Deployed


def found(deployed: Deployed, kind: str, name: str) -> list[dict[str, Any]]:
    return [
        one["Properties"]
        for logical, one in deployed.service["Resources"].items()
        if one["Type"] == kind and logical.startswith(name)
    ]


def test_the_stream_brings_what_the_code_writes(every: Deployed) -> None:
    (mapping,) = found(every, "AWS::Lambda::EventSourceMapping", "MessageStream")
    brought = [json.loads(one["Pattern"])["dynamodb"]["NewImage"] for one in mapping["FilterCriteria"]["Filters"]]

    assert brought == [
        {"pk": {"S": [{"prefix": names.MESSAGES_PREFIX}]}, "st": {"S": [State.WAITING.value]}},
        {names.TIER_CHANGED_ATTRIBUTE: {"S": [{"exists": True}]}},
        {"k": {"S": [EntryKind.EXPIRED.value]}},
    ]
    assert (messages.WAITING, messages.EXPIRED) == (State.WAITING, EntryKind.EXPIRED)


def test_q3_a_poison_record_is_isolated_and_put_aside(every: Deployed) -> None:
    (mapping,) = found(every, "AWS::Lambda::EventSourceMapping", "MessageStream")

    assert mapping["BisectBatchOnFunctionError"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert 0 < mapping["MaximumRetryAttempts"] <= 100
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"]


def test_q6_what_is_put_off_is_tried_a_finite_number_of_times(every: Deployed) -> None:
    (queue,) = found(every, "AWS::SQS::Queue", "MessagesLaterQueue")
    (function,) = found(every, "AWS::Lambda::Function", "Messenger")

    assert 3 <= queue["RedrivePolicy"]["maxReceiveCount"] <= 10
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]


def test_the_topic_is_encrypted_and_reached_over_tls_alone(every: Deployed) -> None:
    (topic,) = found(every, "AWS::SNS::Topic", "Messages")
    policies = json.dumps(found(every, "AWS::SNS::TopicPolicy", "Messages"))

    assert topic["KmsMasterKeyId"]
    assert '"aws:SecureTransport": "false"' in policies


def test_texts_stop_at_the_spending_of_the_stage(every: Deployed) -> None:
    (function,) = found(every, "AWS::Lambda::Function", "Messenger")
    variables = function["Environment"]["Variables"]
    spent_at_most = int(variables[names.SMS_PER_MONTH]) * float(variables[names.SMS_MAX_PRICE_USD])

    assert spent_at_most <= STAGES[every.stage].sms_monthly_usd
    assert spent_at_most > STAGES[every.stage].sms_monthly_usd - 1


def test_only_the_laptop_keeps_what_was_told(every: Deployed) -> None:
    assert bool(found(every, "AWS::SQS::Queue", "MessagesTaken")) == (every.stage == "local")

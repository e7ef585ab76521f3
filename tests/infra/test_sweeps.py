"""The sweeps as they are deployed: schedules, queues, permissions, alarms. Q6, S8."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.sweep_planner.start import HEARTBEATS
from infra.constructs import alarms
from infra.constructs.sweeps import SCHEDULES
from infra.stages import stage_named
from shared import names
from shared.sweeps.tasks import Kind
from tests.infra.deployed import Deployed, Resource, Resources, many


@pytest.fixture
def resources(deployed: Callable[[str], Deployed]) -> Resources:
    return dict(deployed("prod").service["Resources"])


def found(resources: Resources, kind: str, name: str = "Sweep") -> dict[str, Resource]:
    return {
        logical: one["Properties"]
        for logical, one in resources.items()
        if one["Type"] == kind and logical.startswith(name)
    }


def only(resources: Resources, kind: str, name: str) -> Resource:
    (properties,) = found(resources, kind, name).values()
    return properties


def statements(resources: Resources, role: str) -> list[dict[str, Any]]:
    policy = only(resources, "AWS::IAM::Policy", role)
    return list(policy["PolicyDocument"]["Statement"])


def allowed(resources: Resources, role: str, service: str) -> set[tuple[str, str]]:
    """Give pairs of an action and the resource it is allowed on."""
    pairs: set[tuple[str, str]] = set()
    for statement in statements(resources, role):
        places = many(statement["Resource"])
        pairs |= {(action, json.dumps(place)) for action in many(statement["Action"]) for place in places}
    return {(action, place) for action, place in pairs if action.startswith(f"{service}:")}


def test_every_schedule_fires_by_the_clock_of_the_shop_and_names_its_own_time(resources: Resources) -> None:
    schedules = list(found(resources, "AWS::Scheduler::Schedule").values())
    assert len(schedules) == len(SCHEDULES)
    told = [json.loads(one["Target"]["Input"]) for one in schedules]
    assert told == [{"kind": kind, "at": "<aws.scheduler.scheduled-time>"} for kind in SCHEDULES]
    for one in schedules:
        assert one["ScheduleExpressionTimezone"] == "Asia/Shanghai"
        assert one["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert one.get("State", "ENABLED") == "ENABLED"


def test_q6_whatever_fails_has_a_place_to_go(resources: Resources) -> None:
    for one in found(resources, "AWS::Scheduler::Schedule").values():
        assert one["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 82_800, "MaximumRetryAttempts": 20}
        assert "FailedRuns" in json.dumps(one["Target"]["DeadLetterConfig"])
    invoked = only(resources, "AWS::Lambda::EventInvokeConfig", "SweepPlanner")
    assert "FailedRuns" in json.dumps(invoked["DestinationConfig"]["OnFailure"])
    tasks = only(resources, "AWS::SQS::Queue", "SweepQueuesTasks")
    assert "FailedTasks" in json.dumps(tasks["RedrivePolicy"]["deadLetterTargetArn"])
    assert tasks["RedrivePolicy"]["maxReceiveCount"] == 5


def test_q6_queues_are_encrypted_and_reached_by_tls_alone(resources: Resources) -> None:
    queues = found(resources, "AWS::SQS::Queue", "SweepQueues")
    assert len(queues) == 5
    assert all(one["SqsManagedSseEnabled"] for one in queues.values())
    policies = json.dumps(list(found(resources, "AWS::SQS::QueuePolicy", "SweepQueues").values()))
    assert policies.count('"aws:SecureTransport": "false"') == 5


def test_q6_a_task_is_invisible_for_six_times_the_workers_time(resources: Resources) -> None:
    worker = only(resources, "AWS::Lambda::Function", "SweepWorker")
    tasks = only(resources, "AWS::SQS::Queue", "SweepQueuesTasks")
    assert tasks["VisibilityTimeout"] >= 6 * worker["Timeout"]


def test_workers_leave_the_account_and_the_tables_to_the_tills(resources: Resources) -> None:
    for name, mapped, at_once in (("SweepWorker", "SweepsMapping", 10), ("Auditor", "SweepsAuditMapping", 4)):
        worker = only(resources, "AWS::Lambda::Function", name)
        mapping = only(resources, "AWS::Lambda::EventSourceMapping", mapped)
        assert worker["ReservedConcurrentExecutions"] == at_once
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": at_once}
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert 1 <= mapping["BatchSize"] <= 10
        assert worker["Environment"]["Variables"][names.SWEEP_MEMBERS_PER_SECOND] == "100"


def test_s8_the_planner_sends_and_does_nothing_else(resources: Resources) -> None:
    assert allowed(resources, "SweepPlannerRole", "dynamodb") == set()
    actions = {action for action, _ in allowed(resources, "SweepPlannerRole", "sqs")}
    assert actions <= {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}


def test_s8_the_worker_scans_accounts_alone_and_never_changes_an_entry(resources: Resources) -> None:
    actions = allowed(resources, "SweepWorkerRole", "dynamodb")
    on_accounts = {action.removeprefix("dynamodb:") for action, place in actions if "Accounts" in place}
    on_ledger = {action.removeprefix("dynamodb:") for action, place in actions if "Ledger" in place}
    assert on_accounts == {"Scan", "GetItem", "PutItem", "ConditionCheckItem"}
    on_members = {action.removeprefix("dynamodb:") for action, place in actions if "Members" in place}
    assert on_ledger == {"GetItem", "BatchGetItem", "PutItem", "ConditionCheckItem", "Query"}
    assert on_members == {"Query"}


def test_s8_the_schedules_call_the_planner_and_nothing_else(resources: Resources) -> None:
    ((action, place),) = allowed(resources, "SweepsRole", "lambda")
    assert action == "lambda:InvokeFunction"
    assert "SweepPlanner" in place
    assert "*" not in place


def test_a_schedule_that_did_not_run_wakes_somebody(resources: Resources) -> None:
    heartbeats = found(resources, "AWS::CloudWatch::Alarm", "AlarmsMissing")
    assert {one["MetricName"] for one in heartbeats.values()} == {alarms.HEARTBEATS[kind] for kind in SCHEDULES}
    for one in heartbeats.values():
        assert one["TreatMissingData"] == "breaching"
        assert one["ComparisonOperator"] == "LessThanThreshold"
        assert one["Dimensions"] == [{"Name": "service", "Value": "sweep_planner"}]
        assert 24 < one["EvaluationPeriods"] * one["Period"] / 3600 < 48


def test_what_is_put_aside_wakes_somebody(resources: Resources) -> None:
    watched = json.dumps(found(resources, "AWS::CloudWatch::Alarm", "AlarmsSweep"))
    assert "FailedTasks" in watched
    assert "FailedRuns" in watched


def test_the_planner_says_what_the_alarms_listen_for() -> None:
    assert {kind: HEARTBEATS[Kind(kind)] for kind in SCHEDULES} == dict(alarms.HEARTBEATS)
    assert set(HEARTBEATS) == set(Kind)


@pytest.mark.parametrize(("stage", "travels"), [("dev", False), ("prod", False), ("local", True)])
def test_only_the_laptop_travels_in_time(stage: str, travels: bool) -> None:  # noqa: FBT001
    assert stage_named(stage).time_travel is travels


def test_time_travel_is_not_in_the_planners_environment(resources: Resources) -> None:
    planner = only(resources, "AWS::Lambda::Function", "SweepPlanner")
    assert names.TIME_TRAVEL not in planner["Environment"]["Variables"]

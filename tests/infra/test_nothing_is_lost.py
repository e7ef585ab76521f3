"""Queues, streams, schedules, invocations without a caller: finite tries, then a place where it is found. Q6, Q3."""

from tests.infra.deployed import Deployed, Resource, points_at


def dead_letter_queues(deployed: Deployed) -> set[str]:
    """Name the queues that take what others gave up."""
    redrives = [
        points_at(one["RedrivePolicy"]["deadLetterTargetArn"])
        for one in deployed.of("AWS::SQS::Queue").values()
        if "RedrivePolicy" in one
    ]
    mappings = [points_at(destination_of(one)) for one in streams(deployed)]
    schedules = [
        points_at(one["Target"]["DeadLetterConfig"]["Arn"]) for one in deployed.of("AWS::Scheduler::Schedule").values()
    ]
    invocations = [
        points_at(one["DestinationConfig"]["OnFailure"]["Destination"])
        for one in deployed.of("AWS::Lambda::EventInvokeConfig").values()
    ]
    handed_over = [points_at(target["DeadLetterConfig"]["Arn"]) for _, target in targets(deployed)]
    return {*redrives, *mappings, *schedules, *invocations, *handed_over}


def streams(deployed: Deployed) -> list[Resource]:
    return [one for one in deployed.of("AWS::Lambda::EventSourceMapping").values() if "StartingPosition" in one]


def targets(deployed: Deployed) -> list[tuple[Resource, Resource]]:
    """Give the rules of event buses with each of their targets."""
    return [(rule, target) for rule in deployed.of("AWS::Events::Rule").values() for target in rule["Targets"]]


def destination_of(mapping: Resource) -> object:
    return mapping["DestinationConfig"]["OnFailure"]["Destination"]


def test_q6_every_queue_that_somebody_reads_has_a_dead_letter_queue_and_finite_tries(every: Deployed) -> None:
    read = {
        points_at(one["EventSourceArn"])
        for one in every.of("AWS::Lambda::EventSourceMapping").values()
        if "StartingPosition" not in one
    }
    assert len(read) == 4
    for name in read:
        policy = every.of("AWS::SQS::Queue")[name]["RedrivePolicy"]
        assert 1 < policy["maxReceiveCount"] <= 10


def test_q6_every_other_queue_takes_what_was_given_up_or_is_the_laptops_to_look_into(every: Deployed) -> None:
    read = {points_at(one["EventSourceArn"]) for one in every.of("AWS::Lambda::EventSourceMapping").values()}
    others = set(every.of("AWS::SQS::Queue")) - read - dead_letter_queues(every)
    assert {name[:13] for name in others} == ({"MessagesTaken"} if every.stage == "local" else set())


def test_q6_what_was_given_up_is_kept_for_two_weeks(every: Deployed) -> None:
    days = {every.of("AWS::SQS::Queue")[name]["MessageRetentionPeriod"] / 86_400 for name in dead_letter_queues(every)}
    assert days == {14}


def test_q6_a_message_stays_hidden_six_times_as_long_as_its_function_may_take(every: Deployed) -> None:
    for mapping in every.of("AWS::Lambda::EventSourceMapping").values():
        if "StartingPosition" not in mapping:
            queue = every.of("AWS::SQS::Queue")[points_at(mapping["EventSourceArn"])]
            timeout = every.functions()[points_at(mapping["FunctionName"])]["Timeout"]
            assert queue["VisibilityTimeout"] >= 6 * timeout


def test_q1_every_queue_is_answered_message_by_message(every: Deployed) -> None:
    answers = {tuple(one["FunctionResponseTypes"]) for one in every.of("AWS::Lambda::EventSourceMapping").values()}
    assert answers == {("ReportBatchItemFailures",)}


def test_q3_a_stream_is_never_stopped_by_one_record(every: Deployed) -> None:
    # AWS advises against a third reader of one shard. The publisher puts aside by itself what can never be taken.
    tries = {points_at(mapping["FunctionName"])[:-8]: mapping["MaximumRetryAttempts"] for mapping in streams(every)}
    assert tries == {"Publisher": 10_000, "Messenger": 10}
    for mapping in streams(every):
        assert mapping["BisectBatchOnFunctionError"] is True
        assert mapping["MaximumRecordAgeInSeconds"] == 6 * 3_600
        assert points_at(destination_of(mapping)) in every.of("AWS::SQS::Queue")


def test_q6_what_a_bus_cannot_hand_over_is_put_where_the_rest_of_it_is(every: Deployed) -> None:
    ((_, target),) = targets(every)
    queue = every.of("AWS::SQS::Queue")[points_at(target["Arn"])]
    assert points_at(target["DeadLetterConfig"]["Arn"]) == points_at(queue["RedrivePolicy"]["deadLetterTargetArn"])
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 23 * 3_600, "MaximumRetryAttempts": 185}


def test_q6_a_schedule_gives_up_in_a_day_and_says_so(every: Deployed) -> None:
    schedules = every.of("AWS::Scheduler::Schedule")
    assert schedules
    for schedule in schedules.values():
        retries = schedule["Target"]["RetryPolicy"]
        assert 0 < retries["MaximumRetryAttempts"] <= 185
        assert retries["MaximumEventAgeInSeconds"] < 24 * 3_600
        assert points_at(schedule["Target"]["DeadLetterConfig"]["Arn"]) in every.of("AWS::SQS::Queue")


def test_q6_a_function_that_is_called_without_waiting_has_a_place_for_its_failures(every: Deployed) -> None:
    called = {points_at(one["Target"]["Arn"]) for one in every.of("AWS::Scheduler::Schedule").values()}
    called |= {
        points_at(one["Endpoint"]) for one in every.of("AWS::SNS::Subscription").values() if one["Protocol"] == "lambda"
    }
    called |= {points_at(target["Arn"]) for _, target in targets(every)}
    cared_for = {
        points_at(one["FunctionName"])
        for one in every.of("AWS::Lambda::EventInvokeConfig").values()
        if one["MaximumRetryAttempts"] <= 2 and one["DestinationConfig"]["OnFailure"]
    }
    assert called & set(every.functions()) <= cared_for

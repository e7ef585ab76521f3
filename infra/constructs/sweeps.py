"""The schedules of the sweeps, the queue of their tasks, and how planner and worker hang on them."""

import json
from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.findings import acknowledge
from infra.stages import Stage
from shared import names

# Kind of sweep → hour and minute of every day, by the clock of the stage's zone: what lapses does so at midnight, the
# audit looks at what that made, and reminders are made when nobody's usual quiet hours hold them back.
SCHEDULES: Final[Mapping[str, tuple[int, int]]] = {
    "expiry": (0, 5),
    "tier-review": (0, 35),
    "audit": (2, 30),
    "reminders": (10, 0),
}
PLANNER_TIMEOUT: Final = Duration.seconds(30)
WORKER_TIMEOUT: Final = Duration.minutes(2)
_RECEIVES: Final = 5
_FOR_A_DAY: Final = Duration.hours(23)  # then the next run of the kind does what this one would have done


class SweepQueues(Construct):
    """The queues of tasks; where tasks go that fail again and again; where runs go that could not be planned."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.failed_tasks = _dead_letters(self, "FailedTasks")
        self.failed_runs = _dead_letters(self, "FailedRuns")
        self.failed_audits = _dead_letters(self, "FailedAudits")
        self.tasks = _tasks(self, "Tasks", failed=self.failed_tasks)
        self.audits = _tasks(self, "Audits", failed=self.failed_audits)

    @property
    def read(self) -> Mapping[str, sqs.Queue]:
        """Name the queues that somebody works off."""
        return {names.SWEEP_TASKS: self.tasks, names.AUDIT_TASKS: self.audits}

    @property
    def dead_letters(self) -> Mapping[str, sqs.Queue]:
        return {
            names.SWEEP_TASKS: self.failed_tasks,
            names.SWEEP_RUNS: self.failed_runs,
            names.AUDIT_TASKS: self.failed_audits,
        }


class SweepSchedules(Construct):
    """The schedules, which call the planner, and the event sources that bring tasks to worker and auditor."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        queues: SweepQueues,
        planner: lambda_.Function,
        worker: lambda_.Function,
        auditor: lambda_.Function,
    ) -> None:
        super().__init__(scope, construct_id)
        role = self._role(planner, queues.failed_runs)
        for kind, (hour, minute) in SCHEDULES.items():
            scheduler.CfnSchedule(
                self,
                "".join(word.title() for word in kind.split("-")),
                description=f"Jifen {stage.name}: {kind}",
                schedule_expression=f"cron({minute} {hour} * * ? *)",
                schedule_expression_timezone=stage.zone,
                flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
                target=scheduler.CfnSchedule.TargetProperty(
                    arn=planner.function_arn,
                    role_arn=role.role_arn,
                    input=json.dumps({names.RUN_KIND: kind, names.RUN_AT: names.SCHEDULED_TIME}),
                    retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=_FOR_A_DAY.to_seconds(), maximum_retry_attempts=20
                    ),
                    dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=queues.failed_runs.queue_arn),
                ),
            ).node.add_dependency(role)
        # Lambda takes what the scheduler hands over and calls the planner by itself: it fails by itself too.
        planner.configure_async_invoke(
            on_failure=destinations.SqsDestination(queues.failed_runs),
            max_event_age=Duration.hours(6),
            retry_attempts=2,
        )
        for queue in queues.read.values():
            planner.add_to_role_policy(_may(queue, "SendMessage"))
        self._bring_tasks("Mapping", worker, queues.tasks, at_once=stage.sweep_workers)
        self._bring_tasks("AuditMapping", auditor, queues.audits, at_once=stage.audit_workers)

    def _role(self, planner: lambda_.Function, failed_runs: sqs.Queue) -> iam.Role:
        """Make the role under which the schedules call the planner, and put aside what they cannot hand over."""
        principal = iam.ServicePrincipal(
            "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
        )
        role = iam.Role(self, "Role", assumed_by=principal)
        role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[planner.function_arn]))
        role.add_to_policy(_may(failed_runs, "SendMessage"))
        return role

    def _bring_tasks(self, construct_id: str, worker: lambda_.Function, tasks: sqs.Queue, *, at_once: int) -> None:
        """Let so many workers work at once: reserved, so that tills keep the rest, and not asked for more than that."""
        worker.add_to_role_policy(_may(tasks, "ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage"))
        child = worker.node.default_child
        if isinstance(child, lambda_.CfnFunction):
            child.reserved_concurrent_executions = at_once
        mapping = lambda_.EventSourceMapping(
            self,
            construct_id,
            target=worker,
            event_source_arn=tasks.queue_arn,
            batch_size=1,  # a task is a page and has the function's whole time; what fails there fails alone
            max_concurrency=at_once,
            report_batch_item_failures=True,
        )
        if worker.role is not None:  # Lambda tries the queue with the role's permissions when the mapping is made
            mapping.node.add_dependency(worker.role)


def _tasks(scope: Construct, construct_id: str, *, failed: sqs.Queue) -> sqs.Queue:
    return sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        # A task that is brought again while it is still being done changes nothing, but costs its scan twice.
        visibility_timeout=Duration.minutes(6 * WORKER_TIMEOUT.to_minutes()),
        retention_period=Duration.days(4),
        dead_letter_queue=sqs.DeadLetterQueue(queue=failed, max_receive_count=_RECEIVES),
    )


def _dead_letters(scope: Construct, construct_id: str) -> sqs.Queue:
    queue = sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(14),
    )
    acknowledge(queue, "AwsSolutions-SQS3", reason="It is a dead-letter queue itself.")
    return queue


def _may(queue: sqs.Queue, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[f"sqs:{action}" for action in actions], resources=[queue.queue_arn])

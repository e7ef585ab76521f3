"""A Lambda of the project: what all of them share."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.findings import acknowledge
from infra.stages import NEWEST_PYTHON, Stage
from shared import names

# Longer than every call to AWS with its retries, shorter than the 15 s after which tills give up on a webhook.
API_TIMEOUT: Final = Duration.seconds(10)


class PythonFunction(lambda_.Function):
    """One folder of `functions/`, with its own role and log group; it may do nothing but log until the stack allows."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        folder: str,
        code: lambda_.Code,
        layer: lambda_.ILayerVersion | None = None,
        environment: Mapping[str, str] | None = None,
        timeout: Duration = API_TIMEOUT,
    ) -> None:
        log_group = _log_group(scope, f"{construct_id}Logs", stage=stage, folder=folder)
        super().__init__(
            scope,
            construct_id,
            description=f"Jifen {stage.name}: functions/{folder}",
            runtime=lambda_.Runtime(f"python{stage.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=lambda_.Architecture.custom(stage.architecture),
            handler=f"functions.{folder}.handler.handler",
            code=code,
            layers=[] if layer is None else [layer],
            role=_role(scope, f"{construct_id}Role", log_group=log_group),
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            # START, END and REPORT of every call would cost more than the call's write units; failures stay.
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            tracing=lambda_.Tracing.ACTIVE,
            memory_size=512,
            timeout=timeout,
            environment={
                names.STAGE: stage.name,
                names.SERVICE: folder,
                **(environment or {}),
            },
        )
        if stage.python != NEWEST_PYTHON:
            acknowledge(self, "AwsSolutions-L1", reason="The emulator runs functions on the Python of the laptop.")


def _log_group(scope: Construct, construct_id: str, *, stage: Stage, folder: str) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=f"/jifen/{stage.name}/functions/{folder}",
        retention=logs.RetentionDays[stage.log_retention],
        removal_policy=RemovalPolicy.DESTROY,  # it ends by retention; a name that is left over would block a new stage
    )


def _role(scope: Construct, construct_id: str, *, log_group: logs.LogGroup) -> iam.Role:
    role = iam.Role(scope, construct_id, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log_group.grant_write(role)
    acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        reason="X-Ray has no resources: its two write actions can be allowed on nothing narrower.",
    )
    return role

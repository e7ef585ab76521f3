"""What the functions of a stage are built from: the code, the layer, and what all that use tables are told."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.function import API_TIMEOUT, PythonFunction
from infra.data_stack import DataStack
from infra.grants import allow_key
from infra.stages import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFactory:
    """`environment` is what functions that use tables find in theirs."""

    scope: Construct
    stage: Stage
    data: DataStack
    bus: events.IEventBus
    code: lambda_.Code
    layer: lambda_.ILayerVersion
    environment: Mapping[str, str]

    def build(
        self,
        construct_id: str,
        *,
        folder: str,
        environment: Mapping[str, str] | None = None,
        timeout: Duration = API_TIMEOUT,
    ) -> PythonFunction:
        """Build a function that may decrypt what it is allowed to read; `environment` is its own."""
        merged = {**self.environment, **(environment or {})}
        function = self.build_without_tables(construct_id, folder=folder, environment=merged, timeout=timeout)
        allow_key(function, self.data.key)
        return function

    def build_without_tables(
        self, construct_id: str, *, folder: str, environment: Mapping[str, str], timeout: Duration
    ) -> PythonFunction:
        return PythonFunction(
            self.scope,
            construct_id,
            stage=self.stage,
            folder=folder,
            code=self.code,
            layer=self.layer,
            environment=environment,
            timeout=timeout,
        )

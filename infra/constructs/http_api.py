"""The HTTP API: routes, the authorizer, throttles, access logs."""

import json
from collections.abc import Mapping
from typing import Final

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.findings import acknowledge
from infra.routes import ROUTES, UNKNOWN_PATHS_GO_TO, FunctionName
from infra.stages import Issuer, Stage

# What the gateway answers without a function: 401, 429, a function that timed out. All else stands in the function's
# own line. The route and not the path, no address and no agent: a line says nothing about a person.
_ACCESS_LOG: Final = {
    "request_id": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "error": "$context.integrationErrorMessage $context.authorizer.error",
}
ACCESS_LOG_FORMAT: Final = json.dumps(_ACCESS_LOG, separators=(",", ":"))
_PUBLIC_ROUTE: Final = (
    "Public on purpose: rules, rewards and stores are for everyone; the answer to an unknown path too."
)
_SIGNED_ROUTE: Final = "The body is signed by the till (Standard Webhooks) and verified by the function."


class HttpApi(apigatewayv2.HttpApi):
    """Every route of the table, on the function that it names, behind the token of the issuer where it says so."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        issuer: Issuer,
        functions: Mapping[FunctionName, lambda_.IFunction],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Jifen {stage.name}",
            create_default_stage=False,
            cors_preflight=_cross_origin(stage),
        )
        self._add_routes(issuer=issuer, functions=functions)
        self._add_stage(stage)

    def _add_routes(self, *, issuer: Issuer, functions: Mapping[FunctionName, lambda_.IFunction]) -> None:
        token = HttpJwtAuthorizer("Token", issuer.url, jwt_audience=[issuer.member_client_id, issuer.staff_client_id])
        integrations = {
            # One permission per function: a permission per route reaches the size limit of a function's policy.
            name: HttpLambdaIntegration(name.title(), function, scope_permission_to_route=False)
            for name, function in functions.items()
        }
        for route in ROUTES:
            added = self.add_routes(
                path=route.path,
                methods=[apigatewayv2.HttpMethod[route.method]],
                integration=integrations[route.function],
                authorizer=token if route.caller == "token" else None,
            )
            if route.caller != "token":
                reason = _SIGNED_ROUTE if route.caller == "signature" else _PUBLIC_ROUTE
                acknowledge(added[0], "AwsSolutions-APIG4", reason=reason)
        unknown = apigatewayv2.HttpRoute(
            self,
            "UnknownPaths",
            http_api=self,
            route_key=apigatewayv2.HttpRouteKey.DEFAULT,
            integration=integrations[UNKNOWN_PATHS_GO_TO],
        )
        acknowledge(unknown, "AwsSolutions-APIG4", reason=_PUBLIC_ROUTE)

    def _add_stage(self, stage: Stage) -> None:
        log_group = logs.LogGroup(
            self,
            "GatewayLogs",
            log_group_name=f"/jifen/{stage.name}/gateway",
            # Half the price of the standard class: read by Logs Insights, without filters, metrics or a live tail.
            log_group_class=logs.LogGroupClass.INFREQUENT_ACCESS,
            retention=logs.RetentionDays[stage.log_retention],
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.deployed = apigatewayv2.HttpStage(
            self,
            "Deployed",
            http_api=self,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=stage.throttle_per_second, burst_limit=stage.throttle_burst
            ),
            access_log_settings=_AccessLog(log_group),
        )


@jsii.implements(apigatewayv2.IAccessLogSettings)
class _AccessLog:
    """One JSON object a request."""

    def __init__(self, log_group: logs.ILogGroup) -> None:
        self._destination = apigatewayv2.LogGroupLogDestination(log_group)
        self._format = apigateway.AccessLogFormat.custom(ACCESS_LOG_FORMAT)

    @property
    def destination(self) -> apigatewayv2.IAccessLogDestination:
        return self._destination

    @property
    def format(self) -> apigateway.AccessLogFormat:
        return self._format


def _cross_origin(stage: Stage) -> apigatewayv2.CorsPreflightOptions | None:
    if not stage.cors_origins:
        return None
    return apigatewayv2.CorsPreflightOptions(
        allow_origins=list(stage.cors_origins),
        allow_methods=[apigatewayv2.CorsHttpMethod[method] for method in sorted({route.method for route in ROUTES})],
        allow_headers=["Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "If-Match"],
        expose_headers=["ETag", "Idempotency-Replayed", "Retry-After"],
        max_age=Duration.hours(1),
    )

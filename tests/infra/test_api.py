"""Who gets through the gateway, how often, and what it writes down. S1, T21, S7."""

import json
from collections.abc import Callable

from infra.routes import ROUTES
from infra.stages import STAGES
from tests.infra.deployed import Deployed, points_at

OPEN = {
    "$default",
    "GET /v1/campaigns",
    "GET /v1/health",
    "GET /v1/openapi.json",
    "GET /v1/program",
    "GET /v1/rewards",
    "GET /v1/stores",
    "POST /v1/webhooks/{subscription_id}",
}


def test_s1_every_route_asks_for_a_token_but_the_public_ones_and_the_tills(every: Deployed) -> None:
    routes = list(every.of("AWS::ApiGatewayV2::Route").values())
    authorizers = set(every.of("AWS::ApiGatewayV2::Authorizer"))
    assert {one["RouteKey"] for one in routes if one.get("AuthorizationType", "NONE") == "NONE"} == OPEN
    guarded = [one for one in routes if one["RouteKey"] not in OPEN]
    assert {one["AuthorizationType"] for one in guarded} == {"JWT"}
    assert {points_at(one["AuthorizerId"]) for one in guarded} == authorizers


def test_a7_the_deployed_routes_are_those_of_the_table(every: Deployed) -> None:
    deployed = {one["RouteKey"] for one in every.of("AWS::ApiGatewayV2::Route").values()}
    assert deployed == {route.key for route in ROUTES} | {"$default"}


def test_s1_the_authorizer_reads_the_header_and_knows_both_clients_of_the_pool(every: Deployed) -> None:
    (authorizer,) = every.of("AWS::ApiGatewayV2::Authorizer").values()
    assert (authorizer["AuthorizerType"], authorizer["IdentitySource"]) == ("JWT", ["$request.header.Authorization"])
    audience = [points_at(one) for one in authorizer["JwtConfiguration"]["Audience"]]
    assert sorted(audience) == sorted(every.of("AWS::Cognito::UserPoolClient"))
    assert points_at(authorizer["JwtConfiguration"]["Issuer"]) in every.of("AWS::Cognito::UserPool")


def test_t21_the_whole_api_is_throttled(deployed: Callable[[str], Deployed]) -> None:
    limits = {}
    for stage in STAGES:
        (api,) = deployed(stage).of("AWS::ApiGatewayV2::Stage").values()
        route = api["DefaultRouteSettings"]
        limits[stage] = (route["ThrottlingRateLimit"], route["ThrottlingBurstLimit"])
    assert limits == {"dev": (100, 200), "local": (1_000, 1_000), "prod": (5_000, 5_000)}


def test_s7_a_line_of_the_access_log_names_no_person(every: Deployed) -> None:
    (api,) = every.of("AWS::ApiGatewayV2::Stage").values()
    line = json.loads(api["AccessLogSettings"]["Format"])
    assert line["route"] == "$context.routeKey"
    personal = ("identity", "context.path", "authorizer.claims", "authorizer.jwt", "userAgent", "$request")
    assert [value for value in line.values() if any(word in value for word in personal)] == []


def test_only_the_laptop_lets_browsers_of_other_origins_in_by_default(deployed: Callable[[str], Deployed]) -> None:
    allowed = {}
    for stage in STAGES:
        (api,) = deployed(stage).of("AWS::ApiGatewayV2::Api").values()
        allowed[stage] = api.get("CorsConfiguration", {}).get("AllowOrigins", [])
    assert allowed == {"dev": [], "local": ["http://127.0.0.1:8080", "http://localhost:8080"], "prod": []}

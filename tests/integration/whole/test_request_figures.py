"""P1 to P3, P5 to P7, P19, P20: what whole requests use, as `make bench` counts it and `jifen cost` reckons with it."""

import json
from collections.abc import Iterator

import pytest

from cli.figures import GATEWAY_LOG_BYTES
from infra.constructs.http_api import ACCESS_LOG_FORMAT
from tools.bench import requests

SEEN = {
    "$context.requestId": "JKJaXmPLvHcESHA=",
    "$context.status": "200",
    "$context.responseLatency": "25",
    "$context.integrationErrorMessage": "-",
    "$context.authorizer.error": "-",
}


@pytest.fixture(scope="module")
def shop(engine_url: str) -> Iterator[requests.Shop]:
    with requests.open_shop(engine_url, "-figures") as shop:
        yield shop


def test_every_figure_of_a_request_holds(shop: requests.Shop) -> None:
    figures = list(requests.counted(shop))
    assert {one.id.split(".")[0] for one in figures} == {"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P19", "P20"}
    assert [(one.id, one.value, one.goal) for one in figures if not one.ok] == []


@pytest.mark.parametrize("route", ["POST /v1/webhooks/{subscription_id}", "POST /v1/me/redemptions", "GET /v1/me"])
def test_p20_a_line_of_the_gateway_is_as_short_as_reckoned(route: str) -> None:
    line = ACCESS_LOG_FORMAT.replace("$context.routeKey", route)
    for name, value in SEEN.items():
        line = line.replace(name, value)
    assert json.loads(line)["route"] == route
    assert len(line) <= GATEWAY_LOG_BYTES

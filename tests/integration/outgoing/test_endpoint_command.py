"""`jifen endpoints`: secrets are shown once, rotated and retired; nobody is told inside of a network. T20, W6."""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from standardwebhooks.webhooks import Webhook as Reference
from typer.testing import CliRunner

from cli.connection import Connection
from cli.endpoints import EVENTS, app
from tests.integration.outgoing.post_office import PostOffice
from tests.receiver import answering, receiving

PUBLIC = "https://93.184.216.34/hook"
LAPTOP: Mapping[str, Any] = {"stage": "local"}


def run(office: PostOffice, *arguments: str, local: Mapping[str, Any] | None = None) -> Any:
    connection = Connection(
        tables=cast("Any", SimpleNamespace()),
        subscriptions_secret="",
        keys_secret="",
        api_url="",
        endpoints_secret=office.secret,
        local=local or {},
    )
    vars(connection)["secretsmanager"] = office.secretsmanager  # where cached_property keeps the client
    return CliRunner().invoke(app, list(arguments), obj=connection)


def listed(office: PostOffice) -> list[dict[str, Any]]:
    text = office.secretsmanager.get_secret_value(SecretId=office.secret)["SecretString"]
    endpoints: list[dict[str, Any]] = json.loads(text)["endpoints"]
    return endpoints


def added(office: PostOffice, url: str = PUBLIC, **others: Any) -> tuple[str, str]:
    """Add an endpoint; give its id and its secret."""
    done = run(office, "add", url, "--events", "points.earned, tier.changed", **others)
    assert done.exit_code == 0, done.output
    endpoint_id, secret = done.output.split()
    return endpoint_id, secret


def test_adds_an_endpoint_and_prints_its_secret_once(office: PostOffice) -> None:
    endpoint_id, secret = added(office)

    events = ["points.earned", "tier.changed"]
    assert listed(office) == [{"id": endpoint_id, "url": PUBLIC, "events": events, "secrets": [secret]}]
    shown = run(office, "list").output
    assert endpoint_id in shown
    assert "whsec_" not in shown


@pytest.mark.parametrize(
    "url",
    ["http://93.184.216.34/", "https://93.184.216.34:8443/", "https://127.0.0.1/", "https://169.254.169.254/x",
     "https://10.0.0.7/", "https://[::1]/", "https://me@93.184.216.34/"],
)  # fmt: skip
def test_t20_an_url_that_leads_inside_is_not_added(office: PostOffice, url: str) -> None:
    refused = run(office, "add", url, "--events", "*")
    assert (refused.exit_code, listed(office)) == (1, [])
    assert "whsec_" not in refused.output


@pytest.mark.parametrize("events", ["", "points.earnt", "points.earned,*", "endpoint.test"])
def test_events_that_are_never_told_are_refused(office: PostOffice, events: str) -> None:
    assert run(office, "add", PUBLIC, "--events", events).exit_code == 1
    assert listed(office) == []


def test_the_same_url_is_not_added_twice(office: PostOffice) -> None:
    added(office)
    assert run(office, "add", PUBLIC, "--events", "*").exit_code == 1
    assert len(listed(office)) == 1


def test_w6_rotates_retires_and_removes(office: PostOffice) -> None:
    endpoint_id, old = added(office)
    new = run(office, "rotate", endpoint_id).output.strip()
    assert listed(office)[0]["secrets"] == [new, old]
    assert run(office, "rotate", endpoint_id).exit_code == 1
    run(office, "retire", endpoint_id)
    assert listed(office)[0]["secrets"] == [new]
    assert run(office, "remove", endpoint_id).exit_code == 0
    assert listed(office) == []
    assert run(office, "remove", endpoint_id).exit_code == 1


def test_a_laptops_endpoint_is_tested_with_a_signed_event(office: PostOffice) -> None:
    with receiving() as receiver:
        endpoint_id, secret = added(office, receiver.url(host="127.0.0.1"), local=LAPTOP)
        passed = run(office, "test", endpoint_id, local=LAPTOP)
        receiver.behave = answering(500)
        failed = run(office, "test", endpoint_id, local=LAPTOP)

    assert (passed.exit_code, passed.output.startswith("200 delivered in ")) == (0, True), passed.output
    assert (failed.exit_code, failed.output.startswith("500 refused in ")) == (1, True)
    told = Reference(secret).verify(receiver.requests[0].body, receiver.requests[0].headers)
    assert (told["type"], told["type"] in EVENTS) == ("endpoint.test", False)
    nobody = run(office, "test", endpoint_id, local=LAPTOP)
    assert (nobody.exit_code, "no answer" in nobody.output) == (1, True)

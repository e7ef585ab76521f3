"""What happened reaches another system: from the till's post over stream, bus and queue to a webhook. K3, F37."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from typer.testing import CliRunner

from cli.endpoints import app
from tests.e2e.shop import Customer, Shop, an_ordinary_day
from tests.receiver import Receiver, answering, receiving

PATIENCE_SECONDS = 40
LIST_KEPT_SECONDS = 120


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def jifen(shop: Shop, *words: str) -> list[str]:
    done = CliRunner().invoke(app, list(words), obj=shop.connection)
    assert done.exit_code == 0, done.output
    return done.output.split()


def test_a_signed_sale_is_told_to_an_endpoint_signed_and_again_until_it_is_taken(
    shop: Shop, receiver: Receiver
) -> None:
    answers = iter([answering(503)])

    def behave(handler: BaseHTTPRequestHandler) -> None:
        next(answers, answering(200))(handler)

    receiver.behave = behave
    endpoint, secret = jifen(shop, "add", receiver.url(host="127.0.0.1"), "--events", "points.earned")
    wang = shop.enrolled()
    sold = sold_until_heard(shop, wang, receiver)

    wait_until(lambda: len(receiver.requests) == 2)
    time.sleep(3)  # and nothing comes a third time

    refused, taken = receiver.requests
    assert refused.headers["webhook-id"] == taken.headers["webhook-id"] == sold["entry_id"]
    told: dict[str, Any] = Webhook(secret).verify(taken.body, taken.headers)
    assert told == json.loads(refused.body)
    assert told["type"] == "points.earned"
    assert (told["data"]["member_id"], told["data"]["points"]) == (wang.member_id, sold["points"])
    assert told["data"]["balance"]["available"] == shop.available(wang)
    jifen(shop, "remove", endpoint)


def sold_until_heard(shop: Shop, customer: Customer, receiver: Receiver) -> dict[str, Any]:
    """Sell, one sale after the other, until the sender has heard of the endpoint: a warm one keeps its list a while."""
    until = time.monotonic() + LIST_KEPT_SECONDS
    while time.monotonic() < until:
        sold: dict[str, Any] = shop.sell(customer, paid=10_000, at=an_ordinary_day()).body
        with contextlib.suppress(AssertionError):
            wait_until(lambda: bool(receiver.requests), seconds=6)
            return sold
    raise AssertionError("the endpoint was never told")


def wait_until(happened: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)

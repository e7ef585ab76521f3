"""POST /v1/me/redemptions and …/{id}/cancel, through the handler's API on the engine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.http_events import answered, staff_claims
from tests.integration.redemption.conftest import Send
from tests.integration.redemption.people import People
from tests.integration.redemption.world import Calls, World, a_reward

REDEEM = "POST /v1/me/redemptions"
CANCEL = "POST /v1/me/redemptions/{id}/cancel"
TABLEWARE = {"reward_id": "tableware"}


def key(text: str) -> dict[str, str]:
    return {"idempotency-key": f"key-{text:0>8}"}


def cancel(send: Send, identifier: str, claims: dict[str, str], text: str = "c") -> dict[str, Any]:
    return send(CANCEL, path=f"/v1/me/redemptions/{identifier}/cancel", claims=claims, headers=key(text))


@contextmanager
def timing_out(client: Any, call: str) -> Iterator[None]:
    """Let a call time out, before it is sent or after it is done."""

    def time_out(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

    client.meta.events.register(call, time_out)
    try:
        yield
    finally:
        client.meta.events.unregister(call, time_out)


class TestRedeeming:
    @pytest.mark.parametrize(("claims", "status"), [(None, 401), (staff_claims("pos:redeem"), 403)])
    def test_s1_only_members_redeem(self, send: Send, claims: dict[str, str] | None, status: int) -> None:
        assert send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1"))["statusCode"] == status

    def test_answers_what_was_redeemed(self, send: Send, people: People, world: World) -> None:
        world.offer(a_reward("mug", points=300, cash_minor=1000))
        claims = people.join("ann", 1000)

        answer = send(REDEEM, claims=claims, body={"reward_id": "mug", "quantity": 2}, headers=key("1"))

        body = answered(answer)
        assert answer["statusCode"] == 201
        assert body["id"].startswith("rdm_")
        assert body["entry_id"].startswith("ent_")
        assert {name: body[name] for name in ("status", "reward_id", "quantity", "points", "cash_due")} == {
            "status": "confirmed",
            "reward_id": "mug",
            "quantity": 2,
            "points": 600,
            "cash_due": {"amount": 2000, "currency": "CNY"},
        }
        assert (body["code"], body["expires_at"], body["returned_entry_id"]) == (None, None, None)
        assert world.available(people.id_of(claims)) == 400

    def test_p7_two_calls_when_warm(self, send: Send, people: People, world: World) -> None:
        world.offer(a_reward(points=1, stock=100))
        claims = people.join("ann", 1000)
        send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1"))

        with Calls(world.ledger.client).counting() as calls:
            send(REDEEM, claims=claims, body=TABLEWARE, headers=key("2"))

        assert calls.operations == ["GetItem", "TransactWriteItems"]
        assert calls.write_units == 7

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/reward_id"),
            ({"reward_id": "tableware", "quantity": 0}, "/quantity"),
            ({"reward_id": "tableware", "quantity": 100}, "/quantity"),
            ({"reward_id": "tableware", "quantity": "1"}, "/quantity"),
            ({"reward_id": "tableware", "points": 1}, "/points"),
            ({"reward_id": "tableware", "member_id": "mem_1"}, "/member_id"),
            ({"reward_id": "a#b"}, "/reward_id"),
        ],
    )
    def test_a5_refuses_what_it_does_not_know(
        self, send: Send, people: People, body: dict[str, Any], pointer: str
    ) -> None:
        answer = send(REDEEM, claims=people.join("ann", 1000), body=body, headers=key("1"))

        assert answer["statusCode"] == 422
        assert [one["pointer"] for one in answered(answer)["errors"]] == [pointer]

    def test_an_unknown_reward_is_404(self, send: Send, people: People) -> None:
        answer = send(REDEEM, claims=people.join("ann", 1000), body=TABLEWARE, headers=key("1"))

        assert (answer["statusCode"], answered(answer)["code"]) == (404, "reward-not-found")


class TestIdempotency:
    def test_i6_the_same_key_and_body_give_the_same_bytes(self, send: Send, people: People, world: World) -> None:
        world.offer(a_reward())
        claims = people.join("ann", 500)
        first = send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1"))

        second = send(REDEEM, claims=claims, body=json.dumps(TABLEWARE, indent=4), headers=key("1"))

        assert (second["statusCode"], second["body"]) == (first["statusCode"], first["body"])
        assert "Idempotency-Replayed" not in first["headers"]
        assert second["headers"]["Idempotency-Replayed"] == "true"

    def test_i7_the_same_key_with_another_body_is_422(self, send: Send, people: People, world: World) -> None:
        world.offer(a_reward(points=10))
        claims = people.join("ann", 500)
        send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1"))

        answer = send(REDEEM, claims=claims, body={**TABLEWARE, "quantity": 2}, headers=key("1"))

        assert (answer["statusCode"], answered(answer)["code"]) == (422, "idempotency-key-reused")
        assert world.available(people.id_of(claims)) == 490

    def test_i9_another_member_with_the_same_key_is_somebody_else(
        self, send: Send, people: People, world: World
    ) -> None:
        world.offer(a_reward(points=10))
        ann, ben = people.join("ann", 500), people.join("ben", 500)
        first = send(REDEEM, claims=ann, body=TABLEWARE, headers=key("1"))

        second = send(REDEEM, claims=ben, body=TABLEWARE, headers=key("1"))

        assert second["statusCode"] == 201
        assert answered(first)["id"] != answered(second)["id"]
        assert (world.available(people.id_of(ann)), world.available(people.id_of(ben))) == (490, 490)

    @pytest.mark.parametrize("headers", [{}, {"idempotency-key": "short"}, {"idempotency-key": "中文中文中文中文"}])
    def test_i10_without_a_key_it_is_400(self, send: Send, people: People, headers: dict[str, str]) -> None:
        answer = send(REDEEM, claims=people.join("ann", 500), body=TABLEWARE, headers=headers)

        assert (answer["statusCode"], answered(answer)["code"]) == (400, "idempotency-key-missing")

    def test_i11_a_refusal_replays_and_a_new_key_succeeds(self, send: Send, people: People, world: World) -> None:
        world.offer(a_reward())
        claims = people.join("ann", 499)
        first = send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1"))
        world.earn(people.id_of(claims), {"271231": 1})

        second = send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1"))
        third = send(REDEEM, claims=claims, body=TABLEWARE, headers=key("2"))

        assert (first["statusCode"], first["body"]) == (409, second["body"])
        assert [one["headers"].get("Idempotency-Replayed") for one in (first, second)] == [None, "true"]
        assert answered(second)["code"] == "insufficient-points"
        assert {name: answered(second)[name] for name in ("required", "available", "missing")} == {
            "required": 500,
            "available": 499,
            "missing": 1,
        }
        assert third["statusCode"] == 201

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_i12_a_5xx_is_not_kept_and_the_same_key_completes_once(
        self, send: Send, people: People, world: World, moment: str
    ) -> None:
        """The first attempt is never sent, or it is done and its answer lost; nobody can tell."""
        tableware = a_reward()
        world.offer(tableware)
        claims = people.join("ann", 1_000)
        with timing_out(world.ledger.client, f"{moment}-call.dynamodb.TransactWriteItems"):
            first = send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1"))

        second = send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1"))

        assert (first["statusCode"], answered(first)["code"]) == (503, "dependency-unavailable")
        assert first["headers"]["Retry-After"]
        assert second["statusCode"] == 201
        assert second["headers"].get("Idempotency-Replayed") == (None if moment == "before" else "true")
        assert (world.available(people.id_of(claims)), world.left(tableware)) == (500, 9)


class TestCancelling:
    def test_gives_the_points_back_and_says_where(self, send: Send, people: People, world: World) -> None:
        world.offer(a_reward())
        claims = people.join("ann", 500)
        redeemed = answered(send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1")))

        answer = cancel(send, redeemed["id"], claims)

        body = answered(answer)
        assert answer["statusCode"] == 200
        assert body == {**redeemed, "status": "cancelled", "returned_entry_id": body["returned_entry_id"]}
        assert body["returned_entry_id"].startswith("ent_")
        assert world.available(people.id_of(claims)) == 500

    def test_i6_the_same_key_gives_the_same_bytes(self, send: Send, people: People, world: World) -> None:
        world.offer(a_reward())
        claims = people.join("ann", 500)
        redeemed = answered(send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1")))
        first = cancel(send, redeemed["id"], claims)

        second = cancel(send, redeemed["id"], claims)

        assert (second["statusCode"], second["body"]) == (200, first["body"])
        assert second["headers"]["Idempotency-Replayed"] == "true"

    def test_another_key_is_409(self, send: Send, people: People, world: World) -> None:
        world.offer(a_reward())
        claims = people.join("ann", 500)
        redeemed = answered(send(REDEEM, claims=claims, body=TABLEWARE, headers=key("1")))
        cancel(send, redeemed["id"], claims, "c1")

        answer = cancel(send, redeemed["id"], claims, "c2")

        assert (answer["statusCode"], answered(answer)["code"]) == (409, "already-cancelled")

    def test_s1_anothers_redemption_is_the_same_404_as_a_missing_one(
        self, send: Send, people: People, world: World
    ) -> None:
        world.offer(a_reward())
        redeemed = answered(send(REDEEM, claims=people.join("ann", 500), body=TABLEWARE, headers=key("1")))
        ben = people.join("ben", 500)

        anothers = cancel(send, redeemed["id"], ben)
        missing = cancel(send, "rdm_" + "0" * 26, ben)

        assert (anothers["statusCode"], missing["statusCode"]) == (404, 404)
        assert answered(anothers).keys() == answered(missing).keys()
        assert {**answered(anothers), "instance": ""} == {**answered(missing), "instance": ""}

"""`jifen smoke`: a harmless visit to a deployed stage. It reads, is refused, and tells what nobody counts.

No step moves a point or writes an item, so that it may run against the stage of the shops, after every deployment.
"""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, NamedTuple

import typer
from rich.console import Console

from cli.api import Api, Reply
from cli.connection import NotConnectedError, connect, make_client
from cli.laptop.places import STAGE
from cli.stack import outputs_of_stack
from shared.runtime.secrets import read_secret

PROBLEM: Final = "application/problem+json"
UNKNOWN_EVENT: Final = {"type": "jifen.smoke", "data": {}}
NOBODY: Final = "nobody"
FORGED: Final = "whsec_" + "c21va2U=" * 4  # the word smoke, four times


class Target(NamedTuple):
    """Where to go, and a till's id and secret, where there is one; `secret` is empty where none may be used."""

    api: Api
    subscription_id: str = ""
    secret: str = ""


class Step(NamedTuple):
    """A call, and what its answer must be: statuses, and a look into the answer."""

    name: str
    call: Callable[[], Reply]
    statuses: frozenset[int]
    is_right: Callable[[Reply], bool] = lambda _reply: True


def steps_of(target: Target) -> Iterator[Step]:
    """Give the steps of a visit."""
    api = target.api
    ok = frozenset({200})

    def get(path: str) -> Callable[[], Reply]:
        return lambda: api.call("GET", path)

    yield Step("health", get("/v1/health"), ok, lambda reply: reply.body["status"] == "ok")
    yield Step("program", get("/v1/program"), ok, lambda reply: "name" in reply.body)
    yield Step("openapi", get("/v1/openapi.json"), ok, lambda reply: reply.body["openapi"].startswith("3.1"))
    yield Step("unknown path", get("/v1/smoke"), frozenset({404}), _is_problem)
    yield Step("wrong method", lambda: api.call("DELETE", "/v1/health"), frozenset({405}), _is_problem)
    yield Step("no token", get("/v1/me"), frozenset({401}))
    body = json.dumps(UNKNOWN_EVENT).encode()
    forged = frozenset({401}) if target.subscription_id else frozenset({401, 404})
    till = target.subscription_id or NOBODY
    yield Step("forged signature", lambda: api.post_signed(till, FORGED, body), forged, _is_problem)
    if target.secret:
        yield Step(
            "signed event of no concern",
            lambda: api.post_signed(till, target.secret, body),
            ok,
            lambda reply: reply.body["result"] == "ignored",
        )


def smoke(
    stage: Annotated[
        str | None, typer.Option(help="A stage of the account of this shell, found by its stacks.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="A base URL; then no event is signed.")] = None,
    subscription: Annotated[str | None, typer.Option(help="The till that signs, else the first one there is.")] = None,
) -> None:
    """Visit a deployed stage without moving a point: print each step with its time. Exit 1 where one went wrong."""
    console = Console(highlight=False)
    target = Target(Api(url=url)) if url else target_of(stage, subscription)
    console.print(target.api.url, style="dim", soft_wrap=True)
    wrong = sum(not taken(step, console) for step in steps_of(target))
    if not target.secret:
        console.print("[dim]–[/dim] signed event of no concern: there is no subscription to sign with")
    raise typer.Exit(1 if wrong else 0)


def target_of(stage: str | None, subscription: str | None) -> Target:
    """Find a stage, else what the other commands are connected to, with a till. Raises NotConnectedError."""
    if stage in {None, STAGE}:
        connection = connect()
        if not connection.api_url:
            raise NotConnectedError("JIFEN_API_URL is not set")
        till = _till(connection.secretsmanager, connection.subscriptions_secret, subscription)
        return Target(Api(url=connection.api_url), *till)
    outputs = outputs_of_stack(f"Jifen-{stage}-Service") | outputs_of_stack(f"Jifen-{stage}-Data")
    till = _till(make_client("secretsmanager", None, None), outputs["SubscriptionsSecret"], subscription)
    return Target(Api(url=outputs["ApiUrl"]), *till)


def _till(client: Any, secret_id: str, wanted: str | None) -> tuple[str, str]:
    """Give the id and the newest secret of a subscription; two empty texts where there is none."""
    listed = read_secret(client, secret_id)["subscriptions"] if secret_id else []
    for one in listed:
        if wanted in {None, one["id"]}:
            return one["id"], one["secrets"][0]
    if wanted:
        raise typer.BadParameter(f"there is no subscription {wanted}")
    return "", ""


def taken(step: Step, console: Console) -> bool:
    """Take a step and say what came of it."""
    started = time.perf_counter()
    try:
        reply = step.call()
        right = reply.status in step.statuses and step.is_right(reply)
        told = str(reply.status)
    except (OSError, http.client.HTTPException, KeyError, TypeError, ValueError) as error:
        right, told = False, type(error).__name__
    elapsed_ms = (time.perf_counter() - started) * 1000
    mark = "[green]✓[/green]" if right else "[red]✗[/red]"
    console.print(f"{mark} {step.name:28}{told:>8}{elapsed_ms:9.0f} ms")
    return right


def _is_problem(reply: Reply) -> bool:
    return reply.headers.get("content-type") == PROBLEM and {"type", "title", "status", "code"} <= set(reply.body)

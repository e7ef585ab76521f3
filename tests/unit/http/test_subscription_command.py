"""`jifen subscriptions`: secrets are shown once, rotated and retired. W6."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from cli.connection import Connection
from cli.secret_lists import ListChangeError, new_secret, removed, retired, rotated
from cli.subscriptions import added, app
from shared.http.webhook_signature import sign

TILL = {"id": "till-1", "format": "house", "stores": ["SH001"], "secrets": ["whsec_old"], "claim_days": None}


class SecretsManager:
    """A secret in memory."""

    def __init__(self, *listed: dict[str, Any]) -> None:
        self.written = json.dumps({"subscriptions": listed})

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: ARG002, N803 as botocore's client has it
        return {"SecretString": self.written}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: ARG002, N803 likewise
        self.written = SecretString

    @property
    def listed(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = json.loads(self.written)["subscriptions"]
        return listed


def run(secrets: SecretsManager, *arguments: str) -> Any:
    connection = Connection(
        tables=cast("Any", SimpleNamespace()), subscriptions_secret="subscriptions", keys_secret="keys", api_url=""
    )
    vars(connection)["secretsmanager"] = secrets  # where cached_property keeps the client
    return CliRunner().invoke(app, list(arguments), obj=connection)


def test_adds_a_subscription_and_prints_its_secret_once() -> None:
    secrets = SecretsManager(TILL)
    printed = run(secrets, "add", "till-2", "--stores", "SH002, SH003").output.strip()
    assert secrets.listed[1] == {"id": "till-2", "format": "house", "stores": ["SH002", "SH003"], "secrets": [printed]}
    assert printed not in run(secrets, "list").output


def test_lists_without_secrets() -> None:
    listed = run(SecretsManager(TILL), "list").output
    assert "till-1" in listed
    assert "whsec" not in listed


def test_w6_rotates_and_retires() -> None:
    secrets = SecretsManager(TILL)
    new = run(secrets, "rotate", "till-1").output.strip()
    assert secrets.listed[0]["secrets"] == [new, "whsec_old"]
    assert run(secrets, "retire", "till-1").exit_code == 0
    assert secrets.listed == [{**TILL, "secrets": [new]}]


def test_removes() -> None:
    secrets = SecretsManager(TILL)
    run(secrets, "remove", "till-1")
    assert secrets.listed == []


def test_a_refused_change_writes_nothing_and_prints_no_secret() -> None:
    secrets = SecretsManager(TILL)
    refused = run(secrets, "rotate", "unknown")
    assert refused.exit_code == 1
    assert "whsec_" not in refused.output
    assert secrets.listed == [TILL]


@pytest.mark.parametrize(
    "change",
    [
        lambda: added([TILL], "till-1", "SH001", "house", "s"),
        lambda: added([], "a b", "SH001", "house", "s"),
        lambda: added([], "till-2", " , ", "house", "s"),
        lambda: added([], "till-2", "*,SH001", "house", "s"),
        lambda: rotated([{**TILL, "secrets": ["a", "b"]}], "till-1", "s"),
        lambda: retired([TILL], "till-1"),
        lambda: removed([TILL], "till-2"),
    ],
)
def test_refuses_what_cannot_be(change: Any) -> None:
    with pytest.raises(ListChangeError):
        change()


def test_a_new_secret_can_sign() -> None:
    assert sign("id", 1, b"body", new_secret()).startswith("v1,")
    assert new_secret() != new_secret()

"""Lists of who has signing secrets: one secret of Secrets Manager, read and written as a whole.

Secrets are shown once, when they are made. To rotate: `rotate`, give the other side the new secret, then `retire` the
old one; both are good in between. One person at a time changes a list.
"""

import base64
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import typer

from cli.connection import Connection
from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, deployment, language_of, stop
from cli.program_texts import speaker
from shared.errors import DependencyUnavailableError
from shared.http.webhook_signature import SECRET_PREFIX
from shared.runtime.secrets import read_secret

SECRET_BYTES: Final = 32
MOST_SECRETS: Final = 2

Listed = list[dict[str, Any]]


class ListChangeError(Exception):
    """The change cannot be made to the list as it is; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretList:
    """`name` is the member of the secret that holds the list, `secret_of` says which secret of a deployment it is."""

    name: str
    secret_of: Callable[[Connection], str]

    def read(self, connection: Connection) -> Listed:
        """Read the list. Ends the command where Secrets Manager does not give it."""
        try:
            listed: Listed = read_secret(connection.secretsmanager, self.secret_of(connection))[self.name]
        except DependencyUnavailableError as error:
            stop(f"the secret cannot be read: {error.__cause__}", COULD_NOT_RUN)
        return listed

    def change(self, context: typer.Context, change: Callable[[Listed], Listed]) -> None:
        """Change the list, or end the command in a line where it cannot be changed so."""
        with deployment(context, speaker(language_of(None))) as connection:
            try:
                listed = change(self.read(connection))
            except ListChangeError as error:
                stop(str(error), FOUND_ERRORS)
            connection.secretsmanager.put_secret_value(
                SecretId=self.secret_of(connection), SecretString=json.dumps({self.name: listed})
            )


def new_secret() -> str:
    """Make a secret of 32 random bytes, written as Standard Webhooks writes them."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def rotated(listed: Listed, identifier: str, secret: str) -> Listed:
    """Give the list with a new secret, first of two. Raises ListChangeError."""
    one = found(listed, identifier)
    if len(one["secrets"]) >= MOST_SECRETS:
        raise ListChangeError(f"{identifier} has two secrets: retire the older one first")
    return _replaced(listed, {**one, "secrets": [secret, *one["secrets"]]})


def retired(listed: Listed, identifier: str) -> Listed:
    """Give the list with the newest secret only. Raises ListChangeError."""
    one = found(listed, identifier)
    if len(one["secrets"]) < MOST_SECRETS:
        raise ListChangeError(f"{identifier} has one secret only: rotate it first")
    return _replaced(listed, {**one, "secrets": one["secrets"][:1]})


def removed(listed: Listed, identifier: str) -> Listed:
    """Give the list without it. Raises ListChangeError."""
    gone = found(listed, identifier)
    return [one for one in listed if one is not gone]


def found(listed: Listed, identifier: str) -> dict[str, Any]:
    """Give what has an id. Raises ListChangeError."""
    for one in listed:
        if one["id"] == identifier:
            return one
    raise ListChangeError(f"{identifier} is not in the list")


def names_in(text: str) -> Sequence[str]:
    """Read names that stand between commas."""
    return [name for name in (part.strip() for part in text.split(",")) if name]


def _replaced(listed: Listed, changed: dict[str, Any]) -> Listed:
    return [changed if one["id"] == changed["id"] else one for one in listed]

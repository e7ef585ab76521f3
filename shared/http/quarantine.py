"""Signed events that can never be used as they stand: kept as they came, until a person has looked at them.

A bucket holds one object per day (UTC), subscription and content, `waiting/2026-12-16/till-1/<sha256>`: what is
delivered again makes no second one. Its metadata tell what is wrong, as codes and JSON pointers, and repeat no value
of the body. What a person is done with moves to `done/…`; the bucket forgets both after a while.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared import names
from shared.errors import DependencyUnavailableError, JifenError
from shared.http.problems import MOST_FIELD_ERRORS
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience

WAITING: Final = names.QUARANTINE_WAITING
DONE: Final = "done/"
LONGEST_POINTER: Final = 64
LONGEST_ERRORS: Final = 1_200
"""S3 takes 2 KB of metadata, the rest of them included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An event that waits, or has waited: whose it is, what is wrong with it, and how many bytes it has."""

    key: str
    subscription_id: str
    delivery_id: str
    reason: str
    errors: tuple[tuple[str, str], ...]
    received_at: datetime
    size: int

    @property
    def id(self) -> str:
        """The digest of the body, by which a person names it."""
        return self.key.rpartition("/")[2]

    @property
    def done_key(self) -> str:
        return DONE + self.key.removeprefix(WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """The bucket as the webhooks see it: they only put. `connect` gives S3's client, which hardly ever is needed."""

    connect: Callable[[], Any]
    bucket: str
    clock: Clock

    def keep(
        self, body: bytes, error: JifenError, patience: Patience, *, subscription_id: str, delivery_id: str
    ) -> Kept:
        """Keep a body with what is wrong about it, once a day.

        Raises BusyError, and DependencyUnavailableError where S3 does not take it: the till has to try again.
        """
        now = self.clock()
        kept = Kept(
            key=f"{WAITING}{now:%Y-%m-%d}/{subscription_id}/{hashlib.sha256(body).hexdigest()}",
            subscription_id=subscription_id,
            delivery_id=delivery_id,
            reason=error.code,
            errors=_pairs(error.fields.get("errors", ())),
            received_at=now,
            size=len(body),
        )
        patience.check()
        try:
            self.connect().put_object(
                Bucket=self.bucket, Key=kept.key, Body=body, Metadata=metadata_of(kept), IfNoneMatch="*"
            )
        except ClientError as failed:
            if failed.response["Error"]["Code"] != "PreconditionFailed":  # it is there already
                raise DependencyUnavailableError from failed
        except BotoCoreError as failed:
            raise DependencyUnavailableError from failed
        return kept


def metadata_of(kept: Kept) -> dict[str, str]:
    """Give what an object's metadata say; S3 takes nothing but ASCII there."""
    return {
        "subscription": kept.subscription_id,
        "delivery": kept.delivery_id,
        "reason": kept.reason,
        "errors": json.dumps(kept.errors),
        "received-at": kept.received_at.isoformat(),
    }


def kept_of(key: str, metadata: Mapping[str, str], size: int) -> Kept:
    return Kept(
        key=key,
        subscription_id=metadata["subscription"],
        delivery_id=metadata["delivery"],
        reason=metadata["reason"],
        errors=tuple((pointer, code) for pointer, code in json.loads(metadata["errors"])),
        received_at=datetime.fromisoformat(metadata["received-at"]),
        size=size,
    )


def _pairs(errors: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Give pointer and code of each error, as many as fit."""
    pairs = [(str(one["pointer"])[:LONGEST_POINTER], str(one["code"])) for one in errors[:MOST_FIELD_ERRORS]]
    while len(json.dumps(pairs)) > LONGEST_ERRORS:
        pairs.pop()
    return tuple(pairs)

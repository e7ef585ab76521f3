"""What leaves the process for AWS, whatever service it is for: told, and broken as a test asks.

The hooks stand in the session of which `shared.runtime.aws` makes its clients, so no service and no call is listed.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from io import BytesIO
from typing import Any, Final, Literal, NamedTuple

from botocore.session import Session

from tests.builders import NOW

_READS: Final = ("Get", "BatchGet", "Query", "Scan", "Describe", "List")
Moment = Literal["before", "after"]


class Killed(BaseException):
    """The process died here; no `except Exception` can hide it."""


class Call(NamedTuple):
    """One call of AWS, and what it asks for."""

    service: str
    operation: str
    body: str

    @property
    def writes(self) -> bool:
        return not self.operation.startswith(_READS)

    @property
    def tells(self) -> bool:
        """Say whether it tells somebody else something: whatever writes, but for the tables."""
        return self.writes and self.service != "dynamodb"


@dataclass(slots=True)
class Wire:
    """All calls while it is `heard`. `breaking` is asked at both ends of each, with its number from 1.

    The clock of the services, which some answers are dated by, is `now`.
    """

    calls: list[Call] = field(default_factory=list)
    sent: list[Call] = field(default_factory=list)
    breaking: Callable[[Moment, int], None] | None = None
    hearing: bool = False
    now: datetime = NOW

    def hook(self, session: Session) -> None:
        session.register("before-call", self._before)
        session.register("after-call", self._after)

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.writes]

    @contextmanager
    def heard(self, breaking: Callable[[Moment, int], None] | None = None) -> Iterator[None]:
        """Listen, and break what is asked, until the end."""
        self.calls, self.sent, self.breaking, self.hearing = [], [], breaking, True
        try:
            yield
        finally:
            self.breaking, self.hearing = None, False

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Let somebody else be heard in between."""
        here = self.calls, self.sent, self.breaking, self.now
        try:
            yield
        finally:
            self.calls, self.sent, self.breaking, self.now = here
            self.hearing = True

    def _before(self, model: Any, params: dict[str, Any], **_others: Any) -> None:
        if not self.hearing:
            return
        call = Call(model.service_model.service_name, model.name, _canonical(params["body"]))
        self.calls.append(call)
        if self.breaking:
            self.breaking("before", len(self.calls))
        self.sent.append(call)

    def _after(self, parsed: dict[str, Any], **_others: Any) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(self.now, usegmt=True)
        if self.breaking:
            self.breaking("after", len(self.calls))


def _canonical(value: Any) -> str:
    """Write what is sent so that the order of names, which DynamoDB does not keep, makes no difference."""
    if isinstance(value, BytesIO):
        value = value.getvalue()
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, str) and value.startswith(("{", "[")):
        value = json.loads(value)
    match value:
        case Mapping():
            return str(sorted((name, _canonical(part)) for name, part in value.items()))
        case list():
            return str([_canonical(part) for part in value])
        case _:
            return str(value)


def dying(moment: Moment, call: int) -> Callable[[Moment, int], None]:
    """Die at a call: before it is sent, or after it, with the answer lost."""

    def die(at: Moment, number: int) -> None:
        if (at, number) == (moment, call):
            raise Killed

    return die

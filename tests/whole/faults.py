"""What a service may answer instead: throttled, failed, out of reach, or nothing although it was done."""

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from tests.whole.stage import Scene
from tests.whole.wire import Moment, Wire

ENDPOINT: Final = "https://service.example"


class Fault(NamedTuple):
    """`before` it is done, or `after`, and the error that the SDK raises once it gives up."""

    moment: Moment
    error: Exception


def _answered(status: int, code: str) -> ClientError:
    told = {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "AnyOperation")


FAULTS: Final = (
    Fault("before", _answered(400, "ThrottlingException")),
    Fault("before", _answered(503, "ServiceUnavailable")),
    Fault("before", ConnectTimeoutError(endpoint_url=ENDPOINT)),
    Fault("after", _answered(500, "InternalServerError")),
    Fault("after", ReadTimeoutError(endpoint_url=ENDPOINT)),
)


def services_of(scene: Scene) -> tuple[str, ...]:
    """Make an attempt that nothing happens to; give the service of each call."""
    scene.rewind()
    scene.attempt(1)
    return tuple(call.service for call in scene.stage.wire.calls)


def falling_on(calls: int, chance: random.Random, *, share: float) -> Iterator[dict[int, Fault]]:
    """Let faults fall on a share of calls, which are numbered from 1: those times on which one does."""
    while True:
        fallen = {call: chance.choice(FAULTS) for call in range(1, calls + 1) if chance.random() < share}
        if fallen:
            yield fallen


class Failing:
    """Breaks the calls of one service that faults fall on: its first, second and so on."""

    def __init__(self, wire: Wire, service: str, fallen: dict[int, Fault]) -> None:
        self._wire, self._service, self._fallen = wire, service, fallen

    def __call__(self, moment: Moment, number: int) -> None:
        calls = [call for call in self._wire.calls[:number] if call.service == self._service]
        if calls and self._wire.calls[number - 1].service == self._service:
            fault = self._fallen.get(len(calls))
            if fault and fault.moment == moment:
                raise fault.error

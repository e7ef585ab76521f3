"""What a service may answer instead: throttled, failed, out of reach, or nothing although it was done."""

import random
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from tests.whole.stage import Scene
from tests.whole.wire import Moment, Wire

ENDPOINT: Final = "https://service.example"
_SILENT: Final[Mapping[Moment, Any]] = {"before": ConnectTimeoutError, "after": ReadTimeoutError}


class Fault(NamedTuple):
    """`before` it is done, or `after`, and the error that the SDK raises once it gives up."""

    moment: Moment
    status: int
    code: str

    def error(self) -> Exception:
        """Make the error of the SDK; without a status nothing was answered."""
        if not self.status:
            silent: Exception = _SILENT[self.moment](endpoint_url=ENDPOINT)
            return silent
        told = {"Error": {"Code": self.code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": self.status}}
        refused: Exception = ClientError(told, "AnyOperation")
        return refused


FAULTS: Final = (
    Fault("before", 400, "ThrottlingException"),
    Fault("before", 503, "ServiceUnavailable"),
    Fault("before", 0, "out of reach"),
    Fault("after", 500, "InternalServerError"),
    Fault("after", 0, "answer lost"),
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
                raise fault.error()

"""Where a request may end that was made more than once: there, and nowhere else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from shared.http.idempotency import REPLAYED_HEADER
from tests.http_events import LambdaContext
from tests.whole.stage import End, Scene
from tests.whole.wire import Call, Killed, Moment, Wire, dying

PLENTY_MS: Final = 60_000
A_LITTLE_MS: Final = 50
ENDLESS: Final = 50
"""Calls that no attempt needs."""
MOMENTS: Final[tuple[Moment, ...]] = ("before", "after")


class Ends(NamedTuple):
    """What the first attempt comes to, one after it, and all that more attempts may.

    What is written is what one attempt writes that is made alone: the last one, which is answered as such, or one
    before it, which the last one answers as a request that comes again, byte for byte. Attempts differ by what lies
    around them: the second in which they are made, the ids that they make, the shards that they pick.
    """

    first: End
    again: End
    calls: int
    ends: Sequence[End]


def ends_of(scene: Scene, *, last: int) -> Ends:
    """Try what attempts come to that are made alone, and again after each the last one."""
    alone, repeated, calls = [], [], 0
    for number in range(1, last + 1):
        scene.rewind()
        alone.append(scene.end(scene.attempt(number)))
        calls = calls or len(scene.stage.wire.calls)
        if number < last:
            repeated.append(scene.end(scene.attempt(last)))
    return Ends(alone[0], repeated[0], calls, [alone[-1], *repeated])


def is_one_of(end: End, ends: Sequence[End], *, in_parts: bool) -> bool:
    """Say whether an end is one that may be.

    In parts, each item and each thing told must be as in one of them; what an attempt leaves over may be in tasks of
    the product's own queue besides, which are done again without harm (SWEEP-2).
    """
    if not in_parts:
        return end in ends
    places = {frozenset(one.state) for one in ends}
    return (
        frozenset(end.state) in places
        and all(any(one.state.get(place) == item for one in ends) for place, item in end.state.items())
        and any(end.answer == one.answer for one in ends)
        and all(call.service == "sqs" or any(call in one.told for one in ends) for call in end.told)
        and any(end.told >= one.told for one in ends)
    )


def deaths(calls: int) -> Iterator[tuple[Moment, int]]:
    """Give every way to die once in so many calls."""
    return ((moment, call) for call in range(1, calls + 1) for moment in MOMENTS)


def dies(scene: Scene, number: int, death: tuple[Moment, int]) -> bool:
    """Make an attempt that is to die so; say whether it came to that."""
    try:
        scene.attempt(number, breaking=dying(*death))
    except Killed:
        return True
    return False


def overtaken(scene: Scene) -> tuple[Mapping[str, Any], End | None]:
    """Make an attempt, and right before its first write a whole second one.

    Give the answer, and how the second one ended; None where there was no write, and so no second one.
    """
    ends: list[End] = []

    def overtake(moment: Moment, _call: int) -> None:
        wire = scene.stage.wire
        assert len(wire.calls) < ENDLESS, "it tries for ever"
        if moment == "before" and wire.calls[-1].writes and not ends:
            with wire.elsewhere():
                ends.append(scene.end(scene.attempt(2)))

    answer = scene.attempt(1, breaking=overtake)
    return answer, next(iter(ends), None)


def as_repeated(answer: Mapping[str, Any], *, keyed: bool) -> dict[str, Any]:
    """Give the answer to a request that comes again, from that to the first: the contract of repetition.

    With an Idempotency-Key all is the same and a header says that it is a repetition. A till is told `duplicate`
    instead of `applied`. What else was created is 201 only once.
    """
    if "statusCode" not in answer:
        return dict(answer)
    headers = dict(answer["headers"])
    status, body = answer["statusCode"], answer["body"]
    if keyed:
        headers[REPLAYED_HEADER] = "true"
    else:
        status = 200 if status == 201 else status
        body = body.replace('{"result":"applied"', '{"result":"duplicate"', 1)
    return {**answer, "statusCode": status, "headers": headers, "body": body}


class LeftWithout:
    """Lets an attempt run out of time once a number of calls are answered.

    `began` is what it should not have begun then: over HTTP any write; else what a person is told. Tasks and events may
    be told again, because they have ids.
    """

    def __init__(self, wire: Wire, *, after: int) -> None:
        self._context = LambdaContext(A_LITTLE_MS if after == 0 else PLENTY_MS)
        self._wire, self._after = wire, after

    def attempt(self, scene: Scene) -> dict[str, Any]:
        return scene.attempt(1, breaking=self._look, context=self._context)

    def began(self, *, over_http: bool) -> list[Call]:
        late = self._wire.calls[self._after :]
        return [call for call in late if (call.writes if over_http else call.service == "sns")]

    def _look(self, moment: Moment, call: int) -> None:
        if (moment, call) == ("after", self._after):
            self._context.remaining_ms = A_LITTLE_MS


def is_postponed(answer: Mapping[str, Any]) -> bool:
    """Say whether the caller is told to come again."""
    if "statusCode" in answer:
        return answer["statusCode"] == 503 and "Retry-After" in answer["headers"]
    return bool(answer.get("batchItemFailures"))

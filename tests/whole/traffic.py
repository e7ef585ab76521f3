"""Mixed traffic: tills, members and staff ask for everything at once, of workers with containers of their own."""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from shared.runtime.surroundings import Surroundings
from tests.builders import HandClock
from tests.http_events import LambdaContext
from tests.whole.containers import Container, container
from tests.whole.crashes import as_repeated, is_postponed
from tests.whole.requests import Asked, by_member, by_staff
from tests.whole.stage import SO_FAR, Stage
from tests.whole.story import AGREED, redeems, refund, sale, void
from tests.whole.weather import Met, Sky, Weather

MOST_REPEATS: Final = 10
ANSWERS: Final = frozenset({200, 201, 409})

Answer = Mapping[str, Any]


class Person(NamedTuple):
    name: str
    id: str


class Done(NamedTuple):
    """A request and its last answer, the attempts that it took, and what each met."""

    request: Asked
    member: Person
    answer: Answer
    met: Sequence[Met]

    @property
    def moved(self) -> tuple[str, int] | None:
        """The entry that it made, and its points; none where it was refused or only looked."""
        told = json.loads(self.answer["body"])
        if self.answer["statusCode"] == 409 or self.request.route.method == "GET":
            return None
        if told.get("status") == "cancelled":
            return told["returned_entry_id"], told["points"]
        return told["entry_id"], -told["points"] if "reward_id" in told else told["points"]


def enrol(stage: Stage, count: int) -> list[Person]:
    """Let people enrol who are nobody's friends, and buy something each."""
    people = []
    for number in range(count):
        joins = by_member(f"person-{number}", "POST /v1/me", AGREED)
        answer = stage.container(joins, SO_FAR)(joins.event(stage.find), LambdaContext())
        people.append(Person(f"person-{number}", json.loads(answer["body"])["id"]))
        stage.play([sale(f"first-{number}", people[-1].id, 60_000)])
    return people


@dataclass(slots=True)
class Worker:
    """One that asks for something, waits for the answer, and asks again if it is told to come again."""

    number: int
    people: Sequence[Person]
    sky: Sky
    weather: Weather
    seed: int
    clock: HandClock = field(default_factory=HandClock)
    done: list[Done] = field(default_factory=list)
    _containers: dict[str, Container] = field(default_factory=dict)
    _sold: list[tuple[str, Person]] = field(default_factory=list)
    _redeemed: list[tuple[str, Person]] = field(default_factory=list)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.seed}/{self.number}")  # noqa: S311 a test repeats itself by its seed

    def work(self, steps: int) -> None:
        kinds = list(_WEIGHTS)
        for _ in range(steps):
            self.clock.forward(seconds=1)
            (kind,) = self._chance.choices(kinds, list(_WEIGHTS.values()))
            kind(self)

    # What is asked for

    def _sell(self) -> None:
        person, receipt_id = self._somebody(), self._name("T")
        self._ask(sale(receipt_id, person.id, self._chance.randrange(100, 30_000)), person)
        self._sold.append((receipt_id, person))

    def _refund(self) -> None:
        if self._sold:
            receipt_id, person = self._chance.choice(self._sold)
            self._ask(refund(receipt_id, self._name("R"), amount=self._chance.randrange(1, 9_000)), person)

    def _void(self) -> None:
        if self._sold:
            receipt_id, person = self._sold.pop(self._chance.randrange(len(self._sold)))
            self._ask(void(receipt_id), person)

    def _redeem(self) -> None:
        person = self._somebody()
        reward_id = self._chance.choice(("mug", "mug", "mug", "rare"))
        answer = self._ask(redeems(person.name, reward_id, key=self._name("redeem")), person)
        if answer["statusCode"] == 201:
            self._redeemed.append((json.loads(answer["body"])["id"], person))

    def _cancel(self) -> None:
        if self._redeemed:
            identifier, person = self._chance.choice(self._redeemed)
            route = "POST /v1/me/redemptions/{id}/cancel"
            self._ask(by_member(person.name, route, key=self._name("cancel"), id=identifier), person)

    def _check_in(self) -> None:
        person = self._somebody()
        self._ask(by_member(person.name, "POST /v1/me/check-ins"), person)

    def _adjust(self) -> None:
        person = self._somebody()
        told = {"points": self._chance.choice((-40, -5, 10, 25)), "reason_code": "goodwill", "store_id": "SH001"}
        route = "POST /v1/admin/members/{id}/adjustments"
        told["internal_note"] = "排队太久"
        clerk = f"clerk-{self.number}"
        self._ask(by_staff("staff:adjust", route, told, key=self._name("adjust"), who=clerk, id=person.id), person)

    def _look(self) -> None:
        person = self._somebody()
        route = self._chance.choice(
            ("GET /v1/me", "GET /v1/me/entries", "GET /v1/me/rewards", "GET /v1/me/redemptions")
        )
        self._ask(by_member(person.name, route), person)

    def _repeat(self) -> None:
        """Ask again for what was done: nothing moves, and the answer is the first one."""
        earlier = [one for one in self.done if one.moved]
        if earlier:
            one = self._chance.choice(earlier)
            again = self._ask(one.request, one.member)
            keyed = "idempotency-key" in one.request.headers
            assert as_repeated(again, keyed=keyed) == as_repeated(one.answer, keyed=keyed)

    def _ask(self, request: Asked, member: Person) -> Answer:
        met = []
        for attempt in range(MOST_REPEATS):
            chance = random.Random(f"{self.seed}/{self.number}/{len(self.done)}/{attempt}")  # noqa: S311
            with self.sky.under(self.weather, chance) as now:
                answer = self._container(request.function)(request.event(_nothing), LambdaContext())
            met.append(now)
            if not is_postponed(answer):
                break
        assert answer["statusCode"] in ANSWERS, answer
        self.done.append(Done(request, member, answer, met))
        return answer

    def _container(self, function: str) -> Container:
        if function not in self._containers:
            around = Surroundings(clock=self.clock, pick=self._chance.choice)
            self._containers[function] = container(function, around)
        return self._containers[function]

    def _somebody(self) -> Person:
        return self._chance.choice(self.people)

    def _name(self, kind: str) -> str:
        return f"{kind}-{self.seed}-{self.number}-{len(self.done)}"


_WEIGHTS: Final[Mapping[Callable[[Worker], None], int]] = {
    Worker._sell: 6,
    Worker._refund: 3,
    Worker._void: 1,
    Worker._redeem: 5,
    Worker._cancel: 3,
    Worker._check_in: 2,
    Worker._adjust: 3,
    Worker._look: 4,
    Worker._repeat: 2,
}


def _nothing(_prefix: str) -> list[Any]:
    return []


@dataclass(frozen=True, slots=True)
class Storm:
    """What all workers did."""

    done: Sequence[Done]

    @property
    def met(self) -> list[Met]:
        return [met for one in self.done for met in one.met]

    @property
    def broken(self) -> Counter[str]:
        return sum((met.broken for met in self.met), Counter())

    @property
    def postponed(self) -> int:
        """How many answers told to come again."""
        return sum(len(one.met) - 1 for one in self.done)

    @property
    def entries(self) -> dict[str, dict[str, int]]:
        """The entries that were told, with their points, by member."""
        told: dict[str, dict[str, int]] = {}
        for one in self.done:
            if moved := one.moved:
                entry, points = moved
                assert told.setdefault(one.member.id, {}).setdefault(entry, points) == points
        return told


def storm(workers: Sequence[Worker], steps: int) -> Storm:
    """Let all work at once, and gather what they did."""
    with ThreadPoolExecutor(len(workers)) as threads:
        list(threads.map(lambda worker: worker.work(steps), workers))
    return Storm([one for worker in workers for one in worker.done])

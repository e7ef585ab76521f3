"""What sales would have earned under a program, on all processors, to the point.

Members do not depend on each other, so they are dealt into hands, and hands to processes. Where a budget that all
share runs out, what one member gets hangs on the others: the hands with sales that get less than they want are
simulated again, told what was left (`cli.simulation_budgets`). That costs nothing where no budget runs out, and about
a second run where one does. Every member begins with nothing, on the lowest tier or the one that an event names.
"""

import gc
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from cli.replay_workers import be_silent
from cli.simulation_budgets import Draw, Rooms, Use, follow
from cli.simulation_world import Candidate, Happening, Result, World
from shared.earning.events import ReturnEvent
from shared.earning.sale import Sale

HANDS: Final = 512
"""Many and small: all processors stay busy to the end, and few members are simulated again with those who must be."""

Hand = Sequence[tuple[int, Happening]]
"""What happens to some members, each event with its place among all."""
Progress = Callable[[int, int], Any]
"""Is told how many events are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of all, and of each budget by rule."""

    result: Result
    uses: dict[str, Use]


class _Ran(NamedTuple):
    result: Result
    draws: Sequence[Draw]


class _Course:
    """One program: what came of each hand so far, and what its sales were told of budgets."""

    def __init__(self, candidate: Candidate, hands: Sequence[Hand]) -> None:
        self.told: list[Rooms] = [{} for _ in hands]
        self.ran: dict[int, _Ran] = {}
        self._program = candidate.program
        self._uses: dict[str, Use] = {}
        self._hand_of = {place: at for at, hand in enumerate(hands) for place, _ in hand}

    def unsettled(self) -> list[int]:
        """Name the hands in which sales were told something else than what the draws of all leave."""
        draws = (draw for ran in self.ran.values() for draw in ran.draws)
        told = {place: room for rooms in self.told for place, room in rooms.items()}
        found, self._uses = follow(draws, self._program, told)
        rooms: list[dict[int, Mapping[str, int]]] = [{} for _ in self.told]
        for place, room in found.items():
            rooms[self._hand_of[place]][place] = room
        again = [at for at, told_before in enumerate(self.told) if rooms[at] != told_before]
        self.told[:] = rooms
        return again

    def simulated(self) -> Simulated:
        result = Result()
        for hand in sorted(self.ran):
            result.add(self.ran[hand].result)
        return Simulated(result, self._uses)


def simulate_all(
    happenings: Iterable[Happening],
    candidates: Sequence[Candidate],
    *,
    processes: int,
    progress: Progress = lambda _done, _total: None,
) -> list[Simulated]:
    """Let everything happen under each program, in the order of time."""
    hands = _dealt(sorted(happenings, key=lambda one: (one.at, isinstance(one.event, ReturnEvent))))
    courses = [_Course(candidate, hands) for candidate in candidates]
    # Handed over at the start, as a process that is forked has them already; a task names its part.
    with ProcessPoolExecutor(processes, initializer=_start, initargs=(hands, candidates)) as pool:
        tasks = [(at, hand) for at in range(len(candidates)) for hand in range(len(hands))]
        done, total = 0, 0
        while tasks:
            total += sum(len(hands[hand]) for _, hand in tasks)
            for at, hand, ran in _run_all(tasks, courses, pool):
                courses[at].ran[hand] = ran
                done += len(hands[hand])
                progress(done, total)
            tasks = [(at, hand) for at, course in enumerate(courses) for hand in course.unsettled()]
    return [course.simulated() for course in courses]


def _dealt(ordered: Sequence[Happening]) -> list[Hand]:
    """Deal happenings by member; a return, or a receipt that comes twice, goes with the sale."""
    hands: list[list[tuple[int, Happening]]] = [[] for _ in range(HANDS)]
    owners: dict[tuple[str, str], str] = {}
    for place, one in enumerate(ordered):
        receipt = (one.event.store_id, one.event.receipt_id)
        if isinstance(one.event, Sale):
            owners.setdefault(receipt, one.member_id)
        owner = owners.get(receipt, one.member_id)
        hands[zlib.crc32(owner.encode()) % HANDS].append((place, one))
    return [hand for hand in hands if hand]


def _run_all(
    tasks: Iterable[tuple[int, int]], courses: Sequence[_Course], pool: Executor
) -> Iterable[tuple[int, int, _Ran]]:
    running = {pool.submit(_run, at, hand, courses[at].told[hand]): (at, hand) for at, hand in tasks}
    for done in as_completed(running):
        yield *running[done], done.result()


_here: dict[str, Any] = {}
"""What a process of the pool works on."""


def _start(hands: Sequence[Hand], candidates: Sequence[Candidate]) -> None:
    be_silent()
    gc.disable()  # what is made here stays until the end
    _here["hands"], _here["candidates"] = hands, candidates


def _run(candidate: int, hand: int, rooms: Rooms) -> _Ran:
    world = World(_here["candidates"][candidate], rooms)
    for place, one in _here["hands"][hand]:
        world.happen(place, one)
    return _Ran(world.result, world.draws)

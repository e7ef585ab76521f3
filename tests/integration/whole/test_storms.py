"""Mixed traffic in bad weather: nobody's points are wrong, nothing happens twice, hardly anybody notices (C6, P17).

Sales, refunds, voids, redemptions, cancellations, check-ins, adjustments, reads and repetitions of all of them, by
workers at once, through the handlers and the SDK as they are in a Lambda.
"""

from collections.abc import Sequence
from typing import Final

import pytest

from shared import keys
from shared.ledger.entry_ids import entry_id
from shared.ledger.items import account_of
from shared.runtime import aws
from tests.profile import FULL
from tests.whole.books import differences_in
from tests.whole.engine import plain
from tests.whole.stage import Stage, State
from tests.whole.traffic import Person, Storm, Worker, enrol, storm
from tests.whole.weather import Sky, Weather

WORKERS: Final = 8
STEPS: Final = 125 if FULL else 10
FEWER_STEPS: Final = 30 if FULL else 5
PEOPLE: Final = 16 if FULL else 8
MOST_TRIES: Final = 8
MOST_POSTPONED: Final = 0.001


@pytest.fixture(scope="module")
def sky(stage: Stage) -> Sky:
    assert stage
    return Sky(aws.client("dynamodb"))


@pytest.fixture
def people(stage: Stage, so_far: State) -> list[Person]:
    """Give people who are new, and nothing else that is."""
    stage.rewind(so_far)
    return enrol(stage, PEOPLE)


def the_books_are_right(stage: Stage, before: State, told: Storm) -> None:
    """Check every balance against what was answered, every entry against those that were told, and all else."""
    after = stage.state()
    members = {one.member.id for one in told.done}
    entries = told.entries
    for member in members:
        known = entries.get(member, {})
        place = (stage.tables.accounts, member)
        had, has = (account_of(plain(state[place])).balance.available for state in (before, after))
        made = {_entry_id(place) for place in after if place not in before and _is_entry_of(member, after[place])}
        assert made == known.keys()
        assert has - had == sum(known.values())
    assert differences_in(after, stage) == []


def _is_entry_of(member: str, item: object) -> bool:
    return isinstance(item, dict) and item.get("m") == {"S": member}


def _entry_id(place: tuple[str, ...]) -> str:
    return entry_id(keys.Key(place[1], place[2]))


def ridden_out(
    stage: Stage, shares: Sequence[list[Person]], sky: Sky, weather: Weather, *, steps: int, seed: int
) -> Storm:
    """Let workers at once, one for each share of the people, send requests through the weather; check the books."""
    before = stage.state()
    told = storm([Worker(number, share, sky, weather, seed=seed) for number, share in enumerate(shares)], steps)
    tries = max(met.most_tries for met in told.met)
    print(f"{len(told.done)} requests, {dict(told.broken)}, {told.postponed} postponed, {tries} tries")  # noqa: T201
    the_books_are_right(stage, before, told)
    return told


def test_p17_conflicts_throttling_and_lost_answers_are_hardly_seen_and_change_nothing(
    stage: Stage, people: list[Person], sky: Sky
) -> None:
    """Whoever is told to come again comes again, and is answered."""
    weather = Weather(conflicts=0.2, throttles=0.05, lost=0.02)

    told = ridden_out(stage, [people] * WORKERS, sky, weather, steps=STEPS, seed=17)

    assert min(told.broken[kind] for kind in ("conflict", "throttled", "lost")) > 0
    assert told.postponed <= MOST_POSTPONED * len(told.done)


def test_c6_three_conflicts_in_ten_take_eight_tries_at_most_and_no_condition_is_tried_blindly(
    stage: Stage, people: list[Person], sky: Sky
) -> None:
    """Each worker has members of its own, so that all conflicts are those of the weather, the same ones every time."""
    shares = [people[number::WORKERS] for number in range(WORKERS)]

    told = ridden_out(stage, shares, sky, Weather(conflicts=0.3), steps=FEWER_STEPS, seed=6)

    assert 1 < max(met.most_tries for met in told.met) <= MOST_TRIES
    assert told.postponed == 0
    assert [met.blind for met in told.met if met.blind] == []


def test_k5_what_fails_one_time_in_ten_is_seen_only_where_all_tries_of_a_call_failed(
    stage: Stage, people: list[Person], sky: Sky
) -> None:
    weather = Weather(throttles=0.01, failures=0.06, lost=0.03)

    told = ridden_out(stage, [people] * WORKERS, sky, weather, steps=FEWER_STEPS, seed=5)

    assert min(told.broken[kind] for kind in ("throttled", "failed", "lost")) > 0
    assert told.postponed <= sum(met.given_up for met in told.met)

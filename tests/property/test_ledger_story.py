"""Random stories of members, told to the real ledger on the engine and to a dumber one, which must agree (L1 to L8).

Sales of all kinds, late, pending and without a member; refunds by line and by amount, voids, returns before their
sale; redemptions and cancellations; redeliveries of all of it; a clock that jumps by hours, days or months, and
back a little. After every step the account equals the model's; at the end the audit finds nothing.

JIFEN_TEST_PROFILE=full tells 120 stories of 50 steps; quick tells 20.
"""

import random
from typing import Any, Final, cast

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.ledger.store import Ledger
from tests.profile import FULL
from tests.property.ledger_story import LedgerStory

STEPS: Final = 50
STORIES: Final = 12 if FULL else 10
SEEDS: Final = tuple(range(1, 10)) if FULL else (1,)


@pytest.mark.parametrize("number", [*SEEDS, None], ids=lambda number: f"seed {number}" if number else "fresh seed")
def test_l1_to_l8_random_stories_end_where_the_model_says(ledger: Ledger, number: int | None) -> None:
    number = number or random.SystemRandom().randrange(10**6, 10**9)
    print(f"seed {number}, {STORIES} stories")  # noqa: T201 shown when it fails
    stories = iter(range(10**9))

    @seed(number)
    def story() -> LedgerStory:
        return LedgerStory(ledger, number * 10**6 + next(stories))

    run_state_machine_as_test(
        cast("Any", story),  # a class is asked for, a maker is taken: hypothesis calls it and no more
        settings=settings(
            max_examples=STORIES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )

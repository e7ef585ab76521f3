"""P4 and P15: what a check-in costs, and a hundred thousand members who check in at once, a tenth of them twice. S3-20.

Every tap goes through the handler, from the event of API Gateway to its answer; the members' taps come in any order
over a hundred connections. What counts is exactness: one entry for each member, whatever was repeated.
"""

import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Final

from shared.audit.scan import Reach, audit
from shared.program.actions import ActionRule, Streak
from tests.builders import a_ladder, a_program, per_yuan
from tests.engine import dynamodb_client, running_engine
from tests.whole.requests import by_member
from tools.bench.crowd import name_of, open_crowd
from tools.bench.figures import Figure, exactly, told
from tools.bench.load import at_once, dealt
from tools.bench.size import scaled

MEMBERS: Final = 100_000
CONNECTIONS: Final = 100
POINTS: Final = 5
CHECK_IN: Final = ActionRule(id="check-in", name="签到", on="check_in", give=Streak(points=(POINTS,)))


def figures() -> Iterator[Figure]:
    """Let the crowd tap, and audit what it leaves."""
    members = scaled(MEMBERS)
    twice = members // 10
    taps = [*range(members), *range(twice)]
    random.Random(members).shuffle(taps)  # noqa: S311 an order, not a secret
    hands = dealt(taps, CONNECTIONS)
    program = a_program(per_yuan(), tiers=a_ladder(), actions=(CHECK_IN,))
    warm = [by_member(name_of(0), "GET /v1/me/tasks")]
    with running_engine() as url, open_crowd(url, "-crowd", program, members=members, warm=warm) as crowd:
        ran = at_once(
            lambda hand: crowd.all_answered(by_member(name_of(one), "POST /v1/me/check-ins") for one in hands[hand]),
            CONNECTIONS,
            first=lambda: crowd.all_answered(warm),
        )
        statuses = Counter(one.status for answers in ran.made for one in answers)
        reach = Reach(connect=partial(dynamodb_client, url), tables=crowd.tables)
        found = audit(reach, processes=2, progress=lambda _name, _done, _total: None)
    yield exactly("P15.first", statuses[201], members, "check-ins that counted")
    yield exactly("P15.second", statuses[200], twice, "taps answered as the first")
    yield exactly("P15.entries", found.entries, members, "entries in the ledger")
    yield exactly("P15.points", found.outstanding, members * POINTS, "points of all members")
    yield exactly("P15.audit", len(found.differences), 0, "differences that the audit finds")
    yield told("P15.rate", round(len(taps) / ran.seconds, 1), "taps a second, engine and handlers on one machine")
    cpu = round(ran.processor_seconds * 1_000 / len(taps), 2)
    yield told("P15.cpu", cpu, "ms of the handlers' CPU for a tap, with three AWS calls")
    seconds = round(ran.seconds * MEMBERS / members, 1)
    yield told("P15.seconds", seconds, "seconds for 110 000 taps, reckoned from these (stretch 120)")

"""P4 and P15: what a check-in costs, and a hundred thousand members who check in at once, a tenth of them twice. S3-20.

Every tap goes through the handler, from the event of API Gateway to its answer; the members' taps come in any order
over a hundred connections. What counts is exactness: one entry for each member, whatever was repeated.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from functions.activities.routes import routes
from shared import keys
from shared.audit.scan import Reach, audit
from shared.earning.assembly import earning_of
from shared.http.api import build_api
from shared.ledger.account import new_account
from shared.ledger.items import account_item
from shared.ledger.store import Ledger
from shared.members.references import Reference, digest_of
from shared.members.store import Members
from shared.program.actions import ActionRule, Streak
from shared.runtime.attributes import encode
from shared.runtime.settings import Tables
from shared.runtime.surroundings import Surroundings
from tests.activities import activities_of
from tests.builders import NORMAL, a_ladder, a_program, per_yuan, publish
from tests.engine import create_tables, dynamodb_client, running_engine
from tests.http_events import ISSUER, MEMBER_CLIENT, LambdaContext, http_event, member_claims
from tests.observed import observed
from tools.bench.figures import Figure, at_most, exactly, told

MEMBERS: Final = 100_000
TWICE: Final = 10_000
PROCESSES: Final = 2
CONNECTIONS: Final = 100
POINTS: Final = 5
SECONDS: Final = 120
AT: Final = datetime(2026, 12, 16, 2, 0, tzinfo=UTC)
KEY: Final = b"k" * 32
BATCH: Final = 25
ROUTE: Final = "POST /v1/me/check-ins"
CHECK_IN: Final = ActionRule(id="check-in", name="签到", on="check_in", give=Streak(points=(POINTS,)))


def figures() -> Iterator[Figure]:
    """Count one check-in and a second tap, then time the crowd and audit what it leaves."""
    with running_engine() as url:
        yield from _counted(url)
        yield from _crowd(url)


def _counted(url: str) -> Iterator[Figure]:
    client = dynamodb_client(url)
    tables = create_tables(client, "-one")
    _put_members(url, tables, range(1))
    api = _api(client, tables)
    for title, goal in (("first", 5), ("second", 0)):
        with observed(client) as traffic:
            api.resolve(http_event(ROUTE, claims=member_claims(_subject(0))), LambdaContext())
        yield at_most(f"P4.{title}.write", traffic.write_units, goal, f"write units of a day's {title} tap")
        yield told(f"P4.{title}.calls", len(traffic.calls), f"calls of a day's {title} tap in a cold container")


def _crowd(url: str) -> Iterator[Figure]:
    client = dynamodb_client(url)
    tables = create_tables(client, "-crowd")
    with ProcessPoolExecutor(PROCESSES) as pool:
        slices = [range(at, MEMBERS, PROCESSES) for at in range(PROCESSES)]
        list(pool.map(partial(_put_members, url, tables), slices))
        began = time.perf_counter()
        statuses = sum(pool.map(partial(_tap, url, tables), slices), Counter[int]())
        seconds = time.perf_counter() - began
    yield exactly("P15.first", statuses[201], MEMBERS, "check-ins that counted")
    yield exactly("P15.second", statuses[200], TWICE, "taps answered as the first")
    reach = Reach(connect=partial(dynamodb_client, url), tables=tables)
    found = audit(reach, processes=PROCESSES, progress=lambda _name, _done, _total: None)
    yield exactly("P15.entries", found.entries, MEMBERS, "entries in the ledger")
    yield exactly("P15.points", found.outstanding, MEMBERS * POINTS, "points of all members")
    yield exactly("P15.audit", len(found.differences), 0, "differences that the audit finds")
    yield at_most("P15.seconds", round(seconds, 1), SECONDS, "seconds for all taps, engine and handlers on one machine")


def _put_members(url: str, tables: Tables, numbers: Sequence[int]) -> None:
    """Open accounts, and let token subjects lead to them."""
    client = dynamodb_client(url)
    if 0 in numbers:
        publish(Ledger(client=client, tables=tables), a_program(per_yuan(), tiers=a_ladder(), actions=(CHECK_IN,)))
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        accounts = [
            account_item(new_account(_member(number), at=AT, enrolled_on=AT.date(), tier_id=NORMAL)) for number in batch
        ]
        references = [
            {**keys.reference(digest_of(_reference(number), KEY))._asdict(), "m": _member(number), "k": "subject"}
            for number in batch
        ]
        for table, items in ((tables.accounts, accounts), (tables.members, references)):
            answer = client.batch_write_item(
                RequestItems={table: [{"PutRequest": {"Item": encode(item)}} for item in items]}
            )
            if answer.get("UnprocessedItems"):
                raise RuntimeError("the engine did not take everything")


def _tap(url: str, tables: Tables, numbers: Sequence[int]) -> Counter[int]:
    """Let members tap in any order, every so-manieth twice; count the answers by status."""
    client, containers = dynamodb_client(url, connections=CONNECTIONS // PROCESSES), threading.local()
    taps = [*numbers, *numbers[: TWICE // PROCESSES]]
    random.Random(len(taps)).shuffle(taps)  # noqa: S311 an order, not a secret

    def tap(number: int) -> int:
        if not hasattr(containers, "api"):
            containers.api = _api(client, tables)  # a container has one request at a time
        answer = containers.api.resolve(http_event(ROUTE, claims=member_claims(_subject(number))), LambdaContext())
        return int(answer["statusCode"])

    with ThreadPoolExecutor(CONNECTIONS // PROCESSES) as pool:
        return Counter(pool.map(tap, taps, chunksize=64))


def _api(client: Any, tables: Tables) -> Any:  # noqa: ANN401 a botocore client, an Api
    members = Members(client=client, tables=tables, key=KEY)
    built = activities_of(
        members, earning_of(client, tables, find_birthday=members.birthday, around=Surroundings(clock=_now))
    )
    return build_api([routes], built=built, member_client_id=MEMBER_CLIENT)


def _now() -> datetime:
    return AT


def _member(number: int) -> str:
    return f"mem_{number:026d}"


def _subject(number: int) -> str:
    return f"crowd-{number}"


def _reference(number: int) -> Reference:
    return Reference("subject", f"{ISSUER}|{_subject(number)}")

"""The bank test on the desk: points go from account to account by pairs of adjustments, while others look on (C4)."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from shared.ledger.entries import EntryKind
from shared.ledger.items import account_of
from shared.runtime.attributes import decode, encode
from tests.http_events import staff_claims
from tests.integration.desk.office import Office, code_of
from tests.profile import FULL

ACCOUNTS: Final = 10
EACH: Final = 80
MOST_MOVED: Final = 60
CLERKS: Final = 8
QUIET_POINTS: Final = 4
MOVES_EACH: Final = 8 if FULL else 2


@dataclass
class Bank:
    """Ten members, and clerks that move points between them."""

    office: Office
    members: list[str]
    seen: list[list[int]] = field(default_factory=list)

    def move(self, clerk: str, chance: random.Random) -> str:
        """Take points from one member and give them to another; say what came of it."""
        claims = staff_claims("staff:adjust", subject=clerk)
        source, target = chance.sample(self.members, 2)
        points = chance.randrange(1, MOST_MOVED + 1)
        taken = self.office.asks(-points, claims, member=source)
        if taken["statusCode"] != 201:
            assert code_of(taken) == (409, "insufficient-points")
            return "refused"
        assert self.office.asks(points, claims, member=target)["statusCode"] == 201
        return "moved"

    def balances(self) -> list[int]:
        """Read all accounts as they were at one instant."""
        ledger = self.office.till.ledger
        gets = [
            {"Get": {"TableName": ledger.tables.accounts, "Key": encode({"id": member})}} for member in self.members
        ]
        answer = ledger.client.transact_get_items(TransactItems=gets)
        return [account_of(decode(one["Item"])).balance.available for one in answer["Responses"]]

    def watch(self, over: Event) -> None:
        while not over.wait(0.01):
            self.seen.append(self.balances())


def test_c4_points_that_clerks_move_are_never_lost_doubled_or_below_zero(office: Office) -> None:
    """Every read totals what there was, less what is between two accounts at that instant.

    A move is two adjustments, as nobody can give points to another: the first takes them, the second gives them. So
    eight clerks have eight moves under way at most, and a read of all accounts at one instant lacks no more than
    those can hold; it never has a point too many. Whenever the clerks rest the total is exact, and nothing of a
    refused move has happened.
    """
    bank = Bank(office, [office.till.a_member() for _ in range(ACCOUNTS)])
    for number, member in enumerate(bank.members):
        assert office.asks(EACH, staff_claims("staff:adjust", subject=f"first-{number}"), member=member)
    chances = [random.Random(clerk) for clerk in range(CLERKS)]  # noqa: S311 a test repeats itself by its seed
    told: Counter[str] = Counter()

    def work(clerk: int) -> list[str]:
        return [bank.move(f"clerk-{clerk}", chances[clerk]) for _ in range(MOVES_EACH)]

    over = Event()
    with ThreadPoolExecutor(CLERKS + 1) as threads:
        watching = threads.submit(bank.watch, over)
        for _ in range(QUIET_POINTS):
            for outcomes in threads.map(work, range(CLERKS)):
                told.update(outcomes)
            assert sum(bank.balances()) == ACCOUNTS * EACH
        over.set()
        watching.result()

    most_under_way = CLERKS * MOST_MOVED
    assert len(bank.seen) > QUIET_POINTS
    assert all(min(balances) >= 0 for balances in bank.seen)
    assert all(0 <= ACCOUNTS * EACH - sum(balances) <= most_under_way for balances in bank.seen)
    assert len({tuple(balances) for balances in bank.seen}) > QUIET_POINTS, "nobody saw anything move"
    assert told["moved"] + told["refused"] == QUIET_POINTS * CLERKS * MOVES_EACH
    assert min(told["moved"], told["refused"]) > 0
    adjusted = [entry for member in bank.members for entry in office.till.entries(member)]
    assert {entry.kind for entry in adjusted} == {EntryKind.ADJUSTED}
    assert len(adjusted) == ACCOUNTS + 2 * told["moved"]
    assert office.till.audit(*bank.members) == []

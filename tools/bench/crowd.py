"""A crowd of members in shops that are open, and warm containers to serve them in forked processes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from shared import keys
from shared.ledger.account import Account, new_account
from shared.ledger.items import account_item
from shared.members.profile import Profile
from shared.members.references import Reference, digest_of
from shared.members.store import profile_item
from shared.program.model import Program
from shared.redemption.rewards import Reward
from shared.runtime import aws
from shared.runtime.attributes import encode
from shared.runtime.ids import MemberId
from shared.runtime.secrets import Keys
from shared.runtime.settings import Tables
from shared.runtime.surroundings import Surroundings
from tests.builders import NORMAL, NOW
from tests.http_events import ISSUER
from tests.whole.containers import Container, container
from tests.whole.requests import Asked
from tests.whole.stage import ROOT_KEY, open_stage
from tests.whole.story import open_shops
from tools.bench.load import Answered, answered, at_once

KEY: Final = Keys(ROOT_KEY.encode()).key_for("references")
BATCH: Final = 25
HANDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Members by number, and a warm container of each function, not connected: whoever forks has its own copy."""

    client: Any
    tables: Tables
    containers: Mapping[str, Container]

    def answered(self, request: Asked) -> Answered:
        return answered(self.containers[request.function], request.event(lambda _prefix: []))

    def all_answered(self, requests: Iterable[Asked]) -> list[Answered]:
        return [self.answered(request) for request in requests]


def member_id(number: int) -> str:
    return f"mem_{number:026d}"


def name_of(number: int) -> str:
    """Give the subject of a member's token."""
    return f"crowd-{number}"


@contextmanager
def open_crowd(
    engine_url: str,
    suffix: str,
    program: Program,
    *,
    members: int,
    warm: Sequence[Asked],
    rewards: Sequence[Reward] = (),
    points: int = 0,
) -> Iterator[Crowd]:
    """Open shops and accounts, each with so many points, and build the functions that `warm` asks."""
    with open_stage(engine_url, suffix) as stage:
        open_shops(stage, program, rewards)
        client, around = aws.client("dynamodb"), Surroundings(clock=lambda: NOW)
        client.close()
        enrol = partial(_enrol, client, stage.tables, points)
        at_once(lambda hand: enrol(range(hand, members, HANDS)), HANDS)
        crowd = Crowd(
            client=client,
            tables=stage.tables,
            containers={request.function: container(request.function, around) for request in warm},
        )
        crowd.all_answered(warm)
        client.close()
    yield crowd


def _enrol(client: Any, tables: Tables, points: int, numbers: Sequence[int]) -> None:  # noqa: ANN401 a botocore client
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        accounts = [account_item(_account(number, points)) for number in batch]
        profiles = [profile_item(Profile(member_id=MemberId(member_id(number)), enrolled_at=NOW)) for number in batch]
        references = [_reference(number) for number in batch]
        for table, items in ((tables.accounts, accounts), (tables.members, profiles), (tables.members, references)):
            requests = [{"PutRequest": {"Item": encode(item)}} for item in items]
            if client.batch_write_item(RequestItems={table: requests}).get("UnprocessedItems"):
                raise RuntimeError("the engine did not take everything")


def _account(number: int, points: int) -> Account:
    account = new_account(member_id(number), at=NOW, enrolled_on=NOW.date(), tier_id=NORMAL)
    return replace(account, lots={"271231": points}) if points else account


def _reference(number: int) -> dict[str, Any]:
    subject = Reference("subject", f"{ISSUER}|{name_of(number)}")
    return {**keys.reference(digest_of(subject, KEY))._asdict(), "m": member_id(number), "k": "subject"}

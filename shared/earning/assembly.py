"""What earning works with, put together once per container."""

from typing import Any

from shared.earning.budgets import Budgets
from shared.earning.events import MemberReference
from shared.earning.history import FindBirthday
from shared.earning.record_sale import Earning, FindMember, GiveReward, no_rewards
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.runtime.settings import Tables
from shared.runtime.surroundings import REAL, Surroundings


def by_id(reference: MemberReference) -> str:
    """Lead from a reference to the member that it names, where nothing else than ids comes."""
    return reference.value


def earning_of(
    client: Any,  # noqa: ANN401 a botocore client
    tables: Tables,
    *,
    find_birthday: FindBirthday,
    find_member: FindMember = by_id,
    give_reward: GiveReward = no_rewards,
    around: Surroundings = REAL,
) -> Earning:
    """Build earning on one client: its caches are the container's."""
    ledger = Ledger(client=client, tables=tables)
    return Earning(
        ledger=ledger,
        programs=Programs(client=client, table=tables.ledger, clock=around.clock),
        find_member=find_member,
        find_birthday=find_birthday,
        budgets=Budgets(ledger=ledger, pick=around.pick),
        clock=around.clock,
        give_reward=give_reward,
    )

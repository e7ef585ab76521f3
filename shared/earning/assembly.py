"""What earning works with, put together once per container."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.earning.budgets import Budgets
from shared.earning.events import MemberReference
from shared.earning.history import FindBirthday
from shared.ledger.posting import Posting
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.runtime.clock import Clock
from shared.runtime.settings import Tables
from shared.runtime.surroundings import REAL, Surroundings
from shared.tiers.time_rules import TimeRules

FindMember = Callable[[MemberReference], str]
"""Leads from a reference to a member id. Raises MemberNotFoundError."""


GiveReward = Callable[[Posting, str, str], Posting]
"""Adds a reward, by its id, to a posting; the text names the occasion, so that it is given once."""


def no_rewards(_posting: Posting, reward_id: str, _occasion: str) -> Posting:
    """Stand in where only sales are recorded: they give no rewards."""
    raise ValueError(f"nothing here gives the reward {reward_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """What earning works with. `give_reward` is that of `shared.redemption.gifts` where actions are recorded."""

    ledger: Ledger
    programs: Programs
    find_member: FindMember
    find_birthday: FindBirthday
    budgets: Budgets
    clock: Clock
    give_reward: GiveReward = no_rewards

    @property
    def rules(self) -> TimeRules:
        return TimeRules(programs=self.programs, ledger=self.ledger)


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

"""The catalogue as one member sees it: what can be had now, and what is missing for the rest. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from shared.errors import Conflict
from shared.ledger.account import Account
from shared.redemption.catalogue import Rewards
from shared.redemption.rewards import Reward, obstacles


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A reward, the pieces left of it (None: no end of them), and what stands in the way of one piece."""

    reward: Reward
    left: int | None
    obstacles: tuple[Conflict, ...]


def shown(rewards: Rewards) -> Iterator[Reward]:
    """Give the rewards that are in the catalogue for all to see."""
    return (reward for reward in rewards.values() if reward.listed and not reward.hidden)


def choices(
    rewards: Rewards, left: Mapping[str, int], account: Account, today: date, *, halved_through: str | None
) -> list[Choice]:
    """Judge every reward for a member. `left` is pieces by reward; the account is as of now."""
    judged = []
    for reward in shown(rewards):
        pieces = None if reward.stock is None else left.get(reward.id, 0)
        found = tuple(obstacles(reward, 1, account, today, left=pieces, halved_through=halved_through))
        judged.append(Choice(reward=reward, left=pieces, obstacles=found))
    return judged

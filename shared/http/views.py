"""What the answers of several functions are made of."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field

from shared.http.fields import AnswerModel
from shared.ledger.account import Account, Balance
from shared.program.limits import Every, Limit
from shared.program.model import Program


class MoneyView(AnswerModel):
    """An amount in minor units."""

    amount: Annotated[int, Field(examples=[1000])]
    currency: Annotated[str, Field(examples=["CNY"])]


class BalanceView(AnswerModel):
    """Points: usable now (negative while there is debt), waiting for their day, put aside by a hold, owed."""

    available: int
    pending: int
    held: int
    debt: int

    @classmethod
    def of(cls, balance: Balance) -> Self:
        return cls(**balance._asdict())


class LimitView(AnswerModel):
    """How many pieces one member may take in a period."""

    per_member: int
    every: Every

    @classmethod
    def of(cls, limit: Limit | None) -> Self | None:
        return cls(per_member=limit.per_member, every=limit.every) if limit else None


class TierView(AnswerModel):
    """The member's tier. `valid_until` is its last day; the lowest tier has none."""

    id: Annotated[str, Field(examples=["gold"])]
    name: Annotated[str, Field(examples=["金卡会员"])]
    valid_until: date | None

    @classmethod
    def of(cls, account: Account, program: Program) -> Self | None:
        """Give the tier of an account; None where the program has no tiers."""
        level = program.level(account.tier.tier_id)
        return cls(id=level.id, name=level.name, valid_until=account.tier.valid_until) if level else None

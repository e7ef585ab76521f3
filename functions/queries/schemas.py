"""What several answers are made of."""

from typing import Annotated

from pydantic import Field

from shared.http.fields import AnswerModel


class MoneyView(AnswerModel):
    """An amount in minor units."""

    amount: Annotated[int, Field(examples=[1000])]
    currency: Annotated[str, Field(examples=["CNY"])]


class BalanceView(AnswerModel):
    """Points: usable, not usable yet, put aside by a hold, owed."""

    available: int
    pending: int
    held: int
    debt: int

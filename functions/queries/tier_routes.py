"""A member's tier: what it is, how long it is valid, what is missing for the next one and for keeping it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field

from functions.queries.dependencies import Dependencies
from shared.errors import DependencyUnavailableError, MemberNotFoundError, NoProgramError
from shared.http.call import Call
from shared.http.fields import AnswerModel
from shared.http.routes import Routes
from shared.ledger.posting import as_of
from shared.program.model import Tiers
from shared.runtime import telemetry
from shared.tiers.benefits import Entitlement, entitlements
from shared.tiers.counting import counted_of
from shared.tiers.standing import Standing, standing


class LevelView(AnswerModel):
    id: Annotated[str, Field(examples=["gold"])]
    name: Annotated[str, Field(examples=["金卡会员"])]


class NextView(LevelView):
    """The following tier; `missing` is in the measure."""

    missing: int


class KeepView(AnswerModel):
    """What has to be reached by a day to keep the tier; in the measure."""

    needed: int
    missing: int
    by: date


class BenefitView(AnswerModel):
    """A benefit of the tier. With an id it is claimed at the till, `times` in every period; `left` are in this one.

    One for the birthday, or for its month, is open then and at no other time.
    """

    id: str | None
    name: Annotated[str, Field(examples=["免费停车"])]
    times: int | None
    every: Literal["day", "week", "month", "year"] | None
    left: int | None
    birthday: Literal["day", "month"] | None
    is_open: Annotated[bool, Field(description="Whether today is a day for it.")]

    @classmethod
    def of(cls, held: Entitlement) -> Self:
        benefit = held.benefit
        return cls(
            id=benefit.id,
            name=benefit.name,
            times=benefit.times or None,
            every=benefit.every,
            left=held.left,
            birthday=benefit.birthday,
            is_open=held.is_open,
        )


class TierStandingView(AnswerModel):
    """Amounts are in the measure: points, minor units of money, or visits. Without tiers all is null."""

    current: LevelView | None
    valid_until: Annotated[date | None, Field(description="The last day of the tier; the lowest one has none.")]
    measure: Literal["points_earned", "amount_spent", "visits"] | None
    value: Annotated[int, Field(description="What counts now.")]
    next: NextView | None
    keep: KeepView | None
    benefits: list[BenefitView]


routes = Routes[Dependencies](tag="Tiers")


@routes.get("/v1/me/tier", scopes=("member",), errors=(MemberNotFoundError, DependencyUnavailableError, NoProgramError))
def read_tier(built: Dependencies, call: Call) -> TierStandingView:
    """Read my tier and my way to the next one."""
    moment = built.moment()
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    account = as_of(built.ledger.account(member_id), moment.now, moment.rules)
    if moment.program.tiers is None:
        return TierStandingView(
            current=None, valid_until=None, measure=None, value=0, next=None, keep=None, benefits=[]
        )
    counted = counted_of(account, {}, moment.rules.days, moment.today, more={})
    stands = standing(account, counted, moment.program.tiers, moment.today)
    held = entitlements(account, moment.program.tiers, moment.today, built.members.birthday)
    return _view(stands, moment.program.tiers, held)


def _view(stands: Standing, tiers: Tiers, held: Iterable[Entitlement]) -> TierStandingView:
    current, following = stands.current, stands.following
    return TierStandingView(
        current=LevelView(id=current.id, name=current.name),
        valid_until=stands.valid_until,
        measure=tiers.measure,
        value=stands.value,
        next=NextView(id=following.id, name=following.name, missing=stands.missing) if following else None,
        keep=KeepView.model_validate(stands.keep, from_attributes=True) if stands.keep else None,
        benefits=[BenefitView.of(one) for one in held],
    )

"""Rules for what members do besides buying: what counts, and what it gives. Plain values, compiled from the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from shared.program.expiry import ExpirePolicy
from shared.program.rules import Budget, FixedPoints, RuleLimit, When

CHECK_IN: Final = "check_in"
CUSTOM: Final = "custom:"
ENROLL: Final = "enroll"
REFERRAL_ENROLLED: Final = "referral_enrolled"
REFERRAL_FIRST_ORDER: Final = "referral_first_order"
REFERRALS: Final = (REFERRAL_ENROLLED, REFERRAL_FIRST_ORDER)
ACTIONS: Final = (CHECK_IN, "follow", "share", "review", "survey", "browse", ENROLL, *REFERRALS)
"""What a rule may be on besides purchases, and `custom:` with a name of the chain's own."""

Side = Literal["referrer", "friend"]
"""Who invited, and who was invited."""
To = Literal["referrer", "friend", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What must be told of an action; all that is given must hold. `equals` compares facts by name.

    `min_amount_minor` is what a friend's first order must come to, in amounts that earn.
    """

    min_likes: int | None = None
    min_chars: int | None = None
    has_photo: bool | None = None
    page: str | None = None
    equals: Mapping[str, str | int | bool] | None = None
    streak_days: int | None = None
    min_amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """Points by the day of a streak of check-ins; after the last it begins anew, or stays there."""

    points: tuple[int, ...]
    after_last: Literal["repeat", "stay"] = "repeat"

    def on_day(self, day: int) -> int:
        """Give the points of a day of the streak, counted from 1."""
        at = day - 1
        return self.points[at % len(self.points) if self.after_last == "repeat" else min(at, len(self.points) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    points: int
    when: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMatch:
    """The points of the first choice whose evidence holds."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftReward:
    """A reward of the catalogue, without points."""

    reward_id: str
    name: str


ActionGive = FixedPoints | Streak | FirstMatch | GiftReward


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRule:
    """A rule of the `earn` list on something else than a purchase.

    `when` holds times, stores and tiers alone. With `once_per_subject` one member gets it once for each subject: a
    product, an order, a campaign. `to` says for referrals who gets the points;
    `confirmed_by` whose word counts: the chain's signed event (None), the member's, or that of staff.
    """

    id: str
    name: str
    on: str
    give: ActionGive
    when: When = field(default_factory=When)
    evidence: Evidence = field(default_factory=Evidence)
    limit: RuleLimit | None = None
    budget: Budget | None = None
    once_per_subject: bool = False
    expire: ExpirePolicy | None = None
    to: To | None = None
    confirmed_by: Literal["member", "staff"] | None = None

    def is_for(self, side: Side | None) -> bool:
        """Say whether a rule gives to this side of a referral; None: to the member who did something."""
        return self.to == side or (self.to == "both" and side is not None)

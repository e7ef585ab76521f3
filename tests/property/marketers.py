"""What marketers chose, told twice: as a program to the product, and as rules to the model."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from shared.program.expiry import ExpirePolicy, ExpiryMode, RoundTo
from shared.program.model import AlreadySpent, Eligible, Program
from shared.program.rules import EarnRule, ExtraPercent, FixedPoints, When
from tests.builders import a_ladder, a_program, per_yuan
from tests.ledger_standing import FOREVER, Rules, end_of_month_after

NEW: Final = EarnRule(
    id="new", name="新品类", give=ExtraPercent(percent=Decimal(30)), when=When(categories=frozenset({"零食"}))
)
BONUS: Final = EarnRule(id="100+10", name="满100加10", give=FixedPoints(points=10), when=When(min_amount_minor=10_000))
EXPIRY: Final[dict[str, tuple[ExpirePolicy, Callable[[date], date]]]] = {
    "never": (ExpirePolicy(mode=ExpiryMode.NEVER), lambda _: FOREVER),
    "ten days": (
        ExpirePolicy(mode=ExpiryMode.DAYS_AFTER_EARNING, days=10),
        lambda start: start + timedelta(days=10),
    ),
    "the end of the next month": (
        ExpirePolicy(mode=ExpiryMode.MONTHS_AFTER_EARNING, months=1, round_to=RoundTo.END_OF_MONTH),
        lambda start: end_of_month_after(start, 1),
    ),
    "a year, to the end of the month": (
        ExpirePolicy(mode=ExpiryMode.MONTHS_AFTER_EARNING, months=12, round_to=RoundTo.END_OF_MONTH),
        lambda start: end_of_month_after(start, 12),
    ),
}
ZONES: Final = ("Asia/Shanghai", "America/New_York", "Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    zone: str
    pending_days: int
    expiry: str
    policy: AlreadySpent
    grace_days: int
    revoke_days: int

    def program(self, **others: Any) -> Program:
        return a_program(
            per_yuan(1, 10),
            NEW,
            BONUS,
            zone=self.zone,
            pending_days=self.pending_days,
            expire=EXPIRY[self.expiry][0],
            if_already_spent=self.policy,
            tiers=a_ladder(silver=40, gold=150, grace_days=self.grace_days, revoke_within_days=self.revoke_days),
            eligible=Eligible(
                payment_methods=frozenset({"cash", "wechat_pay"}), exclude_categories=frozenset({"烟草"})
            ),
            **others,
        )

    def rules(self) -> Rules:
        return Rules(
            zone=ZoneInfo(self.zone),
            pending_days=self.pending_days,
            last_day=EXPIRY[self.expiry][1],
            policy=self.policy.value,
            grace_days=self.grace_days,
            revoke_days=self.revoke_days,
        )

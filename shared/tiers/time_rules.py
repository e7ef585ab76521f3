"""What time does to an account under the program: made once per function, asked for the rules of an instant.

A decision is taken by the version that was in force for the whole chain when it fell due, however late it is taken:
a tier by the end of its period, an upgrade that a return may undo by the day of the upgrade, a lot by its last day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from shared.ledger.account import Account, Qualifying, TierState
from shared.ledger.lots import extended_lot, last_day_of, was_extended
from shared.ledger.rules import Review, Rules
from shared.ledger.store import Ledger
from shared.program.calendar import add_months, lapses_at, rounded, zone_named
from shared.program.model import Program
from shared.program.store import Programs
from shared.tiers.counting import counted_of, month_of
from shared.tiers.ladder import undone
from shared.tiers.review import review

MONTHS_READ = 8


class Moment(NamedTuple):
    """An instant, the program that then holds for the whole chain, and what time does to an account by it."""

    now: datetime
    program: Program
    rules: Rules

    @property
    def today(self) -> date:
        return self.now.astimezone(self.rules.zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRules:
    """Makes the rules of an instant. What it reads of a month's days is kept for one posting."""

    programs: Programs
    ledger: Ledger

    def moment(self, now: datetime) -> Moment:
        """Give what a member's page, which belongs to no store, speaks by. Raises NoProgramError."""
        return Moment(now, self.programs.chain_wide(now), self.at(now))

    def at(self, now: datetime) -> Rules:
        """Give the rules for a posting that begins now. Raises NoProgramError."""
        zone = self.programs.chain_wide(now).zone

        @lru_cache(maxsize=MONTHS_READ)
        def days(member_id: str, month: str) -> Mapping[str, Qualifying]:
            return self.ledger.qualifying_days(member_id, month)

        def decide(account: Account, today: date) -> Review | None:
            ended = account.tier.valid_until
            if ended is None or today <= ended:
                return None
            program = self._program_after(ended, zone)
            if program.tiers is None:
                return None
            counted = counted_of(account, {}, days, today, more={})
            return review(account.tier, counted, program.tiers, today, currency=program.currency)

        def take_back(account: Account, fresh: Mapping[str, Qualifying], today: date) -> TierState | None:
            if account.tier.before is None or account.tier.since is None:
                return None
            tiers = self._program_after(account.tier.since, zone).tiers
            counted = counted_of(account, fresh, days, today, more={})
            return undone(account.tier, counted, tiers, today) if tiers else None

        def extend(account: Account, lot: str) -> str | None:
            last_day = last_day_of(lot)
            if last_day is None or was_extended(lot):
                return None
            expire = self._program_after(last_day, zone).points.expire
            policy = expire.extend_once
            if policy is None or not _bought_since(account, add_months(last_day, -policy.if_bought_within_months)):
                return None
            return extended_lot(rounded(add_months(last_day, policy.months), expire.round_to))

        return Rules(zone=zone_named(zone), review=decide, undone=take_back, extend=extend, days=days)

    def _program_after(self, day: date, zone: str) -> Program:
        """Give the program in force when a day ends."""
        return self.programs.chain_wide(lapses_at(day, zone))


def _bought_since(account: Account, day: date) -> bool:
    return any(counted.visits > 0 for month, counted in account.qualifying.items() if month >= month_of(day))

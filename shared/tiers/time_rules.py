"""What time does to an account under the program: made once per function, asked for the rules of an instant.

A decision is taken by the version that was in force for the whole chain when it fell due, however late it is taken:
a tier by the end of its period, an upgrade that a return may undo by the day of the upgrade, a lot by its last day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from shared.ledger.account import Account, Qualifying, TierState
from shared.ledger.lots import extended_lot, last_day_of, lot_of, was_extended
from shared.ledger.rules import Review, Rules
from shared.ledger.store import Ledger
from shared.program.calendar import add_months, lapses_at, rounded
from shared.program.model import Program
from shared.program.store import Programs
from shared.program.zones import zone_named
from shared.tiers.counting import Counted, Days, counted_of, month_of, period_end
from shared.tiers.ladder import place, undone
from shared.tiers.review import review


class Moment(NamedTuple):
    """An instant, the program that then holds for the whole chain, and what time does to an account by it."""

    now: datetime
    program: Program
    rules: Rules

    @property
    def today(self) -> date:
        return self.rules.day_of(self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRules:
    """Makes the rules of an instant."""

    programs: Programs
    ledger: Ledger

    def moment(self, now: datetime) -> Moment:
        """Give what a member's page, which belongs to no store, speaks by. Raises NoProgramError."""
        program = self.programs.chain_wide(now)
        return Moment(now, program, ProgramRules(program, self.programs, self.ledger.qualifying_days))

    def at(self, now: datetime) -> Rules:
        """Give the rules for a posting that begins now. Raises NoProgramError."""
        return self.moment(now).rules


class ProgramRules(Rules):
    """The rules of one instant. What is read of a month's days is kept for one posting."""

    def __init__(self, program: Program, programs: Programs, read_days: Days) -> None:
        super().__init__(zone_named(program.business_zone))
        self._program = program
        self._programs = programs
        self._read_days = read_days
        self._days: dict[tuple[str, str], Mapping[str, Qualifying]] = {}

    def review(self, account: Account, today: date) -> Review | None:
        ended = account.tier.valid_until
        if ended is None or today <= ended:
            return None
        program = self._program_after(ended)
        if program.tiers is None:
            return None
        counted = self.counted(account, today)
        return review(account.tier, counted, program.tiers, today, currency=program.currency)

    def undone(self, account: Account, fresh: Mapping[str, Qualifying], today: date) -> TierState | None:
        if account.tier.before is None or account.tier.since is None:
            return None
        tiers = self._program_after(account.tier.since).tiers
        return undone(account.tier, self.counted(account, today, fresh), tiers, today) if tiers else None

    def granted(self, account: Account, tier_id: str, today: date) -> TierState | None:
        tiers = self._program.tiers
        if tiers is None or place(tier_id, tiers) <= place(account.tier.tier_id, tiers):
            return None
        return TierState(tier_id=tier_id, since=today, valid_until=period_end(tiers, today, account.enrolled_on))

    def extended(self, account: Account, lot: str) -> str | None:
        last_day = last_day_of(lot)
        if last_day is None or was_extended(lot):
            return None
        expire = self._program_after(last_day).points.expire
        policy = expire.extend_once
        if policy is None or not _bought_since(account, add_months(last_day, -policy.if_bought_within_months)):
            return None
        return extended_lot(rounded(add_months(last_day, policy.months), expire.round_to))

    def halved_through(self, today: date) -> str | None:
        last_days = self._program.points.expire.halve_in_last_days
        return lot_of(today + timedelta(days=last_days - 1)) if last_days else None

    def days(self, member_id: str, month: str) -> Mapping[str, Qualifying]:
        if (member_id, month) not in self._days:
            self._days[member_id, month] = self._read_days(member_id, month)
        return self._days[member_id, month]

    def counted(self, account: Account, today: date, fresh: Mapping[str, Qualifying] | None = None) -> Counted:
        """Give what counts for the tier of an account, which includes what a posting's own entries say (`fresh`)."""
        return counted_of(account, fresh or {}, self.days, today, more={})

    def _program_after(self, day: date) -> Program:
        """Give the program in force when a day ends."""
        return self._programs.chain_wide(lapses_at(day, self._program.business_zone))


def _bought_since(account: Account, day: date) -> bool:
    return any(counted.visits > 0 for month, counted in account.qualifying.items() if month >= month_of(day))

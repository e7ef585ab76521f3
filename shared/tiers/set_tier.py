"""A tier is set by hand: with a reason, an author and a last day. Afterwards it is reviewed like any other."""

from dataclasses import dataclass
from datetime import date

from shared import keys
from shared.errors import InvalidFieldError
from shared.ledger.account import Movement, TierState
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.once import Answered, Once, decide_once, key_free
from shared.ledger.posting import begin
from shared.ledger.store import Ledger
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience
from shared.tiers.time_rules import Moment, TimeRules
from shared.trail.deeds import Deed, What
from shared.trail.store import recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Which tier a member gets, through which day (None for the lowest tier alone), why, by whom, and for which store.

    `reason_code` is what the trail tells, where there is one: `reason` may be in somebody's own words.
    """

    setting_id: str
    digest: str
    member_id: str
    tier_id: str
    valid_until: date | None
    reason: str
    author: str
    reason_code: str = ""
    store_id: str = ""


def set_tier(setting: Setting, rules: TimeRules, ledger: Ledger, patience: Patience, *, clock: Clock) -> Answered:
    """Set a member's tier, up or down.

    Raises InvalidFieldError for an unknown tier or a day that does not fit, MemberNotFoundError,
    IdempotencyKeyReusedError and BusyError.
    """
    once = Once(key=keys.tier_setting(setting.setting_id), digest=setting.digest)
    return decide_once(
        once, lambda: _set(setting, rules.moment(clock()), ledger, patience), ledger, patience, clock=clock
    )


def _set(setting: Setting, moment: Moment, ledger: Ledger, patience: Patience) -> Entry:
    posting = begin(ledger.account(setting.member_id), moment.now, moment.rules)
    levels = moment.program.tiers.levels if moment.program.tiers else ()
    level = next((level for level in levels if level.id == setting.tier_id), None)
    if level is None:
        raise InvalidFieldError(errors=[{"pointer": "/tier_id", "code": "unknown-tier"}])
    lowest = level == levels[0]
    if lowest == (setting.valid_until is not None) or (setting.valid_until and setting.valid_until < posting.today):
        raise InvalidFieldError(errors=[{"pointer": "/valid_until", "code": "wrong-day"}])
    state = TierState(tier_id=level.id)
    if setting.valid_until:
        state = TierState(tier_id=level.id, since=posting.today, valid_until=setting.valid_until)
    key = keys.tier_setting(setting.setting_id)
    posting = posting.add(
        EntryKind.TIER_SET,
        key,
        Movement(tier=state),
        store_id=setting.store_id or None,
        label=level.name,
        details={"g": setting.digest, "why": setting.reason, "by": setting.author},
    )
    deed = Deed(
        what=What.TIER_SET,
        at=moment.now,
        who=setting.author,
        about=setting.setting_id,
        member_id=setting.member_id,
        store_id=setting.store_id,
        why=setting.reason_code,
    )
    ledger.commit(posting, patience, guards={key: key_free()}, beside=[recording(deed, table=ledger.tables.ledger)])
    return posting.entry_at(key)

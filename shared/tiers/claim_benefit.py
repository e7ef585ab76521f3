"""A benefit of the tier is claimed at the till: counted in the account, so that a quota holds under any race.

Two AWS calls when warm: read the account, commit; one more where the tier has a benefit for the birthday. The claim's
own key guards it (`shared.ledger.once`).
"""

from dataclasses import dataclass

from shared import keys
from shared.errors import (
    BenefitNotFoundError,
    BirthdayOnlyError,
    LimitReachedError,
    MemberFrozenError,
    TierRequiredError,
)
from shared.ledger.account import Movement
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.once import Answered, Once, decide_once, key_free
from shared.ledger.posting import begin
from shared.ledger.store import Ledger
from shared.program.model import Tiers
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience
from shared.tiers.benefits import Entitlement, FindBirthday, counter_of_benefit, entitlements, levels_with
from shared.tiers.time_rules import TimeRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Claiming:
    """What claiming works with."""

    ledger: Ledger
    rules: TimeRules
    find_birthday: FindBirthday
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a till asks for. The id and the digest stand for the caller's key and the request's content."""

    claim_id: str
    digest: str
    member_id: str
    benefit_id: str
    store_id: str


def claim_benefit(claim: Claim, claiming: Claiming, patience: Patience) -> Answered:
    """Claim a benefit, or answer again what was answered to this key.

    Raises BenefitNotFoundError, TierRequiredError, BirthdayOnlyError, LimitReachedError, MemberFrozenError,
    MemberNotFoundError, IdempotencyKeyReusedError and BusyError.
    """
    once = Once(key=keys.claim(claim.claim_id), digest=claim.digest)
    return decide_once(once, lambda: _claim(claim, claiming, patience), claiming.ledger, patience, clock=claiming.clock)


def _claim(claim: Claim, claiming: Claiming, patience: Patience) -> Entry:
    moment = claiming.rules.moment(claiming.clock())
    posting = begin(claiming.ledger.account(claim.member_id), moment.now, moment.rules)
    account = posting.account
    if account.frozen:
        raise MemberFrozenError
    tiers = moment.program.tiers
    if tiers is None:
        raise BenefitNotFoundError
    all_held = entitlements(account, tiers, posting.today, claiming.find_birthday)
    held = next((one for one in all_held if one.benefit.id == claim.benefit_id), None)
    if held is None:
        raise _not_held(claim.benefit_id, account.tier.tier_id, tiers)
    if not held.is_open:
        raise BirthdayOnlyError(benefit_id=claim.benefit_id, birthday=held.benefit.birthday)
    if held.left == 0:
        raise _used_up(held)
    counter = counter_of_benefit(held.benefit, posting.today)
    key = keys.claim(claim.claim_id)
    posting = posting.add(
        EntryKind.CLAIMED,
        key,
        Movement(counters={counter: 1} if counter else {}),
        store_id=claim.store_id,
        label=held.benefit.name,
        details={"g": claim.digest, "b": claim.benefit_id},
    )
    claiming.ledger.commit(posting, patience, guards={key: key_free()})
    return posting.entry_at(key)


def _not_held(benefit_id: str, tier_id: str, tiers: Tiers) -> Exception:
    having = levels_with(benefit_id, tiers)
    return TierRequiredError(required=having, tier=tier_id) if having else BenefitNotFoundError()


def _used_up(held: Entitlement) -> LimitReachedError:
    benefit = held.benefit
    return LimitReachedError(benefit_id=benefit.id, limit=benefit.times, every=benefit.every, required=1, available=0)

"""What a member changes about themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from shared.ledger.store import settled
from shared.members.profile import Policy, Profile
from shared.members.references import references_in
from shared.members.store import Members, Overview
from shared.runtime.ids import MemberId
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """What is not given stays. `phone` is E.164, and proven where it is the token's `proven_phone`."""

    name: str | None = None
    birthday: date | None = None
    phone: str | None = None
    proven_phone: str | None = None
    given: Sequence[Policy] = ()
    withdrawn: Sequence[str] = ()


class Greetings(Protocol):
    """Gives to a member what the first proven phone brings, together with what `create` commits."""

    def greet(self, member_id: str, create: Callable[[Sequence[ConditionalWrite]], object]) -> None: ...


def change_profile(
    members: Members,
    greetings: Greetings,
    member_id: MemberId,
    change: ProfileChange,
    *,
    at: datetime,
    patience: Patience,
) -> Overview:
    """Change a profile; a new proven phone takes the place of the old reference in the same transaction.

    The first proven phone brings what joining gives, in that transaction too.

    Raises MemberNotFoundError, InvalidFieldError (a birthday is set once), ReferenceTakenError, LimitReachedError,
    BusyError, DependencyUnavailableError.
    """

    def attempt() -> Overview:
        profile, account = members.overview(member_id, patience, consistent=True)
        changed = changed_profile(profile, change, at)
        if changed == profile:
            return Overview(profile, account)
        before, after = references_in(profile), references_in(changed)
        gained = [reference for reference in after if reference not in before]
        given_up = [reference for reference in before if reference not in after]

        def write(beside: Sequence[ConditionalWrite] = ()) -> Profile:
            return members.change(changed, patience, gained=gained, given_up=given_up, beside=beside)

        if changed.phone_proven and not (profile.phone and profile.phone_proven):
            greetings.greet(member_id, write)
            return members.overview(member_id, patience, consistent=True)
        return Overview(write(), account)

    return settled(attempt, patience)


def changed_profile(profile: Profile, change: ProfileChange, at: datetime) -> Profile:
    """Apply a change. Raises InvalidFieldError and LimitReachedError."""
    if change.name is not None:
        profile = replace(profile, name=change.name)
    if change.birthday is not None:
        profile = profile.born(change.birthday, today=at.date())
    if change.phone is not None:
        profile = profile.reached_at(change.phone, proven=change.phone == change.proven_phone)
    return profile.withdrawing(change.withdrawn, at).agreeing(change.given, at)

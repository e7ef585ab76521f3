"""Enrolment: consent first, then everything in one transaction, or nothing.

Who is enrolled already gets the member, whether that happened last year or a millisecond ago on another phone. A
member who was imported from an older system has no token yet: the first token that *proves* the imported phone is
linked to that member.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from shared.errors import ConsentRequiredError, InvalidFieldError, MemberNotFoundError
from shared.ledger.account import Account, new_account
from shared.ledger.items import as_kept
from shared.ledger.store import StaleReadError, settled
from shared.members.profile import Policy, Profile, missing_consents
from shared.members.references import Reference, reference_to, references_in
from shared.members.store import LinkedAlreadyError, Members, Overview, OwnedAlreadyError
from shared.runtime.ids import MemberId
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What the caller sent. `proven_phone` is E.164 and comes from the token, never from the body."""

    identity: str
    proven_phone: str | None
    consents: Sequence[Policy]
    name: str | None = None
    phone: str | None = None
    birthday: date | None = None
    store_id: str | None = None
    referral_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Where a new member begins: their id, the instant, the local day, and the lowest tier."""

    member_id: MemberId
    at: datetime
    enrolled_on: date
    tier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    overview: Overview
    is_new: bool


class Openings(Protocol):
    """Opens accounts, with what they begin with: `create` commits the writes together with the member."""

    def open(
        self,
        account: Account,
        referrer_id: str | None,
        create: Callable[[Sequence[ConditionalWrite]], None],
        *,
        proven: bool,
    ) -> Account: ...


def enrol(
    members: Members,
    openings: Openings,
    enrolment: Enrolment,
    opening: Opening,
    *,
    required: Sequence[Policy],
    patience: Patience,
) -> Enrolled:
    """Enrol the subject of a token, or give the member that it is.

    Raises ConsentRequiredError and InvalidFieldError (nothing is stored; a referral code of nobody, or one without a
    proven phone, is one), ReferenceTakenError where the proven phone is another member's, BusyError,
    DependencyUnavailableError.
    """
    missing = missing_consents(required, enrolment.consents)
    if missing:
        return _enrolled_already(members, enrolment, missing, patience)
    profile, references = new_member(enrolment, opening)
    new_account = account_of(opening)

    def attempt() -> Enrolled:
        try:
            referrer_id = _referrer(members, enrolment)
            account = openings.open(
                new_account,
                referrer_id,
                lambda writes: members.create(profile, references, writes, patience),
                proven=enrolment.proven_phone is not None,
            )
        except LinkedAlreadyError as linked:
            return Enrolled(overview=members.overview(linked.member_id, patience, consistent=True), is_new=False)
        except OwnedAlreadyError as owned:
            overview = members.overview(owned.member_id, patience, consistent=True)
            if overview.profile.linked:
                raise
            return _linked(members, enrolment, overview, opening.at, patience)
        return Enrolled(overview=Overview(profile, account), is_new=True)

    return settled(attempt, patience)


def _referrer(members: Members, enrolment: Enrolment) -> MemberId | None:
    """Find who gave the code. Raises InvalidFieldError, unless the subject has enrolled already: LinkedAlreadyError."""
    if enrolment.referral_code is None:
        return None
    try:
        return members.member_of(_code_of(enrolment))
    except (InvalidFieldError, MemberNotFoundError) as error:
        with suppress(MemberNotFoundError):
            raise LinkedAlreadyError(members.member_of_subject(enrolment.identity)) from None
        if isinstance(error, InvalidFieldError):
            raise
        raise InvalidFieldError(errors=[{"pointer": "/referral_code", "code": "referral_code_unknown"}]) from None


def _code_of(enrolment: Enrolment) -> Reference:
    if enrolment.proven_phone is None:
        raise InvalidFieldError(errors=[{"pointer": "/referral_code", "code": "phone_unproven"}])
    return reference_to("referral_code", enrolment.referral_code or "")


def new_member(enrolment: Enrolment, opening: Opening) -> tuple[Profile, list[Reference]]:
    """Give the profile and the references of a new member. Raises InvalidFieldError for a birthday to come.

    The phone that the token proves becomes a reference. Without one, the phone that was typed is a contact only.
    """
    profile = Profile(
        member_id=opening.member_id,
        enrolled_at=as_kept(opening.at),
        name=enrolment.name,
        phone=enrolment.proven_phone or enrolment.phone,
        phone_proven=enrolment.proven_phone is not None,
        store_id=enrolment.store_id,
    ).agreeing(enrolment.consents, opening.at)
    if enrolment.birthday is not None:
        profile = profile.born(enrolment.birthday, today=opening.enrolled_on)
    return profile, [Reference("subject", enrolment.identity), *references_in(profile)]


def account_of(opening: Opening) -> Account:
    return new_account(opening.member_id, at=opening.at, enrolled_on=opening.enrolled_on, tier_id=opening.tier_id)


def _enrolled_already(
    members: Members, enrolment: Enrolment, missing: Sequence[Policy], patience: Patience
) -> Enrolled:
    """Give the member of a subject that agreed before; without one, the consents are missing."""
    try:
        member_id = members.member_of_subject(enrolment.identity)
    except MemberNotFoundError:
        required = [{"policy": one.policy, "version": one.version} for one in missing]
        raise ConsentRequiredError(required=required) from None
    return Enrolled(overview=members.overview(member_id, patience), is_new=False)


def _linked(members: Members, enrolment: Enrolment, overview: Overview, at: datetime, patience: Patience) -> Enrolled:
    """Let the subject lead to an imported member, who keeps what was imported. Raises StaleReadError."""
    imported = overview.profile
    profile = replace(
        imported,
        linked=True,
        phone=enrolment.proven_phone,
        phone_proven=True,
        name=imported.name or enrolment.name,
        birthday=imported.birthday or enrolment.birthday,
    ).agreeing(enrolment.consents, at)
    gained = [Reference("subject", enrolment.identity)]
    if imported.name is None:
        gained += [reference for reference in references_in(profile) if reference.kind == "name"]
    try:
        changed = members.change(profile, patience, gained=gained)
    except LinkedAlreadyError:
        raise StaleReadError from None  # the same subject, a moment ago on another device: it is found when read again
    return Enrolled(overview=Overview(changed, overview.account), is_new=False)

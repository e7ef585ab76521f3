"""Members of an older system: imported by ops, who vouch for consent and for the phone that the old system knew.

Importing the same member twice changes nothing, whatever the file was cut into; a reference that the file adds
later is added. No token leads to an imported member until one proves the phone (`enrol`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.errors import ConsentRequiredError, MemberNotFoundError, ReferenceTakenError
from shared.ledger.store import Ledger, settled
from shared.members.enrol import Opening, account_of
from shared.members.profile import Policy, Profile
from shared.members.references import Kind, Reference, reference_to, references_in
from shared.members.store import Members, OwnedAlreadyError
from shared.runtime.ids import MemberId
from shared.runtime.patience import Patience

_REFERENCES: tuple[Kind, ...] = ("external_id", "card", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMember:
    """One row of an older system. At least one of external id, card and phone is given."""

    consent: Policy
    consented_at: datetime
    external_id: str | None = None
    card: str | None = None
    phone: str | None = None
    name: str | None = None

    def references(self) -> list[Reference]:
        """Give what leads to the member, normalised. Raises InvalidFieldError."""
        texts = {"external_id": self.external_id, "card": self.card, "phone": self.phone}
        return [reference_to(kind, text) for kind in _REFERENCES if (text := texts[kind])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    member_id: MemberId
    is_new: bool


def import_member(
    members: Members, ledger: Ledger, old: OldMember, opening: Opening, *, patience: Patience
) -> Imported:
    """Import one member, or find the one that is there.

    Raises ConsentRequiredError for a row without policy or version, InvalidFieldError, MemberNotFoundError for a row
    without any reference, ReferenceTakenError where its references lead to two members, BusyError.
    """
    if not old.consent.policy or not old.consent.version:
        raise ConsentRequiredError(required=[])
    references = old.references()
    if not references:
        raise MemberNotFoundError
    profile = Profile(
        member_id=opening.member_id,
        enrolled_at=opening.at,
        name=old.name,
        phone=next((reference.value for reference in references if reference.kind == "phone"), None),
        phone_proven=bool(old.phone),
        linked=False,
    ).agreeing([old.consent], old.consented_at)
    named = [reference for reference in references_in(profile) if reference.kind == "name"]

    def attempt() -> Imported:
        try:
            members.create(profile, [*references, *named], [ledger.opening(account_of(opening))], patience)
        except OwnedAlreadyError as owned:
            return _completed(members, owned.member_id, references, patience)
        return Imported(member_id=opening.member_id, is_new=True)

    return settled(attempt, patience)


def _completed(members: Members, member_id: MemberId, references: Sequence[Reference], patience: Patience) -> Imported:
    """Add the references that the member does not have yet. Raises ReferenceTakenError and StaleReadError.

    A member who has a phone keeps it: it may be newer than the file.
    """
    missing = [reference for reference in references if not _leads_to(members, reference, member_id)]
    if missing:
        profile = members.overview(member_id, patience, consistent=True).profile
        phone = next((reference.value for reference in missing if reference.kind == "phone"), None)
        if profile.phone is not None:
            missing = [reference for reference in missing if reference.kind != "phone"]
        elif phone is not None:
            profile = replace(profile, phone=phone, phone_proven=True)
    if missing:
        members.change(profile, patience, gained=missing)
    return Imported(member_id=member_id, is_new=False)


def _leads_to(members: Members, reference: Reference, member_id: MemberId) -> bool:
    """Say whether a reference leads to the member, or nowhere. Raises ReferenceTakenError where to another one."""
    try:
        owner = members.member_of(reference)
    except MemberNotFoundError:
        return False
    if owner != member_id:
        raise ReferenceTakenError(kind=reference.kind)
    return True

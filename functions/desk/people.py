"""Who acts, as the desk's use cases know them."""

from functions.desk.dependencies import Dependencies
from shared.adjustments.people import Person
from shared.errors import MemberNotFoundError
from shared.http.call import Call
from shared.runtime import telemetry
from shared.runtime.ids import is_id


def person_of(built: Dependencies, call: Call) -> Person:
    """Say who asks, and which member that is, if any."""
    principal = call.principal
    member_id = built.members.member_behind(principal.identity)
    return Person(by=principal.subject, member_id=member_id, may_use=principal.may_use)


def known_form(text: str) -> str:
    """Take a member's id from a path. Raises MemberNotFoundError for what can be none."""
    if not is_id("mem", text):
        raise MemberNotFoundError
    telemetry.note(member_id=text)
    return text


def acting_on(built: Dependencies, call: Call, member_id: str, *, store_id: str | None) -> Person:
    """Say who acts on a member, for a store if for one.

    Raises StoreNotAllowedError, SelfApprovalError, and MemberNotFoundError for what can be no member's id.
    """
    call.principal.require_store(store_id or "")
    person = person_of(built, call)
    person.require_other(known_form(member_id))
    return person

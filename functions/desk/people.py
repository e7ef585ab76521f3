"""Who acts, as the desk's use cases know them."""

from functions.desk.dependencies import Dependencies
from shared.errors import MemberNotFoundError
from shared.http.actors import actor_of
from shared.http.call import Call
from shared.runtime import telemetry
from shared.runtime.ids import is_id
from shared.trail.actor import Actor


def known_form(text: str) -> str:
    """Take a member's id from a path. Raises MemberNotFoundError for what can be none."""
    if not is_id("mem", text):
        raise MemberNotFoundError
    telemetry.note(member_id=text)
    return text


def acting_on(built: Dependencies, call: Call, member_id: str, *, store_id: str | None) -> Actor:
    """Say who acts on a member, for a store if for one.

    Raises StoreNotAllowedError, SelfApprovalError, and MemberNotFoundError for what can be no member's id.
    """
    call.principal.require_store(store_id or "")
    actor = actor_of(built.members, call)
    actor.require_other(known_form(member_id))
    return actor

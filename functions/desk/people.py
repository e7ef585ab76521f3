"""Who acts, as the desk's use cases know them."""

from functions.desk.dependencies import Dependencies
from shared.http.actors import actor_of, member_named
from shared.http.call import Call
from shared.runtime import telemetry
from shared.trail.actor import Actor


def acting_on(built: Dependencies, call: Call, member_id: str, *, store_id: str | None) -> Actor:
    """Say who acts on a member, for a store if for one.

    Raises StoreNotAllowedError, SelfApprovalError, and MemberNotFoundError for what can be no member's id.
    """
    call.principal.require_store(store_id or "")
    actor = actor_of(built.members, call)
    telemetry.note(member_id=member_named(member_id))
    actor.require_other(member_id)
    return actor

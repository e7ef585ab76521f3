"""Who acts, as use cases for the staff know them."""

from shared.http.call import Call
from shared.members.store import Members
from shared.trail.actor import Actor


def actor_of(members: Members, call: Call) -> Actor:
    """Say who asks, and which member that is, if any."""
    principal = call.principal
    member_id = members.member_behind(principal.identity)
    return Actor(by=principal.subject, member_id=member_id, stores=principal.only_stores)

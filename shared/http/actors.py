"""Who acts, and on which member, as use cases for the staff know them."""

from shared.errors import MemberNotFoundError
from shared.http.call import Call
from shared.members.store import Members
from shared.runtime.ids import MemberId, is_id
from shared.trail.actor import Actor


def actor_of(members: Members, call: Call) -> Actor:
    """Say who asks, and which member that is, if any."""
    principal = call.principal
    member_id = members.member_behind(principal.identity)
    return Actor(by=principal.subject, member_id=member_id, stores=principal.only_stores)


def member_named(text: str) -> MemberId:
    """Take a member's id from a path. Raises MemberNotFoundError for what can be none."""
    if not is_id("mem", text):
        raise MemberNotFoundError
    return MemberId(text)

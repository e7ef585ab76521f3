"""Who acts for the chain, and that nobody acts for themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.errors import SelfApprovalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who acts: by the subject of the token; `member_id` is whose membership the same token has, if any.

    `may_use` says for which stores they may act.
    """

    by: str
    member_id: str | None
    may_use: Callable[[str], bool]

    def require_other(self, member_id: str) -> None:
        """Raise SelfApprovalError where the member is this person."""
        if member_id == self.member_id:
            raise SelfApprovalError

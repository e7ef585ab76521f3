"""Who acts for the chain: a person of the staff, or a till. Nobody acts for themselves. Pure."""

from dataclasses import dataclass

from shared.errors import SelfApprovalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The subject of a token, the member that it is besides, and the stores that it is limited to (None: it is not)."""

    by: str
    member_id: str | None = None
    stores: frozenset[str] | None = None

    def may_use(self, store_id: str) -> bool:
        return self.stores is None or store_id in self.stores

    def require_other(self, member_id: str) -> None:
        """Raise SelfApprovalError where the member is this actor."""
        if member_id == self.member_id:
            raise SelfApprovalError

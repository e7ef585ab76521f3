"""Who decides on redemptions for the chain: the staff, or a till. Pure."""

from dataclasses import dataclass

from shared.errors import RedemptionNotFoundError, SelfApprovalError
from shared.redemption.redemptions import Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """The subject of a token, the member that it is besides, and the stores that it is limited to."""

    by: str
    member_id: str | None = None
    stores: frozenset[str] | None = None

    def admit(self, fate: Fate) -> None:
        """Let a redemption be decided on; one without a store is every store's.

        Raises RedemptionNotFoundError for another store's, as if it were not there, and SelfApprovalError.
        """
        redemption = fate.redemption
        if self.stores is not None and redemption.store_id and redemption.store_id not in self.stores:
            raise RedemptionNotFoundError
        if redemption.member_id == self.member_id:
            raise SelfApprovalError

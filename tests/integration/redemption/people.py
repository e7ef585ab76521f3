"""Members with tokens."""

from collections.abc import Mapping
from typing import Any

from shared import keys
from shared.ledger.account import new_account
from shared.members.profile import Profile
from shared.members.references import Reference, digest_of, references_in
from shared.members.store import Members
from shared.runtime.attributes import encode
from shared.runtime.ids import MemberId, new_id
from tests.http_events import ISSUER, member_claims
from tests.integration.redemption.world import World


class People:
    """Opens accounts, and makes token subjects lead to them."""

    def __init__(self, world: World, members: Members) -> None:
        self.world = world
        self.members = members

    def join(self, subject: str, lots: Mapping[str, int] | int = 0, *, tier: str = "normal") -> dict[str, str]:
        """Give the claims of a member with points."""
        member_id = self.world.member(lots, tier=tier)
        reference = keys.reference(digest_of(Reference("subject", f"{ISSUER}|{subject}"), self.members.key))
        item = {**reference._asdict(), "m": member_id, "k": "subject"}
        self.world.ledger.client.put_item(TableName=self.members.tables.members, Item=encode(item))
        return member_claims(subject)

    def enrol(self, *, phone: str | None = None, lots: Mapping[str, int] | int = 0, **profile: Any) -> str:
        """Open an account for a member with a profile and, in the end, points. Give the id."""
        member_id = MemberId(new_id("mem"))
        known = Profile(
            member_id=member_id, enrolled_at=self.world.now, phone=phone, phone_proven=phone is not None, **profile
        )
        account = new_account(member_id, at=self.world.now, enrolled_on=self.world.now.date(), tier_id="normal")
        opening = [self.world.ledger.opening(account)]
        self.members.create(known, references_in(known), opening, self.world.patience)
        if lots:
            self.world.earn(member_id, {"271231": lots} if isinstance(lots, int) else lots)
        return member_id

    def id_of(self, claims: Mapping[str, str]) -> str:
        return self.members.member_of_subject(f"{claims['iss']}|{claims['sub']}")

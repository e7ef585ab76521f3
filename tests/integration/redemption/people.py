"""Members with tokens."""

from collections.abc import Mapping

from shared import keys
from shared.members.references import Reference, digest_of
from shared.members.store import Members
from shared.runtime.attributes import encode
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

    def id_of(self, claims: Mapping[str, str]) -> str:
        return self.members.member_of_subject(f"{claims['iss']}|{claims['sub']}")

"""Every DynamoDB call on the table `members`: profiles, and the references that lead to them.

| PROFILE | | REF | |
|---|---|---|---|
| pk, sk | `MEMBER#id`, `PROFILE` | pk, sk | `REF#keyed hash`, `REF`; of a name: the member |
| v | revision | m | member |
| e | enrolled at | k | kind of reference |
| n, b, s | name, birthday, store | | |
| p, pp | phone, proven | | |
| u | no subject leads here yet | | |
| c | consents: policy, version, given, at | | |
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple

from shared import keys
from shared.errors import MemberNotFoundError, ReferenceTakenError
from shared.ledger.account import Account
from shared.ledger.batch_reads import MOST_KEYS
from shared.ledger.items import account_of, instant, write_instant
from shared.ledger.store import StaleReadError, stale
from shared.members.profile import ConsentEvent, Profile
from shared.members.references import Kind, Reference, digest_of, reference_to
from shared.runtime.attributes import Item, decode, encode, encode_value
from shared.runtime.ids import MemberId
from shared.runtime.patience import Patience
from shared.runtime.settings import Tables
from shared.runtime.transactions import ConditionalWrite, Refusal, commit, put_if, put_if_absent

MOST_REMEMBERED: Final = 10_000

_NAMES_THE_MEMBER: Final = "attribute_not_exists(pk) OR m = :member"
"""Always true of a name's place, whose key says whose it is: a profile from before names were kept has none there.
And of a code's, which is made from its member: two phones may ask for it at once."""


class Overview(NamedTuple):
    """A member's profile and account, read together."""

    profile: Profile
    account: Account


class MemberPage(NamedTuple):
    """Members, and the one behind whom the next page begins, where there is more."""

    members: list[MemberId]
    following: str | None


class LinkedAlreadyError(Exception):
    """The subject leads to a member already; `enrol` then answers with that member."""

    def __init__(self, member_id: MemberId) -> None:
        super().__init__()
        self.member_id = member_id


class OwnedAlreadyError(ReferenceTakenError):
    """The reference leads to `member_id`; where nobody handles that, it is ReferenceTakenError to the caller."""

    def __init__(self, kind: Kind, member_id: MemberId) -> None:
        super().__init__(kind=kind)
        self.member_id = member_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The members' table and the client that reaches it. `key` is `Keys.key_for("references")`."""

    client: Any
    tables: Tables
    key: bytes = field(repr=False)
    _remembered: dict[str, MemberId] = field(default_factory=dict, repr=False)

    def member_of_subject(self, identity: str) -> MemberId:
        """Give the member of a token (`Principal.identity`), which never changes and so is remembered.

        Raises MemberNotFoundError where the subject has not enrolled. AP-21.
        """
        if identity not in self._remembered:
            member_id = self.member_of(Reference("subject", identity))
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[identity] = member_id
        return self._remembered[identity]

    def lookup(self, kind: Kind, value: str) -> MemberId:
        """Give the member whose phone, card or external id was typed or scanned.

        Raises MemberNotFoundError, and InvalidFieldError for what can be no such reference. AP-21.
        """
        return self.member_of(reference_to(kind, value))

    def member_behind(self, identity: str) -> MemberId | None:
        """Give the member that a token of the staff belongs to, too; None where it belongs to none. AP-21."""
        try:
            return self.member_of_subject(identity)
        except MemberNotFoundError:
            return None

    def find(self, kind: Kind | Literal["member_id"], value: str) -> str:
        """Give the member whom a till names: by id as it stands, by anything else as `lookup` does. AP-21."""
        return value if kind == "member_id" else self.lookup(kind, value)

    def member_of(self, reference: Reference) -> MemberId:
        """Read where a reference leads, as it is now. Raises MemberNotFoundError. AP-21."""
        answer = self.client.get_item(
            TableName=self.tables.members, Key=encode(self._reference_key(reference)._asdict()), ConsistentRead=True
        )
        if "Item" not in answer:
            raise MemberNotFoundError
        return MemberId(answer["Item"]["m"]["S"])

    def birthday(self, member_id: str) -> date | None:
        """Read a member's birthday, as it is now; None where none was told, or there is no such member. AP-25."""
        answer = self.client.get_item(
            TableName=self.tables.members,
            Key=encode(keys.profile(member_id)._asdict()),
            ProjectionExpression="b",
            ConsistentRead=True,
        )
        written = answer.get("Item", {}).get("b")
        return date.fromisoformat(written["S"]) if written else None

    def named(self, name: str, *, limit: int, after: str | None) -> MemberPage:
        """Read who bears a name, by id, from behind a member on. Eventually consistent. AP-90."""
        digest = digest_of(reference_to("name", name), self.key)
        start = {"ExclusiveStartKey": encode(keys.bearer(digest, after)._asdict())} if after else {}
        answer = self.client.query(
            TableName=self.tables.members,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=encode({":pk": keys.reference(digest).pk}),
            Limit=limit,
            **start,
        )
        found = [MemberId(item["m"]["S"]) for item in answer["Items"]]
        return MemberPage(found, found[-1] if "LastEvaluatedKey" in answer else None)

    def overview(self, member_id: MemberId, patience: Patience, *, consistent: bool = False) -> Overview:
        """Read profile and account in one call; eventually consistent unless asked otherwise.

        Raises MemberNotFoundError. AP-22.
        """
        found = self.overviews([member_id], patience, consistent=consistent)
        if not found:
            raise MemberNotFoundError
        return found[0]

    def overviews(
        self, member_ids: Sequence[MemberId], patience: Patience, *, consistent: bool = False
    ) -> list[Overview]:
        """Read profiles and accounts, fifty members a call, in the order given; who is not there is left out.

        What an eventual read does not find is looked for once more, consistently: it may be a second old. AP-22.
        """
        found: dict[str, Overview] = {}
        for at in range(0, len(member_ids), MOST_KEYS // 2):
            found |= self._read(member_ids[at : at + MOST_KEYS // 2], patience, consistent=consistent)
        missing = [member_id for member_id in member_ids if member_id not in found]
        if missing and not consistent:
            again = self.overviews(missing, patience, consistent=True)
            found |= {one.profile.member_id: one for one in again}
        return [found[member_id] for member_id in member_ids if member_id in found]

    def _read(self, member_ids: Sequence[MemberId], patience: Patience, *, consistent: bool) -> dict[str, Overview]:
        """Read both items of each member, asking again for what DynamoDB left out when it was throttled."""
        tables = self.tables
        profiles = [encode(keys.profile(member_id)._asdict()) for member_id in member_ids]
        accounts = [encode({"id": member_id}) for member_id in member_ids]
        wanted: dict[str, Any] = {
            tables.members: {"Keys": profiles, "ConsistentRead": consistent},
            tables.accounts: {"Keys": accounts, "ConsistentRead": consistent},
        }
        found: dict[str, dict[str, Item]] = {tables.members: {}, tables.accounts: {}}
        failures = 0
        while True:
            answer = self.client.batch_get_item(RequestItems=wanted)
            for table, items in answer["Responses"].items():
                found[table] |= {item["id"]: item for item in map(decode, items)}
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                break
            patience.pause(failures)
            failures += 1
        both = found[tables.members].keys() & found[tables.accounts].keys()
        return {
            one: Overview(profile_of(found[tables.members][one]), account_of(found[tables.accounts][one]))
            for one in both
        }

    def create(
        self,
        profile: Profile,
        references: Sequence[Reference],
        opening: Sequence[ConditionalWrite],
        patience: Patience,
    ) -> None:
        """Write a new member with references, account, and what that begins with, all or nothing.

        Raises LinkedAlreadyError, OwnedAlreadyError (both with the member in the way), StaleReadError where the
        member's own id is taken, and what `transactions.commit` raises. AP-23.
        """
        writes = [
            *(self._reference_write(reference, profile.member_id) for reference in references),
            put_if_absent(self.tables.members, profile_item(profile), refusal=stale),
            *opening,
        ]
        commit(self.client, writes, patience)

    def change(
        self,
        profile: Profile,
        patience: Patience,
        *,
        gained: Sequence[Reference] = (),
        given_up: Sequence[Reference] = (),
        beside: Sequence[ConditionalWrite] = (),
    ) -> Profile:
        """Write a changed profile, the references that change with it and what is `beside`; give its next revision.

        Raises StaleReadError where somebody else changed it since it was read, LinkedAlreadyError and
        OwnedAlreadyError as `create` does, and what `transactions.commit` raises. AP-24.
        """
        following = replace(profile, revision=profile.revision + 1)
        writes = [
            # First: a reference that is taken may be this member's, by the same change a moment ago.
            put_if(
                self.tables.members,
                profile_item(following),
                condition="v = :read",
                values={":read": profile.revision},
                refusal=stale,
            ),
            *(self._reference_write(reference, profile.member_id) for reference in gained),
            *(self._reference_removal(reference, profile.member_id) for reference in given_up),
            *beside,
        ]
        commit(self.client, writes, patience)
        return following

    def add_reference(self, reference: Reference, member_id: MemberId, patience: Patience) -> None:
        """Let a reference that nobody else can have lead to a member; once it does, that costs a read. AP-26."""
        try:
            self.member_of(reference)
        except MemberNotFoundError:
            commit(self.client, [self._reference_write(reference, member_id)], patience)

    def _reference_write(self, reference: Reference, member_id: MemberId) -> ConditionalWrite:
        item = {**self._own_key(reference, member_id)._asdict(), "m": member_id, "k": reference.kind}
        is_own = reference.kind in {"name", "referral_code"}
        return put_if(
            self.tables.members,
            item,
            condition=_NAMES_THE_MEMBER if is_own else "attribute_not_exists(pk)",
            values={":member": member_id} if is_own else None,
            refusal=_taken(reference.kind),
        )

    def _reference_removal(self, reference: Reference, member_id: MemberId) -> ConditionalWrite:
        """Delete a reference if it is the member's: one that is not was moved, and the profile read is stale."""
        request = {
            "TableName": self.tables.members,
            "Key": encode(self._own_key(reference, member_id)._asdict()),
            "ConditionExpression": _NAMES_THE_MEMBER if reference.kind == "name" else "m = :member",
            "ExpressionAttributeValues": {":member": encode_value(member_id)},
        }
        return ConditionalWrite(request={"Delete": request}, refusal=stale)

    def _own_key(self, reference: Reference, member_id: MemberId) -> keys.Key:
        """Give where a reference stands as one member's: nobody else can have it, but for a name."""
        if reference.kind == "name":
            return keys.bearer(digest_of(reference, self.key), member_id)
        return self._reference_key(reference)

    def _reference_key(self, reference: Reference) -> keys.Key:
        return keys.reference(digest_of(reference, self.key))


def _taken(kind: Kind) -> Refusal:
    def refusal(old: Item | None) -> Exception:
        if old is None:
            return StaleReadError()
        member_id = MemberId(old["m"])
        return LinkedAlreadyError(member_id) if kind == "subject" else OwnedAlreadyError(kind, member_id)

    return refusal


def profile_item(profile: Profile) -> Item:
    item: Item = {
        **keys.profile(profile.member_id)._asdict(),
        "id": profile.member_id,
        "v": profile.revision,
        "e": write_instant(profile.enrolled_at),
        "c": [[event.policy, event.version, event.given, write_instant(event.at)] for event in profile.consents],
    }
    optional = {
        "n": profile.name,
        "p": profile.phone,
        "pp": profile.phone_proven or None,
        "b": profile.birthday.isoformat() if profile.birthday else None,
        "s": profile.store_id,
        "u": None if profile.linked else True,
    }
    return item | {name: value for name, value in optional.items() if value is not None}


def profile_of(item: Item) -> Profile:
    return Profile(
        member_id=MemberId(item["id"]),
        enrolled_at=instant(item["e"]),
        revision=item["v"],
        name=item.get("n"),
        phone=item.get("p"),
        phone_proven=item.get("pp", False),
        birthday=date.fromisoformat(item["b"]) if "b" in item else None,
        store_id=item.get("s"),
        linked="u" not in item,
        consents=tuple(_consent(event) for event in item["c"]),
    )


def _consent(written: Sequence[Any]) -> ConsentEvent:
    policy, version, given, at = written
    return ConsentEvent(policy=policy, version=version, given=given, at=datetime.fromisoformat(at))

"""Every DynamoDB call on completions: what members say they did, in the table of members, for it is theirs.

| COMPLETION | | WAITING | |
|---|---|---|---|
| pk, sk | `COMPLETION#member`, `task#subject` | pk, sk | `WAITING`, `instant#member#task#subject` |
| n | how often it was handed in | | |
| st | waiting, approved, rejected | | |
| o, d | handed in at, decided at | | |
| by, why | who decided, and the reason | | |
| ev | text, photos, likes, page | n, st, o, ev | as there |
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from shared import keys
from shared.errors import CompletionNotFoundError
from shared.ledger.items import instant, write_instant
from shared.ledger.store import stale
from shared.runtime.attributes import Item, decode, encode
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, Refusal, commit, put_if, put_if_absent

PREFIX: Final = "cmp_"
MOST_LISTED: Final = 100
LONGEST_ID: Final = 1_300
LONGEST_TASK_ID: Final = 64
"""Longer than any there is, short enough to fit a key of DynamoDB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a member shows. `photos` are https addresses."""

    text: str = ""
    photos: tuple[str, ...] = ()
    likes: int | None = None
    page: str = ""

    def facts(self) -> dict[str, Any]:
        """Give what rules ask for: the length of the text is counted, not told."""
        told = {"likes": self.likes, "page": self.page or None}
        known = {name: value for name, value in told.items() if value is not None}
        return {"chars": len(self.text.strip()), "photo": bool(self.photos), **known}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a member handed in for a task, the `number`-th time, and what became of it."""

    member_id: str
    task_id: str
    subject: str
    number: int
    status: Literal["waiting", "approved", "rejected"]
    submitted_at: datetime
    evidence: Evidence
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""

    @property
    def event_id(self) -> str:
        """Name it among all that its member hands in for the task, about whatever."""
        return f"{self.number}-{self.subject}" if self.subject else str(self.number)

    @property
    def id(self) -> str:
        written = urlsafe_b64encode(f"{self.member_id}\n{self.task_id}\n{self.subject}".encode()).decode()
        return f"{PREFIX}{written.rstrip('=')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completions:
    """The table of members, and the client that reaches it."""

    client: Any
    table: str

    def read(self, member_id: str, task_id: str, subject: str) -> Completion | None:
        """Read one, as it is now. AP-27."""
        key = encode(keys.completion(member_id, task_id, subject)._asdict())
        answer = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return completion_of(decode(answer["Item"])) if "Item" in answer else None

    def find(self, identifier: str) -> Completion:
        """Read one by its public id. Raises CompletionNotFoundError. AP-27."""
        if len(identifier) > LONGEST_ID:
            raise CompletionNotFoundError
        written = identifier.removeprefix(PREFIX)
        try:
            member_id, task_id, subject = urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode().split("\n")
        except ValueError as error:
            raise CompletionNotFoundError from error
        known = self.read(member_id, task_id, subject) if member_id and task_id else None
        if known is None or known.id != identifier:
            raise CompletionNotFoundError
        return known

    def of_member(self, member_id: str, task_id: str) -> list[Completion]:
        """Read what a member handed in for a task. AP-28."""
        if len(task_id) > LONGEST_TASK_ID:
            return []
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :task)",
            ExpressionAttributeValues=encode({":pk": keys.completions_of(member_id), ":task": f"{task_id}#"}),
            Limit=MOST_LISTED,
        )
        return [completion_of(decode(item)) for item in answer["Items"]]

    def waiting(self) -> list[Completion]:
        """Read what waits for a decision, a hundred at most, oldest first. AP-29."""
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=encode({":pk": keys.WAITING}),
            Limit=MOST_LISTED,
        )
        return [completion_of(_unlisted(decode(item))) for item in answer["Items"]]

    def put(
        self,
        completion: Completion,
        known: Completion | None,
        patience: Patience,
        *,
        beside: Sequence[ConditionalWrite],
    ) -> None:
        """Keep what was handed in, in the place of `known`, and list it, behind what goes with it.

        Raises what `beside` refuses with, and StaleReadError. AP-30.
        """
        place = _place(completion)._asdict()
        item = completion_item(completion)
        writes = [
            *beside,
            put_if(
                self.table,
                item,
                condition="n = :known AND st <> :waiting" if known else "attribute_not_exists(pk)",
                values={":known": known.number, ":waiting": "waiting"} if known else None,
                refusal=stale,
            ),
            put_if_absent(self.table, item | place, refusal=stale),
        ]
        commit(self.client, writes, patience)

    def deciding(self, decided: Completion, refusal: Refusal) -> list[ConditionalWrite]:
        """Make the writes of a decision; where it was decided meanwhile, they refuse as is said. AP-30."""
        gone = {
            "TableName": self.table,
            "Key": encode(_place(decided)._asdict()),
            "ConditionExpression": "attribute_exists(pk)",
        }
        return [
            put_if(
                self.table,
                completion_item(decided),
                condition="n = :number AND st = :waiting",
                values={":number": decided.number, ":waiting": "waiting"},
                refusal=refusal,
            ),
            ConditionalWrite(request={"Delete": gone}, refusal=refusal),
        ]

    def decide(self, decided: Completion, patience: Patience, *, beside: Sequence[ConditionalWrite]) -> None:
        """Write a decision that moves no points, and what goes with it. Raises StaleReadError. AP-30."""
        commit(self.client, [*self.deciding(decided, stale), *beside], patience)


def completion_item(completion: Completion) -> Item:
    evidence = completion.evidence
    told = {"text": evidence.text, "photos": list(evidence.photos), "likes": evidence.likes, "page": evidence.page}
    item: Item = {
        **keys.completion(completion.member_id, completion.task_id, completion.subject)._asdict(),
        "n": completion.number,
        "st": completion.status,
        "o": write_instant(completion.submitted_at),
        "ev": {name: value for name, value in told.items() if value not in ("", [], None)},
    }
    decision = {
        "d": write_instant(completion.decided_at) if completion.decided_at else None,
        "by": completion.decided_by,
        "why": completion.reason or None,
    }
    return item | {name: value for name, value in decision.items() if value is not None}


def completion_of(item: Item) -> Completion:
    task_id, _, subject = item["sk"].partition("#")
    evidence: Mapping[str, Any] = item["ev"]
    return Completion(
        member_id=item["pk"].partition("#")[2],
        task_id=task_id,
        subject=subject,
        number=item["n"],
        status=item["st"],
        submitted_at=instant(item["o"]),
        evidence=Evidence(
            text=evidence.get("text", ""),
            photos=tuple(evidence.get("photos", ())),
            likes=evidence.get("likes"),
            page=evidence.get("page", ""),
        ),
        decided_at=instant(item["d"]) if "d" in item else None,
        decided_by=item.get("by"),
        reason=item.get("why", ""),
    )


def _place(waiting: Completion) -> keys.Key:
    """Say where it is listed: by the instant at which it was handed in, so that the oldest come first."""
    submitted_at = write_instant(waiting.submitted_at)
    return keys.waiting(submitted_at, waiting.member_id, waiting.task_id, waiting.subject)


def _unlisted(item: Item) -> Item:
    """Give an item of the list as it stands with its member."""
    _, member_id, task_id, subject = item["sk"].split("#")
    return item | keys.completion(member_id, task_id, subject)._asdict()

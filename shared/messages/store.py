"""Every DynamoDB call of the messages: the messages themselves, how members want to be told, the count of texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from shared import keys
from shared.errors import MemberNotFoundError
from shared.keys import Key
from shared.ledger.items import write_instant
from shared.members.store import profile_of
from shared.messages.items import message_item, message_of, settings_item, settings_of
from shared.messages.message import Message, State
from shared.messages.settings import Recipient, Settings
from shared.runtime.attributes import AttributeValue, Item, decode, encode, encode_value
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, check, commit


class MessagePage(NamedTuple):
    """Messages, newest first, and the key to start the next page from, where there is more."""

    items: list[Message]
    following: Mapping[str, AttributeValue] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """The messages in the ledger's table. `client` is botocore's low-level DynamoDB client."""

    client: Any
    table: str

    def make(self, message: Message) -> bool:
        """Put a message that is not there yet; say whether it was put now (MSG-1). AP-51."""
        return self._unless_refused(
            self.client.put_item,
            Item=encode(message_item(message)),
            ConditionExpression="attribute_not_exists(pk)",
        )

    def read(self, key: Key) -> Message | None:
        """Read a message as it is now. AP-52."""
        answer = self.client.get_item(TableName=self.table, Key=encode(key._asdict()), ConsistentRead=True)
        return message_of(decode(answer["Item"])) if "Item" in answer else None

    def since(self, member_id: str, day: date, *, consistent: bool = False) -> list[Message]:
        """Read a member's messages that fell due on a day or later, oldest first. AP-53."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk >= :since",
            ExpressionAttributeValues=encode({":pk": keys.messages_of(member_id), ":since": keys.messages_from(day)}),
            ConsistentRead=consistent,
        )
        return [message_of(decode(item)) for page in pages for item in page["Items"]]

    def page(self, member_id: str, *, limit: int, start: Mapping[str, AttributeValue] | None = None) -> MessagePage:
        """Read a page of a member's messages, those that fell due last first. Eventually consistent. AP-54."""
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=encode({":pk": keys.messages_of(member_id)}),
            ScanIndexForward=False,
            Limit=limit,
            **({"ExclusiveStartKey": start} if start else {}),
        )
        return MessagePage([message_of(decode(item)) for item in answer["Items"]], answer.get("LastEvaluatedKey"))

    def settle(self, message: Message, state: State, at: datetime, reason: str = "") -> bool:
        """Mark a waiting message as sent or skipped; say whether it was marked now and by nobody else. AP-55."""
        return self._unless_refused(
            self.client.update_item,
            Key=encode(message.key._asdict()),
            UpdateExpression="SET st = :state, w = :at, r = :reason",
            ConditionExpression="st = :waiting",
            ExpressionAttributeValues=encode(
                {":state": state.value, ":at": write_instant(at), ":reason": reason, ":waiting": State.WAITING.value}
            ),
        )

    def count_sms(self, month: str, *, most: int) -> bool:
        """Count one text message of a month (YYMM); False, and nothing counted, where there have been `most`. AP-56."""
        return self._unless_refused(
            self.client.update_item,
            Key=encode(keys.sms_count(month)._asdict()),
            UpdateExpression="ADD n :one",
            ConditionExpression="attribute_not_exists(n) OR n < :most",
            ExpressionAttributeValues=encode({":one": 1, ":most": most}),
        )

    def uncount_sms(self, month: str) -> None:
        """Take back what `count_sms` counted: the text was refused, so that nothing was sent. AP-56."""
        self.client.update_item(
            TableName=self.table,
            Key=encode(keys.sms_count(month)._asdict()),
            UpdateExpression="ADD n :less",
            ExpressionAttributeValues=encode({":less": -1}),
        )

    def _unless_refused(self, write: Any, **request: Any) -> bool:  # noqa: ANN401 a method of botocore's client
        try:
            write(TableName=self.table, **request)
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """How members want to be told, in the table of personal data."""

    client: Any
    table: str

    def read(self, member_id: str, *, consistent: bool = True) -> Recipient | None:
        """Read profile and settings together; None where there is no such member (any more). AP-57."""
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": encode_value(keys.member_partition(member_id))},
            ConsistentRead=consistent,
        )
        items: dict[str, Item] = {item["sk"]: item for item in map(decode, answer["Items"])}
        profile = items.get(keys.profile(member_id).sk)
        settings = items.get(keys.message_settings(member_id).sk)
        if profile is None:
            return None
        return Recipient(profile=profile_of(profile), settings=settings_of(settings) if settings else Settings())

    def change(self, member_id: str, settings: Settings, patience: Patience) -> None:
        """Put all settings of a member; the last one who does wins. Raises MemberNotFoundError, BusyError. AP-58."""
        writes = [
            check(
                self.table,
                keys.profile(member_id)._asdict(),
                condition="attribute_exists(pk)",
                refusal=_no_member,
            ),
            ConditionalWrite(
                request={"Put": {"TableName": self.table, "Item": encode(settings_item(member_id, settings))}},
                refusal=_never,
            ),
        ]
        commit(self.client, writes, patience)


def _no_member(_old: Item | None) -> Exception:
    return MemberNotFoundError()


def _never(_old: Item | None) -> Exception:
    return AssertionError("a write without a condition was refused")

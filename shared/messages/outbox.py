"""Every call of SNS and SQS: a message leaves by the topic or as a text, or is looked at again later.

Subscribers choose by attributes: `kind`, `channel`, `language`, `member_id`, `message_id`. What is queued is a key and
nothing else, so that neither the queue nor its dead letters hold anything of a person.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from shared.keys import Key
from shared.ledger.items import write_instant
from shared.messages.message import Message
from shared.messages.texts import sms_text, told

LONGEST_DELAY_SECONDS: Final = 900
SHORTEST_DELAY_SECONDS: Final = 60
_PHONE_REFUSED: Final = frozenset({"InvalidParameter", "InvalidParameterValue", "OptedOut", "OptedOutException"})
_SERVER_ERROR: Final = 500


class PhoneRefusedError(Exception):
    """SNS will never take a text to this phone. The number is in no part of this error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texting:
    """Direct text messages: how many a month may see, what one may cost at most. 0 a month: they go to the topic."""

    per_month: int
    max_price_usd: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """`sns` and `sqs` are botocore's low-level clients; `later_queue` is an address."""

    sns: Any
    sqs: Any
    topic_arn: str
    later_queue: str
    texting: Texting

    def publish(self, message: Message) -> None:
        """Give a message to the topic, where the chain's providers of app push and e-mail listen."""
        self.sns.publish(
            TopicArn=self.topic_arn,
            Message=json.dumps(_body(message), ensure_ascii=False),
            MessageAttributes=_attributes(
                {
                    "kind": message.notice.kind.value,
                    "channel": message.channel.value,
                    "language": message.language,
                    "member_id": message.member_id,
                    "message_id": message.message_id,
                }
            ),
        )

    def text(self, message: Message, phone: str, *, sender: str) -> None:
        """Send a message to a phone (E.164). Raises PhoneRefusedError where trying again would not help."""
        try:
            self.sns.publish(
                PhoneNumber=phone,
                Message=sms_text(message, sender),
                MessageAttributes=_attributes(
                    {
                        "AWS.SNS.SMS.SMSType": "Transactional",
                        "AWS.SNS.SMS.MaxPrice": self.texting.max_price_usd,
                    },
                    numbers={"AWS.SNS.SMS.MaxPrice"},
                ),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _PHONE_REFUSED:
                raise PhoneRefusedError from None
            raise

    def later(self, key: Key, *, seconds: float) -> None:
        """Look at a message again after some seconds, at most 15 minutes; then it may be put off again."""
        delay = min(LONGEST_DELAY_SECONDS, max(SHORTEST_DELAY_SECONDS, int(seconds) + 1))
        self.sqs.send_message(QueueUrl=self.later_queue, MessageBody=json.dumps(key._asdict()), DelaySeconds=delay)


def surely_not_sent(error: Exception) -> bool:
    """Say whether SNS has refused a text; where it failed, or its answer was lost, nobody knows."""
    if isinstance(error, ClientError):
        return bool(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR) < _SERVER_ERROR)
    return isinstance(error, PhoneRefusedError)


def _body(message: Message) -> Mapping[str, Any]:
    notice = message.notice
    title, text = told(message, message.language)
    return {
        "message_id": message.message_id,
        "member_id": message.member_id,
        "kind": notice.kind.value,
        "channel": message.channel.value,
        "language": message.language,
        "title": title,
        "text": text,
        "made_at": write_instant(message.made_at),
        "data": dict(notice.details),
    }


def _attributes(values: Mapping[str, str], *, numbers: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    return {
        name: {"DataType": "Number" if name in numbers else "String", "StringValue": value}
        for name, value in values.items()
    }

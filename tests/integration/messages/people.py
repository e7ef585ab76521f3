"""A shop whose members are told things, the messenger, and the services that messages leave by."""

import itertools
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from functions.messenger.dependencies import Dependencies
from functions.messenger.records import take_batch
from shared.ledger.account import TierState, new_account
from shared.ledger.items import account_item
from shared.ledger.posting import begin
from shared.ledger.store import Ledger, settled
from shared.members.profile import ConsentEvent, Policy, Profile
from shared.members.store import profile_item
from shared.messages.announce import Announcing
from shared.messages.deliver import Delivering
from shared.messages.message import Channel, Kind, Message
from shared.messages.outbox import Outbox, Texting
from shared.messages.remind import Reminding, remind
from shared.messages.settings import Settings
from shared.messages.store import Messages, Recipients
from shared.program.expiry import ExpirePolicy, Reminder
from shared.program.store import Programs
from shared.redemption.catalogue import Catalogue, Content
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.rewards import Reward
from shared.redemption.stock import Stock
from shared.redemption.stock_counts import StockCounts
from shared.runtime.attributes import Item, decode, encode
from shared.runtime.ids import MemberId
from shared.runtime.patience import Patience
from shared.runtime.transactions import commit
from shared.tiers.time_rules import Moment, TimeRules
from tests.builders import LONG_AGO, HandClock, Till, a_sale, months, patience, shanghai

PHONE = "+8613812345678"
PRIVACY = Policy(policy="privacy", version="1")
EVERY_CHANNEL = ("app", "email", "sms")
NOON = shanghai("2026-12-01 12:00")
_numbers = itertools.count(1)


def reminding_policy(*channels: str, days_before: Sequence[int] = (30, 7, 1), **others: Any) -> ExpirePolicy:
    """Give points that live for a month, of whose end is told."""
    remind = Reminder(days_before=tuple(days_before), channels=channels or ("app",))
    return months(others.pop("number", 1), remind=remind, **others)


class Shop:
    """A ledger with members, and the sweep's work on one of them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.clock = HandClock(NOON)
        self.till = Till(ledger=ledger, clock=self.clock)
        self.messages = Messages(client=ledger.client, table=ledger.tables.ledger)
        self.recipients = Recipients(client=ledger.client, table=ledger.tables.members)

    @property
    def programs(self) -> Programs:
        return Programs(client=self.ledger.client, table=self.ledger.tables.ledger, clock=self.clock)

    @property
    def reminding(self) -> Reminding:
        stock = Stock(ledger=self.ledger, pick=random.Random(1).choice)  # noqa: S311 a test repeats itself
        catalogues = Catalogues(client=self.ledger.client, table=self.ledger.tables.ledger, clock=self.clock)
        return Reminding(
            messages=self.messages,
            recipients=self.recipients,
            ledger=self.ledger,
            catalogues=catalogues,
            counts=StockCounts(stock=stock),
            required=(PRIVACY,),
        )

    @property
    def moment(self) -> Moment:
        return TimeRules(programs=self.programs, ledger=self.ledger).moment(self.clock())

    def at(self, text: str) -> None:
        """Set the clock: `2026-12-01 12:00` in Shanghai."""
        self.clock.now = shanghai(text)

    def member(
        self, *, phone: str | None = PHONE, settings: Settings | None = None, tier: TierState | str = "normal"
    ) -> str:
        """Enrol a member with a proven phone."""
        member_id = MemberId(f"mem_{next(_numbers):026d}")
        state = tier if isinstance(tier, TierState) else TierState(tier_id=tier)
        account = new_account(member_id, at=self.clock(), enrolled_on=date(2026, 1, 1), tier_id=state.tier_id)
        self._put(self.ledger.tables.accounts, account_item(replace(account, tier=state)))
        consent = ConsentEvent(policy="privacy", version="1", given=True, at=LONG_AGO)
        self.store(
            Profile(
                member_id=member_id,
                enrolled_at=LONG_AGO,
                name="王小明",
                phone=phone,
                phone_proven=phone is not None,
                consents=(consent,),
            )
        )
        if settings:
            self.choose(member_id, settings)
        return member_id

    def store(self, profile: Profile) -> None:
        self._put(self.ledger.tables.members, profile_item(profile))

    def choose(self, member_id: str, settings: Settings) -> None:
        self.recipients.change(member_id, settings, patience())

    def withdraw(self, member_id: str) -> None:
        recipient = self.recipients.read(member_id)
        assert recipient
        self.store(recipient.profile.withdrawing(["privacy"], self.clock()))

    def buy(self, member_id: str, points: int) -> None:
        """Earn points at a point for ten yuan."""
        receipt_id = f"T-{next(_numbers)}"
        self.till.sell(a_sale(points * 1_000, receipt_id=receipt_id, occurred_at=self.clock()), member_id)

    def touch(self, member_id: str) -> None:
        """Settle an account, as the sweep of expiry and tiers does."""

        def touched() -> None:
            posting = begin(self.ledger.account(member_id), self.clock(), self.moment.rules)
            if posting.entries:
                self.ledger.commit(posting, patience(), guards={})

        settled(touched, patience())

    def remind(self, member_id: str) -> int:
        return remind(self.ledger.account(member_id), self.moment, self.reminding, patience())

    def offer(self, *rewards: Reward) -> None:
        catalogues = self.reminding.catalogues
        content = Content(effective=LONG_AGO, currency="CNY", rewards={one.id: one for one in rewards})
        commit(
            self.ledger.client,
            [catalogues.replacing(Catalogue(), Catalogue(revision=1, contents=(content,)))],
            patience(),
        )

    def told(self, member_id: str) -> list[Message]:
        """Give a member's messages by the day on which they fell due."""
        return self.messages.since(member_id, date(2020, 1, 1), consistent=True)

    def summary(self, member_id: str) -> list[tuple[str, str, int, str]]:
        return [
            (one.notice.kind.value, one.notice.subject, one.notice.offset_days, one.channel.value)
            for one in self.told(member_id)
        ]

    def items(self) -> list[Item]:
        """Give everything that the ledger's stream would have brought, oldest key first."""
        pages = self.ledger.client.get_paginator("scan").paginate(
            TableName=self.ledger.tables.ledger, ConsistentRead=True
        )
        return [decode(item) for page in pages for item in page["Items"]]

    def _put(self, table: str, item: Item) -> None:
        self.ledger.client.put_item(TableName=table, Item=encode(item))


class Post:
    """SNS with a topic that one queue listens to, and the queue of what is put off."""

    def __init__(self, sns: Any, sqs: Any, kms: Any) -> None:
        self.sns, self.sqs = sns, sqs
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        self.topic = sns.create_topic(Name="messages", Attributes={"KmsMasterKeyId": key})["TopicArn"]
        self.later = sqs.create_queue(QueueName="later")["QueueUrl"]
        self._listeners: dict[str, str] = {}
        self.listen("all", {})

    def listen(self, name: str, policy: Mapping[str, list[str]]) -> None:
        """Subscribe a queue to the messages with some attributes."""
        address = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"RawMessageDelivery": "true", **({"FilterPolicy": json.dumps(policy)} if policy else {})}
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        self._listeners[name] = address

    def heard(self, name: str = "all") -> list[dict[str, Any]]:
        """Take what a queue has heard."""
        return [json.loads(one["Body"]) for one in self._taken(self._listeners[name])]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Phones and texts, in order."""
        sent = sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sms_messages
        return [(phone, text) for phone, text in sent.values()]

    def _taken(self, address: str) -> list[Any]:
        taken: list[Any] = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            if not answer.get("Messages"):
                return taken
            taken += answer["Messages"]


class Queue:
    """SQS as the messenger sees it: keeps what is put off, with its delay, until the test brings it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, int]] = []
        self.fails = False

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> None:  # noqa: N803 as SQS has it
        if self.fails or not QueueUrl:
            raise ConnectionError
        self.waiting.append((MessageBody, DelaySeconds))

    def records(self) -> list[dict[str, Any]]:
        """Take what waits, as Lambda would bring it."""
        brought = [
            {"eventSource": "aws:sqs", "messageId": f"q-{at}", "body": body}
            for at, (body, _delay) in enumerate(self.waiting, start=1)
        ]
        self.waiting.clear()
        return brought


class Messenger:
    """The function, fed by the stream of a shop and by its own queue."""

    def __init__(self, shop: Shop, post: Post, *, texts_a_month: int = 100) -> None:
        self.shop, self.post = shop, post
        self.queue = Queue()
        self.outbox = Outbox(
            sns=post.sns,
            sqs=self.queue,
            topic_arn=post.topic,
            later_queue=post.later,
            texting=Texting(per_month=texts_a_month, max_price_usd="0.05"),
        )
        self._seen: dict[tuple[str, str], Item] = {}
        self._numbers = itertools.count(1)

    @property
    def built(self) -> Dependencies:
        shop = self.shop
        parts: dict[str, Any] = {
            "messages": shop.messages,
            "recipients": shop.recipients,
            "ledger": shop.ledger,
            "programs": shop.programs,
            "required": (PRIVACY,),
            "clock": shop.clock,
        }
        return Dependencies(delivering=Delivering(outbox=self.outbox, **parts), announcing=Announcing(**parts))

    def records(self) -> list[dict[str, Any]]:
        """Give the changes since the last time that the function's filters let through, in the order of instants."""
        now = {(item["pk"], item["sk"]): item for item in self.shop.items()}
        changed = {key: item for key, item in now.items() if self._seen.get(key) != item and _is_let_through(item)}
        ordered = sorted(changed.items(), key=lambda pair: str(pair[1].get("t", pair[1]["o"])))
        records = [self.record(item, before=self._seen.get(key)) for key, item in ordered]
        self._seen = now
        return records

    def record(self, item: Item, *, before: Item | None = None) -> dict[str, Any]:
        images = {"NewImage": encode(item), **({"OldImage": encode(before)} if before else {})}
        return {
            "eventSource": "aws:dynamodb",
            "eventName": "MODIFY" if before else "INSERT",
            "dynamodb": {**images, "SequenceNumber": str(next(self._numbers))},
        }

    def take(self, records: Sequence[Mapping[str, Any]], *, allowed: Patience | None = None) -> list[str]:
        """Take a batch, and give what it names as failed."""
        answer = take_batch(records, self.built, allowed or patience())
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def run(self) -> None:
        """Let the stream come to rest: what the function writes comes back to it."""
        while records := self.records():
            assert self.take(records) == []

    def look_again(self) -> list[str]:
        """Bring what was put off."""
        return self.take(self.queue.records())


def _is_let_through(item: Item) -> bool:
    is_waiting = item["pk"].startswith("MESSAGES#") and item.get("st") == "waiting"
    return is_waiting or "tc" in item or item.get("k") == "expired"


def by_sms(*kinds: str) -> Settings:
    """Give the settings of a member who asks for texts alone, about some kinds or all."""
    chosen = [Kind(kind) for kind in kinds] or list(Kind)
    return Settings(channels=dict.fromkeys(chosen, (Channel.SMS,)), changed_at=LONG_AGO)


def only_app(**others: Any) -> Settings:
    return Settings(channels=dict.fromkeys(Kind, (Channel.APP,)), changed_at=LONG_AGO, **others)


def message_of(shop: Shop, member: str) -> Message:
    (message,) = shop.told(member)
    return message


class RefusingSns:
    """SNS that takes nothing, and quotes what it was given, as it does."""

    def __init__(self, code: str, status: int = 400) -> None:
        self._code, self._status = code, status

    def publish(self, **request: Any) -> None:
        told = {"Code": self._code, "Message": f"Invalid: {request}"}
        raise ClientError({"Error": told, "ResponseMetadata": {"HTTPStatusCode": self._status}}, "Publish")

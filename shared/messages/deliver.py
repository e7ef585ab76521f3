"""Deliver one message: look whether it may and can be told now, tell it, mark it.

DEL-1 What decides is read now and strongly: the message, the member's consent and settings, the phone. An opt-out
      counts from the moment at which it is stored, for messages that were made before too.
DEL-2 Told, then marked: who dies in between tells it once more, with the same id (K3). Never marked and not told.
DEL-3 In quiet hours it is put off; what would no longer be true is skipped: points that lapsed or are spent, a tier
      that has changed again or is safe by now. So of two changes of one night the last one alone is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.errors import MemberNotFoundError
from shared.keys import Key
from shared.ledger.posting import as_of
from shared.ledger.store import Ledger
from shared.members.profile import Policy
from shared.messages.message import Channel, Kind, Message, State
from shared.messages.outbox import Outbox, PhoneRefusedError, surely_not_sent
from shared.messages.remind import threat_now
from shared.messages.settings import Recipient, channels_offered, channels_taken, quiet_until
from shared.messages.store import Messages, Recipients
from shared.program.calendar import business_date
from shared.program.store import Programs
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience
from shared.tiers.time_rules import TimeRules

OVER: Final = "over"
SPENT: Final = "spent"
CHANGED: Final = "changed"
DECLINED: Final = "declined"
SMS_LIMIT: Final = "sms-limit"
PHONE_REFUSED: Final = "phone-refused"


class Delivered(StrEnum):
    """What came of a delivery; `settled`: somebody else had told or skipped it before."""

    SENT = "sent"
    SKIPPED = "skipped"
    DELAYED = "delayed"
    LIMITED = "limited"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """What delivering works with."""

    messages: Messages
    recipients: Recipients
    ledger: Ledger
    programs: Programs
    outbox: Outbox
    required: Sequence[Policy]
    clock: Clock


def deliver(key: Key, delivering: Delivering, patience: Patience) -> Delivered:
    """Deliver the message of a key, if it is still waiting.

    Raises BusyError where no time is left to tell it and mark it, NoProgramError and botocore's errors.
    """
    message = delivering.messages.read(key)
    if message is None or message.state is not State.WAITING:
        return Delivered.SETTLED
    now = delivering.clock()
    recipient = delivering.recipients.read(message.member_id)
    reason = _obstacle(message, recipient, delivering, now)
    if reason or recipient is None:
        return _skipped(message, reason or DECLINED, delivering)
    zone = recipient.settings.zone or delivering.programs.chain_wide(now).zone
    quiet = quiet_until(now, zone, recipient.settings.quiet_hours)
    if quiet is not None:
        delivering.outbox.later(key, seconds=(quiet - now).total_seconds())
        return Delivered.DELAYED
    patience.check()
    if message.channel is Channel.SMS and delivering.outbox.texting.per_month:
        refused = _text(message, recipient.profile.phone or "", delivering, now, patience)
        if refused:
            skipped = _skipped(message, refused, delivering)
            return Delivered.LIMITED if refused == SMS_LIMIT else skipped
    else:
        delivering.outbox.publish(message)
    delivering.messages.settle(message, State.SENT, delivering.clock())
    return Delivered.SENT


def _obstacle(message: Message, recipient: Recipient | None, delivering: Delivering, now: datetime) -> str:
    """Name what keeps a message from being told at all; empty where nothing does."""
    notice = message.notice
    if notice.until is not None and now >= notice.until:
        return OVER
    offered = channels_offered(delivering.programs.chain_wide(now))
    if message.channel not in channels_taken(recipient, notice.kind, offered, delivering.required):
        return DECLINED
    return _untrue(message, delivering, now)


def _untrue(message: Message, delivering: Delivering, now: datetime) -> str:
    """Name what has become of that which a message speaks of; empty where it still stands."""
    notice = message.notice
    try:
        account = delivering.ledger.account(message.member_id)
    except MemberNotFoundError:
        return DECLINED
    match notice.kind:
        case Kind.POINTS_EXPIRING:
            return "" if sum(points for lot, points in account.lots.items() if lot[:6] == notice.subject) else SPENT
        case Kind.TIER_CHANGED:
            until = account.tier.valid_until.isoformat() if account.tier.valid_until else None
            told = notice.details["tier"], notice.details.get("valid_until")
            return "" if (account.tier.tier_id, until) == told else CHANGED
        case Kind.TIER_WARNING:
            moment = TimeRules(programs=delivering.programs, ledger=delivering.ledger).moment(now)
            return "" if threat_now(notice, as_of(account, moment.now, moment.rules), moment) else CHANGED


def _text(message: Message, phone: str, delivering: Delivering, now: datetime, patience: Patience) -> str:
    """Send a text within the month's limit; give the reason why not, or nothing.

    It is counted before it is sent. What SNS refuses is not: while it refuses, tries would use up the month.
    """
    program = delivering.programs.chain_wide(now)
    month = f"{business_date(now, program.zone):%y%m}"
    if not delivering.messages.count_sms(month, most=delivering.outbox.texting.per_month):
        return SMS_LIMIT
    patience.check()
    try:
        delivering.outbox.text(message, phone, sender=program.name)
    except Exception as error:
        if surely_not_sent(error):
            delivering.messages.uncount_sms(month)
        if isinstance(error, PhoneRefusedError):
            return PHONE_REFUSED
        raise
    return ""


def _skipped(message: Message, reason: str, delivering: Delivering) -> Delivered:
    delivering.messages.settle(message, State.SKIPPED, delivering.clock(), reason)
    return Delivered.SKIPPED

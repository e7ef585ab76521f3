"""Remind one member of what is due: the whole work of a sweep on one account.

It reads before it writes: on most days of a reminder's span there is nothing left to make, and a read is a tenth of
a refused write.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.ledger.account import Account
from shared.ledger.posting import as_of
from shared.ledger.store import Ledger
from shared.members.profile import Policy
from shared.messages.due import expiring, threat, warning
from shared.messages.message import Channel, Kind, Message, Notice
from shared.messages.settings import Recipient, channels_offered, channels_taken
from shared.messages.store import Messages, Recipients
from shared.messages.suggestion import suggestion
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.stock_counts import StockCounts
from shared.runtime.patience import Patience
from shared.tiers.counting import counted_of
from shared.tiers.time_rules import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """What reminding works with. `required` are the consents without which nobody is told anything."""

    messages: Messages
    recipients: Recipients
    ledger: Ledger
    catalogues: Catalogues
    counts: StockCounts
    required: Sequence[Policy]


def remind(account: Account, moment: Moment, reminding: Reminding, patience: Patience) -> int:
    """Make the messages that are due to one member and not there yet; give how many were made now. S1-10.

    Doubled, late or at the same time elsewhere: the same messages. Raises MemberNotFoundError where the account is
    gone, BusyError and botocore's errors.
    """
    current = as_of(account, moment.now, moment.rules)
    due = list(notices_due(current, moment))
    if not due:
        return 0
    known = reminding.messages.since(account.member_id, min(notice.due_on for notice in due))
    made = _make(unfinished(known, due), reminding.messages)
    new = due_messages(due, known)
    recipient = reminding.recipients.read(account.member_id, consistent=False) if new else None
    if recipient is None:
        return made
    offered = channels_offered(moment.program)
    taken = {notice.kind: channels_taken(recipient, notice.kind, offered, reminding.required) for notice in new}
    if not any(taken.values()):
        return made
    # The sweep has seen the account some time ago; what is told is to be true now.
    current = as_of(reminding.ledger.account(account.member_id), moment.now, moment.rules)
    for notice in due_messages(notices_due(current, moment), known):
        channels = taken.get(notice.kind, ())
        if channels and (filled := _filled(notice, current, moment, reminding, patience)):
            made += _make(messages_of(filled, channels, current.member_id, recipient, moment), reminding.messages)
    return made


def notices_due(account: Account, moment: Moment) -> Iterator[Notice]:
    """Name what may be due to a member today; the account is as of now. Nothing is read."""
    yield from expiring(account, moment.program, moment.today)
    if warned := warning(account, moment.program, moment.today):
        yield warned


def due_messages(due: Iterable[Notice], known: Iterable[Message]) -> list[Notice]:
    """Leave out what is made already, by whichever channels."""
    made = {message.notice.about for message in known}
    return [notice for notice in due if notice.about not in made]


def unfinished(known: Sequence[Message], due: Iterable[Notice]) -> list[Message]:
    """Give the messages that are missing beside others of their notice: whoever made those died in between."""
    wanted = {notice.about for notice in due}
    have = {(message.notice.about, message.channel) for message in known}
    firsts = {message.notice.about: message for message in known if message.notice.about in wanted}
    return [
        replace(first, channel=channel, state=first.state.WAITING, settled_at=None, reason="")
        for about, first in firsts.items()
        for channel in first.together
        if (about, channel) not in have
    ]


def messages_of(
    notice: Notice, channels: tuple[Channel, ...], member_id: str, recipient: Recipient, moment: Moment
) -> list[Message]:
    """Make a notice's messages, one per channel."""
    return [
        Message(
            member_id=member_id,
            notice=notice,
            channel=channel,
            together=channels,
            language=recipient.settings.language,
            made_at=moment.now,
        )
        for channel in channels
    ]


def _filled(
    notice: Notice, account: Account, moment: Moment, reminding: Reminding, patience: Patience
) -> Notice | None:
    """Add what is read only for those who are told: a suggestion, or what is missing. None: there is no threat."""
    details: Mapping[str, Any]
    if notice.kind is Kind.POINTS_EXPIRING:
        content = reminding.catalogues.in_force(moment.now)
        left = reminding.counts.left(content, moment.now, patience)
        reward = suggestion(
            content.rewards,
            left,
            account,
            moment.today,
            expiring=notice.details["points"],
            halved_through=moment.rules.halved_through(moment.today),
        )
        details = {"reward": reward.id, "reward_name": reward.name, "reward_points": reward.points} if reward else {}
        return replace(notice, details={**notice.details, **details})
    details = threat_now(notice, account, moment)
    return replace(notice, details={**notice.details, **details}) if details else None


def threat_now(notice: Notice, account: Account, moment: Moment) -> Mapping[str, str | int]:
    """Say what a warning has to say at a moment; nothing where the tier is safe, or another one."""
    tiers = moment.program.tiers
    if tiers is None:
        return {}
    counted = counted_of(account, {}, moment.rules.days, moment.today, more={})
    return threat(account, counted, moment.program, tiers, date.fromisoformat(notice.details["by"]))


def _make(messages: Iterable[Message], store: Messages) -> int:
    return sum(store.make(message) for message in messages)

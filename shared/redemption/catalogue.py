"""The published catalogue: which rewards there are at an instant. Pure.

CAT-1 A publication takes effect `LEAD` after it is made, so that a copy read at F is exact for every instant that
      `timeline.is_exact_for` allows: no container ever decides by rewards that are no longer in force. The very
      first one takes effect at once, because no container keeps the copy of an empty catalogue.
CAT-2 Contents are in the order of their instants. One is dropped when the next has been in force for `LEAD`, when
      no clock can still be before it.
CAT-3 Whatever was ever in the catalogue stays in it, delisted: its stock is not forgotten.
CAT-4 The number of a reward's shards never falls, so that every piece stays in reach.
CAT-5 What the staff changes between two publications of the file is noted by reward, so that the next one can name
      what it is about to undo. A publication of the file ends the note.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import NamedTuple

from shared.program.timeline import LEAD
from shared.redemption.rewards import Reward

Rewards = Mapping[str, Reward]
"""Rewards by id, in the order of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Rewards and the currency of their cash, from an instant on."""

    effective: datetime
    currency: str
    rewards: Rewards


class StaffChange(NamedTuple):
    """When the staff last changed a reward since the file was published, and which fields in all; none: it is new."""

    at: datetime
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """`revision` counts publications and changes; the next one must find it as it was read."""

    revision: int = 0
    contents: tuple[Content, ...] = field(default=())
    staff: Mapping[str, StaffChange] = field(default_factory=dict)

    def in_force(self, at: datetime) -> Content:
        """Give the content in force at an instant: nothing before the first publication."""
        for content in reversed(self.contents):
            if content.effective <= at:
                return content
        return Content(effective=at, currency="", rewards={})

    @property
    def latest(self) -> Rewards:
        """The rewards as last published, in force or about to be."""
        return self.contents[-1].rewards if self.contents else {}


def published(catalogue: Catalogue, rewards: Iterable[Reward], *, currency: str, now: datetime) -> Catalogue:
    """Give the catalogue after a publication; the same one where nothing differs from the latest content."""
    merged = _merged(catalogue.latest, rewards)
    if catalogue.contents and (catalogue.latest, catalogue.contents[-1].currency) == (merged, currency):
        return replace(catalogue, revision=catalogue.revision + 1, staff={}) if catalogue.staff else catalogue
    return Catalogue(revision=catalogue.revision + 1, contents=_followed(catalogue, merged, currency, now))


def changed(catalogue: Catalogue, reward: Reward, *, currency: str, now: datetime) -> Catalogue:
    """Give the catalogue after the staff has added or changed one reward (CAT-5)."""
    known, noted = catalogue.latest.get(reward.id), catalogue.staff.get(reward.id)
    names = {one.name for one in fields(Reward) if known and getattr(known, one.name) != getattr(reward, one.name)}
    is_new = known is None or (noted is not None and not noted.fields)
    told = () if is_new else tuple(sorted(names | set(noted.fields if noted else ())))
    merged = {**catalogue.latest, reward.id: _with_shards(reward, known)}
    return Catalogue(
        revision=catalogue.revision + 1,
        contents=_followed(catalogue, merged, currency, now),
        staff={**catalogue.staff, reward.id: StaffChange(now, told)},
    )


def _followed(catalogue: Catalogue, rewards: Rewards, currency: str, now: datetime) -> tuple[Content, ...]:
    effective = max(now + LEAD, catalogue.contents[-1].effective) if catalogue.contents else now
    content = Content(effective=effective, currency=currency, rewards=rewards)
    return (*_kept(catalogue.contents, now), content)


def _kept(contents: tuple[Content, ...], now: datetime) -> tuple[Content, ...]:
    over = sum(1 for following in contents[1:] if following.effective + LEAD <= now)
    return contents[over:]


def _merged(before: Rewards, rewards: Iterable[Reward]) -> Rewards:
    after = {reward.id: _with_shards(reward, before.get(reward.id)) for reward in rewards}
    delisted = {known.id: replace(known, listed=False) for known in before.values() if known.id not in after}
    return after | delisted


def _with_shards(reward: Reward, before: Reward | None) -> Reward:
    return replace(reward, shards=max(reward.shards, before.shards)) if before else reward

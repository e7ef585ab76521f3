"""Every DynamoDB call of the program: publishing versions and stores, and reading them with as few calls as can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple

from shared import keys
from shared.errors import NoProgramError, VersionMovedError
from shared.keys import Key
from shared.program.canonical import category_map_ref, sha256_of
from shared.program.items import (
    category_map_items,
    category_map_of,
    chain_item,
    chain_of,
    timeline_item,
    timeline_of,
    version_item,
    version_of,
)
from shared.program.model import Notice, Program
from shared.program.publication import check_schedule
from shared.program.stores import Chain, Store
from shared.program.timeline import EVERYWHERE, LEAD, Schedule, Timeline, VersionRef, is_exact_for, live, pick
from shared.program.zones import business_zone
from shared.runtime.attributes import Item, decode, encode
from shared.runtime.clock import Clock, utc_now
from shared.runtime.patience import Patience, patience_of_seconds
from shared.runtime.transactions import commit, put_anyway, put_if, put_if_absent
from shared.trail.deeds import Deed, What
from shared.trail.store import recording

VERSIONS_KEPT: Final = 32
MAPS_KEPT: Final = 4
STORES_KEPT_FOR: Final = timedelta(seconds=60)


class TimelineRead(NamedTuple):
    """The timeline and the instant at which DynamoDB answered, by its own clock."""

    timeline: Timeline
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a file compiles to: the content of a version (its number is not known yet), its SKU map, its schedule.

    `notice` is what publication must leave time for; None to go back to rules that customers know already.
    """

    program: Program
    category_map: Mapping[str, str]
    schedule: Schedule
    notice: Notice | None = None


class _KeptChain(NamedTuple):
    read_at: datetime
    chain: Chain
    stores: Mapping[str, Store]


@dataclass(slots=True, kw_only=True)
class Programs:
    """The program as functions read it, cached for the life of the process.

    The timeline is read again only for an instant for which the one at hand may lack a version (`timeline.TIME-3`);
    versions and SKU maps never change; stores are read again after a minute. A warm request makes no call.
    `client` is botocore's low-level DynamoDB client, `table` the name of the `ledger` table.
    """

    client: Any
    table: str
    clock: Clock = utc_now
    _timeline: tuple[datetime, Timeline] | None = field(default=None, init=False)
    _versions: dict[int, Program] = field(default_factory=dict, init=False)
    _maps: dict[str, Mapping[str, str]] = field(default_factory=dict, init=False)
    _chain: _KeptChain | None = field(default=None, init=False)

    def in_force(self, instant: datetime, store_id: str) -> Program:
        """Give the program of a sale by its own instant and store. Raises NoProgramError. AP-11, AP-12."""
        return self.numbered(pick(self.timeline(instant), instant, store_id).number)

    def chain_wide(self, instant: datetime) -> Program:
        """Give the program of what concerns no store: tiers, expiry. The first version, for what was before it.

        Raises NoProgramError before any version is published. AP-11, AP-12.
        """
        timeline = self.timeline(instant)
        return self.numbered((live(timeline, instant, EVERYWHERE) or timeline.refs[0]).number)

    def timeline(self, instant: datetime) -> Timeline:
        """Give a timeline that names every version in force up to the instant. Raises NoProgramError. AP-11."""
        if self._timeline is None or not is_exact_for(self._timeline[0], instant):
            asked_at = self.clock()
            timeline = read_timeline(client=self.client, table=self.table).timeline
            if not timeline.refs:
                # Not kept: the first version may be in force from the past.
                raise NoProgramError
            self._timeline = (asked_at, timeline)
        return self._timeline[1]

    def numbered(self, number: int) -> Program:
        """Give a version by its number, as ledger entries name it. Raises NoProgramError. AP-12."""
        if number not in self._versions:
            item = _read(self.client, self.table, keys.program_version(number))
            if item is None:
                raise NoProgramError(version=number)
            _keep(self._versions, number, version_of(item), VERSIONS_KEPT)
        return self._versions[number]

    def categories(self, program: Program) -> Mapping[str, str]:
        """Give the SKU → category map of a version, empty where it has none. Raises NoProgramError. AP-13."""
        ref = program.eligible.category_map
        if ref is None:
            return {}
        if ref.sha256 not in self._maps:
            _keep(self._maps, ref.sha256, self._read_map(ref.sha256), MAPS_KEPT)
        return self._maps[ref.sha256]

    def _read_map(self, sha256: str) -> Mapping[str, str]:
        chunks: list[Item] = []
        while not chunks or len(chunks) < chunks[0]["of"]:
            chunk = _read(self.client, self.table, keys.sku_map_chunk(sha256, len(chunks)))
            if chunk is None:
                raise NoProgramError(category_map=sha256)
            chunks.append(chunk)
        return category_map_of(sha256, chunks)

    def stores(self) -> Mapping[str, Store]:
        """Give the stores by id, not older than a minute. AP-14."""
        return self._kept_chain().stores

    def chain(self) -> Chain:
        """Give the chain, not older than a minute. AP-14."""
        return self._kept_chain().chain

    def _kept_chain(self) -> _KeptChain:
        now = self.clock()
        if self._chain is None or now - self._chain.read_at > STORES_KEPT_FOR:
            chain = read_chain(client=self.client, table=self.table)
            self._chain = _KeptChain(now, chain, {store.id: store for store in chain.stores})
        return self._chain

    def zone_of(self, store_id: str, program: Program) -> str:
        """Give the zone by whose clock a store lives: its own, else the program's. AP-14."""
        store = self.stores().get(store_id)
        return store.zone if store and store.zone else program.zone

    def business_zone_of(self, store_id: str, program: Program) -> str:
        """Give the zone by which a store's days are counted. AP-14."""
        return business_zone(self.zone_of(store_id, program), program.day_starts_at)


def read_timeline(*, client: Any, table: str) -> TimelineRead:  # noqa: ANN401 a botocore client
    """Read the timeline as it is now, with the instant of the answer by DynamoDB's clock (whole seconds). AP-11."""
    answer = client.get_item(TableName=table, Key=encode(keys.TIMELINE._asdict()), ConsistentRead=True)
    answered_at = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)
    return TimelineRead(timeline_of(decode(answer["Item"]) if "Item" in answer else None), answered_at)


def read_chain(*, client: Any, table: str) -> Chain:  # noqa: ANN401 a botocore client
    """Read the stores and limits; none are published yet: no stores. AP-14."""
    return chain_of(_read(client, table, keys.STORES))


def write_chain(
    chain: Chain,
    *,
    client: Any,  # noqa: ANN401 a botocore client
    table: str,
    author: str = "",
    clock: Clock = utc_now,
) -> None:
    """Put the chain in the place of the one before, and record who did. The last writer wins: the file is the truth.

    Raises BusyError and DependencyUnavailableError. AP-15.
    """
    deed = Deed(what=What.STORES_PUBLISHED, at=clock(), who=author, about=keys.STORES.sk)
    writes = [put_anyway(table, chain_item(chain)), recording(deed, table=table)]
    commit(client, writes, publishing_patience())


def publish(
    draft: Draft,
    *,
    base: Timeline,
    client: Any,  # noqa: ANN401 a botocore client
    table: str,
    patience: Patience,
    soonest: bool = False,
    author: str = "",
) -> VersionRef:
    """Publish a version after `base`, the timeline as the publisher has seen it.

    `soonest` puts `LEAD` after now in the place of the draft's effective instant. Now is DynamoDB's own. Raises
    VersionMovedError when somebody else has published since, InvalidFieldError when the version would begin less
    than `LEAD` from now (the very first may begin in the past), NoticeTooShortError when customers would be told
    too late, BusyError when it cannot be done in time: use `publishing_patience`. AP-16, AP-17.
    """
    _write_map(draft, client, table)
    timeline, now = read_timeline(client=client, table=table)
    if timeline.revision != base.revision:
        raise VersionMovedError(base=base.revision, current=timeline.revision)
    schedule = replace(draft.schedule, effective=now + LEAD) if soonest else draft.schedule
    check_schedule(timeline, schedule, draft.notice, now)
    ref = VersionRef(
        number=timeline.next_number,
        sha256=sha256_of(draft.program),
        published_at=now,
        schedule=schedule,
        author=author,
    )
    following = Timeline(refs=(*timeline.refs, ref), revision=timeline.revision + 1)
    _commit(draft.program, ref, following, client, table, patience)
    return ref


def publishing_patience() -> Patience:
    """Give what leaves a publication `timeline.PUBLISH_WITHIN` at most: three seconds, and one call that lasts."""
    return patience_of_seconds(3)


def _write_map(draft: Draft, client: Any, table: str) -> None:  # noqa: ANN401 a botocore client
    """Store the SKU map under its hash; a chunk that is there already is the same chunk."""
    if not draft.category_map:
        return
    for item in category_map_items(category_map_ref(draft.category_map).sha256, draft.category_map):
        client.put_item(TableName=table, Item=encode(item))


def _commit(
    program: Program,
    ref: VersionRef,
    following: Timeline,
    client: Any,  # noqa: ANN401 a botocore client
    table: str,
    patience: Patience,
) -> None:
    base = following.revision - 1

    def moved(old: Item | None) -> Exception:
        return VersionMovedError(base=base, current=old["rev"] if old and "rev" in old else following.revision)

    deed = Deed(what=What.PROGRAM_PUBLISHED, at=ref.published_at, who=ref.author, about=str(ref.number))
    unchanged = "rev = :base" if base else "attribute_not_exists(pk)"
    commit(
        client,
        [
            put_if(
                table,
                timeline_item(following),
                condition=unchanged,
                values={":base": base} if base else None,
                refusal=moved,  # another publication came first
            ),
            put_if_absent(table, version_item(program, ref), refusal=moved),  # its number is taken
            recording(deed, table=table),
        ],
        patience,
    )


def _read(client: Any, table: str, key: Key) -> Item | None:  # noqa: ANN401 a botocore client
    answer = client.get_item(TableName=table, Key=encode(key._asdict()), ConsistentRead=True)
    return decode(answer["Item"]) if "Item" in answer else None


def _keep(cache: dict[Any, Any], key: object, value: object, most: int) -> None:
    """Keep a value, dropping the one that was put first when the cache is full."""
    if len(cache) >= most:
        del cache[next(iter(cache))]
    cache[key] = value

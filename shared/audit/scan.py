"""Audit whole tables: scan in parallel segments, sort what is found by member, check member by member.

Two passes, so that a table of any size fits: the first scans segments and writes each item into a file by a hash of
its member; the second checks one file at a time. A table that is in use changes between the two scans, so what looks
wrong is looked at once more: the member's account and entries are read strongly until both are of one moment.
"""

import pickle
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from shared.audit.check import Findings, check_members, check_program
from shared.earning.audit import budget_differences, is_budget
from shared.names import ENTRIES_BY_MEMBER
from shared.program.store import Programs
from shared.redemption.audit import is_shard, stock_differences
from shared.runtime.attributes import Item, decode, encode
from shared.runtime.settings import Tables

BUCKETS: Final = 64
LOOKS: Final = 5
SHARDS: Final = "shards"
ACCOUNTS: Final = "accounts"
LEDGER: Final = "ledger"

Progress = Callable[[str, int, int], None]
"""Told after each step: what is being done, how many steps are done, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a process reaches the tables. `connect` is a function of a module, so that it can be sent to a process."""

    connect: Callable[[], Any]
    tables: Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What a process reads with; making a client takes longer than most of what is asked of it."""

    client: Any
    tables: Tables
    programs: Programs


def reader_of(reach: Reach) -> Reader:
    client = reach.connect()
    return Reader(client=client, tables=reach.tables, programs=Programs(client=client, table=reach.tables.ledger))


def audit(reach: Reach, *, processes: int, progress: Progress) -> Findings:
    """Check every invariant over all tables. What is found is confirmed by a second look. AP-71, AP-72."""
    pool_of_readers = ProcessPoolExecutor(processes, initializer=_start, initargs=(reach,))
    with TemporaryDirectory(prefix="jifen-audit-") as folder, pool_of_readers as pool:
        segments = [(name, segment) for name in (ACCOUNTS, LEDGER) for segment in range(processes * 2)]
        sort = partial(_sort_segment, Path(folder), processes * 2)
        for done, _ in enumerate(pool.map(sort, segments), start=1):
            progress("scan", done, len(segments))
        findings = Findings()
        for done, part in enumerate(pool.map(partial(_check_bucket, Path(folder)), range(BUCKETS)), start=1):
            findings.add(part)
            progress("check", done, BUCKETS)
        shards = list(_read(Path(folder), f"{LEDGER}-{SHARDS}"))
    findings.differences.extend(check_program(findings))
    findings.differences.extend(stock_differences((one for one in shards if is_shard(one)), findings.taken))
    findings.differences.extend(budget_differences((one for one in shards if is_budget(one)), findings.spent))
    return _confirmed(findings, reader_of(reach)) if findings.members else findings


_here: dict[str, Reader] = {}
"""The reader of a process of the pool."""


def _start(reach: Reach) -> None:
    _here["reader"] = reader_of(reach)


def _sort_segment(folder: Path, total: int, place: tuple[str, int]) -> None:
    reader = _here["reader"]
    name, segment = place
    table = reader.tables.accounts if name == ACCOUNTS else reader.tables.ledger
    files: dict[str, Any] = {}
    for item in scan_segment(reader.client, table, segment, total):
        bucket = SHARDS if name == LEDGER and (is_shard(item) or is_budget(item)) else str(_bucket_of(item, name))
        if bucket not in files:
            files[bucket] = (folder / f"{name}-{bucket}-{segment}").open("wb")
        pickle.dump(item, files[bucket])
    for file in files.values():
        file.close()


def scan_segment(client: Any, table: str, segment: int, total: int) -> Iterator[Item]:  # noqa: ANN401 a botocore client
    """Read all items of a segment of a table, as they are now. AP-71."""
    start: dict[str, Any] = {}
    while True:
        page = client.scan(TableName=table, Segment=segment, TotalSegments=total, ConsistentRead=True, **start)
        yield from map(decode, page["Items"])
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _bucket_of(item: Item, name: str) -> int:
    owner = item["id"] if name == ACCOUNTS else item.get("m", item["pk"])
    return zlib.crc32(str(owner).encode()) % BUCKETS


def _read(folder: Path, prefix: str) -> Iterator[Item]:
    for path in sorted(folder.glob(f"{prefix}-*")):
        with path.open("rb") as file:
            while True:
                try:
                    yield pickle.load(file)  # noqa: S301 this process's own files
                except EOFError:
                    break


def _check_bucket(folder: Path, bucket: int) -> Findings:
    accounts = _read(folder, f"{ACCOUNTS}-{bucket}")
    return check_members(accounts, list(_read(folder, f"{LEDGER}-{bucket}")), _here["reader"].programs)


def _confirmed(findings: Findings, reader: Reader) -> Findings:
    """Look again at every member of whom something seemed wrong, and keep what is still wrong."""
    told = [text for text in findings.differences if text.partition(":")[0] not in findings.members]
    findings.differences = told
    for member_id in sorted(findings.members):
        findings.differences.extend(_look_again(reader, member_id).differences)
    return findings


def _look_again(reader: Reader, member_id: str) -> Findings:
    for _ in range(LOOKS):
        account = _get(reader.client, reader.tables.accounts, {"id": member_id})
        items = list(_items_of(reader.client, reader.tables.ledger, member_id))
        findings = check_members([account] if account else [], items, reader.programs)
        again = _get(reader.client, reader.tables.accounts, {"id": member_id})
        if not findings.differences or account == again:
            return findings
    return findings


def _items_of(client: Any, table: str, member_id: str) -> Iterator[Item]:  # noqa: ANN401 a botocore client
    pages = client.get_paginator("query").paginate(
        TableName=table,
        IndexName=ENTRIES_BY_MEMBER,
        KeyConditionExpression="m = :member",
        ExpressionAttributeValues=encode({":member": member_id}),
    )
    for page in pages:
        for summary in page["Items"]:
            item = _get(client, table, {"pk": summary["pk"]["S"], "sk": summary["sk"]["S"]})
            if item:
                yield item


def _get(client: Any, table: str, key: Item) -> Item | None:  # noqa: ANN401 a botocore client
    answer = client.get_item(TableName=table, Key=encode(key), ConsistentRead=True)
    return decode(answer["Item"]) if "Item" in answer else None

"""Audit whole tables: scan in parallel segments, sort what is found by member, check member by member.

Two passes, so that a table of any size fits: the first scans segments and writes each item into a file by a hash of
its member; the second checks one file at a time. A table that is in use changes between the two scans, so what looks
wrong is looked at once more, member by member (`shared.audit.look`).
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
from shared.audit.look import Looking, look
from shared.earning.audit import budget_differences, is_budget
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.redemption.audit import is_shard, stock_differences
from shared.redemption.rebuild_requests import mislisted
from shared.redemption.requests import Requests
from shared.runtime.attributes import Item, decode
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables

BUCKETS: Final = 64
SECONDS_FOR_A_MEMBER: Final = 30
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


def looking_of(reach: Reach) -> Looking:
    """Make what a process reads with; making a client takes longer than most of what is asked of it."""
    client = reach.connect()
    ledger = Ledger(client=client, tables=reach.tables)
    return Looking(ledger=ledger, programs=Programs(client=client, table=reach.tables.ledger))


def audit(reach: Reach, *, processes: int, progress: Progress) -> Findings:
    """Check every invariant over all tables. What is found is confirmed by a second look. AP-71."""
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
    looking = looking_of(reach)
    requests = Requests(client=looking.ledger.client, table=reach.tables.members)
    findings.differences.extend(f"INV-11 {one}" for one in mislisted(findings.waiting, requests, looking.ledger))
    return _confirmed(findings, looking) if findings.members else findings


_here: dict[str, Looking] = {}
"""What a process of the pool reads with."""


def _start(reach: Reach) -> None:
    _here["looking"] = looking_of(reach)


def _sort_segment(folder: Path, total: int, place: tuple[str, int]) -> None:
    ledger = _here["looking"].ledger
    name, segment = place
    table = ledger.tables.accounts if name == ACCOUNTS else ledger.tables.ledger
    files: dict[str, Any] = {}
    for item in scan_segment(ledger.client, table, segment, total):
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
    return check_members(accounts, list(_read(folder, f"{LEDGER}-{bucket}")), _here["looking"].programs)


def _confirmed(findings: Findings, looking: Looking) -> Findings:
    """Look again at every member of whom something seemed wrong, and keep what is still wrong."""
    told = [text for text in findings.differences if text.partition(":")[0] not in findings.members]
    findings.differences = told
    for member_id in sorted(findings.members):
        patience = patience_of_seconds(SECONDS_FOR_A_MEMBER)
        findings.differences.extend(look(member_id, looking, patience).differences)
    return findings

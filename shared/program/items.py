"""How versions, their timeline, SKU maps and stores stand in the `ledger` table. Instants are ISO texts in UTC.

PROGRAM / TIMELINE         rev, refs: [{n, sha, at, by, from, pilot, all}] what begins when; moves by revision
PROGRAM / VERSION#000012   n, sha, at, body (zlib)                         one immutable version, canonical JSON
SKUMAP#sha256 / 0000…      of, body (zlib, ≤ 350 KB a chunk)               one immutable map, canonical JSON
STORES / CURRENT           stores: [{id, name, zone …}], adjustments        the chain
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from shared import keys
from shared.program.canonical import canonical_json, category_map_json, from_canonical
from shared.program.model import Program
from shared.program.stores import AdjustmentLimits, Chain, Store
from shared.program.timeline import Schedule, Timeline, VersionRef
from shared.runtime.attributes import Item

LARGEST_CHUNK_BYTES: Final = 350_000


class CorruptContentError(Exception):
    """What is stored under a hash does not have that hash: somebody has changed it by hand."""


def timeline_item(timeline: Timeline) -> Item:
    refs = [_ref_content(ref) for ref in timeline.refs]
    return {**keys.TIMELINE._asdict(), "rev": timeline.revision, "refs": refs}


def timeline_of(item: Item | None) -> Timeline:
    """Read the timeline; none yet is the empty one, revision 0."""
    if item is None:
        return Timeline()
    return Timeline(refs=tuple(_ref_of(content) for content in item["refs"]), revision=item["rev"])


def _ref_content(ref: VersionRef) -> dict[str, Any]:
    schedule = ref.schedule
    content = {"n": ref.number, "sha": ref.sha256, "at": _text(ref.published_at), "from": _text(schedule.effective)}
    if ref.author:
        content["by"] = ref.author
    if schedule.all_stores_from is not None:
        content |= {"pilot": sorted(schedule.pilot_stores), "all": _text(schedule.all_stores_from)}
    return content


def _ref_of(content: Mapping[str, Any]) -> VersionRef:
    return VersionRef(
        number=content["n"],
        sha256=content["sha"],
        published_at=datetime.fromisoformat(content["at"]),
        author=content.get("by", ""),
        schedule=Schedule(
            effective=datetime.fromisoformat(content["from"]),
            pilot_stores=frozenset(content.get("pilot", ())),
            all_stores_from=datetime.fromisoformat(content["all"]) if "all" in content else None,
        ),
    )


def version_item(program: Program, ref: VersionRef) -> Item:
    key = keys.program_version(ref.number)._asdict()
    body = zlib.compress(canonical_json(program), level=9)
    return {**key, "n": ref.number, "sha": ref.sha256, "at": _text(ref.published_at), "body": body}


def version_of(item: Item) -> Program:
    """Rebuild the program of a version. Raises CorruptContentError."""
    return from_canonical(json.loads(_intact(item["body"], item["sha"])), version=item["n"])


def category_map_items(sha256: str, category_map: Mapping[str, str]) -> list[Item]:
    body = zlib.compress(category_map_json(category_map), level=9)
    chunks = [body[start : start + LARGEST_CHUNK_BYTES] for start in range(0, len(body), LARGEST_CHUNK_BYTES)]
    return [
        {**keys.sku_map_chunk(sha256, number)._asdict(), "of": len(chunks), "body": chunk}
        for number, chunk in enumerate(chunks)
    ]


def category_map_of(sha256: str, chunks: Sequence[Item]) -> dict[str, str]:
    """Put a SKU → category map together. Raises CorruptContentError."""
    category_map: dict[str, str] = json.loads(_intact(b"".join(chunk["body"] for chunk in chunks), sha256))
    return category_map


def chain_item(chain: Chain) -> Item:
    stores = [{name: value for name, value in asdict(store).items() if value is not None} for store in chain.stores]
    return {**keys.STORES._asdict(), "stores": stores, "adjustments": asdict(chain.adjustments)}


def chain_of(item: Item | None) -> Chain:
    """Read the chain; none is published yet: no stores."""
    if item is None:
        return Chain()
    return Chain(
        stores=tuple(Store(**content) for content in item["stores"]),
        adjustments=AdjustmentLimits(**item.get("adjustments", {})),
    )


def _intact(body: bytes, sha256: str) -> bytes:
    content = zlib.decompress(body)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CorruptContentError(sha256)
    return content


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()

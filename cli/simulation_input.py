"""Sales to simulate: from files (receipts, or events as tills post them), or from a deployed table."""

import gc
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from cli.errors import CommandError
from cli.receipts import ReplayEvent, convert, read_rows
from cli.simulation_world import Happening
from functions.webhooks.schemas import SaleCompleted, SaleRefunded, SaleVoided
from shared import keys
from shared.audit.scan import scan_segment
from shared.earning.events import VOID_ID, ReturnEvent
from shared.earning.receipts import receipt_of, return_of
from shared.ledger.items import instant

_MODELS: Final[dict[str, type[SaleCompleted | SaleRefunded | SaleVoided]]] = {
    "sale.completed": SaleCompleted,
    "sale.refunded": SaleRefunded,
    "sale.voided": SaleVoided,
}
RECEIPTS: Final = (".csv", ".csv.gz")
LINES_PER_TASK: Final = 2_000
EVENTS: Final = (".json", ".jsonl", ".ndjson")


class UnreadableSalesError(CommandError):
    """A file is no sales file: it names the file and the place."""


def read_sales(path: Path, *, zone: str, currency: str, processes: int) -> list[Happening]:
    """Read a file, or all of a folder: receipts as CSV, or events as JSON, one or a list, or one a line."""
    files = sorted(one for one in path.rglob("*") if _is_sales(one)) if path.is_dir() else [path]
    if not files:
        raise UnreadableSalesError(f"{path}: no {', '.join((*RECEIPTS, *EVENTS))}")
    found: list[Happening] = []
    with _nothing_thrown_away():
        for file in files:
            try:
                found += _receipts(file, zone, currency) if file.name.endswith(RECEIPTS) else _events(file, processes)
            except (KeyError, ValueError, OSError) as error:
                raise UnreadableSalesError(f"{file}: {_reason(error)}") from error
    return found


def _reason(error: Exception) -> str:
    """Say what is wrong with a file in words that help whoever has made it."""
    match error:
        case KeyError():
            return f"没有 {error.args[0]} 这一列；别的格式请导出为 JSON · no column {error.args[0]}; write JSON instead"
        case UnicodeDecodeError():
            return "不是 UTF-8 编码，Excel 另存为“CSV UTF-8” · not UTF-8; from Excel, save as CSV UTF-8"
        case OSError():
            return error.strerror or str(error)
        case _:
            return str(error)


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Stop looking for garbage: everything that is read stays, and looking through it takes longer than reading it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _is_sales(path: Path) -> bool:
    return path.name.endswith((*RECEIPTS, *EVENTS))


def _receipts(path: Path, zone: str, currency: str) -> list[Happening]:
    return happenings_of(convert(read_rows(path, ZoneInfo(zone)), currency).events)


def happenings_of(events: Iterable[ReplayEvent]) -> list[Happening]:
    """Give what happens to members, each called by the customer's number; guests earn nothing."""
    return [_happening({"type": event.type, "data": event.data}, event.customer) for event in events if event.customer]


def _events(path: Path, processes: int) -> list[Happening]:
    text = path.read_text("utf-8")
    try:
        posted = json.loads(text)
    except ValueError:
        return _lines([line for line in text.splitlines() if line.strip()], processes)
    return [_happening(one) for one in (posted if isinstance(posted, list) else [posted]) if _has_member(one)]


def _lines(lines: list[str], processes: int) -> list[Happening]:
    """Read events that stand one a line; many of them in several processes."""
    parts = [lines[at : at + LINES_PER_TASK] for at in range(0, len(lines), LINES_PER_TASK)]
    if len(parts) == 1 or processes == 1:
        return _read_lines(lines)
    with ProcessPoolExecutor(processes) as pool:
        return [one for part in pool.map(_read_lines, parts) for one in part]


def _read_lines(lines: list[str]) -> list[Happening]:
    return [_happening(posted) for posted in map(json.loads, lines) if _has_member(posted)]


def _has_member(posted: Any) -> bool:
    """Guests earn nothing; a return has its member from the sale."""
    if not isinstance(posted, dict) or posted.get("type") not in _MODELS or not isinstance(posted.get("data"), dict):
        raise ValueError(f"an event has a type of {', '.join(_MODELS)} and data")
    return posted["type"] != "sale.completed" or "member" in posted["data"]


def _happening(posted: dict[str, Any], member_id: str | None = None) -> Happening:
    try:
        event = _MODELS[posted["type"]].model_validate(posted).data.event()
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'/'.join(map(str, first['loc']))}: {first['msg']}") from None
    if isinstance(event, ReturnEvent):
        return Happening(member_id or "", event.occurred_at, event)
    owner = member_id or (f"{event.member.kind}:{event.member.value}" if event.member else "")
    return Happening(owner, event.sale.occurred_at, event.sale)


def read_ledger(client: Any, table: str, since: datetime) -> Iterator[Happening]:
    """Read the members' sales of a deployed table since an instant, with their returns, by a scan of all of it."""
    for item in scan_segment(client, table, 0, 1):
        if "mv" not in item or instant(item["o"]) < since:
            continue
        if item["sk"] == keys.SALE:
            receipt = receipt_of(item)
            tier = receipt.grant.facts.tier_id if receipt.grant else ""
            yield Happening(item["m"], receipt.sale.occurred_at, receipt.sale, tier)
        elif item["sk"].startswith(keys.RETURN_PREFIX) and not item["de"].get("ex"):
            _, store_id, receipt_id = item["pk"].split("#")
            one = return_of(item)
            at = instant(item["o"])
            part = None if one.return_id == VOID_ID else one.part
            returned = ReturnEvent(
                store_id=store_id, receipt_id=receipt_id, return_id=one.return_id, occurred_at=at, part=part
            )
            yield Happening(item["m"], at, returned)

"""`jifen demo`: the product in two minutes, on the stacks that are deployed on this laptop.

Every step prints what was sent, what came back and why, and is checked: anything that differs from what it should be
is named, and the command ends with 1.
"""

import contextlib
import os
import secrets
import signal
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from cli.api import Api, Reply
from cli.audit import print_findings, run_audit
from cli.connection import Connection, connect
from cli.demo_friends import invite_a_friend
from cli.demo_office import put_right
from cli.demo_tour import SUBSCRIPTION, SurpriseError, Tour, Visitor
from cli.demo_year import show_year
from cli.dev import read_event, renewed
from cli.laptop.emulator import running_emulator
from cli.laptop.places import ROOT
from cli.laptop.tokens import mint_member_token
from cli.laptop.up import down, up
from shared.audit.scan import Reach

SAMPLES: Final = ROOT / "events" / "webhooks"
RIVALS: Final = 20
AT_ONCE: Final = 4
LAST_PIECES: Final = 3
SCARCE_REWARD: Final = "mug-limited"
REWARD: Final = "tableware"
BIG_SALE_MINOR: Final = 600_000
FOR_JOINING: Final = 50
CONFLICT: Final = 409


def run_demo(console: Console, connection: Connection, *, stays: bool) -> bool:
    """Take the tour; say whether everything was as it should be. `stays` says that the API is there afterwards."""
    tour = Tour(console=console, connection=connection, api=Api(url=connection.api_url))
    try:
        wang = _enrol(tour)
        sale = _sell(tour, wang)
        _refund(tour, wang, sale)
        invite_a_friend(tour, wang)
        _redeem_and_cancel(tour, wang)
        _last_pieces(tour)
        _show_ledger(tour, wang)
        put_right(tour, wang)
        show_year(tour)
        _show_audit(tour)
    except SurpriseError as surprise:
        tour.surprises.append(str(surprise))
        console.print(f"[red]✗ {surprise}[/red]")
    _show_end(tour, stays=stays)
    return not tour.surprises


def _enrol(tour: Tour) -> Visitor:
    tour.title("1  A member enrols", "POST /v1/me with a token of the OIDC issuer; without consent nothing is stored")
    token = mint_member_token(tour.connection.local, f"demo-nobody-{secrets.token_hex(4)}")
    refused = tour.api.call("POST", "/v1/me", {"name": "无名"}, token=token)
    tour.expect("without consent: 422 consent-required", found=refused.body.get("code"), wanted="consent-required")
    wang = tour.member("王小明", f"+86139{secrets.randbelow(10**8):08d}")
    tour.expect("enrolled; points for joining", found=tour.me(wang)["balance"]["available"], wanted=FOR_JOINING)
    return wang


def _sell(tour: Tour, wang: Visitor) -> dict[str, Any]:
    tour.title(
        "2  The till posts a sale", "POST /v1/webhooks/till-sh001, signed by Standard Webhooks over the raw bytes"
    )
    event = renewed(read_event(SAMPLES / "sale-completed.json"))
    event["data"]["member"] = {"member_id": wang.member_id}
    lines = " · ".join(f"{line['name']} ¥{line['net'] / 100:.2f}" for line in event["data"]["lines"])
    tour.console.print(f"  {lines}", highlight=False)
    reply = tour.post(event)
    tour.expect("the sale is applied", found=(reply.status, reply.body.get("result")), wanted=(200, "applied"))
    _print_answer(tour, reply)
    again = tour.post(event)
    same = {**again.body, "result": "applied"} == reply.body
    tour.expect(
        "the network drops, the till repeats: the same answer",
        found=(again.body["result"], same),
        wanted=("duplicate", True),
    )
    forged = tour.api.post_signed(SUBSCRIPTION, f"whsec_{secrets.token_hex(16)}", b"{}")
    tour.expect(
        "a forged signature: 401", found=(forged.status, forged.body["code"]), wanted=(401, "signature-invalid")
    )
    balance = tour.me(wang)["balance"]["available"]
    tour.expect("the balance is what the receipt says", found=balance, wanted=reply.body["balance"]["available"])
    return event


def _refund(tour: Tour, wang: Visitor, sale: dict[str, Any]) -> None:
    tour.title("3  Goods come back, in parts", "each refund takes what the sale would not have earned without it")
    data = sale["data"]
    earned = tour.me(wang)["balance"]["available"] - FOR_JOINING
    taken = 0
    parts: list[dict[str, Any]] = [{"lines": [{"line_id": "1", "quantity": "1", "net": 6000}]}, {"amount": 5000}]
    for number, part in enumerate(parts, start=1):
        refund = {"store_id": data["store_id"], "receipt_id": data["receipt_id"], "refund_id": f"R-{number}", **part}
        reply = tour.post({"type": "sale.refunded", "data": {**refund, "occurred_at": data["occurred_at"]}})
        taken += reply.body["points"]
        what = "line 1, half of it" if "lines" in part else "¥50.00 without lines"
        tour.console.print(f"  {what}: {reply.body['points']:+d}, balance {reply.body['balance']['available']}")
    void = {"store_id": data["store_id"], "receipt_id": data["receipt_id"], "occurred_at": data["occurred_at"]}
    reply = tour.post({"type": "sale.voided", "data": void})
    taken += reply.body["points"]
    tour.console.print(f"  the rest is voided: {reply.body['points']:+d}, balance {reply.body['balance']['available']}")
    tour.expect("all parts together take back exactly what was earned", found=taken, wanted=-earned)


def _redeem_and_cancel(tour: Tour, wang: Visitor) -> None:
    tour.title("5  Points become a reward, and back", "points, stock and limit move in one DynamoDB transaction")
    _give_points(tour, wang)
    before = tour.me(wang)["balance"]["available"]
    key = secrets.token_hex(16)
    reply = tour.api.call("POST", "/v1/me/redemptions", {"reward_id": REWARD}, token=wang.token, idempotency_key=key)
    again = tour.api.call("POST", "/v1/me/redemptions", {"reward_id": REWARD}, token=wang.token, idempotency_key=key)
    tour.expect("redeemed", found=reply.status, wanted=201)
    tour.expect(
        "the same Idempotency-Key: the same redemption, replayed",
        found=(again.body, again.headers.get("idempotency-replayed")),
        wanted=(reply.body, "true"),
    )
    tour.expect(
        f"{reply.body['points']} points spent",
        found=tour.me(wang)["balance"]["available"],
        wanted=before - reply.body["points"],
    )
    path = f"/v1/me/redemptions/{reply.body['id']}/cancel"
    cancelled = tour.api.call("POST", path, {}, token=wang.token, idempotency_key=secrets.token_hex(16))
    tour.expect("cancelled", found=cancelled.status, wanted=200)
    tour.expect("the points are back in their lots", found=tour.me(wang)["balance"]["available"], wanted=before)
    stranger = tour.member("陌生人")
    looked = tour.api.call("GET", f"/v1/me/redemptions/{reply.body['id']}", token=stranger.token)
    tour.expect(
        "to a stranger it does not exist: 404 not-found",
        found=(looked.status, looked.body["code"]),
        wanted=(404, "not-found"),
    )


def _last_pieces(tour: Tour) -> None:
    tour.title(
        f"6  {RIVALS} members want the last {LAST_PIECES}", "all at once; stock is taken by condition, never below zero"
    )
    # The emulator starts a process for every call at once: as many as there are rivals only where they race.
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rivals = list(pool.map(lambda number: _rival(tour, number), range(1, RIVALS + 1)))
    tour.console.print(f"  {RIVALS} members have points; {RIVALS} calls start at this moment …")
    with ThreadPoolExecutor(RIVALS) as pool:
        replies = list(pool.map(lambda rival: tour.redeem(rival, SCARCE_REWARD), rivals))
    outcomes = Counter(reply.body.get("code") or "redeemed" for reply in replies)
    for outcome, count in outcomes.most_common():
        tour.console.print(f"  {count:>3} × {outcome}")
    wanted = {"redeemed": LAST_PIECES, "out-of-stock": RIVALS - LAST_PIECES}
    tour.expect(f"{LAST_PIECES} got one, {RIVALS - LAST_PIECES} kept their points", found=dict(outcomes), wanted=wanted)
    paid = [
        tour.me(rival)["balance"]["available"]
        for rival, reply in zip(rivals, replies, strict=True)
        if reply.status == CONFLICT
    ]
    tour.expect("nobody paid for nothing", found=len(set(paid)), wanted=1)


def _rival(tour: Tour, number: int) -> Visitor:
    rival = tour.member(f"会员{number}")
    _give_points(tour, rival)
    return rival


def _give_points(tour: Tour, visitor: Visitor) -> None:
    event = renewed(read_event(SAMPLES / "sale-completed.json"))
    lines = [{"line_id": "1", "sku": "2000000000025", "category": "家居", "net": BIG_SALE_MINOR}]
    tenders = [{"type": "wechat_pay", "amount": BIG_SALE_MINOR}]
    member = {"member_id": visitor.member_id}
    event["data"] |= {"lines": lines, "tenders": tenders, "total": BIG_SALE_MINOR, "member": member}
    reply = tour.post(event)
    if reply.body.get("result") != "applied":
        raise SurpriseError(f"a sale was not applied: {reply.status} {reply.body}")


def _show_ledger(tour: Tour, wang: Visitor) -> None:
    tour.title("7  What the member sees", "GET /v1/me/entries: every movement, with time and reason")
    items = tour.api.call("GET", "/v1/me/entries?limit=50", token=wang.token).body["items"]
    table = Table("time", "what", "points", "balance", box=None, header_style="dim")
    for entry in items:
        at = datetime.fromisoformat(entry["at"]).astimezone().strftime("%H:%M:%S")
        table.add_row(at, entry["text"], f"{entry['points']:+d}", str(entry["balance_after"]["available"]))
    tour.console.print(table)
    total = sum(entry["points"] for entry in items)
    tour.expect("the entries add up to the balance", found=total, wanted=tour.me(wang)["balance"]["available"])
    detail = tour.api.call("GET", f"/v1/me/entries/{items[-1]['id']}", token=wang.token)
    tour.expect("an entry explains itself", found=bool(detail.body.get("explain")), wanted=True)


def _show_audit(tour: Tour) -> None:
    tour.title("10  jifen audit", "every account is rebuilt from its entries, every receipt calculated again")
    reach = Reach(connect=tour.connection.connect_dynamodb, tables=tour.connection.tables)
    findings = run_audit(reach, processes=2, console=tour.console)
    if not print_findings(tour.console, findings):
        tour.surprises.append("the audit found differences")


def _print_answer(tour: Tour, reply: Reply) -> None:
    texts = [row["text"] + (f"  → {row['points']}" if "points" in row else "") for row in reply.body.get("explain", [])]
    missed = [f"未生效: {row['name']} — {row['text']}" for row in reply.body.get("not_applied", [])]
    title = f"{reply.body.get('points', 0):+d} 积分 · 余额 {reply.body['balance']['available']} · {reply.body['tier']}"
    tour.console.print(Panel("\n".join([*texts, *missed]), title=title, title_align="left", expand=False))


def _show_end(tour: Tour, *, stays: bool) -> None:
    told = "in another terminal, while this one serves" if stays else "this tour ends what it started"
    tour.title("Next", told)
    rows: Sequence[tuple[str, str]] = (
        *([] if stays else [("make up", "deploy again, and leave it running")]),
        (".venv/bin/jifen dev token --member wang", "a token; Authorization: Bearer …"),
        (".venv/bin/jifen dev send events/webhooks/sale-completed-guest.json", "a signed sale of your own"),
        (".venv/bin/jifen program validate config/program.yaml", "change a rule, see what it says"),
        (".venv/bin/jifen audit", "check the ledger"),
        ("make down", "end everything that runs here"),
    )
    for command, what in rows:
        tour.console.print(f"  [dim]# {what}[/dim]\n  [bold]{command}[/bold]", highlight=False, soft_wrap=True)
    if stays:
        tour.console.print(f"\n  API: {tour.api.url}/v1/program", highlight=False, soft_wrap=True)
    if tour.surprises:
        tour.console.print(f"\n[red]{len(tour.surprises)} of the above is not as it should be.[/red]")
    else:
        tour.console.print("\n[green]Everything is as it should be.[/green]")


def demo() -> None:
    """Deploy the real stacks on this laptop and tour them. Exit 1 where something is not as it should be."""
    console = Console()
    was_up = running_emulator() is not None
    serves = console.is_terminal and not os.environ.get("DEMO_EXIT")
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        up()
        ok = run_demo(console, connect(), stays=was_up or serves)
        if ok and serves:
            console.print("\nServing until Ctrl-C.")
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except KeyboardInterrupt:
        console.print("\nStopped.")
        ok = False
    finally:
        if not was_up:
            down()
    raise typer.Exit(0 if ok else 1)

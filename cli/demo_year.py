"""The tour's year: a tier is reached, kept and lost, points are about to lapse and lapse, each with its message.

Two members bought eleven months ago; the receipts come now, as from an older till. Then the schedules fire, on days
that lie ahead: the deployed planner and its workers do what they will do then.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock_time
from typing import Any, Final

from rich.table import Table

from cli.demo_tour import SurpriseError, Tour, Visitor
from cli.laptop.taken_messages import taken_by_topic
from cli.sweeps import Machine, machine_of
from shared.program.calendar import add_months, end_of_month
from shared.program.zones import zone_named
from shared.sweeps.tasks import Kind

MIGRATION: Final = "backfill"
DAYS_LEFT: Final = 12
"""How long the tier still holds when the receipts of a year ago come in."""
OLD_SALE_MINOR: Final = 2_000_000
NEW_SALE_MINOR: Final = 1_300_000
GRACE_DAYS: Final = 30
REMINDED_DAYS_BEFORE: Final = 7
MORNING, AFTER_MIDNIGHT = clock_time(10, 5), clock_time(0, 5)
LONGEST_WAIT_SECONDS: Final = 30
LOOKS_APART_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The days on which something happens, by the clock of the shop."""

    bought: date
    reminded: date
    lapsed: date
    reviewed: date

    @classmethod
    def ending_soon(cls, today: date) -> "Year":
        tier_ends = today + timedelta(days=DAYS_LEFT)
        bought = add_months(tier_ends, -12)
        last_day = end_of_month(add_months(bought, 12))
        return cls(
            bought=bought,
            reminded=last_day - timedelta(days=REMINDED_DAYS_BEFORE),
            lapsed=last_day + timedelta(days=1),
            reviewed=add_months(bought, 12) + timedelta(days=GRACE_DAYS + 1),
        )


def show_year(tour: Tour) -> None:
    """Let a year pass for two members, and show what each of them was told."""
    tour.title(
        "9  A year passes", "the deployed schedules run on days ahead; messages are read from the emulator's SNS"
    )
    zone = zone_named(tour.api.call("GET", "/v1/program").body["timezone"])
    year = Year.ending_soon(datetime.now(zone).date())
    keeper, leaver = (_reachable(tour, name) for name in ("李雷", "韩梅梅"))
    noon = datetime.combine(year.bought, clock_time(12), tzinfo=zone)
    for member in (keeper, leaver):
        tier = _buy(tour, member, OLD_SALE_MINOR, noon)
        tour.expect(f"{member.name} buys on {year.bought}: silver with that sale", found=tier, wanted="silver")
    _buy(tour, keeper, NEW_SALE_MINOR, datetime.now(UTC) - timedelta(minutes=1))
    tour.console.print(f"  {keeper.name} buys again today, {leaver.name} does not …", highlight=False)
    machine = machine_of(tour.connection)

    def at(day: date, hour: clock_time) -> datetime:
        return datetime.combine(day, hour, tzinfo=zone)

    before = tour.me(leaver)["balance"]["available"]
    _run(tour, machine, Kind.REMINDERS, at(year.reminded, MORNING))
    _expect_messages(tour, leaver, "points-expiring", "reminded once, though the schedule fired twice")
    _run(tour, machine, Kind.EXPIRY, at(year.lapsed, AFTER_MIDNIGHT))
    lapsed = [entry["points"] for entry in _entries(tour, leaver) if entry["kind"] == "expired"]
    tour.expect("what nobody used has lapsed, once", found=lapsed, wanted=[-before])
    _run(tour, machine, Kind.TIER_REVIEW, at(year.reviewed, AFTER_MIDNIGHT))
    for member, tier, what in ((keeper, "silver", "kept"), (leaver, "normal", "lost")):
        tour.expect(f"{member.name} has {what} the tier", found=tour.me(member)["tier"]["id"], wanted=tier)
        _expect_messages(tour, member, "tier-changed", "told of the upgrade and of the review", count=2)
    for member in (keeper, leaver):
        _show_story(tour, member, zone)


def _reachable(tour: Tour, name: str) -> Visitor:
    """Enrol a member who may be told something at any hour."""
    member = tour.member(name)
    reply = tour.api.call("PUT", "/v1/me/message-settings", {"quiet_hours": None}, token=member.token)
    if reply.status != 200:  # noqa: PLR2004 OK
        raise SurpriseError(f"{name} could not choose: {reply.status} {reply.body}")
    return member


def _buy(tour: Tour, member: Visitor, paid_minor: int, at: datetime) -> str:
    """Post a sale of household goods; give the tier that the member has after it."""
    data = {
        "store_id": "SH001",
        "receipt_id": f"SH001-year-{member.member_id[-12:]}-{paid_minor}",
        "occurred_at": at.isoformat(timespec="seconds"),
        "member": {"member_id": member.member_id},
        "currency": "CNY",
        "lines": [{"line_id": "1", "sku": "2000000000025", "category": "家居", "quantity": "1", "net": paid_minor}],
        "tenders": [{"type": "cash", "amount": paid_minor}],
        "total": paid_minor,
    }
    reply = tour.post({"type": "sale.completed", "data": data}, subscription=MIGRATION)
    if reply.body.get("result") != "applied":
        raise SurpriseError(f"a sale was not applied: {reply.status} {reply.body}")
    tier: str = reply.body["tier"]
    return tier


def _run(tour: Tour, machine: Machine, kind: Kind, at: datetime) -> None:
    """Fire a schedule twice, as EventBridge may."""
    tour.console.print(f"[dim]  {at:%Y-%m-%d %H:%M}  the schedule {kind} fires, twice …[/dim]", highlight=False)
    for _ in range(2):
        machine.start(kind, at)
    machine.wait()


def _messages(tour: Tour, member: Visitor) -> list[dict[str, Any]]:
    return [one for one in taken_by_topic(tour.connection, member.member_id) if one["channel"] == "app"]


def _expect_messages(tour: Tour, member: Visitor, kind: str, claim: str, *, count: int = 1) -> None:
    """Wait for messages of a kind, which come through the ledger's stream; expect so many and no more."""
    found = _awaited(lambda: sum(one["kind"] == kind for one in _messages(tour, member)), count)
    tour.expect(f"{member.name}: {claim}", found=found, wanted=count)


def _awaited(count: Callable[[], int], wanted: int) -> int:
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    while (found := count()) < wanted and time.monotonic() < until:
        time.sleep(LOOKS_APART_SECONDS)
    return found


def _entries(tour: Tour, member: Visitor) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = tour.api.call("GET", "/v1/me/entries", token=member.token).body["items"]
    return items


def _show_story(tour: Tour, member: Visitor, zone: tzinfo) -> None:
    """Print a member's entries, and under them what the member was told."""
    table = Table("", member.name, "points", "balance", box=None, header_style="bold", pad_edge=False)
    for entry in reversed(_entries(tour, member)):
        day = datetime.fromisoformat(entry["occurred_at"]).astimezone(zone).date().isoformat()
        table.add_row(day, entry["text"], f"{entry['points']:+d}", str(entry["balance_after"]["available"]))
    for message in _messages(tour, member):
        table.add_row("[dim]message[/dim]", f"[cyan]{message['text']}[/cyan]", "", "")
    tour.console.print(table)

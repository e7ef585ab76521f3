"""A replay beside a simulation of the same receipts: one engine, so the same points for every member."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from cli.program_preview import candidate_of
from cli.receipts import ReplayEvent
from cli.simulation import simulate_all
from cli.simulation_input import happenings_of
from shared.audit.check import is_entry
from shared.audit.scan import scan_segment
from shared.ledger.items import entry_of
from shared.members.store import Members
from shared.program.load import load_program


def equals_simulation(
    events: Sequence[ReplayEvent], program: Path, members: Members, processes: int, console: Console
) -> bool:
    """Simulate the events and compare the points of each member with the ledger's entries; say whether all agree."""
    started_at = time.perf_counter()
    candidate = candidate_of(load_program(program).draft, program.name)
    (simulated,) = simulate_all(happenings_of(events), [candidate], processes=processes)
    elapsed_seconds = time.perf_counter() - started_at
    awarded = _awarded(members)
    by_customer = simulated.result.by_member.items()
    expected = {members.find("external_id", customer): points for customer, points in by_customer}
    differ = sorted(one for one in awarded.keys() | expected if awarded[one] != expected.get(one, 0))
    result = simulated.result
    console.print(
        f"simulated: {result.sales:,} sales, {result.returns:,} returns, {result.points:+,} points in"
        f" {elapsed_seconds:.1f} s; the handlers awarded {sum(awarded.values()):+,};"
        f" {len(differ):,} of {len(expected):,} members differ",
        highlight=False,
        soft_wrap=True,
    )
    for one in differ[:10]:
        console.print(f"  {one}: simulated {expected.get(one, 0):+,}, awarded {awarded[one]:+,}", highlight=False)
    return not differ and result.points == sum(awarded.values())


def _awarded(members: Members) -> Counter[str]:
    """Add up what sales and their returns moved, by member."""
    awarded: Counter[str] = Counter()
    for item in scan_segment(members.client, members.tables.ledger, 0, 1):
        if is_entry(item):
            entry = entry_of(item)
            awarded[entry.member_id] += entry.movement.points + entry.movement.points_pending
    return awarded

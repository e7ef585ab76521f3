"""`jifen program simulate`: what a basket would earn, and what a file would have cost on real sales."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from cli.connection import Connection, NotConnectedError, connect
from cli.errors import CommandError
from cli.program_command import COULD_NOT_RUN, LangOption, deployment, language_of, stop
from cli.program_files import Shown, ShownOption, loaded
from cli.program_texts import Say, speaker
from cli.program_view import console
from cli.simulation import TIER, Candidate, Happening, simulate_all
from cli.simulation_input import read_ledger, read_sales
from cli.simulation_page import page
from cli.simulation_report import Compared
from functions.webhooks.schemas import SaleCompleted
from shared.earning.calculate import calculate
from shared.earning.explain_text import render, to_json
from shared.earning.sale import Facts, categorise
from shared.program.messages import Language, joined
from shared.program.model import Program
from shared.program.store import Draft, Programs, read_chain, read_timeline
from shared.program.timeline import EVERYWHERE, live

WORTH: Final = 0.01
BY_HISTORY: Final = frozenset(
    {"order-number", "order-in-month", "totals", "not-birthday", "not-birthday-week", "not-birthday-month"}
)
"""Why a rule does not apply, where a basket alone cannot tell."""


def simulate_command(  # noqa: PLR0913, PLR0917 a command has as many parameters as it has options
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="规则文件 · rules file")],
    basket: Annotated[Path | None, typer.Option(help="一单的 JSON · one sale, JSON as tills post it")] = None,
    sales: Annotated[Path | None, typer.Option(help="销售文件或目录：CSV、JSON · file or folder of sales")] = None,
    replay: Annotated[str | None, typer.Option(help="已部署的销售，例如 30d · sales of the deployed table")] = None,
    against: Annotated[
        Path | None, typer.Option(help="与哪个文件比，默认现行版本 · compare with a file, else the live version")
    ] = None,
    worth: Annotated[
        float | None, typer.Option(help="一分值多少元，默认按文件 · what a point is worth, else as the file says")
    ] = None,
    tier: Annotated[str | None, typer.Option(help="--basket 的会员等级 · the member's tier, with --basket")] = None,
    zone: Annotated[str | None, typer.Option(help="CSV 里时间的时区 · the zone of CSV times")] = None,
    html: Annotated[Path | None, typer.Option(help="另存为网页 · also write a page")] = None,
    shown: ShownOption = Shown.TEXT,
    processes: Annotated[int, typer.Option(min=1, help="用几个处理器 · processes")] = os.cpu_count() or 2,
    lang: LangOption = None,
) -> None:
    """Simulate one basket, or many sales against the live version or another file."""
    language = language_of(lang)
    say = speaker(language)
    draft = loaded(file, language, say, shown)
    if sum(one is not None for one in (basket, sales, replay)) != 1:
        stop(say("simulate-what"), COULD_NOT_RUN)
    if basket:
        _basket(basket, draft, tier, language, say, shown)
        return
    program = draft.program
    try:
        if sales:
            happenings = read_sales(sales, zone=zone or program.zone, currency=program.currency, processes=processes)
            old = None if against else _live_if_connected(context)
        else:
            happenings, old = _deployed(context, replay or "", say)
    except CommandError as error:
        stop(say("bad-sales", reason=error), COULD_NOT_RUN)
    old = _of(loaded(against, language, say, shown)) if against else old
    output = console()
    with Progress(console=console(stderr=True), transient=True, disable=not output.is_terminal) as progress:
        found = compared(
            happenings, old, _of(draft), worth=worth_of(program, worth), processes=processes, progress=progress, say=say
        )
    if shown is Shown.JSON:
        print(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(output, found, draft, say)
    if html:
        html.write_text(page(found, draft, language, say), "utf-8")
        console(stderr=True).print(say("written-page", file=html), markup=False, soft_wrap=True)


def compared(
    happenings: list[Happening],
    old: Candidate | None,
    new: Candidate,
    *,
    worth: float,
    processes: int,
    progress: Progress,
    say: Say,
) -> Compared:
    """Simulate under the new rules, and under the old ones if there are any."""
    candidates = [one for one in (old, new) if one]
    task = progress.add_task(say("simulating"), total=len(happenings) * len(candidates))
    results = simulate_all(
        happenings, candidates, processes=processes, progress=lambda done: progress.advance(task, done)
    )
    return Compared(new=results[-1], old=results[0] if old else None, worth=worth)


def worth_of(program: Program, asked: float | None = None) -> float:
    """Say what a point costs, in major units: as asked for, else as the file says, else a cent."""
    return asked if asked is not None else float(program.points.worth or WORTH)


def _of(draft: Draft) -> Candidate:
    return Candidate(draft.program, draft.category_map, {})


def _basket(path: Path, draft: Draft, tier: str | None, language: Language, say: Say, shown: Shown) -> None:
    """Say what one sale gives a member of a tier; rules that ask for the member's other sales are left out."""
    program = draft.program
    try:
        posted = json.loads(path.read_text("utf-8"))
        event = SaleCompleted.model_validate(posted if "type" in posted else {"type": "sale.completed", "data": posted})
    except (OSError, ValueError, ValidationError, TypeError) as error:
        stop(say("bad-basket", file=path, reason=str(error).splitlines()[0]), COULD_NOT_RUN)
    sale = categorise(event.data.event().sale, draft.category_map)
    lowest = program.tiers.levels[0].id if program.tiers else TIER
    facts = Facts(tier_id=tier or lowest, zone=program.business_zone, order_number=0, order_in_month=0)
    award = calculate(sale, facts, program)
    missed = [one for one in award.not_applied if one.code not in BY_HISTORY]
    unknown = [one for one in award.not_applied if one.code in BY_HISTORY]
    if shown is Shown.JSON:
        told = {"points": award.points, **to_json(award.explain, missed, language)}
        told["by_history"] = [{"rule_id": one.rule_id, "name": one.name} for one in unknown]
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    output = console()
    output.print(render(award.explain, missed, language), markup=False, soft_wrap=True)
    if unknown:
        output.print(say("by-history", names=joined([one.name for one in unknown], language)), soft_wrap=True)
    output.print(f"= {award.points}", style="bold")


def _deployed(context: typer.Context, span: str, say: Say) -> tuple[list[Happening], Candidate | None]:
    """Read the sales of so many days (`30d`) from the deployed table, and the live version."""
    if not span.endswith("d") or not span[:-1].isdigit():
        stop(say("bad-span", value=span), COULD_NOT_RUN)
    with deployment(context, say) as connection:
        since = datetime.now(UTC) - timedelta(days=int(span[:-1]))
        happenings = list(read_ledger(connection.dynamodb, connection.tables.ledger, since))
        return happenings, live_candidate(connection)


def _live_if_connected(context: typer.Context) -> Candidate | None:
    """Give the live version to compare with; None on a machine that knows of no deployment."""
    try:
        return live_candidate(context.find_object(Connection) or connect())
    except NotConnectedError:
        return None


def live_candidate(connection: Connection) -> Candidate | None:
    """Give the live version, to compare with; None before the first one."""
    client, table = connection.dynamodb, connection.tables.ledger
    timeline, now = read_timeline(client=client, table=table)
    ref = live(timeline, now, EVERYWHERE)
    if ref is None:
        return None
    programs = Programs(client=client, table=table)
    program = programs.numbered(ref.number)
    zones = {store.id: store.zone for store in read_chain(client=client, table=table).stores if store.zone}
    return Candidate(program, programs.categories(program), zones)


def show_totals(output: Console, found: Compared, draft: Draft, say: Say) -> None:
    totals = Table(box=None, show_header=False, pad_edge=False)
    for name, value in found.totals(say, draft.program.currency):
        totals.add_row(name, value)
    output.print(totals)


def _show(output: Console, found: Compared, draft: Draft, say: Say) -> None:
    show_totals(output, found, draft, say)
    for title, rows in ((say("by-rule"), found.rules(draft.program, say)), (say("by-member"), found.members())):
        table = Table(box=None, pad_edge=False, title=title, title_justify="left")
        table.add_column("", overflow="fold")
        for column in ("old", "new", "difference"):
            table.add_column(say(column), justify="right")
        for name, old, new in rows:
            table.add_row(name, _number(old), _number(new), _number(new - (old or 0), signed=True))
        output.print()
        output.print(table)
    for rule_id, at in sorted(found.new.spent_by.items()):
        output.print(say("budget-out", rule=rule_id, at=f"{at:%Y-%m-%d %H:%M}Z"), style="yellow", soft_wrap=True)


def _number(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    return f"{value:+,.0f}" if signed else f"{value:,.0f}"

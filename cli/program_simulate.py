"""`jifen program simulate`: what a basket would earn, and what a file would have cost on real sales."""

import json
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer
from pydantic import ValidationError
from rich.progress import Progress

from cli.connection import Connection, NotConnectedError, connect
from cli.errors import CommandError
from cli.program_command import COULD_NOT_RUN, LangOption, deployment, language_of, stop
from cli.program_files import Shown, ShownOption, loaded
from cli.program_preview import (
    PROCESSES,
    candidate_of,
    compared,
    latest_sales,
    live_candidate,
    shown_progress,
    worth_of,
)
from cli.program_texts import Say, speaker
from cli.program_view import console
from cli.simulation_input import read_sales
from cli.simulation_page import page
from cli.simulation_view import show_details, show_summary
from cli.simulation_world import TIER, Candidate, Happening
from functions.webhooks.schemas import SaleCompleted
from shared.earning.calculate import calculate
from shared.earning.explain_text import render, to_json
from shared.earning.sale import Facts, categorise
from shared.program.messages import Language, joined
from shared.program.model import Program
from shared.program.store import Draft

BY_HISTORY: Final = frozenset(
    {"order-number", "order-in-month", "totals", "not-birthday", "not-birthday-week", "not-birthday-month"}
)
"""Why a rule does not apply, where a basket alone cannot tell."""


class _Source(NamedTuple):
    """Where the sales come from: files, or so many days of the deployed table."""

    sales: Path | None
    days: int
    zone: str | None


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
    processes: Annotated[int, typer.Option(min=1, help="用几个处理器 · processes")] = PROCESSES,
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
    source = _Source(sales, _days(replay, say), zone)
    new = candidate_of(draft, file.name)
    old = candidate_of(loaded(against, language, say, shown), against.name) if against else _live(context, source, say)
    with shown_progress() as progress:
        happenings = _happenings(context, source, draft.program, processes, progress, say)
        told_worth = worth_of(draft.program, worth)
        found = compared(happenings, old, new, worth=told_worth, processes=processes, progress=progress, say=say)
    if shown is Shown.JSON:
        print(json.dumps(found.to_json(say), ensure_ascii=False, indent=2))
    elif happenings:
        show_summary(console(), found, say)
        show_details(console(), found, say)
    else:
        nothing = say("no-sales-in-file", file=sales) if sales else say("no-sales-in-days", days=source.days)
        console().print(nothing, markup=False, soft_wrap=True)
    if html and happenings:
        html.write_text(page(found, language, say), "utf-8")
        console(stderr=True).print(say("written-page", file=html), markup=False, soft_wrap=True)


def _days(replay: str | None, say: Say) -> int:
    """Read `30d`."""
    if replay is None:
        return 0
    if not replay.endswith("d") or not replay[:-1].isdigit():
        stop(say("bad-span", value=replay), COULD_NOT_RUN)
    return int(replay[:-1])


def _live(context: typer.Context, source: _Source, say: Say) -> Candidate | None:
    """Give the live version to compare with; files can do without, on a machine that knows of no deployment."""
    if source.sales is None:
        with deployment(context, say) as connection:
            return live_candidate(connection, say)
    try:
        return live_candidate(context.find_object(Connection) or connect(), say)
    except NotConnectedError:
        return None


def _happenings(
    context: typer.Context, source: _Source, program: Program, processes: int, progress: Progress, say: Say
) -> list[Happening]:
    if source.sales is None:
        with deployment(context, say) as connection:
            return latest_sales(connection, source.days, progress, say)
    task = progress.add_task(say("reading"), total=None)
    try:
        zone = source.zone or program.zone
        return read_sales(source.sales, zone=zone, currency=program.currency, processes=processes)
    except CommandError as error:
        stop(say("bad-sales", reason=error), COULD_NOT_RUN)
    finally:
        progress.remove_task(task)


def _reason(error: Exception) -> str:
    """Name each field that is wrong, in one line."""
    if not isinstance(error, ValidationError):
        return str(error).splitlines()[0]
    wrong = error.errors(include_url=False)
    return "; ".join(f"{'.'.join(map(str, one['loc'][1:] or one['loc']))}: {one['msg']}" for one in wrong)


def _tier(tier: str | None, program: Program, language: Language, say: Say) -> str:
    """Give the id of the tier that is named, by its id or its name; the lowest unless one is."""
    levels = program.tiers.levels if program.tiers else ()
    if tier is None:
        return program.lowest_tier or TIER
    found = next((level.id for level in levels if tier in (level.id, level.name)), None)
    if found is None:
        known = joined([f"{level.id} {level.name}" for level in levels], language) or "–"
        stop(say("no-tier", value=tier, known=known), COULD_NOT_RUN)
    return found


def _basket(path: Path, draft: Draft, tier: str | None, language: Language, say: Say, shown: Shown) -> None:
    """Say what one sale gives a member of a tier; rules that ask for the member's other sales are left out."""
    program = draft.program
    try:
        posted = json.loads(path.read_text("utf-8"))
        event = SaleCompleted.model_validate(posted if "type" in posted else {"type": "sale.completed", "data": posted})
    except (OSError, ValueError, ValidationError, TypeError) as error:
        stop(say("bad-basket", file=path, reason=_reason(error)), COULD_NOT_RUN)
    sale = categorise(event.data.event().sale, draft.category_map)
    facts = Facts(
        tier_id=_tier(tier, program, language, say), zone=program.business_zone, order_number=0, order_in_month=0
    )
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

"""`jifen program init|explain|calendar|diff|notice`: begin a file, and see what it means before it is published."""

import json
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, LangOption, deployment, language_of, stop
from cli.program_files import Format, loaded
from cli.program_texts import Say, speaker
from cli.program_view import change_lines, console, sentence
from shared.program.actions import ActionRule
from shared.program.calendar import add_months, end_of_month, to_local
from shared.program.compare import Change, changes
from shared.program.guesses import closest
from shared.program.messages import Language
from shared.program.model import Program, StackingMode
from shared.program.occurrences import Occurrence, falls_on, is_campaign, next_occurrences
from shared.program.rules import EarnRule
from shared.program.sentences import sentence_of
from shared.program.store import Draft, Programs, read_timeline
from shared.program.timeline import EVERYWHERE, live
from shared.program.zones import zone_named

TEMPLATES: Final = ("cafe", "supermarket", "fashion", "beauty")
PREPARATION: Final = timedelta(days=10)
"""A new file begins so much later: the notice of its template is a week."""
NEXT: Final = 10
LOOK_AHEAD_DAYS: Final = 3 * 366
_WEEKDAYS: Final = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def init(
    file: Annotated[Path, typer.Argument(help="写到哪个文件 · the file to write")] = Path("program.yaml"),
    template: Annotated[str, typer.Option(help="cafe / supermarket / fashion / beauty")] = "supermarket",
    lang: LangOption = None,
) -> None:
    """Write a commented file to begin with; an existing file stays."""
    say = speaker(language_of(lang))
    if template not in TEMPLATES:
        stop(say("no-template", name=template, known=", ".join(TEMPLATES)), COULD_NOT_RUN)
    text = resources.files("cli").joinpath("templates", f"{template}.yaml").read_text("utf-8")
    effective = (datetime.now(UTC) + PREPARATION).date()
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text.replace("@EFFECTIVE@", f"{effective} 00:00"))
    except FileExistsError:
        stop(say("file-exists", file=file), FOUND_ERRORS)
    except OSError as error:
        stop(say("unwritable", reason=error.strerror), COULD_NOT_RUN)
    console().print(say("written", file=file), markup=False, soft_wrap=True)


def explain(
    file: Annotated[Path, typer.Argument(help="规则文件 · rules file")],
    rule: Annotated[str, typer.Argument(help="规则编号 · the rule's id")],
    lang: LangOption = None,
) -> None:
    """Say what a rule gives in one sentence, and when it holds next."""
    language = language_of(lang)
    say = speaker(language)
    draft = loaded(file, language, say)
    program = draft.program
    known = {one.id: one for one in program.rules}
    if rule not in known:
        guess = closest(rule, list(known))
        stop(say("no-rule", id=rule, known=", ".join(known)) + (f" → {guess}?" if guess else ""), FOUND_ERRORS)
    one = known[rule]
    output = console()
    output.print(f"{one.name} ({one.id})", style="bold", markup=False, soft_wrap=True)
    output.print(sentence(sentence_of(one, program), language), markup=False, soft_wrap=True)
    if not is_campaign(one):
        output.print(say("always"))
        return
    start = max(datetime.now(UTC), draft.schedule.effective)
    following = next_occurrences(one.when, start, program.business_zone, most=NEXT, within_days=LOOK_AHEAD_DAYS)
    output.print(say("next-times") if following else say("never-again"))
    for occurrence in following:
        output.print(f"  {_span(occurrence, program.zone, language)}", markup=False)


def calendar(
    file: Annotated[Path, typer.Argument(help="规则文件 · rules file")],
    month: Annotated[
        str | None, typer.Option(help="2026-12；默认生效的那个月 · the month it begins unless given")
    ] = None,
    lang: LangOption = None,
) -> None:
    """Show which campaign runs on which day of a month, and where several meet."""
    language = language_of(lang)
    say = speaker(language)
    draft = loaded(file, language, say)
    program = draft.program
    try:
        first = date.fromisoformat(f"{month}-01") if month else _month_of(draft)
    except ValueError:
        stop(say("bad-month", value=month), COULD_NOT_RUN)
    running = [rule for rule in program.rules if is_campaign(rule)]
    table = Table(box=None, pad_edge=False, title=f"{first:%Y-%m}", title_justify="left")
    for column in ("day", "campaigns", "together"):
        table.add_column(say(column), overflow="fold")
    days = [first + timedelta(days=at) for at in range((end_of_month(first) - first).days + 1)]
    for day in days:
        if today := [rule for rule in running if falls_on(rule.when, day)]:
            named = "，".join(_named(rule) for rule in today)
            table.add_row(
                _day(day, language),
                named,
                _together(today, program, say),
                style="" if len(today) == 1 else "bold",
            )
    console().print(table if table.row_count else say("no-campaigns", month=f"{first:%Y-%m}"))


def diff(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(help="旧文件 新文件；加 --live 时只写新文件 · OLD NEW, or NEW with --live")
    ],
    live_version: Annotated[bool, typer.Option("--live", help="与现行版本比较 · against the live version")] = False,
    format_: Annotated[Format, typer.Option("--format", help="text / json")] = Format.TEXT,
    lang: LangOption = None,
) -> None:
    """Say in words what changes, and flag what is worse for customers."""
    language = language_of(lang)
    say = speaker(language)
    if len(files) != (1 if live_version else 2):
        stop(say("diff-files"), COULD_NOT_RUN)
    new = loaded(files[-1], language, say).program
    old = _live(context, say) if live_version else loaded(files[0], language, say).program
    found = list(changes(old, new)) if old else []
    if format_ is Format.JSON:
        print(json.dumps([_json(change, language) for change in found], ensure_ascii=False, indent=2))
        return
    output = console()
    if old is None:
        output.print(say("first"))
        return
    for line, worse in change_lines(found, language, say):
        output.print(line, style="yellow" if worse else "", markup=False, soft_wrap=True)
    if not found:
        output.print(say("no-change"))


def notice(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="规则文件 · rules file")],
    lang: LangOption = None,
) -> None:
    """Draft what customers are to be told, from what changes against the live version."""
    language = language_of(lang)
    say = speaker(language)
    draft = loaded(file, language, say)
    old = _live(context, say)
    begins = to_local(draft.schedule.effective, draft.program.zone)
    found = list(changes(old, draft.program)) if old else []
    output = console()
    if not found:
        output.print(say("first" if old is None else "no-change"))
        return
    output.print(
        say("notice-head", program=draft.program.name, begins=f"{begins:%Y-%m-%d %H:%M}"), markup=False, soft_wrap=True
    )
    for number, change in enumerate(found, start=1):
        told = sentence(change.after, language) if change.after else say("notice-gone")
        output.print(f"{number}. {sentence(change.name, language)}{say('colon')}{told}", markup=False, soft_wrap=True)


def _live(context: typer.Context, say: Say) -> Program | None:
    """Read the program that is in force for the whole chain now; None before the first."""
    with deployment(context, say) as connection:
        client, table = connection.dynamodb, connection.tables.ledger
        timeline, now = read_timeline(client=client, table=table)
        ref = live(timeline, now, EVERYWHERE)
        return Programs(client=client, table=table).numbered(ref.number) if ref else None


def _month_of(draft: Draft) -> date:
    return add_months(to_local(draft.schedule.effective, draft.program.zone).date().replace(day=1), 0)


def _day(day: date, language: Language) -> str:
    weekday = _WEEKDAYS[language][day.weekday()]
    return f"{day} 周{weekday}" if language == "zh" else f"{day} {weekday}"


def _named(rule: EarnRule | ActionRule) -> str:
    return f"{rule.name} {rule.when.hours}" if rule.when.hours else rule.name


def _together(rules: list[EarnRule | ActionRule], program: Program, say: Say) -> str:
    """Say how campaigns for purchases of one day meet: only the best counts, or they add up or multiply."""
    purchases = [rule for rule in rules if isinstance(rule, EarnRule)]
    if len(purchases) < 2:  # noqa: PLR2004 one meets nobody
        return ""
    mode = program.stacking.campaigns
    groups = {rule.group or rule.id for rule in purchases}
    if mode is StackingMode.BEST or len(groups) == 1:
        return say("best-counts")
    return say("multiplied") if mode is StackingMode.MULTIPLY else say("added-up")


def _span(occurrence: Occurrence, zone: str, language: Language) -> str:
    begins, ends = (instant.astimezone(zone_named(zone)) for instant in occurrence)
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{_day(ends.date(), language)} {ends:%H:%M}"
    return f"{_day(begins.date(), language)} {begins:%H:%M} – {until}"


def _json(change: Change, language: Language) -> dict[str, object]:
    return {
        "kind": change.kind,
        "name": sentence(change.name, language),
        "before": sentence(change.before, language) if change.before else None,
        "after": sentence(change.after, language) if change.after else None,
        "worse": change.worse,
    }

"""`jifen program init|explain|calendar`: begin a file, and see what it means."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer
from rich.table import Table

from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, LangOption, language_of, stop
from cli.program_files import Shown, ShownOption, loaded
from cli.program_texts import Say, speaker
from cli.program_view import console, sentence
from shared.program.actions import ActionRule
from shared.program.calendar import add_months, business_date, end_of_month, to_local
from shared.program.guesses import closest
from shared.program.messages import Language, joined
from shared.program.model import Program, StackingMode
from shared.program.occurrences import Occurrence, falls_on, is_campaign, next_occurrences
from shared.program.rules import EarnRule
from shared.program.sentences import sentence_of
from shared.program.store import Draft

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
        stop(say("unwritable", reason=f"{file}: {error.strerror}"), COULD_NOT_RUN)
    console().print(say("written", file=file), markup=False, soft_wrap=True)


def explain(
    file: Annotated[Path, typer.Argument(help="规则文件 · rules file")],
    rule: Annotated[str, typer.Argument(help="规则编号 · the rule's id")],
    shown: ShownOption = Shown.TEXT,
    lang: LangOption = None,
) -> None:
    """Say what a rule gives in one sentence, and when it holds next."""
    language = language_of(lang)
    say = speaker(language)
    draft = loaded(file, language, say, shown)
    one = _rule(rule, draft.program, language, say)
    told = sentence(sentence_of(one, draft.program), language)
    campaign, zone = is_campaign(one), draft.program.zone
    following = _next(one, draft) if campaign else []
    if shown is Shown.JSON:
        spans = [{"begins": _instant(begins, zone), "ends": _instant(ends, zone)} for begins, ends in following]
        _print_json({"id": one.id, "name": one.name, "text": told, "campaign": campaign, "next": spans})
        return
    output = console()
    output.print(f"{one.name} ({one.id})", style="bold", markup=False, soft_wrap=True)
    output.print(told, markup=False, soft_wrap=True)
    output.print(say("always") if not campaign else say("next-times") if following else say("never-again"))
    for occurrence in following:
        output.print(f"  {_span(occurrence, zone, language)}", markup=False)


def _next(rule: EarnRule | ActionRule, draft: Draft) -> list[Occurrence]:
    start = max(datetime.now(UTC), draft.schedule.effective)
    zone = draft.program.business_zone
    return next_occurrences(rule.when, start, zone, most=NEXT, within_days=LOOK_AHEAD_DAYS)


def _rule(rule_id: str, program: Program, language: Language, say: Say) -> EarnRule | ActionRule:
    known = {one.id: one for one in program.rules}
    named = [one for one in program.rules if one.name == rule_id]
    if rule_id not in known and len(named) == 1:
        return named[0]
    if rule_id not in known:
        guess = closest(rule_id, list(known))
        meant = say("no-rule-but", guess=guess) if guess else ""
        stop(say("no-rule", id=rule_id, known=joined(list(known), language)) + meant, FOUND_ERRORS)
    return known[rule_id]


class _Day(NamedTuple):
    """A day with the campaigns that begin on it, and how they meet: the name of a text, empty for one alone."""

    day: date
    campaigns: Sequence[EarnRule | ActionRule]
    together: str


def calendar(
    file: Annotated[Path, typer.Argument(help="规则文件 · rules file")],
    month: Annotated[
        str | None, typer.Option(help="2026-12；默认生效的那个月 · the month it begins unless given")
    ] = None,
    shown: ShownOption = Shown.TEXT,
    lang: LangOption = None,
) -> None:
    """Show which campaign runs on which day of a month, and where several meet."""
    language = language_of(lang)
    say = speaker(language)
    draft = loaded(file, language, say, shown)
    try:
        first = date.fromisoformat(f"{month}-01") if month else _month_of(draft)
    except ValueError:
        stop(say("bad-month", value=month), COULD_NOT_RUN)
    begins = business_date(draft.schedule.effective, draft.program.business_zone)
    days = [one for one in _days_of(first, draft.program) if one.day >= begins]
    if shown is Shown.JSON:
        _print_json({"month": f"{first:%Y-%m}", "days": [_day_json(one) for one in days]})
    else:
        _show_days(days, first, language, say)
        if begins > first:
            console().print(say("before-it-begins", day=begins), style="dim", markup=False, soft_wrap=True)


def _days_of(first: date, program: Program) -> list[_Day]:
    running = [rule for rule in program.rules if is_campaign(rule)]
    found = []
    for at in range((end_of_month(first) - first).days + 1):
        day = first + timedelta(days=at)
        if today := [rule for rule in running if falls_on(rule.when, day)]:
            found.append(_Day(day, today, _together(today, program)))
    return found


def _show_days(days: Sequence[_Day], first: date, language: Language, say: Say) -> None:
    table = Table(box=None, pad_edge=False, title=f"{first:%Y-%m}", title_justify="left")
    for column in ("day", "campaigns", "together"):
        table.add_column(say(column), overflow="fold")
    for day, campaigns, together in days:
        named = joined([_named(rule) for rule in campaigns], language)
        how = say(together) if together else ""
        table.add_row(_day(day, language), named, how, style="" if len(campaigns) == 1 else "bold")
    console().print(table if table.row_count else say("no-campaigns", month=f"{first:%Y-%m}"))


def _day_json(one: _Day) -> dict[str, object]:
    campaigns = [
        {"id": rule.id, "name": rule.name, "hours": str(rule.when.hours) if rule.when.hours else None}
        for rule in one.campaigns
    ]
    return {"day": one.day.isoformat(), "campaigns": campaigns, "together": one.together or None}


def _month_of(draft: Draft) -> date:
    return add_months(to_local(draft.schedule.effective, draft.program.zone).date().replace(day=1), 0)


def _day(day: date, language: Language) -> str:
    weekday = _WEEKDAYS[language][day.weekday()]
    return f"{day} 周{weekday}" if language == "zh" else f"{day} {weekday}"


def _named(rule: EarnRule | ActionRule) -> str:
    return f"{rule.name} {rule.when.hours}" if rule.when.hours else rule.name


def _together(rules: Sequence[EarnRule | ActionRule], program: Program) -> str:
    """Say how campaigns for purchases of one day meet: only the best counts, or they add up or multiply."""
    purchases = [rule for rule in rules if isinstance(rule, EarnRule)]
    if len(purchases) < 2:  # noqa: PLR2004 one meets nobody
        return ""
    mode = program.stacking.campaigns
    groups = {rule.group or rule.id for rule in purchases}
    if mode is StackingMode.BEST or len(groups) == 1:
        return "best-counts"
    return "multiplied" if mode is StackingMode.MULTIPLY else "added-up"


def _span(occurrence: Occurrence, zone: str, language: Language) -> str:
    begins, ends = (to_local(instant, zone) for instant in occurrence)
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{_day(ends.date(), language)} {ends:%H:%M}"
    return f"{_day(begins.date(), language)} {begins:%H:%M} – {until}"


def _instant(instant: datetime, zone: str) -> str:
    return to_local(instant, zone).isoformat()


def _print_json(content: object) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))

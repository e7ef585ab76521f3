"""`jifen program …`: check the rules, publish a version, see what is in force. The other verbs are listed here."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.connection import Connection
from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, LangOption, deployment, language_of, stop
from cli.program_diff import diff, notice
from cli.program_files import Format, FormatOption, loaded, show_checked
from cli.program_files import validated as validated_file
from cli.program_look import calendar, explain, init
from cli.program_preview import show_simulation
from cli.program_publish import AuthorOption, YesOption, author_of, confirm, told_of
from cli.program_simulate import simulate_command
from cli.program_texts import Say, refusal_text, speaker
from cli.program_versions import history, rollback, status
from cli.program_view import console, show_changes, show_publication, show_unknown_stores
from shared.errors import JifenError
from shared.program.canonical import sha256_of
from shared.program.compare import promised
from shared.program.findings import has_errors
from shared.program.messages import Language
from shared.program.publication import already_published, check_schedule, longer
from shared.program.schema import json_schema
from shared.program.store import Draft, Programs, publishing_patience, read_chain, read_timeline
from shared.program.store import publish as publish_version
from shared.program.timeline import EVERYWHERE, LEAD, Schedule, live
from shared.program.zones import zone_named

NOW = "now"
DAYS = 30

EXITS = (
    "退出码：0 成功，1 规则有错或被拒绝，2 没能运行。 · "
    "Exit code: 0 done, 1 the rules are wrong or it was refused, 2 it could not run."
)

app = typer.Typer(no_args_is_help=True, help="积分规则：检查、发布、查看 · rules: check, publish, look up")


def _verb(help_: str, name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return app.command(name, help=help_, epilog=EXITS)


_verb("写一个带注释的规则文件 · Write a commented file to begin with.")(init)
_verb("一句话说清一条规则，和接下来 10 次 · A rule in one sentence, and its next 10 times.")(explain)
_verb("一个月里哪天有什么活动 · Which campaign runs on which day of a month.")(calendar)
_verb("两个文件、或与现行版本有什么不同 · What changes between two files, or against the live one.")(diff)
_verb("按变化起草顾客公告 · Draft the notice to customers from what changes.")(notice)
_verb("一单能得多少分；真实销售按新规则要多少成本 · What a basket earns, what real sales cost.", "simulate")(
    simulate_command
)
_verb("每家门店现行的版本，和下一次变更 · The live version of each store, and its next change.")(status)
_verb("历次发布的版本 · All published versions.")(history)
_verb("把以前一版的内容发布为新的一版 · Publish an earlier version's content as a new one.")(rollback)

FileArgument = Annotated[Path, typer.Argument(help="规则文件 · rules file: config/program.yaml")]


@_verb("检查规则文件：一次报告所有问题 · Check a file, all findings in one run.")
def validate(file: FileArgument, format_: FormatOption = Format.TEXT, lang: LangOption = None) -> None:
    """Check a file and show what is found, for people or for programs."""
    language = language_of(lang)
    say = speaker(language)
    checked = validated_file(file, language, say)
    show_checked(checked, format_, language, say)
    if has_errors(checked.findings):
        raise typer.Exit(FOUND_ERRORS)


@_verb(
    "发布为新的一版：先显示会怎样，输入版本号后才发布"
    " · Publish a new version: shows what will happen, and does it once its number is typed."
)
def publish(
    context: typer.Context,
    file: FileArgument,
    effective: Annotated[
        str | None,
        typer.Option(help="何时生效，默认按文件 · when it begins, else as in the file: now, 2026-12-08 00:00"),
    ] = None,
    pilot: Annotated[
        str | None, typer.Option(help="试点门店和何时全量 · pilot stores, and when all: SH001,SH002..2026-12-15")
    ] = None,
    days: Annotated[
        int, typer.Option(min=0, help="用最近几天的销售模拟，0 为不模拟 · simulate the sales of so many days, 0: none")
    ] = DAYS,
    yes: YesOption = False,
    author: AuthorOption = None,
    lang: LangOption = None,
) -> None:
    """Publish a file as a new version: show what will happen, and do it once the number is typed."""
    language = language_of(lang)
    say = speaker(language)
    draft = _piloted(loaded(file, language, say, doubts=True), pilot, say)
    schedule = _schedule(draft, effective, say)
    with deployment(context, say) as connection:
        try:
            told = _published(draft, schedule, connection, language, days=days, yes=yes, author=author_of(author))
        except JifenError as refused:
            stop(refusal_text(refused, say, draft.program.zone), FOUND_ERRORS)
    console().print(told, soft_wrap=True)


def _published(
    draft: Draft,
    schedule: Schedule | None,
    connection: Connection,
    language: Language,
    *,
    days: int,
    yes: bool,
    author: str,
) -> str:
    """Publish unless that would change nothing, and give the sentence that says so. Without a schedule: soonest."""
    say, table, client = speaker(language), connection.tables.ledger, connection.dynamodb
    base, now = read_timeline(client=client, table=table)
    draft = replace(draft, schedule=schedule or replace(draft.schedule, effective=now + LEAD))
    if same := already_published(base, sha256_of(draft.program), draft.schedule, now):
        return say("nothing-changes", number=same.number)
    current = live(base, now, EVERYWHERE)
    old = Programs(client=client, table=table).numbered(current.number) if current else None
    draft = replace(draft, notice=longer(draft.notice, promised(old, draft.program)))
    check_schedule(base, draft.schedule, draft.notice, now)
    show_publication(console(), draft, base, now, say, soonest=schedule is None)
    show_unknown_stores(console(), draft, read_chain(client=client, table=table), say)
    show_changes(console(), old, draft.program, language, say)
    if old and days:
        show_simulation(console(), draft, connection, days, say)
    confirm(base.next_number, say, yes=yes)
    ref = publish_version(
        draft,
        base=base,
        client=client,
        table=table,
        patience=publishing_patience(),
        soonest=schedule is None,
        author=author,
    )
    return told_of(ref, draft.program.zone, say)


@_verb("规则文件的 JSON Schema，给编辑器用 · The JSON Schema of the file, for editors.")
def schema() -> None:
    """Print the JSON Schema of the file, for editors."""
    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))


def _schedule(draft: Draft, effective: str | None, say: Say) -> Schedule | None:
    """Give when the version begins; None for as soon as it can."""
    if effective is None:
        return draft.schedule
    if effective == NOW:
        return None
    return replace(draft.schedule, effective=_instant(effective, draft, say))


def _piloted(draft: Draft, pilot: str | None, say: Say) -> Draft:
    """Let a draft begin in some stores first, whatever its file says."""
    if pilot is None:
        return draft
    written, _, all_from = pilot.partition("..")
    stores = frozenset(store.strip() for store in written.replace("，", ",").split(",") if store.strip())
    if not stores or not all_from:
        stop(say("bad-pilot", value=pilot), COULD_NOT_RUN)
    schedule = replace(draft.schedule, pilot_stores=stores, all_stores_from=_instant(all_from, draft, say))
    return replace(draft, schedule=schedule)


def _instant(text: str, draft: Draft, say: Say) -> datetime:
    """Read an instant as it is typed, by the clock of the program where it names no zone."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        stop(say("bad-effective", value=text), COULD_NOT_RUN)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone_named(draft.program.zone))
    return instant.astimezone(UTC)

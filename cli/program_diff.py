"""`jifen program diff|notice`: what changes for customers, before it is published."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.program_command import COULD_NOT_RUN, LangOption, deployment, language_of, stop
from cli.program_files import Format, FormatOption, Shown, ShownOption, draft_of, loaded, validated
from cli.program_texts import Say, clock_time, speaker
from cli.program_view import change_lines, console, sentence
from shared.program.calendar import to_local
from shared.program.compare import Change, changes
from shared.program.findings import Finding, as_github
from shared.program.messages import Language
from shared.program.model import Program
from shared.program.source import Document
from shared.program.store import Draft, Programs, read_timeline
from shared.program.timeline import EVERYWHERE, live

WORSE = "worse-for-customers"


def diff(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="旧文件 新文件；加 --live 只写新文件 · OLD NEW; NEW with --live")],
    live_version: Annotated[bool, typer.Option("--live", help="与现行版本比较 · against the live version")] = False,
    format_: FormatOption = Format.TEXT,
    lang: LangOption = None,
) -> None:
    """Say in words what changes, and flag what is worse for customers."""
    language = language_of(lang)
    say = speaker(language)
    if len(files) != (1 if live_version else 2):
        stop(say("diff-files"), COULD_NOT_RUN)
    checked = validated(files[-1], language, say)
    draft = draft_of(checked, language, say, format_)
    old = _live(context, say) if live_version else loaded(files[0], language, say, format_).program
    found = list(changes(old, draft.program)) if old else []
    match format_:
        case Format.JSON:
            print(json.dumps([_json(change, language) for change in found], ensure_ascii=False, indent=2))
        case Format.GITHUB:
            worse = [_finding(change, checked.document, language) for change in found if change.worse]
            print(as_github(checked.document, worse), end="\n" if worse else "")
        case Format.TEXT:
            _show(found, draft, language, say, first=old is None)


def _show(found: Sequence[Change], draft: Draft, language: Language, say: Say, *, first: bool) -> None:
    output = console()
    if not found:
        output.print(say("first" if first else "no-change"))
        return
    output.print(f"{_from_when(draft, say)}{say('colon').rstrip()}", style="bold", markup=False, soft_wrap=True)
    for line, worse in change_lines(found, language, say):
        output.print(line, style="yellow" if worse else "", markup=False, soft_wrap=True)


def _from_when(draft: Draft, say: Say) -> str:
    """Say from when the changes hold, and where."""
    schedule, zone = draft.schedule, draft.program.zone
    begins = clock_time(schedule.effective, zone)
    if schedule.all_stores_from is None:
        return say("from", begins=begins)
    stores = ", ".join(sorted(schedule.pilot_stores))
    return say("from-pilot", begins=begins, stores=stores, everywhere=clock_time(schedule.all_stores_from, zone))


def notice(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="规则文件 · rules file")],
    shown: ShownOption = Shown.TEXT,
    lang: LangOption = None,
) -> None:
    """Draft what customers are to be told, from what changes against the live version."""
    language = language_of(lang)
    say = speaker(language)
    draft = loaded(file, language, say, shown)
    old = _live(context, say)
    found = list(changes(old, draft.program)) if old else []
    text = _notice(found, draft, language, say) if found else ""
    if shown is Shown.JSON:
        begins = to_local(draft.schedule.effective, draft.program.zone).isoformat()
        told = {"effective": begins, "changes": [_json(change, language) for change in found], "text": text}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    console().print(text or say("first" if old is None else "no-change"), markup=False, soft_wrap=True)


def _notice(found: Sequence[Change], draft: Draft, language: Language, say: Say) -> str:
    rows = [say("notice-head", program=draft.program.name, when=_from_when(draft, say))]
    for number, change in enumerate(found, start=1):
        told = sentence(change.after, language) if change.after else say("notice-gone")
        if not change.after and not change.rule_id and change.before:
            # Terms have no name of their own that says what is gone.
            told = say("notice-void", before=sentence(change.before, language))
        rows.append(f"{number}. {sentence(change.name, language)}{say('colon')}{told}")
    return "\n".join(rows)


def _live(context: typer.Context, say: Say) -> Program | None:
    """Read the program that is in force for the whole chain now; None before the first."""
    with deployment(context, say) as connection:
        client, table = connection.dynamodb, connection.tables.ledger
        timeline, now = read_timeline(client=client, table=table)
        ref = live(timeline, now, EVERYWHERE)
        return Programs(client=client, table=table).numbered(ref.number) if ref else None


def _json(change: Change, language: Language) -> dict[str, object]:
    return {
        "kind": change.kind,
        "rule_id": change.rule_id or None,
        "name": sentence(change.name, language),
        "before": sentence(change.before, language) if change.before else None,
        "after": sentence(change.after, language) if change.after else None,
        "worse": change.worse,
    }


def _finding(change: Change, document: Document, language: Language) -> Finding:
    """Make a warning of a change for the worse, at its rule in the newer file, or where the rule is no longer."""
    rules = enumerate(document.value(("earn",)))
    at = next((at for at, rule in rules if rule["id"] == change.rule_id), None)
    around = document.place_of_key(("earn",) if change.rule_id else ("program",))
    place = around if at is None else document.place_of_value(("earn", at, "id"))
    before, after = (sentence(told, language) if told else "–" for told in (change.before, change.after))
    return Finding(
        severity="warning",
        line=place.line,
        column=place.column,
        message=f"{sentence(change.name, language)}: {before}",
        remedy=f"→ {after}",
        code=WORSE,
    )

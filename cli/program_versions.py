"""`jifen program history|rollback`: the versions that were published, and going back to one of them."""

from dataclasses import replace
from typing import Annotated

import typer
from rich.table import Table

from cli.program_command import FOUND_ERRORS, LangOption, deployment, language_of, stop
from cli.program_publish import AuthorOption, YesOption, author_of, confirm, told_of
from cli.program_texts import refusal_text, shown_time, speaker
from cli.program_view import console, show_changes, show_publication
from shared.errors import JifenError
from shared.program.compile import UNPUBLISHED
from shared.program.publication import already_published
from shared.program.store import Draft, Programs, publishing_patience, read_timeline
from shared.program.store import publish as publish_version
from shared.program.timeline import EVERYWHERE, LEAD, Schedule, live


def history(context: typer.Context, lang: LangOption = None) -> None:
    """List every version, the latest first: when and by whom it was published, from when it holds, and its hash."""
    say = speaker(language_of(lang))
    with deployment(context, say) as connection:
        table, client = connection.tables.ledger, connection.dynamodb
        timeline, now = read_timeline(client=client, table=table)
        if not timeline.refs:
            console().print(say("first"))
            return
        zone = Programs(client=client, table=table).numbered(timeline.refs[-1].number).zone
    rows = Table(box=None, pad_edge=False)
    for column in ("version-column", "published-at", "author", "effective", "sha", "remark"):
        rows.add_column(say(column), overflow="fold")
    in_force = live(timeline, now, EVERYWHERE)
    first_with: dict[str, int] = {}
    remarks: dict[int, str] = {}
    for ref in timeline.refs:
        same = first_with.setdefault(ref.sha256, ref.number)
        remarks[ref.number] = say("same-as", number=same) if same != ref.number else ""
    for ref in reversed(timeline.refs):
        pilots = (
            f" ({say('pilot')} {', '.join(sorted(ref.schedule.pilot_stores))})" if ref.schedule.pilot_stores else ""
        )
        remark = " ".join(part for part in (say("in-force") if ref == in_force else "", remarks[ref.number]) if part)
        begins = shown_time(ref.schedule.effective, zone) + pilots
        rows.add_row(str(ref.number), shown_time(ref.published_at, zone), ref.author, begins, ref.sha256[:12], remark)
    console().print(rows)


def rollback(
    context: typer.Context,
    version: Annotated[int, typer.Argument(help="回到哪一版 · the version to go back to")],
    yes: YesOption = False,
    author: AuthorOption = None,
    lang: LangOption = None,
) -> None:
    """Publish the content of an earlier version as a new one, in all stores, as soon as a version can begin."""
    language = language_of(lang)
    say = speaker(language)
    with deployment(context, say) as connection:
        client, table = connection.dynamodb, connection.tables.ledger
        base, now = read_timeline(client=client, table=table)
        ref = next((one for one in base.refs if one.number == version), None)
        if ref is None:
            stop(say("no-version", number=version, latest=base.next_number - 1), FOUND_ERRORS)
        programs = Programs(client=client, table=table)
        program = programs.numbered(version)
        draft = Draft(
            program=replace(program, version=UNPUBLISHED),
            category_map=programs.categories(program),
            schedule=Schedule(effective=now + LEAD),
        )
        if same := already_published(base, ref.sha256, draft.schedule, now):
            console().print(say("nothing-changes", number=same.number), soft_wrap=True)
            return
        show_publication(console(), draft, base, now, say, soonest=True)
        current = live(base, now, EVERYWHERE)
        show_changes(console(), programs.numbered(current.number) if current else None, program, language, say)
        confirm(base.next_number, say, yes=yes)
        try:
            made = publish_version(
                draft,
                base=base,
                client=client,
                table=table,
                patience=publishing_patience(),
                soonest=True,
                author=author_of(author),
            )
        except JifenError as refused:
            stop(refusal_text(refused, say, program.zone), FOUND_ERRORS)
    console().print(told_of(made, program.zone, say), soft_wrap=True)

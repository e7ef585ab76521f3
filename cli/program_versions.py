"""`jifen program status|history|rollback`: the versions that are in force and were, and going back to one of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from cli.program_command import FOUND_ERRORS, LangOption, deployment, language_of, stop
from cli.program_files import Shown, ShownOption
from cli.program_publish import AuthorOption, YesOption, author_of, confirm, told_of
from cli.program_texts import Say, clock_time, refusal_text, speaker
from cli.program_view import console, show_changes, show_publication
from shared.errors import JifenError
from shared.program.calendar import to_local
from shared.program.compile import UNPUBLISHED
from shared.program.publication import already_published
from shared.program.store import Draft, Programs, publishing_patience, read_chain, read_timeline
from shared.program.store import publish as publish_version
from shared.program.stores import Store
from shared.program.timeline import EVERYWHERE, LEAD, Schedule, Timeline, VersionRef, live, next_change


def status(context: typer.Context, shown: ShownOption = Shown.TEXT, lang: LangOption = None) -> None:
    """Show the live version of each store and its next change."""
    say = speaker(language_of(lang))
    with deployment(context, say) as connection:
        table, client = connection.tables.ledger, connection.dynamodb
        timeline, now = read_timeline(client=client, table=table)
        stores = read_chain(client=client, table=table).stores if timeline.refs else ()
        zone = _zone(timeline, Programs(client=client, table=table))
    rows = _rows(timeline, stores, say)
    if shown is Shown.JSON:
        told = [_status_json(store_id, name, timeline, now, zone) for store_id, name in rows]
        print(json.dumps({"timezone": zone or None, "stores": told}, ensure_ascii=False, indent=2))
    elif not timeline.refs:
        console().print(say("first"))
    else:
        _show_status(rows, timeline, now, zone, say)


def _zone(timeline: Timeline, programs: Programs) -> str:
    """Give the zone by whose clock versions are told: that of the latest one; empty before the first."""
    return programs.numbered(timeline.refs[-1].number).zone if timeline.refs else ""


def _rows(timeline: Timeline, stores: Iterable[Store], say: Say) -> list[tuple[str, str]]:
    """Name every store that is published or a pilot; before any is, all of them are alike."""
    names = {store.id: store.name for store in stores}
    pilots = {store_id for ref in timeline.refs for store_id in ref.schedule.pilot_stores}
    rows = [(store_id, names.get(store_id, "")) for store_id in sorted(names.keys() | pilots)]
    return rows if names or not timeline.refs else [(EVERYWHERE, say("everywhere")), *rows]


def _show_status(rows: Iterable[tuple[str, str]], timeline: Timeline, now: datetime, zone: str, say: Say) -> None:
    table = _table(("store", "live", "since", "next"), zone, say)
    for store_id, name in rows:
        version, change = live(timeline, now, store_id), next_change(timeline, now, store_id)
        number = say("version", number=version.number) if version else "–"
        begun = clock_time(version.schedule.begins_at(store_id), zone) if version else ""
        then = say("at", at=clock_time(change[0], zone), number=change[1].number) if change else ""
        table.add_row(f"{store_id} {name}".strip(), number, begun, then)
    console().print(table)


def _table(columns: Iterable[str], zone: str, say: Say) -> Table:
    table = Table(box=None, pad_edge=False, caption=say("by-the-clock", zone=zone), caption_justify="left")
    *fixed, last = columns
    for column in fixed:
        table.add_column(say(column), no_wrap=True)
    table.add_column(say(last), overflow="fold")
    return table


def _status_json(store_id: str, name: str, timeline: Timeline, now: datetime, zone: str) -> dict[str, object]:
    version, change = live(timeline, now, store_id), next_change(timeline, now, store_id)
    return {
        "store_id": store_id or None,
        "name": name,
        "live": _ref_json(version, version.schedule.begins_at(store_id), zone) if version else None,
        "next": _ref_json(change[1], change[0], zone) if change else None,
    }


def _ref_json(ref: VersionRef, since: datetime, zone: str) -> dict[str, object]:
    return {"version": ref.number, "sha256": ref.sha256, "since": to_local(since, zone).isoformat()}


def history(context: typer.Context, shown: ShownOption = Shown.TEXT, lang: LangOption = None) -> None:
    """List every version, the latest first: when and by whom it was published, from when it holds, and its hash."""
    say = speaker(language_of(lang))
    with deployment(context, say) as connection:
        table, client = connection.tables.ledger, connection.dynamodb
        timeline, now = read_timeline(client=client, table=table)
        zone = _zone(timeline, Programs(client=client, table=table))
    in_force = live(timeline, now, EVERYWHERE)
    if shown is Shown.JSON:
        told = [_history_json(ref, timeline.refs, zone, is_live=ref == in_force) for ref in reversed(timeline.refs)]
        print(json.dumps({"timezone": zone or None, "versions": told}, ensure_ascii=False, indent=2))
    elif not timeline.refs:
        console().print(say("first"))
    else:
        _show_history(timeline.refs, in_force, zone, say)


def _show_history(refs: Sequence[VersionRef], in_force: VersionRef | None, zone: str, say: Say) -> None:
    rows = _table(("version-column", "published-at", "author", "effective", "sha", "remark"), zone, say)
    for ref in reversed(refs):
        first, schedule = _first_with(ref.sha256, refs), ref.schedule
        told = [
            say("in-force") if ref == in_force else "",
            say("same-as", number=first) if first != ref.number else "",
            f"{say('pilot')} {', '.join(sorted(schedule.pilot_stores))}" if schedule.pilot_stores else "",
        ]
        rows.add_row(
            str(ref.number),
            clock_time(ref.published_at, zone),
            ref.author,
            clock_time(schedule.effective, zone),
            ref.sha256[:8],
            say("joint").join(one for one in told if one),
        )
    console().print(rows)


def _first_with(sha256: str, refs: Sequence[VersionRef]) -> int:
    return next(ref.number for ref in refs if ref.sha256 == sha256)


def _history_json(ref: VersionRef, refs: Sequence[VersionRef], zone: str, *, is_live: bool) -> dict[str, object]:
    first, schedule = _first_with(ref.sha256, refs), ref.schedule
    everywhere = schedule.all_stores_from
    return {
        "version": ref.number,
        "published_at": to_local(ref.published_at, zone).isoformat(),
        "author": ref.author,
        "effective": to_local(schedule.effective, zone).isoformat(),
        "pilot_stores": sorted(schedule.pilot_stores),
        "all_stores_from": to_local(everywhere, zone).isoformat() if everywhere else None,
        "sha256": ref.sha256,
        "content_of": first if first != ref.number else None,
        "live": is_live,
    }


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

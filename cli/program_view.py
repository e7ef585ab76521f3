"""How the program commands show things: findings, changes, and what a publication will do."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.program_texts import Say, shown_time
from shared.program.canonical import sha256_of
from shared.program.compare import Change, changes
from shared.program.findings import Finding, as_text
from shared.program.messages import Language
from shared.program.model import Program
from shared.program.publication import replaced_before_it_begins
from shared.program.sentences import Sentence
from shared.program.source import Document
from shared.program.store import Draft
from shared.program.stores import Chain
from shared.program.timeline import LEAD, Timeline

_STYLES = {"error": "bold red", "warning": "yellow"}
_PIPED_WIDTH = 160


def console(*, stderr: bool = False) -> Console:
    """Give a console that colours on a terminal only, and folds nothing where there is none."""
    output = Console(stderr=stderr, highlight=False)
    return output if output.is_terminal else Console(stderr=stderr, highlight=False, width=_PIPED_WIDTH)


def show_findings(
    output: Console, document: Document, findings: Sequence[Finding], language: Language, say: Say
) -> None:
    for finding in findings:
        head, *rest = as_text(document, [finding], language).split("\n")
        output.print(Text(head, style=_STYLES[finding.severity]), soft_wrap=True)
        output.print(Text("\n".join([*rest, ""])), soft_wrap=True)
    errors = sum(finding.severity == "error" for finding in findings)
    counts = say("counts", errors=errors, warnings=len(findings) - errors) if findings else say("clean")
    output.print(Text(f"{document.path}: {counts}", style="bold" if findings else "green"), soft_wrap=True)


def show_publication(output: Console, draft: Draft, base: Timeline, now: datetime, say: Say, *, soonest: bool) -> None:
    """Show what publishing a draft after the base will do; `soonest`: it begins `LEAD` after the publication."""
    program, schedule = draft.program, draft.schedule
    table = Table(show_header=False, box=None, title=say("will-publish", number=base.next_number), title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(say("program"), program.name)
    table.add_row(say("rules"), str(len(program.rules)))
    table.add_row(say("content"), _content(draft, base, say))
    at_once = say("soonest", seconds=int(LEAD.total_seconds()))
    table.add_row(say("effective"), at_once if soonest else shown_time(schedule.effective, program.zone))
    if replaced := replaced_before_it_begins(base, schedule, now):
        numbers = ", ".join(str(ref.number) for ref in replaced)
        table.add_row(say("replaced"), say("replaced-versions", numbers=numbers), style="yellow")
    if schedule.all_stores_from is not None:
        table.add_row(say("pilot"), ", ".join(sorted(schedule.pilot_stores)))
        table.add_row(say("everywhere"), shown_time(schedule.all_stores_from, program.zone))
    if program.notice:
        told = say("days-before", days=program.notice.days_before)
        table.add_row(say("notice"), f"{program.notice.text} ({told})")
    output.print(table)


def show_unknown_stores(output: Console, draft: Draft, chain: Chain, say: Say) -> None:
    """Name stores of the pilot and of rules that the published list does not have: there nothing would ever happen."""
    named = draft.schedule.pilot_stores.union(*(rule.when.stores for rule in draft.program.rules))
    unknown = sorted(named - {store.id for store in chain.stores}) if chain.stores else []
    if unknown:
        told = say("not-published", stores=", ".join(unknown))
        output.print(f"⚠ {say('unknown-stores')} {told}", style="yellow", markup=False, soft_wrap=True)


def _content(draft: Draft, base: Timeline, say: Say) -> str:
    sha256 = sha256_of(draft.program)
    same = next((ref.number for ref in reversed(base.refs) if ref.sha256 == sha256), None)
    return sha256 if same is None else f"{sha256} {say('same-content', number=same)}"


def sentence(told: Sentence, language: Language) -> str:
    return told.zh if language == "zh" else told.en


def change_lines(found: Iterable[Change], language: Language, say: Say) -> Iterator[tuple[str, bool]]:
    """Write each change in words, before and after under each other; and whether customers may lose by it."""
    for change in found:
        before, after = (sentence(told, language) if told else "" for told in (change.before, change.after))
        mark = {"added": "+", "removed": "-", "changed": "~"}[change.kind]
        worse = f"  {say('worse')}" if change.worse else ""
        head = f"{mark} {sentence(change.name, language)}"
        if before and after:
            yield f"{head}{worse}\n    {before}\n  → {after}", change.worse
        else:
            yield f"{head}{say('colon')}{before or after}{worse}", change.worse


def show_changes(output: Console, old: Program | None, new: Program, language: Language, say: Say) -> None:
    """Show what changes against the program in force, and warn of what is worse without being announced."""
    if old is None:
        return
    lines = list(change_lines(changes(old, new), language, say))
    for line, worse in lines:
        output.print(line, style="yellow" if worse else "", markup=False, soft_wrap=True)
    if new.notice is None and any(worse for _, worse in lines):
        output.print(say("worse-unannounced"), style="bold yellow", soft_wrap=True)

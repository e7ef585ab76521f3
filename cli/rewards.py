"""`jifen rewards …`: the catalogue that a program file lists."""

import random
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.connection import Connection
from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, LangOption, deployment, language_of, stop
from cli.program_publish import AuthorOption, author_of
from cli.program_texts import Say, shown_time
from cli.program_view import console, show_findings
from cli.rewards_texts import rewards_refusal, rewards_speaker
from shared.errors import JifenError
from shared.ledger.store import Ledger
from shared.program.compile import Compiled
from shared.program.load import InvalidFileError, load_program
from shared.program.messages import Language
from shared.program.source import UnreadableFileError
from shared.program.timeline import LEAD
from shared.redemption.catalogue import Catalogue
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.offers import Change, Offer, differences, offer_of
from shared.redemption.publish_rewards import Plan, plan_publication, publish_rewards
from shared.redemption.stock import Stock
from shared.runtime.clock import utc_now
from shared.runtime.patience import patience_of_seconds

PATIENCE_SECONDS = 60

app = typer.Typer(no_args_is_help=True, help="积分商城：发布奖品和库存 · rewards: publish the catalogue and its stock")


@app.callback()
def rewards() -> None:
    """Keep `publish` a command of its own, though it is the only one."""


@app.command(help="发布奖品和库存：先显示变化，确认后才发布 · Publish rewards and stock: shows what changes, and asks.")
def publish(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="规则文件 · the file, such as config/program.yaml")],
    yes: Annotated[bool, typer.Option("--yes", help="不再确认 · do not ask")] = False,
    undo_staff: Annotated[
        bool,
        typer.Option(
            "--undo-staff", help="与 --yes 一起：店员改过的也按文件覆盖 · with --yes: undo what the staff changed"
        ),
    ] = False,
    author: AuthorOption = None,
    lang: LangOption = None,
) -> None:
    """Publish the rewards of a file: show what changes, and do it once it is confirmed."""
    language = language_of(lang)
    say = rewards_speaker(language)
    compiled = _compiled(file, language, say)
    program = compiled.draft.program
    offer = offer_of(compiled.catalog, program.currency)
    with deployment(context, say) as connection:
        stores = _stores(connection)
        try:
            plan = plan_publication(offer, *stores, patience_of_seconds(PATIENCE_SECONDS))
            if plan.is_empty:
                console().print(say("nothing"))
                return
            _show(plan, say)
            undone = _show_staff(plan, program.zone, say)
            if undone and yes and not undo_staff:
                stop(say("staff-undone"), FOUND_ERRORS)
            if not yes and not typer.confirm(say("confirm")):
                stop(say("declined"), FOUND_ERRORS)
            catalogue = _publish(offer, plan, stores, author_of(author))
        except JifenError as refused:
            stop(rewards_refusal(refused, say), FOUND_ERRORS)
    at = shown_time(catalogue.contents[-1].effective, program.zone)
    console().print(say("rewards-published", revision=catalogue.revision, at=at), soft_wrap=True)


def _compiled(file: Path, language: Language, say: Say) -> Compiled:
    try:
        return load_program(file, language)
    except UnreadableFileError as error:
        stop(say("unreadable", reason=error.reason[language]), COULD_NOT_RUN)
    except InvalidFileError as error:
        show_findings(console(stderr=True), error.document, error.findings, language, say)
        raise typer.Exit(FOUND_ERRORS) from None


def _stores(connection: Connection) -> tuple[Catalogues, Stock]:
    ledger = Ledger(client=connection.dynamodb, tables=connection.tables)
    catalogues = Catalogues(client=ledger.client, table=ledger.tables.ledger, clock=utc_now)
    return catalogues, Stock(ledger=ledger, pick=random.SystemRandom().choice)


def _publish(offer: Offer, plan: Plan, stores: tuple[Catalogues, Stock], author: str) -> Catalogue:
    return publish_rewards(offer, plan.base.revision, *stores, patience_of_seconds(PATIENCE_SECONDS), author=author)


def _show(plan: Plan, say: Say) -> None:
    table = Table(title=say("title", revision=plan.after.revision), title_justify="left")
    for column in ("reward", "change", "stock", "left"):
        table.add_column(say(column), justify="right" if column in {"stock", "left"} else "left")
    told = set()
    for change in differences(plan.base.latest, plan.after.latest):
        told.add(change.reward.id)
        _add_row(table, plan, change.reward.id, change.reward.name, _said(change, say))
    for reward_id in plan.stock:
        if reward_id not in told:
            _add_row(table, plan, reward_id, plan.after.latest[reward_id].name, say("stock-only"))
    console().print(table)
    console().print(say("in-a-minute", seconds=int(LEAD.total_seconds())) if plan.base.contents else say("at-once"))


def _show_staff(plan: Plan, zone: str, say: Say) -> bool:
    """Name what the staff changed since the file was published; say whether the file undoes any of it."""
    touched = {change.reward.id: set(change.fields) for change in differences(plan.base.latest, plan.after.latest)}
    undone = {
        reward_id
        for reward_id, change in plan.base.staff.items()
        if reward_id in touched and (not change.fields or touched[reward_id] & {*change.fields, "listed"})
    }
    for reward_id, change in plan.base.staff.items():
        fields = "、".join(say(f"field-{name}") for name in change.fields) or say("new")
        fate = say("undoes" if reward_id in undone else "agrees")
        line = say("staff-changed", reward=reward_id, at=shown_time(change.at, zone), fields=fields, fate=fate)
        console().print(line, soft_wrap=True)
    return bool(undone)


def _add_row(table: Table, plan: Plan, reward_id: str, name: str, change: str) -> None:
    limited = reward_id in plan.shards
    added = f"{plan.added(reward_id):+d}" if reward_id in plan.stock else ""
    table.add_row(f"{reward_id} {name}", change, added, str(plan.left(reward_id)) if limited else "")


def _said(change: Change, say: Say) -> str:
    if change.kind == "changed":
        if change.before and not change.before.listed:
            return say("back")
        return say("changed", fields="、".join(say(f"field-{name}") for name in change.fields))
    return say(change.kind)

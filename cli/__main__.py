"""`jifen`: the command of marketers, integrators and ops."""

from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from cli import (
    audit,
    cost,
    demo,
    dev,
    endpoints,
    members,
    ops,
    program,
    replay,
    review,
    rewards,
    smoke,
    stores,
    subscriptions,
)
from cli.errors import CommandError


class _Group(TyperGroup):
    """The commands; what one of them cannot do is told in a line, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1) from error


app = typer.Typer(cls=_Group, no_args_is_help=True, add_completion=False, help="Jifen 积分: store loyalty points.")
app.command()(audit.audit)
app.command()(replay.replay)
app.command()(demo.demo)
app.command()(smoke.smoke)
app.command()(cost.cost)
app.add_typer(program.app, name="program")
app.add_typer(rewards.app, name="rewards")
app.add_typer(stores.app, name="stores")
app.add_typer(members.app, name="members")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(endpoints.app, name="endpoints")
app.add_typer(review.app, name="review")
app.add_typer(dev.app, name="dev")
app.add_typer(ops.app, name="ops")

if __name__ == "__main__":
    app()

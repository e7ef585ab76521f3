"""`jifen`: the command of marketers, integrators and ops."""

from importlib import import_module
from typing import Any, Final

import typer
from rich.console import Console
from typer.core import TyperGroup
from typer.main import get_command

from cli.errors import CommandError

GROUPS: Final = ("program", "rewards", "stores", "members", "subscriptions", "endpoints", "review", "dev", "ops")
COMMANDS: Final = ("audit", "replay", "demo", "smoke", "cost", *GROUPS)
"""Each is the module of its name: a group's `app`, or a function."""


class _Group(TyperGroup):
    """The commands, imported when they are asked for: who checks a file need not wait for all that the others use.

    What one of them cannot do is told in a line, without a traceback.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 click's
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 click's
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"cli.{cmd_name}")
        alone = module.app if cmd_name in GROUPS else typer.Typer(add_completion=False)
        if cmd_name not in GROUPS:
            alone.command()(getattr(module, cmd_name))
        command = get_command(alone)
        command.name = cmd_name
        return command

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1) from error


app = typer.Typer(cls=_Group, no_args_is_help=True, add_completion=False, help="Jifen 积分: store loyalty points.")


@app.callback()
def jifen() -> None:
    """Jifen 积分: store loyalty points."""


if __name__ == "__main__":
    app()

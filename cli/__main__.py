"""`jifen`: the command of marketers, integrators and ops."""

import typer

from cli import audit, dev, replay

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Jifen 积分: store loyalty points.")
app.command()(audit.audit)
app.command()(replay.replay)
app.add_typer(dev.app, name="dev")

if __name__ == "__main__":
    app()

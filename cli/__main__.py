"""`jifen`: the command of marketers, integrators and ops."""

import typer

from cli import audit, demo, dev, members, ops, program, replay, review, rewards, stores, subscriptions

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Jifen 积分: store loyalty points.")
app.command()(audit.audit)
app.command()(replay.replay)
app.command()(demo.demo)
app.add_typer(program.app, name="program")
app.add_typer(rewards.app, name="rewards")
app.add_typer(stores.app, name="stores")
app.add_typer(members.app, name="members")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(review.app, name="review")
app.add_typer(dev.app, name="dev")
app.add_typer(ops.app, name="ops")

if __name__ == "__main__":
    app()

"""`jifen ops`: what was put aside, and how it is done after all; what a restored table lacks; who did what."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli import quarantine
from cli.connection import Connection, connect, make_client
from cli.dead_letters import DeadLetters
from cli.rebuild import compare_tables, rebuild
from cli.stack import outputs_of
from cli.trail import trail
from shared import names

app = typer.Typer(
    no_args_is_help=True,
    help="What was put aside, events that could not be used, tables after a restore, who did what.",
)
app.add_typer(quarantine.app, name="quarantine")
app.command("compare")(compare_tables)
app.command()(rebuild)
app.command()(trail)


def dead_letters(connection: Connection) -> DeadLetters:
    """Connect to the queues of the deployment."""
    outputs = outputs_of(connection)

    def begins(prefix: str) -> dict[str, str]:
        return {name.removeprefix(prefix): told for name, told in outputs.items() if name.startswith(prefix)}

    queues, functions, streams = (
        make_client(service, connection.endpoint_url, connection.region)
        for service in ("sqs", "lambda", "dynamodbstreams")
    )
    return DeadLetters(
        queues=queues,
        functions=functions,
        streams=streams,
        urls=begins(names.DEAD_LETTERS),
        sources=begins(names.QUEUE),
        readers=begins(names.READER),
        planner=outputs[names.SWEEP_PLANNER],
    )


@app.command()
def queues() -> None:
    """List the queues of what was put aside, with how much waits in each."""
    table = Table("queue", "put aside")
    for name, depth in dead_letters(connect()).depths().items():
        table.add_row(name, f"{depth:,}")
    Console().print(table)


@app.command()
def redrive(
    name: Annotated[str | None, typer.Argument(help="A queue of `jifen ops queues`; without one, all.")] = None,
) -> None:
    """Give what was put aside back to where it came from, to be done after all. Exit 1 where something is left."""
    letters = dead_letters(connect())
    if name is not None and name not in letters.urls:
        raise typer.BadParameter(f"there are {', '.join(sorted(letters.urls))}")
    console, stuck = Console(highlight=False, soft_wrap=True), False
    for one in [name] if name else sorted(letters.urls):
        redriven = letters.redrive(one)
        console.print(f"{one}: {redriven.given_back} given back")
        for why in redriven.left:
            console.print(f"  [red]✗[/red] {why}")
        stuck = stuck or bool(redriven.left)
    raise typer.Exit(1 if stuck else 0)

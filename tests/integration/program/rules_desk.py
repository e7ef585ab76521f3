"""A marketer at the command: `jifen program publish` and `status` on the engine, and what then stands in the table."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from cli.connection import Connection
from cli.program import app
from shared.ledger.store import Ledger
from shared.program.load import load_program
from shared.program.store import Programs, publish, publishing_patience, read_timeline
from shared.program.timeline import Timeline
from shared.runtime.attributes import decode
from tests.builders import HandClock

FILE = """\
schema: 1
program: 门店会员积分
timezone: Asia/Shanghai
currency: CNY
effective: 2026-01-01 00:00
points:
  expire: {mode: never}
earn:
  - id: base
    name: 消费积分
    on: purchase
    give: {points: 1, per_amount: 10}
"""
CHANGED = FILE.replace("per_amount: 10", "per_amount: 5")


class Desk:
    """Runs the command with files of its own; `items` are the items of the ledger table by their sort key."""

    def __init__(self, engine_url: str, ledger: Ledger, folder: Path) -> None:
        self.ledger, self.folder = ledger, folder
        self.connection = Connection(
            tables=ledger.tables,
            subscriptions_secret="",
            keys_secret="",
            api_url="",
            endpoint_url=engine_url,
            region="us-east-1",
        )

    def publish(self, text: str, *options: str, typed: str | None = None, lang: str = "zh") -> Result:
        """Publish a file; without `typed` the question is answered by `--yes`."""
        path = self.folder / "program.yaml"
        path.write_text(text, "utf-8")
        yes = [] if typed is not None else ["--yes"]
        return self.run("publish", str(path), *options, *yes, "--lang", lang, typed=typed)

    def status(self, lang: str = "zh") -> Result:
        return self.run("status", "--lang", lang)

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, list(arguments), obj=self.connection, input=typed)

    @property
    def timeline(self) -> Timeline:
        return read_timeline(client=self.ledger.client, table=self.ledger.tables.ledger).timeline

    @property
    def items(self) -> dict[str, Any]:
        found = self.ledger.client.scan(TableName=self.ledger.tables.ledger, ConsistentRead=True)["Items"]
        return {f"{item['pk']} {item['sk']}": item for item in map(decode, found)}

    def a_function(self, clock: HandClock | None = None) -> Programs:
        """Build what a function's container reads the program with."""
        clock = clock or HandClock(now=datetime.now(UTC))
        return Programs(client=self.ledger.client, table=self.ledger.tables.ledger, clock=clock)

    def somebody_publishes(self, text: str) -> None:
        """Publish from another desk, as soon as a version may begin."""
        other = self.folder / "other.yaml"
        other.write_text(text, "utf-8")
        draft = load_program(other).draft
        publish(
            draft,
            base=self.timeline,
            client=self.ledger.client,
            table=self.ledger.tables.ledger,
            patience=publishing_patience(),
            soonest=bool(self.timeline.refs),
        )

"""`jifen stores publish`: the stores, what staff may adjust by hand, and who said so."""

from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from cli.connection import Connection
from cli.stores import app
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.program.stores import AdjustmentLimits
from tests.deeds import deeds_on, told

FILE = """\
stores:
  - {id: SH001, name: 上海人民广场店, adjustment_limit: 200}
adjustments: {limit: 500, per_author_per_day: 2000}
"""


def test_t25_the_file_takes_the_place_of_the_one_before_and_the_trail_says_who_published(
    engine_url: str, ledger: Ledger, tmp_path: Path
) -> None:
    file = tmp_path / "stores.yaml"
    connection = Connection(
        tables=ledger.tables,
        subscriptions_secret="",
        keys_secret="",
        api_url="",
        endpoint_url=engine_url,
        region="us-east-1",
    )
    began = datetime.now(UTC)
    for text in (FILE.replace("500", "400"), FILE):
        file.write_text(text, "utf-8")
        assert CliRunner().invoke(app, ["publish", str(file), "--author", "lin"], obj=connection).exit_code == 0

    chain = Programs(client=ledger.client, table=ledger.tables.ledger).chain()

    assert chain.adjustments == AdjustmentLimits(limit=500, per_author_per_day=2_000)
    assert [chain.adjustment_limit(store) for store in chain.stores] == [200]
    deeds = [deed for day in {began.date(), datetime.now(UTC).date()} for deed in deeds_on(day, ledger)]
    assert told(deeds) == [("stores.published", "lin", "")] * 2

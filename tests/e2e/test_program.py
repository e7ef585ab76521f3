"""A marketer's life on the deployed stacks: a campaign is refused, piloted, simulated, told of, and taken back.

S3-23, S2-22.
"""

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.connection import Connection
from cli.laptop.places import ROOT
from cli.program import app
from shared.program.store import read_timeline
from tests.e2e.shop import Customer, Shop

NOTICE = "notice:                          # 规则变动要提前告知顾客\n"
TEA = """
  - id: pilot-tea
    name: 茶点双倍
    on: purchase
    when: {categories: [茶点], dates: 2026-01-01..2099-12-31}
    give: {multiply: 2}
"""
PILOT, ELSEWHERE = "SH001", "SH003"


class Marketer:
    """Runs `jifen program` against the deployed stage, with files of their own."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self.connection = connection
        shutil.copy(ROOT / "config" / "sku_categories.csv", folder)
        text = (ROOT / "config" / "program.yaml").read_text("utf-8").replace("\nredeem:\n", f"{TEA}\nredeem:\n")
        assert text.count("pilot-tea") == text.count(NOTICE) == 1
        self.announced, self.at_once = folder / "announced.yaml", folder / "at-once.yaml"
        self.announced.write_text(text, "utf-8")
        notice_ends = text.index("\n\n", text.index(NOTICE))
        self.at_once.write_text(text[: text.index(NOTICE)] + text[notice_ends:], "utf-8")

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--lang", "zh"], obj=self.connection)

    def done(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def begins(self) -> datetime:
        """Say when the latest version begins in the stores that have it first."""
        client, table = self.connection.dynamodb, self.connection.tables.ledger
        return read_timeline(client=client, table=table).timeline.refs[-1].schedule.effective


@pytest.fixture
def marketer(connection: Connection, tmp_path: Path) -> Marketer:
    return Marketer(connection, tmp_path)


def tea(shop: Shop, customer: Customer, *, store: str, at: datetime) -> dict[str, Any]:
    event = shop.sale(customer, paid=10_000, at=at, store=store)
    event["data"]["lines"][0] |= {"category": "茶点"}
    return event


def test_s3_23_a_campaign_is_piloted_in_two_stores_and_taken_back(
    shop: Shop, marketer: Marketer, tmp_path: Path
) -> None:
    early = datetime.now(UTC)
    pilot = ("--pilot", f"{PILOT},SH002..{early.date() + timedelta(days=30)}", "--days", "0", "--yes")

    too_soon = marketer.run("publish", str(marketer.announced), "--effective", "now", *pilot)
    assert (too_soon.exit_code, "规则变动要提前 7 天告知顾客" in too_soon.stderr) == (1, True), too_soon.output
    assert "茶点双倍" in marketer.done("diff", "--live", str(marketer.at_once))
    marketer.done("publish", str(marketer.at_once), "--effective", "now", *pilot, "--author", "e2e")
    version = json.loads(marketer.done("history", "--format", "json"))["versions"][0]
    assert version["author"] == "e2e"

    begins = marketer.begins()
    time.sleep(max(0.0, (begins - datetime.now(UTC)).total_seconds()) + 1)
    now = datetime.now(UTC)
    here, there, before = (
        shop.post(tea(shop, shop.enrolled(), store=store, at=at)).body
        for store, at in ((PILOT, now), (ELSEWHERE, now), (PILOT, early))
    )
    assert here["points"] - there["points"] == 10, (here, there)
    assert before["points"] == there["points"], before
    campaigns = shop.api.call("GET", f"/v1/campaigns?store_id={PILOT}").body["items"]
    assert "pilot-tea" in {one["rule_id"] for one in campaigns}
    program = shop.api.call("GET", "/v1/program").body
    assert (program["version"], program["next"]["version"]) == (version["version"] - 1, version["version"])

    page = tmp_path / "simulated.html"
    replayed = json.loads(
        marketer.done("simulate", str(marketer.at_once), "--replay", "1d", "--format", "json", "--html", str(page))
    )
    assert replayed["points"] - replayed["points_before"] == 30  # three teas, wherever they were sold
    assert page.read_text("utf-8").startswith("<!doctype html>")

    marketer.done("rollback", str(version["version"] - 1), "--yes")
    assert 0 < (marketer.begins() - datetime.now(UTC)).total_seconds() <= 60
    assert "SH001" in marketer.done("status")

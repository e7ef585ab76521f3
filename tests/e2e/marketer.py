"""A marketer at `jifen program`, connected to the deployed stacks."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from typer.testing import CliRunner, Result

from cli.connection import Connection
from cli.laptop.places import ROOT
from cli.program import app
from tests.e2e.conftest import STATE
from tests.e2e.shop import SHOP_ZONE

CONFIG: Final = ROOT / "config"
PILOT_STORES: Final = ("SH001", "SH002")
NOTICE: Final = "试点门店会员日，鲜品四倍积分。"
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# The sample program with a campaign of two weekdays, and an event of the chain's own that has a budget.
CHANGES: Final = {
    "effective: 2025-01-01 00:00": (
        "effective: {effective}\nrollout: {{pilot_stores: [SH001, SH002], all_stores_from: {everywhere}}}"
    ),
    "days_before: 7": "days_before: {days_before}",
    "每消费10元积1分，等级越高倍率越高；积分有效期12个月，到月底为止。": NOTICE,
    "  - id: member-day\n": """\
  - id: pilot-day
    name: 试点会员日四倍
    group: time-window
    on: purchase
    when: {{days: [{days}], categories: [生鲜]}}
    give: {{multiply: 4}}

  - id: pilot-quiz
    name: 试点问答
    on: custom:pilot_quiz
    when: {{equals: {{correct: true}}}}
    give: {{points: 30}}
    budget: {{points_total: 50}}

  - id: member-day
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marketer:
    """Has a folder with files of rules."""

    connection: Connection
    folder: Path

    def run(self, *words: str, code: int = 0) -> Result:
        """Run the command in Chinese; it must end with a code."""
        result = CliRunner().invoke(app, [*words, "--lang", "zh"], obj=self.connection)
        assert result.exit_code == code, result.output
        return result

    def told(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--format", "json").stdout)

    def campaign(self, *, days_before: int) -> str:
        """Write the campaign for the two pilot stores, with so many days of notice; give its file."""
        text = (CONFIG / "program.yaml").read_text("utf-8")
        today = datetime.now(UTC).astimezone(SHOP_ZONE)
        changes = {
            "effective": f"{today + timedelta(days=9):%Y-%m-%d} 00:00",
            "everywhere": f"{today + timedelta(days=16):%Y-%m-%d} 00:00",
            "days_before": days_before,
            "days": f"{WEEKDAYS[today.weekday()]}, {WEEKDAYS[(today.weekday() + 1) % 7]}",
        }
        for was, now in CHANGES.items():
            assert text.count(was) == 1, was
            text = text.replace(was, now.format(**changes))
        (self.folder / "sku_categories.csv").write_bytes((CONFIG / "sku_categories.csv").read_bytes())
        file = self.folder / f"campaign-{days_before}.yaml"
        file.write_text(text, "utf-8")
        return str(file)

    def at_the_question(self, *words: str) -> subprocess.Popen[str]:
        """Run the command as a person does, up to where the number of the version is to be typed."""
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "program", *words, "--lang", "zh"],
            cwd=ROOT,
            env=os.environ | {"JIFEN_LAPTOP_STATE": str(STATE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        shown = ""
        while not shown.endswith("以发布"):
            character = process.stdout.read(1)
            assert character, process.communicate()
            shown += character
        return process
